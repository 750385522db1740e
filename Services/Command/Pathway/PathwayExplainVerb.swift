import ArgumentParser
import Domain
import PathwayEngine

struct PathwayExplainVerb: PathwayVerb {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say where one learner stands on a pathway, part by part, and why.",
        discussion: """
              cairn pathway explain ops/sample/pathways/nursing.json \\
                --learner ops/sample/learners/rosa.json
              cairn pathway explain FILE --learner - --as-of 2027-01-01 < learner.json
            """)

    @Argument(help: ArgumentHelp("A pathway file, ours or CTDL; - is standard input.", valueName: "FILE"))
    var file: String

    @OptionGroup var learner: LearnerOption
    @OptionGroup var output: PathwayOutput

    func validate() throws { try PathwayInput.onlyOneFromStandardInput([file, learner.learner]) }

    func answer() throws -> PathwayAnswer {
        do {
            let (document, _) = try PathwayInput.sound(file)
            let learner = try PathwayInput.learner(learner.learner)
            return try PathwayExplainAnswer(document, learner, on: self.learner.day.value).answer
        } catch let refused as RefusedPathway { return refused.answer }
    }
}

/// The answer of `explain`.
struct PathwayExplainAnswer: Encodable {
    var verb = "explain"
    var pathway: String
    var learner: String
    var asOf: CalendarDate
    /// Every destination is met.
    var complete: Bool
    /// How many components are in each state.
    var counts: [String: Int]
    /// In the order of the file.
    var components: [Component]
    var milestonesReached: [String]
    var entitlementsEarned: [String]
    /// Ids of the components whose own target is still missing on the way to the unmet destinations.
    var remaining: [String]
    private var titles: [String: String]
    private var entitlements: [String: String]

    struct Component: Encodable {
        var id: String
        var title: String
        var kind: PathwayDocument.Component.Kind
        var state: FulfillmentState
        /// The reason as one plain sentence.
        var sentence: String
        /// The reason as data.
        var reason: Fulfillment.Reason
    }

    private enum CodingKeys: String, CodingKey {
        case verb, pathway, learner, asOf, complete, counts, components, milestonesReached, entitlementsEarned, remaining
    }

    init(_ document: PathwayDocument, _ learner: LearnerFile, on day: CalendarDate) throws {
        let standing = try CompiledPathway.compile(document).evaluate(learner.facts, on: day)
        let sentences = FulfillmentSentences(document)
        pathway = document.title
        self.learner = learner.learner
        asOf = day
        complete = standing.isComplete
        components = document.components.compactMap { component in
            standing.components[component.id].map {
                Component(id: component.id, title: component.title, kind: component.kind, state: $0.state,
                          sentence: sentences.sentence(for: component.id, $0), reason: $0.reason)
            }
        }
        counts = Dictionary(uniqueKeysWithValues: FulfillmentState.allCases.map { state in
            (state.rawValue, standing.components.values.count { $0.state == state })
        })
        milestonesReached = standing.milestonesReached
        entitlementsEarned = standing.entitlementsEarned
        remaining = standing.remaining(of: document)
        titles = Dictionary(uniqueKeysWithValues: document.components.map { ($0.id, $0.milestone?.title ?? $0.title) })
        entitlements = Dictionary(document.entitlements.map { ($0.id, $0.title) }, uniquingKeysWith: { first, _ in first })
    }

    var answer: PathwayAnswer { PathwayAnswer(lines: lines.map { Terminal.printable($0) }, json: self) }

    private static let sections: [(state: FulfillmentState, mark: String, heading: String)] = [
        (.met, "✓", "Done"), (.inProgress, "◐", "In progress"), (.noEvidence, "○", "Not yet"),
        (.unknown, "?", "Not known yet"),
    ]

    private var lines: [String] {
        let done = counts[FulfillmentState.met.rawValue] ?? 0
        var lines = ["\(pathway): where \(learner) stands on \(asOf)", ""]
        lines.append(complete
            ? "Complete. \(done) of \(Spoken.count(components.count, "part")) are done, and every destination is reached."
            : "\(done) of \(Spoken.count(components.count, "part")) are done. Not complete yet.")
        for (state, mark, heading) in Self.sections {
            let mine = components.filter { $0.state == state }
            guard !mine.isEmpty else { continue }
            lines += ["", "\(heading) (\(mine.count))"] + mine.map { "  \(mark) \($0.sentence)" }
        }
        if !milestonesReached.isEmpty {
            lines += ["", "Milestones reached: " + milestonesReached.map { titles[$0] ?? $0 }.joined(separator: "; ")]
        }
        if !entitlementsEarned.isEmpty {
            lines += ["", "What comes with it: " + entitlementsEarned.map { entitlements[$0] ?? $0 }.joined(separator: "; ")]
        }
        if !complete, counts[FulfillmentState.unknown.rawValue] ?? 0 > 0 {
            lines += ["", "Some records have not arrived here yet, so more may be done than is shown."]
        }
        return lines
    }
}
