import ArgumentParser
import Domain
import PathwayEngine

struct PathwayNextVerb: PathwayVerb {
    static let configuration = CommandConfiguration(
        commandName: "next",
        abstract: "Say what would finish a pathway for one learner: every smallest set, the cheapest first.",
        discussion: """
            Each set that is listed does finish it, and would not without any one of its parts. The cost is one for each \
            part unless --cost says more: a file with days, distance or fee by component or target.

              cairn pathway next ops/sample/pathways/nursing.json \\
                --learner ops/sample/learners/rosa.json
              cairn pathway next FILE --learner LEARNER.json --limit 3 --cost costs.json
            """)

    @Argument(help: ArgumentHelp("A pathway file, ours or CTDL; - is standard input.", valueName: "FILE"))
    var file: String

    @OptionGroup var learner: LearnerOption

    @Option(help: ArgumentHelp("How many sets to list at most, 1 to 1000.", valueName: "N"))
    var limit = 5

    @Option(help: ArgumentHelp("What things take, by component or target; docs/pathway-command.md.", valueName: "COSTS.json"))
    var cost: String?

    @OptionGroup var output: PathwayOutput

    func validate() throws {
        try PathwayInput.onlyOneFromStandardInput([file, learner.learner, cost ?? ""])
        guard (1...1000).contains(limit) else { throw ValidationError("--limit is 1 to 1000.") }
    }

    func answer() throws -> PathwayAnswer {
        do {
            let pathway = try PathwayInput.compiled(file)
            let learner = try PathwayInput.learner(learner.learner)
            let day = self.learner.day.value
            let costs = try cost.map(PathwayInput.costs)
            do {
                let found = try ShortestWay.find(
                    pathway, learner.facts, on: day, costs: costs, limits: .init(sets: limit))
                return PathwayNextAnswer(
                    pathway: pathway.document.title, learner: learner.learner, asOf: day, answer: found
                ).answer(pathway.document)
            } catch {
                throw PathwayProblem(file: cost.map(PathwayInput.name) ?? file, rule: "costs.range", message: error.description)
            }
        } catch let refused as RefusedPathway { return refused.answer }
    }
}

/// The answer of `next`.
struct PathwayNextAnswer: Encodable {
    var verb = "next"
    var pathway: String
    var learner: String
    var asOf: CalendarDate
    var answer: ShortestWay

    func answer(_ document: PathwayDocument) -> PathwayAnswer {
        PathwayAnswer(lines: lines(document).map { Terminal.printable($0) }, json: self)
    }

    private func lines(_ document: PathwayDocument) -> [String] {
        let words = WayWords(document)
        var lines = ["\(pathway): what would finish it for \(learner), as of \(asOf)", ""]
        if answer.isMet { return lines + ["Nothing more: it is complete."] }
        if answer.ways.isEmpty {
            return lines + [answer.isComplete
                ? "Nothing that can still be learned or shown would finish it. Somebody should look at its conditions: "
                    + "cairn pathway check."
                : "No set was found within the bound of the search, which says nothing about whether there is one."]
        }
        lines.append(answer.ways.count == 1 && answer.isComplete
            ? "There is one way:" : "\(Spoken.count(answer.ways.count, "way")), the least to do first:")
        for (number, way) in answer.ways.enumerated() {
            let hasCosts = way.elements.contains { $0.isCostGiven }
            let head = "\(number + 1). \(Spoken.count(way.elements.count, "thing"))"
                + (hasCosts ? ", cost \(words.number(way.cost))" : "")
            lines += ["", head] + way.elements.map { "   • \(words.element($0))" }
            if !way.isConfirmed { lines.append("   This adds up, but what it takes cannot be said in full here.") }
            if !way.isCertain { lines.append("   Some records have not arrived yet, so this may turn out otherwise.") }
        }
        lines.append("")
        if answer.isComplete {
            lines.append("These are all the smallest sets there are.")
        } else {
            let floor = answer.othersCostAtLeast.map { "; none of the others costs less than \(words.number($0))" } ?? ""
            lines.append(answer.ending == .limit
                ? "There may be more; --limit shows more\(floor)." : "The search was cut, so there may be more\(floor).")
        }
        return lines
    }
}

/// Parts of a way in plain words.
struct WayWords {
    private let titles: [String: String]
    private let targetTitles: [String: String]

    init(_ document: PathwayDocument) {
        titles = Dictionary(document.components.map { ($0.id, $0.title) }, uniquingKeysWith: { first, _ in first })
        targetTitles = Dictionary(
            document.components.compactMap { component in component.target.map { ($0, component.title) } },
            uniquingKeysWith: { first, _ in first })
    }

    func number(_ value: Double) -> String { PathwayDocument.Level.number(value).description }

    func element(_ element: ShortestWay.Element) -> String {
        let name = element.components.first.flatMap { titles[$0] } ?? element.target.map(target) ?? "something"
        let level = element.level.map { " at level \(shownLevel($0)) or above" } ?? ""
        let cost = element.isCostGiven ? " (\(number(element.cost)))" : ""
        let maybe = element.mayBeHeld ? " — it may be there already" : ""
        switch element.kind {
        case .target:
            let basis = element.basis.map { ", \(self.basis($0))" } ?? ""
            return "“\(name)”\(level)\(basis)\(cost)\(maybe)"
        case .topUp:
            let held = (element.heldThrough ?? []).map(target).joined(separator: ", ")
            return "“\(element.target.map(target) ?? name)”, beside what counts from \(held.isEmpty ? "elsewhere" : held)\(cost)\(maybe)"
        case .constraint:
            let what = element.constraint.map(Spoken.constraint) ?? name
            let missing = element.creditsMissing.map { ": \(number($0)) credits more" } ?? ""
            return "\(what)\(missing)\(cost)\(maybe)"
        }
    }

    func title(_ component: String) -> String { titles[component] ?? component }
    func target(_ target: String) -> String { targetTitles[target] ?? target }

    private func basis(_ basis: AttainmentBasis) -> String {
        switch basis {
        case .assessed: "assessed"
        case .priorLearning: "as prior learning"
        case .articulated: "articulated"
        case .granted: "granted by decision"
        }
    }
}
