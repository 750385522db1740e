import Domain

/// Decides by the rules as they are written, one after the other and all of them: the oracle against which the compiled
/// engine is measured. Nothing here is clever, and nothing should become so.
///
/// - A component is met when its target is held (if it names one) and its condition is satisfied (if it has one), or
///   when a zone of the learner waives it.
/// - A target is held when some attainment counts for it: one of the target itself, or one that comes through a
///   conferring crosswalk, that has begun, has a basis that counts, is current where the component declares currency,
///   and arrives at the level that is wanted or above.
/// - A condition is satisfied when as many of its operands are met as it requires; `none` when no operand is.
/// - No elapsed time denies anything but where a component declares currency.
/// - What is not known yet makes unknown, and never no, by the rules of Kleene.
package enum NaiveEvaluator {
    package static func evaluate(
        _ document: PathwayDocument, attainments: [HeldAttainment], on day: CalendarDate
    ) -> PathwayStanding {
        evaluate(document, LearnerFacts(attainments), on: day)
    }

    /// The answer is defined for a document that `PathwayCheck` does not refuse. With any other it still ends: an
    /// unknown id, and a component that waits for itself, is not met.
    package static func evaluate(
        _ document: PathwayDocument, _ facts: LearnerFacts, on day: CalendarDate
    ) -> PathwayStanding {
        let reading = NaiveReading(document, facts, on: day)
        let graph = PathwayGraph(document)
        var components: [String: Fulfillment] = [:], touched: Set<String> = []
        for number in graph.dependenciesFirst {
            let component = graph.components[number]
            guard graph.index[component.id] == number else { continue }
            let (fulfillment, hasEvidence) = reading.fulfillment(of: component, components, touched)
            components[component.id] = fulfillment
            if hasEvidence { touched.insert(component.id) }
        }
        func isMet(_ id: String) -> Bool { components[id]?.state == .met }
        return PathwayStanding(
            components: components,
            isComplete: !document.destinations.isEmpty && document.destinations.allSatisfy(isMet),
            milestonesReached: document.components.filter { $0.milestone != nil && isMet($0.id) }.map(\.id).sorted(),
            entitlementsEarned: document.entitlements.filter { isMet($0.after) }.map(\.id).sorted())
    }
}

/// One learner's record read by the rules of one document.
struct NaiveReading {
    let document: PathwayDocument
    let facts: LearnerFacts
    let day: CalendarDate
    let byTarget: [String: [HeldAttainment]]

    init(_ document: PathwayDocument, _ facts: LearnerFacts, on day: CalendarDate) {
        self.document = document
        self.facts = facts
        self.day = day
        byTarget = Dictionary(grouping: facts.attainments, by: \.target)
    }

    // MARK: Components and conditions

    /// `components` holds what the condition names already; `touched` are those of them with evidence.
    func fulfillment(
        of component: PathwayDocument.Component, _ components: [String: Fulfillment], _ touched: Set<String>
    ) -> (Fulfillment, hasEvidence: Bool) {
        let target = asked(by: component).map(progress)
        let condition = component.condition.map { progress(of: $0, components) }
        let waiver = document.waivers.first { waiver in
            facts.zones.contains(waiver.zone) && waiver.components.contains(component.id)
        }
        var truth: Truth = target == nil && condition == nil ? .no : .yes
        if let target { truth = truth & (target.finding == .held ? .yes : target.finding == .unknown ? .unknown : .no) }
        if let condition { truth = truth & condition.truth }
        if waiver != nil { truth = .yes }

        let hasEvidence = waiver != nil || target?.best != nil
            || component.condition.map { touches($0, touched) } ?? false
        let state: FulfillmentState = switch truth {
        case .yes: .met
        case .unknown: .unknown
        case .no: hasEvidence ? .inProgress : .noEvidence
        }
        let waived = waiver.map { Fulfillment.Waived(zone: $0.zone, decision: $0.decision) }
        return (Fulfillment(state: state, reason: .init(target: target, condition: condition, waived: waived)),
                hasEvidence)
    }

    private func progress(
        of condition: PathwayDocument.Condition, _ components: [String: Fulfillment]
    ) -> ConditionProgress {
        var progress = ConditionProgress(
            required: condition.require.count(of: condition.of.count), operands: condition.of.count,
            isNone: condition.require == .none, met: [], unmet: [], nested: [])
        for operand in condition.of {
            switch operand {
            case .component(let id):
                switch components[id]?.state {
                case .met: progress.met.append(id)
                case .unknown: progress.unknown.append(id)
                default: progress.unmet.append(id)
                }
            case .condition(let inner): progress.nested.append(self.progress(of: inner, components))
            case .constraint(let constraint): progress.constraints.append(self.progress(of: constraint))
            }
        }
        return progress
    }

    /// Something it names has evidence; what it excludes is none.
    private func touches(_ condition: PathwayDocument.Condition, _ touched: Set<String>) -> Bool {
        guard condition.require != .none else { return false }
        return condition.of.contains { operand in
            switch operand {
            case .component(let id): touched.contains(id)
            case .condition(let inner): touches(inner, touched)
            case .constraint(let constraint): !progress(of: constraint).attainments.isEmpty
            }
        }
    }
}
