import ArgumentParser
import Domain
import Foundation
import PathwayEngine

struct PathwayDrawVerb: PathwayVerb {
    static let configuration = CommandConfiguration(
        commandName: "draw",
        abstract: "Draw a pathway as SVG, with where a learner stands on it.",
        discussion: """
            Shapes, words and colors say the same, so that it can be printed in black and white, and a screen reader \
            gets it as text.

              cairn pathway draw ops/sample/pathways/nursing.json --output nursing.svg
              cairn pathway draw FILE --learner LEARNER.json > mine.svg
            """)

    @Argument(help: ArgumentHelp("A pathway file, ours or CTDL; - is standard input.", valueName: "FILE"))
    var file: String

    @Option(help: ArgumentHelp("A learner file; - is standard input.", valueName: "LEARNER.json"))
    var learner: String?

    @OptionGroup var day: DayOption

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp("Where the SVG goes. Without it: standard output.", valueName: "FILE"))
    var destination: String?

    @OptionGroup var output: PathwayOutput

    func validate() throws { try PathwayInput.onlyOneFromStandardInput([file, learner ?? ""]) }

    func answer() throws -> PathwayAnswer {
        do {
            let (document, _) = try PathwayInput.sound(file)
            return try answer(document)
        } catch let refused as RefusedPathway { return refused.answer }
    }

    private func answer(_ document: PathwayDocument) throws -> PathwayAnswer {
        let standing = try learner.map { path in
            let learner = try PathwayInput.learner(path)
            return (try CompiledPathway.compile(document).evaluate(learner.facts, on: day.value), learner.learner, on: day.value)
        }
        let svg = PathwaySVG.text(document, standing: standing)
        guard let path = destination, path != "-" else { return PathwayAnswer(lines: [], json: svg, raw: svg) }
        do { try Data(svg.utf8).write(to: URL(fileURLWithPath: path)) } catch {
            throw PathwayProblem(file: path, rule: "file.unwritable", message: "The drawing cannot be written there.")
        }
        return PathwayAnswer(
            lines: ["Drew \(Spoken.count(document.components.count, "component")) into \(path)."],
            json: PathwayDrawAnswer(file: path, components: document.components.count, bytes: svg.utf8.count))
    }
}

/// The answer of `draw` when the drawing went into a file.
struct PathwayDrawAnswer: Encodable {
    var verb = "draw"
    var file: String
    var components: Int
    var bytes: Int
}
