import Domain

/// What a learner's facts say about one constraint.
struct ConstraintFinding: Hashable, Sendable {
    var truth = Truth.no
    /// Something counts for it.
    var hasEvidence = false
}

extension FactReading {
    /// `targets` are the findings of the target leaves.
    func finding(
        _ rule: ConstraintRule, _ targets: [TargetFinding], _ facts: PreparedFacts
    ) -> ConstraintFinding {
        let mayGrow = rule.over.contains { targets[Int($0)].mayGrow }
        let truth = switch rule.measure {
        case .level:
            opened(bestLevel(rule, targets, facts).map { best in
                rule.comparator.holds(best.level.rank, wantedLevel(rule).rank)
            }, rule, mayGrow)
        case .until:
            opened(latest(rule, targets, facts).map { rule.comparator.holds($0, wantedDay(rule)) }, rule, mayGrow)
        case .count: count(rule, targets)
        case .credits: credits(rule, targets, facts).truth
        }
        return ConstraintFinding(
            truth: truth, hasEvidence: rule.over.contains { targets[Int($0)].stage == .held })
    }

    /// What is measured by what is known, with all that counts, sorted.
    func progress(
        _ rule: ConstraintRule, _ constraint: PathwayDocument.Constraint, _ truth: Truth,
        _ targets: [TargetFinding], _ facts: PreparedFacts
    ) -> ConstraintProgress {
        var slots: Set<Int32> = []
        for leaf in rule.over where targets[Int(leaf)].stage == .held {
            forEachCounting(layout.rules[Int(leaf)], facts) { slot, _ in slots.insert(slot) }
        }
        let measured: ConstraintProgress.Measured? = switch rule.measure {
        case .level: bestLevel(rule, targets, facts).map { .level(level(of: $0, facts)) }
        case .until:
            latest(rule, targets, facts).map {
                .until($0 == .max ? nil : CalendarDate(daysSince1970: Int($0)))
            }
        case .count: .count(rule.over.count { targets[Int($0)].stage == .held })
        case .credits: .credits(thousandths: credits(rule, targets, facts).known)
        }
        let ids = slots.map { slot in facts.attainments[Int(slot)].id }
        return ConstraintProgress(
            truth: truth, constraint: constraint, measured: measured, attainments: ids.sorted())
    }

    // MARK: Levels and dates

    /// Of levels and dates more may come, and then only what more cannot change is certain.
    private func opened(_ holds: Bool?, _ rule: ConstraintRule, _ mayGrow: Bool) -> Truth {
        let holds = holds ?? false
        guard mayGrow else { return Truth(holds) }
        return holds && rule.comparator.isMonotone ? .yes : .unknown
    }

    private func wantedLevel(_ rule: ConstraintRule) -> LevelKey {
        if case .level(let level) = rule.value { level } else { .none }
    }

    private func wantedDay(_ rule: ConstraintRule) -> Int32 {
        if case .until(let day) = rule.value { day } else { day }
    }

    private struct BestLevel {
        var level: LevelKey
        var slot: Int32
        var leaf: Int32
    }

    /// The highest level that counts and compares with the value.
    private func bestLevel(
        _ rule: ConstraintRule, _ targets: [TargetFinding], _ facts: PreparedFacts
    ) -> BestLevel? {
        let wanted = wantedLevel(rule)
        var best: BestLevel?
        for leaf in rule.over where targets[Int(leaf)].stage == .held {
            forEachCounting(layout.rules[Int(leaf)], facts) { slot, level in
                guard level.scale == wanted.scale, level.scale != 0 else { return }
                if best.map({ level.rank > $0.level.rank }) ?? true {
                    best = BestLevel(level: level, slot: slot, leaf: leaf)
                }
            }
        }
        return best
    }

    /// As it is written.
    private func level(of best: BestLevel, _ facts: PreparedFacts) -> PathwayDocument.Level {
        best.level.scale == 1
            ? .number(best.level.rank)
            : .text(progressions[Int(best.level.scale) - 2].levels[Int(best.level.rank)])
    }

    /// Days since 1970, `Int32.max` for one that never ends; nil when nothing counts.
    private func latest(
        _ rule: ConstraintRule, _ targets: [TargetFinding], _ facts: PreparedFacts
    ) -> Int32? {
        var latest: Int32?
        let all = facts.facts
        for leaf in rule.over where targets[Int(leaf)].stage == .held {
            forEachCounting(layout.rules[Int(leaf)], facts) { slot, _ in
                latest = max(latest ?? .min, all[Int(slot)].until)
            }
        }
        return latest
    }

    // MARK: Sums

    private func count(_ rule: ConstraintRule, _ targets: [TargetFinding]) -> Truth {
        var held = 0, open = 0
        for leaf in rule.over {
            let target = targets[Int(leaf)]
            if target.stage == .held { held += 1 } else if target.mayGrow { open += 1 }
        }
        guard case .count(let value) = rule.value else { return .no }
        return rule.comparator.holds(Double(held), orUpTo: Double(held + open), value)
    }

    private func credits(
        _ rule: ConstraintRule, _ targets: [TargetFinding], _ facts: PreparedFacts
    ) -> (truth: Truth, known: Int64) {
        var counted = Set<Int32>(), least: Int64 = 0, most: Int64 = 0, isOpen = false
        let all = facts.facts
        for group in rule.groups {
            var sum: Int64 = 0, mayGrow = false
            for leaf in group.leaves {
                mayGrow = mayGrow || targets[Int(leaf)].mayGrow
                guard targets[Int(leaf)].stage == .held else { continue }
                forEachCounting(layout.rules[Int(leaf)], facts) { slot, _ in
                    if counted.insert(slot).inserted { sum += all[Int(slot)].credits }
                }
            }
            if let bound = group.most {
                sum = min(sum, bound)
                most += mayGrow ? bound : sum
            } else {
                most += sum
                isOpen = isOpen || mayGrow
            }
            least += sum
        }
        guard case .credits(let value) = rule.value else { return (.no, least) }
        return (rule.comparator.holds(least, orUpTo: isOpen ? .max : most, value), least)
    }

    private var progressions: [PathwayDocument.Progression] { layout.progressions }
}

extension PathwayDocument.Constraint.Comparator {
    /// What a comparison is when the measured value lies somewhere from `least` to `most`.
    func holds<T: Comparable>(_ least: T, orUpTo most: T, _ value: T) -> Truth {
        switch self {
        case .atLeast: least >= value ? .yes : most < value ? .no : .unknown
        case .greater: least > value ? .yes : most <= value ? .no : .unknown
        case .atMost: most <= value ? .yes : least > value ? .no : .unknown
        case .less: most < value ? .yes : least >= value ? .no : .unknown
        case .equal: value < least || value > most ? .no : least == most ? .yes : .unknown
        case .notEqual: !Self.equal.holds(least, orUpTo: most, value)
        }
    }
}
