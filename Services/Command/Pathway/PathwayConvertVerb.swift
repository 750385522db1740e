import ArgumentParser
import Domain
import Foundation
import PathwayEngine

struct PathwayConvertVerb: PathwayVerb {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Write a pathway in the other format: ours as CTDL, CTDL as ours.",
        discussion: """
            What the other format cannot say is listed on standard error, never dropped in silence. A CTDL file that is \
            written as CTDL again gets the newer terms and keeps its names.

              cairn pathway convert ops/sample/pathways/nursing.json --output nursing.jsonld
              curl … | cairn pathway convert - > ours.json
              cairn pathway convert older.jsonld --to ctdl > newer.jsonld
            """)

    enum Target: String, ExpressibleByArgument, CaseIterable {
        case cairn, ctdl

        var format: PathwayFile.Format { self == .cairn ? .cairn : .ctdl }
    }

    @Argument(help: ArgumentHelp("A pathway file, ours or CTDL; - is standard input.", valueName: "FILE"))
    var file: String

    @Option(help: "cairn or ctdl. Without it: the one that the file is not.")
    var to: Target?

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp("Where the pathway goes. Without it: standard output.", valueName: "FILE"))
    var destination: String?

    @OptionGroup var output: PathwayOutput

    func answer() throws -> PathwayAnswer {
        do {
            let (document, file) = try PathwayInput.sound(self.file)
            let format = to?.format ?? (file.format == .cairn ? .ctdl : .cairn)
            let (result, notes) = try Self.converted(document, file, to: format)
            var answer = PathwayConvertAnswer(
                from: file.format, to: format, components: document.components.count, notes: file.notes + notes)
            guard let path = destination, path != "-" else {
                answer.result = result
                return PathwayAnswer(lines: answer.lines, json: answer, raw: output.json ? nil : PathwayJSON.text(result) + "\n")
            }
            do { try Data((PathwayJSON.text(result) + "\n").utf8).write(to: URL(fileURLWithPath: path)) } catch {
                throw PathwayProblem(file: path, rule: "file.unwritable", message: "The pathway cannot be written there.")
            }
            answer.file = path
            return PathwayAnswer(lines: answer.lines, json: answer)
        } catch let refused as RefusedPathway { return refused.answer }
    }

    private static func converted(
        _ document: PathwayDocument, _ file: PathwayFile, to format: PathwayFile.Format
    ) throws -> (JSONValue, [CTDLNote]) {
        switch format {
        case .ctdl: CTDLWriter.write(document, names: file.names)
        case .cairn: (try JSONValue.parse(Wire.encode(document), limits: PathwayCheck.fileLimits), [])
        }
    }
}

/// The answer of `convert`.
struct PathwayConvertAnswer: Encodable {
    var verb = "convert"
    var from: PathwayFile.Format
    var to: PathwayFile.Format
    var components: Int
    /// Of reading, then of writing.
    var notes: [CTDLNote]
    /// Where the pathway was written, when a file was named.
    var file: String?
    /// The pathway itself, when no file was.
    var result: JSONValue?

    var lines: [String] {
        let format = to == .ctdl ? "CTDL" : "a cairn-pathway/1 file"
        let place = file.map { " into \($0)" } ?? ""
        return ["Wrote \(Spoken.count(components, "component"))\(place) as \(format)."] + CTDLNoteSummary.lines(notes)
    }
}
