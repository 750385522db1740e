import Domain

extension NextCircuit {
    /// Counts and sums of credits by every comparator, levels and ends of currency from below. What is asked of levels or
    /// ends from above is left as it stands, or is an element as a whole.
    mutating func constraintNode(_ rule: ConstraintRule, _ leaf: Int32) -> Int32 {
        switch (rule.measure, rule.value) {
        case (.count, .count(let value)):
            var entries: [Int32] = []
            for entry in rule.over { entries.append(isHeldNode(entry)) }
            return compare(rule.comparator, value) { $0.atLeast($1, entries) }
        case (.credits, .credits(let value)):
            return creditsNode(rule, value, leaf)
        case (.level, .level(let value)) where rule.comparator.isMonotone:
            return some(rule, leaf) { level, _ in
                level.scale == value.scale && level.scale != 0 && rule.comparator.holds(level.rank, value.rank)
            }
        case (.until, _) where rule.comparator.isMonotone:
            let end = if case .until(let day) = rule.value { Int(day) } else { held.day.daysSince1970 }
            return some(rule, leaf) { _, until in until.map { rule.comparator.holds($0.daysSince1970, end) } ?? true }
        default:
            return whole(leaf)
        }
    }

    private mutating func whole(_ leaf: Int32) -> Int32 {
        guard let element = element(whole: leaf) else { return no }
        serve(leaf, by: element)
        return element
    }

    /// Something that counts is enough, or some acquisition that counts is.
    private mutating func some(
        _ rule: ConstraintRule, _ leaf: Int32, isEnough: (LevelKey, CalendarDate?) -> Bool
    ) -> Int32 {
        var nodes: [Int32] = []
        for entry in rule.over {
            let target = self.rule(entry)
            for (attainment, source) in held.counting(target)
            where isEnough(source.arrival ?? pathway.levels[attainment.level], attainment.until) { return yes }
            nodes += ways(to: target, for: leaf) { way in
                if case .held(let attainment) = way.what { return isEnough(way.level, attainment.until) }
                return isEnough(way.level, nil)
            }.map(\.node)
        }
        return any(nodes)
    }

    /// A whole number is compared with `value`; `atLeast` says when it is so much.
    private mutating func compare(
        _ comparator: PathwayDocument.Constraint.Comparator, _ value: Double,
        _ atLeast: (inout NextCircuit, Int) -> Int32
    ) -> Int32 {
        // Beyond these all whole numbers that occur are on one side.
        let value = min(max(value, -1), 1e15)
        let above = Int(value.rounded(.down)) + 1, from = Int(value.rounded(.up))
        switch comparator {
        case .atLeast: return atLeast(&self, from)
        case .greater: return atLeast(&self, above)
        case .less: return not(atLeast(&self, from))
        case .atMost: return not(atLeast(&self, above))
        case .equal: return all([atLeast(&self, from), not(atLeast(&self, above))])
        case .notEqual: return not(all([atLeast(&self, from), not(atLeast(&self, above))]))
        }
    }

    // MARK: Credits

    /// What one group may contribute: what is held, and what each acquisition would add.
    private struct Sum {
        var most: Int64?
        var held: Int64
        var added: [(node: Int32, credits: Int64)]
    }

    private mutating func creditsNode(_ rule: ConstraintRule, _ value: Int64, _ leaf: Int32) -> Int32 {
        var sums: [Sum] = []
        for group in rule.groups { sums.append(sum(group, leaf)) }
        let node = compare(rule.comparator, Double(value)) { $0.creditsAtLeast(Int64($1), sums) }
        guard rule.comparator.isMonotone, node != yes else { return node }
        miss(leaf, value - sums.reduce(0) { $0 + min($1.held, $1.most ?? .max) })
        // Where the credits that are known cannot be enough, the rest is one element.
        return node == no ? whole(leaf) : node
    }

    private mutating func sum(_ group: ConstraintRule.Group, _ leaf: Int32) -> Sum {
        var counted: Set<EntityID<Attainment>> = [], sum = Sum(most: group.most, held: 0, added: [])
        for entry in group.leaves {
            for (attainment, _) in held.counting(rule(entry)) where counted.insert(attainment.id).inserted {
                sum.held += attainment.credits?.thousandths ?? 0
            }
        }
        var order: [Way.What] = [], nodes: [Way.What: [Int32]] = [:]
        for entry in group.leaves {
            for way in ways(to: rule(entry), for: leaf) where credits(of: way.what, counted) > 0 {
                if nodes[way.what] == nil { order.append(way.what) }
                nodes[way.what, default: []].append(way.node)
            }
        }
        for what in order { sum.added.append((any(nodes[what]!), credits(of: what, counted))) }
        return sum
    }

    private func credits(of what: Way.What, _ counted: Set<EntityID<Attainment>>) -> Int64 {
        switch what {
        case .element(let index): credits(of: index)
        case .held(let attainment): counted.contains(attainment.id) ? 0 : attainment.credits?.thousandths ?? 0
        }
    }

    /// Over all groups: each contributes what it holds, at most its `most`. Credits are counted in the largest unit that
    /// divides them all, an operand for each unit; a capped group in as many gates as it has units below its cap.
    private mutating func creditsAtLeast(_ value: Int64, _ sums: [Sum]) -> Int32 {
        let known = sums.reduce(Int64(0)) { $0 + min($1.held, $1.most ?? .max) }
        let need = value - known
        guard need > 0 else { return yes }
        let rooms = sums.map { sum in sum.most.map { max(0, $0 - sum.held) } }
        var unit = rooms.compactMap(\.self).reduce(Int64(0), divisor)
        unit = sums.flatMap(\.added).reduce(unit) { divisor($0, $1.credits) }
        guard unit > 0 else { return no }
        let units = (need + unit - 1) / unit
        // A capped group whose held credits are beyond the cap has no room; one below it fills up from what it holds.
        var operands = 0
        for (sum, room) in zip(sums, rooms) {
            let weight = sum.added.reduce(Int64(0)) { $0 + min($1.credits / unit, units) }
            operands += Int(weight) * Int(room.map { min($0 / unit, units) + 1 } ?? 1)
            guard operands <= Self.sumOperandsMax else { return no }
        }
        var nodes: [Int32] = []
        for (sum, room) in zip(sums, rooms) {
            let weighted = sum.added.flatMap { part in
                repeatElement(part.node, count: Int(min(part.credits / unit, units)))
            }
            guard let room else {
                nodes += weighted
                continue
            }
            for step in 0..<Int(min(room / unit, units)) { nodes.append(atLeast(step + 1, weighted)) }
        }
        return atLeast(Int(units), nodes)
    }

    private func divisor(_ one: Int64, _ other: Int64) -> Int64 {
        var (a, b) = (one, other)
        while b != 0 { (a, b) = (b, a % b) }
        return a
    }

    /// What acquiring it earns by the costs that were given; 0 when they say nothing.
    func credits(of element: Int32) -> Int64 { entry(of: element)?.credits?.thousandths ?? 0 }

    /// The entry of a component whose target it is, in the order of the document, or else of the target, or the default.
    func entry(of element: Int32) -> NextCosts.Entry? {
        guard let costs else { return nil }
        guard case .acquire(let acquisition) = elements[Int(element)] else { return costs.default }
        return entryOfTarget[acquisition.target] ?? costs.default
    }
}
