import ArgumentParser
import Domain
import PathwayEngine

struct PathwayCompareVerb: PathwayVerb {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Say what one learner would keep, gain and lose under another pathway or version.",
        discussion: """
            Ends with 1 when the learner would be worse off: something done would no longer count, a milestone or a \
            right would be lost, or more would be left to do.

              cairn pathway compare old.json new.json \\
                --learner ops/sample/learners/rosa.json
            """)

    @Argument(help: ArgumentHelp("The pathway of today; - is standard input.", valueName: "OLD"))
    var old: String

    @Argument(help: ArgumentHelp("The other pathway, or the next version.", valueName: "NEW"))
    var new: String

    @OptionGroup var learner: LearnerOption
    @OptionGroup var output: PathwayOutput

    func validate() throws { try PathwayInput.onlyOneFromStandardInput([old, new, learner.learner]) }

    func answer() throws -> PathwayAnswer {
        do {
            let old = try PathwayInput.compiled(old), new = try PathwayInput.compiled(new)
            let learner = try PathwayInput.learner(learner.learner)
            let day = self.learner.day.value
            do {
                let found = try PathwayComparison.compare(old, new, learner.facts, on: day)
                return PathwayCompareAnswer(
                    old: old.document.title, new: new.document.title, learner: learner.learner, asOf: day, answer: found
                ).answer(old.document, new.document)
            } catch {
                throw PathwayProblem(file: self.new, rule: "compare.refused", message: error.description)
            }
        } catch let refused as RefusedPathway { return refused.answer }
    }
}

/// The answer of `compare`.
struct PathwayCompareAnswer: Encodable {
    var verb = "compare"
    var old: String
    var new: String
    var learner: String
    var asOf: CalendarDate
    var answer: PathwayComparison

    func answer(_ old: PathwayDocument, _ new: PathwayDocument) -> PathwayAnswer {
        PathwayAnswer(lines: lines(old, new).map { Terminal.printable($0) }, json: self,
                      code: answer.verdict == .worse ? 1 : 0)
    }

    private func lines(_ old: PathwayDocument, _ new: PathwayDocument) -> [String] {
        let before = WayWords(old), after = WayWords(new)
        let rights = Dictionary((old.entitlements + new.entitlements).map { ($0.id, $0.title) }, uniquingKeysWith: { $1 })
        func right(_ id: String) -> String { rights[id] ?? id }
        var lines = ["\(learner) under “\(self.new)” instead of “\(self.old)”, as of \(asOf)", "", verdict]
        func section(_ heading: String, _ ids: [String], _ name: (String) -> String) {
            guard !ids.isEmpty else { return }
            lines += ["", "\(heading) (\(ids.count))"] + ids.map { "  • \(name($0))" }
        }
        section("Counts under both", answer.carried.map(\.new), after.title)
        section("Counts only under the new one", answer.gained, after.title)
        section("Would no longer be done", answer.lost, before.title)
        section("Done, and nothing asks for it any more", answer.dropped, before.title)
        section("Milestones that would be reached", answer.milestonesGained, after.title)
        section("Milestones that would be lost", answer.milestonesLost, before.title)
        section("Rights that would come with it", answer.entitlementsGained, right)
        section("Rights that would be lost", answer.entitlementsLost, right)
        section("Rights on lesser terms", answer.entitlementsReduced, right)
        section("Not known yet", answer.unknown, after.title)
        section("Still to do under the new one", answer.missing, after.title)
        return lines
    }

    private var verdict: String {
        let reasons = answer.because.map(Self.words).joined(separator: "; ")
        switch answer.verdict {
        case .noWorse: return "No worse off: nothing is lost, and no more is left to do."
        case .worse: return "Worse off: \(reasons)."
        case .undecided: return "This cannot be told yet: \(reasons)."
        }
    }

    private static func words(_ reason: PathwayComparison.Reason) -> String {
        switch reason {
        case .componentLost: "something that is done would no longer be"
        case .milestoneLost: "a milestone would be lost"
        case .entitlementLost: "a right would be lost"
        case .entitlementReduced: "a right would be on lesser terms"
        case .completionLost: "the pathway would no longer be complete"
        case .workLarger: "more would be left to do"
        case .inputUnknown: "some records have not arrived yet"
        case .workUndecided: "the search for what is left to do was cut"
        }
    }
}
