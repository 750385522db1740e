import ArgumentParser
import Domain
import Foundation
import PathwayEngine

/// Pathways as files: no server, no network, no state.
struct PathwayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pathway",
        abstract: "Check, explain, compare, rehearse, draw and convert pathway files, offline.",
        discussion: """
            A pathway file is ours (docs/pathway-files.md) or a CTDL graph; every verb takes either, and - is standard \
            input. Nothing is sent anywhere. Try it on the samples:

              cairn pathway check ops/sample/pathways/nursing.json
              cairn pathway explain ops/sample/pathways/nursing.json \\
                --learner ops/sample/learners/rosa.json
              cairn pathway draw ops/sample/pathways/nursing.json --output nursing.svg

            Ends with 0 when all is well, 1 when the answer is no (a file is refused, somebody would be worse off), 2 \
            when something that was given cannot be used, 64 when the command was not understood. docs/pathway-command.md \
            shows each answer, also as JSON.
            """,
        subcommands: [
            PathwayCheckVerb.self, PathwayExplainVerb.self, PathwayNextVerb.self, PathwayCompareVerb.self,
            PathwayRehearseVerb.self, PathwayDrawVerb.self, PathwayConvertVerb.self,
        ])
}

/// What a verb has to say.
struct PathwayAnswer {
    /// For people, one line each.
    var lines: [String]
    /// For programs.
    var json: any Encodable
    /// 0, or 1 for an answer that is no.
    var code: Int32 = 0
    /// Text that is the result itself and is put out as it is; then `lines` are remarks.
    var raw: String?
}

/// Something that was given and cannot be used; ends with status 2.
struct PathwayProblem: Error, Encodable {
    /// The file, as it was named.
    var file: String
    /// Line, pointer or node in it.
    var place: String?
    /// The name of what is wrong, stable across releases.
    var rule: String
    var message: String

    var line: String {
        "\(file): " + (place.map { "\(Terminal.printable($0, limit: 200)): " } ?? "") + "\(message) [\(rule)]"
    }
}

struct PathwayOutput: ParsableArguments {
    @Flag(help: "As JSON, for programs; docs/pathway-command.md has its schema.")
    var json = false
}

/// A verb answers without writing anything, so that tests can ask it.
protocol PathwayVerb: AsyncParsableCommand {
    var output: PathwayOutput { get }
    func answer() throws -> PathwayAnswer
}

extension PathwayVerb {
    func run() async throws {
        do {
            let answer = try answer()
            if let raw = answer.raw {
                FileHandle.standardOutput.write(Data(raw.utf8))
                for line in answer.lines { Terminal.remark(line) }
            } else if output.json {
                Terminal.say(PathwayJSON.text(answer.json))
            } else {
                for line in answer.lines { Terminal.say(line) }
            }
            if answer.code != 0 { throw ExitCode(answer.code) }
        } catch let problem as PathwayProblem {
            if output.json {
                Terminal.say(PathwayJSON.text(["problem": problem]))
            } else {
                Terminal.remark(Terminal.printable(problem.line))
            }
            throw ExitCode(2)
        }
    }
}

enum PathwayJSON {
    /// Members sorted by name, two spaces a level, so that two answers can be compared line by line.
    static func text(_ value: any Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }
}
