import ArgumentParser
import Domain
import PathwayEngine

struct PathwayCheckVerb: PathwayVerb {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say what is wrong or doubtful in a pathway file, where, and the way out.",
        discussion: """
            Ends with 0 when the file may be saved, 1 when it is refused, 2 when it cannot be read. Of a CTDL file it \
            also says what is not kept, and what was read as something else.

              cairn pathway check ops/sample/pathways/nursing.json
              curl … | cairn pathway check -
            """)

    @Argument(help: ArgumentHelp("A pathway file, ours or CTDL; - is standard input.", valueName: "FILE"))
    var file: String

    @OptionGroup var output: PathwayOutput

    func answer() throws -> PathwayAnswer { PathwayCheckAnswer(file, try PathwayInput.pathway(file)).answer }
}

/// The answer of `check`.
struct PathwayCheckAnswer: Encodable {
    var verb = "check"
    var file: String
    var format: PathwayFile.Format
    /// No finding is a refusal.
    var sound: Bool
    var title: String?
    var components: Int?
    var findings: [PathwayFinding]
    /// Of a CTDL file.
    var notes: [CTDLNote]?
    private var isRead: Bool

    private enum CodingKeys: String, CodingKey { case verb, file, format, sound, title, components, findings, notes }

    init(_ path: String, _ file: PathwayFile) {
        self.file = PathwayInput.name(path)
        format = file.format
        sound = file.isSound
        title = file.document?.title
        components = file.document?.components.count
        findings = file.findings
        notes = file.format == .ctdl ? file.notes : nil
        isRead = file.document != nil
    }

    var answer: PathwayAnswer { PathwayAnswer(lines: lines, json: self, code: sound ? 0 : isRead ? 1 : 2) }

    private var lines: [String] {
        let refused = findings.count { $0.severity == .refused }, warnings = findings.count - refused
        let name = title.map { "“\(Terminal.printable($0, limit: 200))”" } ?? file
        var lines: [String] = []
        if let components {
            let what = format == .ctdl ? "CTDL, read as a pathway" : "a pathway"
            lines.append("\(name): \(what) with \(Spoken.count(components, "component")).")
        } else {
            lines.append("\(name) cannot be read.")
        }
        for finding in findings {
            let word = finding.severity == .refused ? "refused" : "look at"
            let place = finding.place.isEmpty ? "(whole)" : Terminal.printable(finding.place, limit: 200)
            lines.append("  \(word)  \(place): \(Terminal.printable(finding.message)) [\(finding.rule)]")
        }
        lines += CTDLNoteSummary.lines(notes ?? [])
        switch (sound, warnings) {
        case (true, 0): lines.append("Nothing is wrong with it.")
        case (true, _): lines.append("It may be saved; \(Spoken.count(warnings, "thing")) to look at.")
        case (false, _) where components != nil:
            lines.append("It is refused: \(Spoken.count(refused, "thing")) to mend. docs/pathway-files.md explains each rule.")
        default: lines.append("Mend this, and check again.")
        }
        return lines
    }
}

/// Notes on a CTDL file in a few lines: those that say the same are counted.
enum CTDLNoteSummary {
    static func lines(_ notes: [CTDLNote]) -> [String] {
        var lines: [String] = []
        for (outcome, heading) in [(CTDLNote.Outcome.readAs, "Read as something else:"), (.notKept, "Not kept:")] {
            let mine = notes.filter { $0.outcome == outcome }
            guard !mine.isEmpty else { continue }
            lines.append(heading)
            var groups: [(what: String, why: String, places: [String])] = [], index: [String: Int] = [:]
            for note in mine {
                let key = note.what + "\n" + note.why
                if let known = index[key] { groups[known].places.append(note.place) } else {
                    index[key] = groups.count
                    groups.append((note.what, note.why, [note.place]))
                }
            }
            for group in groups {
                let places = group.places.prefix(2).filter { !$0.isEmpty }.map { Terminal.printable($0, limit: 120) }
                let more = group.places.count - group.places.prefix(2).count
                lines.append("  \(Terminal.printable(group.what, limit: 120)): \(Terminal.printable(group.why))")
                if !places.isEmpty {
                    lines.append("      at \(places.joined(separator: ", "))" + (more > 0 ? " and \(more) more" : ""))
                }
            }
        }
        return lines
    }
}
