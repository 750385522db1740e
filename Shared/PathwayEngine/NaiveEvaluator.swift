import Domain

/// One line of a learner's record, as far as a pathway cares. Voided ones are not handed in.
package struct HeldAttainment: Hashable, Sendable, Codable {
    package var id: EntityID<Attainment>
    /// IRI, compared as it stands with the target of a component.
    package var target: String
    package var level: Double?
    package var basis: AttainmentBasis
    /// The first day on which it counts.
    package var from: CalendarDate
    /// The last day on which it counts, where its issuer declared that it stays current only so long; absent: it
    /// never lapses.
    package var until: CalendarDate?

    package init(
        id: EntityID<Attainment>, target: String, level: Double? = nil, basis: AttainmentBasis = .assessed,
        from: CalendarDate, until: CalendarDate? = nil
    ) {
        self.id = id
        self.target = target
        self.level = level
        self.basis = basis
        self.from = from
        self.until = until
    }
}

/// Decides by the rules as they are written, one after the other and all of them: the oracle against which a faster
/// engine is measured. Nothing here is clever, and nothing should become so.
///
/// - A component is met when its target is held (if it names one) and its condition is satisfied (if it has one).
/// - A target is held when some attainment of it is current on the day, at the level that is wanted or above.
/// - A condition is satisfied when as many of its operands are met as it requires.
/// - No elapsed time denies anything: only `until`, where an attainment carries it, is read against the day.
/// - More attainments never lower anything.
package enum NaiveEvaluator {
    /// The answer is defined for a document that `PathwayCheck` does not refuse. With any other it still ends: an
    /// unknown id, and a component that waits for itself, is not met.
    package static func evaluate(
        _ document: PathwayDocument, attainments: [HeldAttainment], on day: CalendarDate
    ) -> PathwayStanding {
        let held = Dictionary(grouping: attainments, by: \.target)
        let graph = PathwayGraph(document)
        var components: [String: Fulfillment] = [:]
        for number in graph.dependenciesFirst {
            let component = graph.components[number]
            guard graph.index[component.id] == number else { continue }
            components[component.id] = fulfillment(of: component, held, components, on: day)
        }
        func isMet(_ id: String) -> Bool { components[id]?.state == .met }
        return PathwayStanding(
            components: components,
            isComplete: !document.destinations.isEmpty && document.destinations.allSatisfy(isMet),
            milestonesReached: document.components.filter { $0.milestone != nil && isMet($0.id) }.map(\.id).sorted(),
            entitlementsEarned: document.entitlements.filter { isMet($0.after) }.map(\.id).sorted())
    }

    /// `components` holds what the condition names already.
    private static func fulfillment(
        of component: PathwayDocument.Component, _ held: [String: [HeldAttainment]],
        _ components: [String: Fulfillment], on day: CalendarDate
    ) -> Fulfillment {
        let target = component.target.map { progress(toward: $0, at: component.level, held[$0] ?? [], on: day) }
        let condition = component.condition.map { progress(of: $0, components) }

        let isTargetHeld = target.map { $0.finding == .held } ?? true
        let isConditionSatisfied = condition?.isSatisfied ?? true
        let isThereAnything = target != nil || condition != nil
        let isMet = isThereAnything && isTargetHeld && isConditionSatisfied

        let hasEvidence = target?.best != nil || component.condition.map { touches($0, components) } ?? false
        return Fulfillment(
            state: isMet ? .met : hasEvidence ? .inProgress : .noEvidence,
            reason: .init(target: target, condition: condition))
    }

    private static func progress(
        toward target: String, at wanted: Double?, _ attainments: [HeldAttainment], on day: CalendarDate
    ) -> TargetProgress {
        let begun = attainments.filter { $0.from <= day }
        let current = begun.filter { attainment in
            guard let until = attainment.until else { return true }
            return day <= until
        }
        let enough = current.filter { attainment in
            guard let wanted else { return true }
            guard let level = attainment.level else { return false }
            return level >= wanted
        }
        if let best = best(of: enough) {
            return TargetProgress(finding: .held, target: target, wanted: wanted, best: best)
        }
        if let best = best(of: current) {
            return TargetProgress(finding: .belowLevel, target: target, wanted: wanted, best: best)
        }
        if let best = best(of: begun) {
            return TargetProgress(finding: .lapsed, target: target, wanted: wanted, best: best)
        }
        return TargetProgress(finding: .missing, target: target, wanted: wanted, best: nil)
    }

    /// The highest level, then the earliest start, then the id: the same whatever the order of the list.
    private static func best(of attainments: [HeldAttainment]) -> TargetProgress.Held? {
        let best = attainments.min { one, other in
            let levels = (one.level ?? -.infinity, other.level ?? -.infinity)
            if levels.0 != levels.1 { return levels.0 > levels.1 }
            if one.from != other.from { return one.from < other.from }
            return one.id < other.id
        }
        return best.map {
            TargetProgress.Held(attainment: $0.id, level: $0.level, basis: $0.basis, from: $0.from, until: $0.until)
        }
    }

    private static func progress(
        of condition: PathwayDocument.Condition, _ components: [String: Fulfillment]
    ) -> ConditionProgress {
        var met: [String] = [], unmet: [String] = [], nested: [ConditionProgress] = []
        for operand in condition.of {
            switch operand {
            case .component(let id) where components[id]?.state == .met: met.append(id)
            case .component(let id): unmet.append(id)
            case .condition(let inner): nested.append(progress(of: inner, components))
            }
        }
        return ConditionProgress(
            required: condition.require.count(of: condition.of.count), operands: condition.of.count,
            met: met, unmet: unmet, nested: nested)
    }

    /// Something it names has evidence.
    private static func touches(
        _ condition: PathwayDocument.Condition, _ components: [String: Fulfillment]
    ) -> Bool {
        condition.of.contains { operand in
            switch operand {
            case .component(let id): (components[id]?.state ?? .noEvidence) != .noEvidence
            case .condition(let inner): touches(inner, components)
            }
        }
    }
}
