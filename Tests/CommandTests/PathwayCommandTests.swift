import ArgumentParser
import Domain
import Foundation
import PathwayEngine
import Support
import Testing
@testable import Command

/// A verb asked as on the command line, without a process.
func ask(_ arguments: [String]) throws -> PathwayAnswer {
    let command = try PathwayCommand.parseAsRoot(arguments)
    let verb = try #require(command as? any PathwayVerb)
    return try verb.answer()
}

let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

struct PathwayCommandTests {
    private static let pathway = """
        {"format": "cairn-pathway/1", "title": "P", "components": [
          {"id": "a", "kind": "competency", "title": "A", "target": "urn:x:a"},
          {"id": "b", "kind": "competency", "title": "B", "target": "urn:x:b"},
          {"id": "d", "kind": "credential", "title": "D", "condition": {"require": "any", "of": ["a", "b"]}}],
         "destinations": ["d"]}
        """
    private static let stricter = pathway.replacingOccurrences(of: "\"any\"", with: "\"all\"")
    private static let learner = #"{"learner": "L", "attainments": [{"target": "urn:x:a", "from": "2026-01-01"}]}"#
    private static let files = ["p.json": pathway, "q.json": stricter, "l.json": learner, "all.jsonl": learner + "\n",
                                "cycle.json": pathway.replacingOccurrences(of: "[\"a\", \"b\"]", with: "[\"d\"]")]

    private static let statuses: [(line: String, code: Int32)] = [
        ("check p.json", 0), ("check cycle.json", 1), ("explain p.json --learner l.json", 0),
        ("explain cycle.json --learner l.json", 1), ("next q.json --learner l.json", 0),
        ("compare q.json p.json --learner l.json", 0), ("compare p.json q.json --learner l.json", 1),
        ("rehearse q.json p.json --population all.jsonl", 0), ("rehearse p.json q.json --population all.jsonl", 1),
        ("rehearse p.json p.json --population synthetic:1000:7", 0), ("draw p.json", 0), ("draw cycle.json", 1),
        ("convert p.json", 0), ("convert p.json --to ctdl", 0), ("convert p.json --to cairn", 0), ("convert cycle.json", 1),
        ("draw p.json --learner l.json", 0),
    ]

    /// The words of a line, files in this folder.
    private func words(_ line: String, _ folder: Scratch.Folder) -> [String] {
        var words: [String] = []
        for word in line.split(separator: " ").map(String.init) {
            words.append(word.contains(".") && !word.hasPrefix("synthetic") ? folder[word] : word)
        }
        return words
    }

    @Test(arguments: statuses) func `each verb answers and ends with its status`(_ line: String, _ code: Int32) throws {
        let folder = try Scratch.Folder(Self.files)
        let answer = try ask(words(line, folder))
        #expect(answer.code == code && (answer.raw != nil || !answer.lines.isEmpty))
    }

    private static let unusable: [(line: String, rule: String)] = [
        ("check missing.json", "file.missing"), ("check .", "file.folder"),
        ("explain l.json --learner l.json", "file.unknown_format"), ("explain p.json --learner p.json", "member.missing"),
        ("explain text.json --learner l.json", "json.syntax"), ("next p.json --learner l.json --cost l.json", "member.unknown"),
        ("rehearse p.json p.json --population empty.jsonl", "population.empty"),
        ("rehearse p.json p.json --population p.json", "json.unexpected_end"), ("draw p.json --output nowhere/x.svg", "file.unwritable"),
        ("convert p.json --output nowhere/x.json", "file.unwritable"),
    ]

    @Test(arguments: unusable) func `what cannot be used says why`(_ line: String, _ rule: String) throws {
        let folder = try Scratch.Folder(Self.files.merging(["text.json": "hello", "empty.jsonl": "\n\n"]) { $1 })
        let arguments = words(line, folder)
        let problem = #expect(throws: PathwayProblem.self) { try ask(arguments) }
        #expect(problem?.rule == rule && problem?.message.isEmpty == false)
    }

    @Test func `a file that cannot be read is an answer of check`() throws {
        let folder = try Scratch.Folder(["text.json": "hello"])
        let answer = try ask(["check", folder["text.json"]])
        #expect(answer.code == 2 && answer.lines.joined().contains("Line 1, column 1"))
    }

    @Test(arguments: [
        ["check"], ["explain", "p.json"], ["next", "p.json", "--learner", "l.json", "--limit", "0"],
        ["rehearse", "p.json", "q.json", "--population", "synthetic:none"],
        ["rehearse", "p.json", "q.json", "--population", "synthetic:99999999999"],
        ["explain", "-", "--learner", "-"], ["explain", "p.json", "--learner", "l.json", "--as-of", "soon"], ["frobnicate"],
        ["convert", "p.json", "--to", "xml"],
    ])
    func `what makes no sense is not understood`(_ arguments: [String]) {
        #expect(throws: (any Error).self) { try PathwayCommand.parseAsRoot(arguments) }
    }

    @Test(arguments: ["check", "explain", "next", "compare", "rehearse", "draw", "convert"])
    func `the help of each verb shows an example`(_ verb: String) throws {
        let command = try #require(PathwayCommand.configuration.subcommands.first { $0.configuration.commandName == verb })
        let help = PathwayCommand.helpMessage(for: command)
        #expect(help.contains("cairn pathway \(verb) "))
    }

    @Test func `both formats are answered alike`() throws {
        let document = try #require(PathwayCheck.read(Array(Self.pathway.utf8)).document)
        let ctdl = String(decoding: CTDLWriter.write(document).graph.serialized(), as: UTF8.self)
        let folder = try Scratch.Folder(Self.files.merging(["c.jsonld": ctdl]) { $1 })
        let one = try ask(words("explain p.json --learner l.json --as-of 2026-11-22", folder)).lines
        let other = try ask(words("explain c.jsonld --learner l.json --as-of 2026-11-22", folder)).lines
        #expect(one == other)
    }

    @Test(arguments: ["nursing", "electrician", "early-childhood"])
    func `what is converted there and back is explained alike, and what is not kept is listed`(_ pathway: String) throws {
        let ours = "\(repository)/ops/sample/pathways/\(pathway).json"
        let folder = try Scratch.Folder()
        let there = try ask(["convert", ours, "--output", folder["c.jsonld"]])
        #expect(there.code == 0 && there.lines[0].hasSuffix("into \(folder["c.jsonld"]) as CTDL.")
            && there.lines.contains { $0.hasPrefix("  entitlements: ") })
        let back = try ask(["convert", folder["c.jsonld"]])
        try Data(try #require(back.raw).utf8).write(to: URL(fileURLWithPath: folder["back.json"]))
        let one = try ask(["check", folder["back.json"]]), twice = try ask(["convert", folder["back.json"], "--to", "cairn"])
        #expect(one.code == 0 && twice.raw == back.raw)
        let answer = try #require(try ask(["convert", ours, "--json"]).json as? PathwayConvertAnswer)
        #expect(answer.from == .cairn && answer.to == .ctdl && answer.result?["@graph"] != nil
            && answer.notes.contains { $0.what == "milestone" })
    }

    @Test(arguments: [("nursing", "rosa"), ("electrician", "dakota"), ("early-childhood", "samira")])
    func `the samples are explained in words of not yet`(_ pathway: String, _ learner: String) throws {
        let answer = try ask(["explain", "\(repository)/ops/sample/pathways/\(pathway).json", "--learner",
                              "\(repository)/ops/sample/learners/\(learner).json", "--as-of", "2026-11-22"])
        let text = answer.lines.joined(separator: "\n").lowercased()
        #expect(answer.code == 0 && !text.contains("fail") && !text.contains("urn:uuid") && text.contains("not complete yet"))
    }

    @Test func `a control character in a title does not reach the terminal`() throws {
        let folder = try Scratch.Folder(Self.files.merging(
            ["evil.json": Self.pathway.replacingOccurrences(of: "\"A\"", with: #""A\u001B[31m""#)]) { $1 })
        let text = try ask(["explain", folder["evil.json"], "--learner", folder["l.json"]]).lines.joined()
        #expect(!text.contains("\u{1B}"))
    }
}

/// The page and the command tell the same.
struct PathwayCommandDocumentationTests {
    private struct Example: CustomTestStringConvertible {
        var arguments: [String]
        var output: String
        var testDescription: String { arguments.joined(separator: " ") }
    }

    private static let page = (try? String(contentsOfFile: "\(repository)/docs/pathway-command.md", encoding: .utf8)) ?? ""

    private static let examples = page.components(separatedBy: "```console\n$ cairn pathway ").dropFirst().map { text in
        let lines = text.components(separatedBy: "\n```")[0].split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        return Example(arguments: lines[0].split(separator: " ").map(String.init), output: lines.count > 1 ? String(lines[1]) : "")
    }

    @Test func `there is an example of each verb as text and as JSON`() {
        let verbs = Self.examples.map { $0.arguments[0] + ($0.arguments.contains("--json") ? " json" : "") }
        #expect(Set(verbs) == Set(["check", "explain", "next", "compare", "rehearse"].flatMap { [$0, "\($0) json"] } + ["draw", "convert json"]))
    }

    @Test(arguments: examples) private func `an example on the page is the real answer`(_ example: Example) throws {
        guard example.arguments[0] != "draw" else { return }
        let arguments = example.arguments.map { $0.hasPrefix("ops/") ? "\(repository)/\($0)" : $0 }
        let answer = try ask(arguments)
        let said = (example.arguments.contains("--json") ? PathwayJSON.text(answer.json) : answer.lines.joined(separator: "\n"))
            .replacingOccurrences(of: repository + "/", with: "")
        #expect(said == example.output)
    }

    @Test func `the costs on the page are read`() throws {
        let block = try #require(Self.page.components(separatedBy: "```json costs\n").last?.components(separatedBy: "```").first)
        #expect(try NextCosts.read(Array(block.utf8)).costs.count == 2)
    }
}
