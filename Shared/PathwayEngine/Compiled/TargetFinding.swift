import Domain

/// What a learner's facts say about one target leaf, in numbers.
struct TargetFinding: Hashable, Sendable {
    /// The order of `TargetProgress.Finding`, the most said last.
    enum Stage: UInt8, Comparable {
        case missing, related, otherBasis, topUpMissing, lapsed, belowLevel, held
        static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }
    }

    var stage = Stage.missing
    /// What is not known yet may bring something that counts, besides what does already.
    var mayGrow = false
    /// Slot of the best attainment at this stage, -1 for none.
    var best: Int32 = -1
    /// Number of the source, in the layout, on which it came.
    var source: Int32 = -1

    var truth: Truth { stage == .held ? .yes : mayGrow ? .unknown : .no }
    var hasEvidence: Bool { best >= 0 }
}

/// Reads one learner's facts by the rules of one pathway on one day.
struct FactReading {
    let layout: EvaluationLayout
    let day: Int32

    func finding(_ rule: EvaluationLayout.Rule, _ facts: PreparedFacts) -> TargetFinding {
        var found = TargetFinding()
        for number in rule.sources {
            let source = layout.sources[Int(number)]
            let topped = topUps(of: source, facts)
            if topped != .no, source.canSuffice, facts.isUnknown(source.target) { found.mayGrow = true }
            var slot = facts.heads[Int(source.target)]
            while slot >= 0 {
                let fact = facts.facts[Int(slot)]
                if fact.from <= day {
                    let level = source.arrival.scale < 0 ? fact.level : source.arrival
                    let stage = stage(of: fact, at: level, rule, topped)
                    if stage == .topUpMissing, topped == .unknown, !found.mayGrow,
                       isCurrent(fact, rule), suffices(level, rule) { found.mayGrow = true }
                    take(slot, number, stage, level, rule, &found, facts)
                }
                slot = fact.next
            }
        }
        guard found.stage == .missing, !rule.related.isEmpty else { return found }
        for number in rule.related {
            let source = layout.sources[Int(number)]
            var slot = facts.heads[Int(source.target)]
            while slot >= 0 {
                let fact = facts.facts[Int(slot)]
                let level = source.arrival.scale < 0 ? fact.level : source.arrival
                if fact.from <= day { take(slot, number, .related, level, rule, &found, facts) }
                slot = fact.next
            }
        }
        return found
    }

    /// Calls `body` with the slot and the level of arrival of all that counts; what comes on two ways comes twice.
    func forEachCounting(
        _ rule: EvaluationLayout.Rule, _ facts: PreparedFacts, _ body: (Int32, LevelKey) -> Void
    ) {
        for number in rule.sources {
            let source = layout.sources[Int(number)]
            guard topUps(of: source, facts) == .yes else { continue }
            var slot = facts.heads[Int(source.target)]
            while slot >= 0 {
                let fact = facts.facts[Int(slot)]
                let level = source.arrival.scale < 0 ? fact.level : source.arrival
                if fact.from <= day, stage(of: fact, at: level, rule, .yes) == .held { body(slot, level) }
                slot = fact.next
            }
        }
    }

    func holdsDirectly(_ target: Int32, _ facts: PreparedFacts) -> Truth {
        var slot = facts.heads[Int(target)]
        while slot >= 0 {
            if facts.facts[Int(slot)].from <= day { return .yes }
            slot = facts.facts[Int(slot)].next
        }
        return facts.isUnknown(target) ? .unknown : .no
    }

    private func topUps(of source: EvaluationLayout.FlatSource, _ facts: PreparedFacts) -> Truth {
        var truth = Truth.yes
        for place in source.topUps { truth = truth & holdsDirectly(layout.topUps[Int(place)], facts) }
        return truth
    }

    @inline(__always)
    private func stage(
        of fact: PreparedFacts.Fact, at level: LevelKey, _ rule: EvaluationLayout.Rule, _ topped: Truth
    ) -> TargetFinding.Stage {
        if fact.basis & rule.bases == 0 { return .otherBasis }
        if topped != .yes { return .topUpMissing }
        if !isCurrent(fact, rule) { return .lapsed }
        return suffices(level, rule) ? .held : .belowLevel
    }

    @inline(__always)
    private func isCurrent(_ fact: PreparedFacts.Fact, _ rule: EvaluationLayout.Rule) -> Bool {
        if rule.currency == EvaluationLayout.Rule.noCurrency { return true }
        if fact.until < day { return false }
        return rule.currency == EvaluationLayout.Rule.issuer || Int64(day) <= Int64(fact.from) + Int64(rule.currency)
    }

    @inline(__always)
    private func suffices(_ level: LevelKey, _ rule: EvaluationLayout.Rule) -> Bool {
        rule.isAnyLevel || level.suffices(rule.wanted)
    }

    /// Keeps the better one, in the order of `TargetProgress.best`.
    @inline(__always)
    private func take(
        _ slot: Int32, _ source: Int32, _ stage: TargetFinding.Stage, _ level: LevelKey,
        _ rule: EvaluationLayout.Rule, _ found: inout TargetFinding, _ facts: PreparedFacts
    ) {
        guard stage >= found.stage else { return }
        if stage == found.stage, !isBetter(slot, level, than: found, rule, facts) { return }
        found.stage = stage
        found.best = slot
        found.source = source
    }

    private func isBetter(
        _ slot: Int32, _ level: LevelKey, than found: TargetFinding, _ rule: EvaluationLayout.Rule,
        _ facts: PreparedFacts
    ) -> Bool {
        let best = facts.facts[Int(found.best)], arrival = layout.sources[Int(found.source)].arrival
        let mine = key(level, rule), theirs = key(arrival.scale < 0 ? best.level : arrival, rule)
        if mine.scale != theirs.scale { return mine.scale > theirs.scale }
        if mine.rank != theirs.rank { return mine.rank > theirs.rank }
        let from = facts.facts[Int(slot)].from
        if from != best.from { return from < best.from }
        // Sources come in the order in which they win, so one attainment on a later way is never better.
        return slot != found.best && facts.attainments[Int(slot)].id < facts.attainments[Int(found.best)].id
    }

    /// A level that does not compare with the wanted one is like none.
    @inline(__always)
    private func key(_ level: LevelKey, _ rule: EvaluationLayout.Rule) -> LevelKey {
        rule.isAnyLevel || level.scale == rule.wanted.scale ? level : .none
    }
}
