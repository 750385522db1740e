import Domain

/// What must be true and what must be false for some nodes of a circuit to be true, followed downward only: a conflict
/// is a real one, and not every conflict is found.
struct ForcedTruths {
    private let parts: PathwayCompiler
    /// How many nodes were visited so far.
    private(set) var steps = 0
    /// By node: 0 free, 1 true, 2 false; emptied after each question by way of `visited`.
    private var forced: [UInt8]
    private var visited: [Int32] = []

    init(_ parts: PathwayCompiler) {
        self.parts = parts
        forced = [UInt8](repeating: 0, count: parts.circuit.nodes)
    }

    /// A node that would have to be true and false, or nil. For a leaf the gate that asks for the second of the two.
    mutating func conflict(forcing roots: [Int32]) -> Int32? {
        defer {
            for node in visited { forced[Int(node)] = 0 }
            visited.removeAll(keepingCapacity: true)
        }
        var open: [(node: Int32, value: UInt8, by: Int32)] = roots.map { ($0, 1, $0) }, next = 0
        // In turn, so that of two that exclude each other the deeper one is named.
        while next < open.count {
            let (node, value, by) = open[next]
            next += 1
            steps += 1
            if forced[Int(node)] == value { continue }
            guard forced[Int(node)] == 0 else { return by }
            forced[Int(node)] = value
            visited.append(node)
            guard node >= parts.circuit.leaves else { continue }
            let gate = parts.circuit.gates[Int(node) - parts.circuit.leaves]
            let operands = parts.circuit.operands[Int(gate.operands.lowerBound)..<Int(gate.operands.upperBound)]
            // What the threshold itself must be.
            let reached = (value == 1) != gate.isNegated
            let isAll = Int(gate.required) == operands.count
            if reached && isAll {
                open += operands.map { ($0, 1, node) }
            } else if !reached && gate.required == 1 {
                open += operands.map { ($0, 2, node) }
            }
        }
        return thresholdConflict() ?? leafConflict()
    }

    /// A gate that needs more operands than are left.
    private mutating func thresholdConflict() -> Int32? {
        for node in visited where node >= parts.circuit.leaves {
            let gate = parts.circuit.gates[Int(node) - parts.circuit.leaves]
            let operands = parts.circuit.operands[Int(gate.operands.lowerBound)..<Int(gate.operands.upperBound)]
            steps += operands.count
            let reached = (forced[Int(node)] == 1) != gate.isNegated
            if reached, operands.count(where: { forced[Int($0)] != 2 }) < Int(gate.required) { return node }
            if !reached, operands.count(where: { forced[Int($0)] == 1 }) >= Int(gate.required) { return node }
        }
        return nil
    }

    /// Two leaves that exclude each other.
    private mutating func leafConflict() -> Int32? {
        var targets: [Int32: [Int32]] = [:], constraints: [String: [Int32]] = [:]
        for leaf in visited where leaf < parts.circuit.leaves {
            switch parts.leaves[Int(leaf)] {
            case .target(let rule): targets[rule.target, default: []].append(leaf)
            case .constraint(let rule):
                steps += rule.over.count + 20
                constraints["\(rule.measure) \(rule.over.sorted()) \(rule.groups)", default: []].append(leaf)
            case .waiver: break
            }
        }
        for leaves in targets.values where leaves.count > 1 {
            for one in leaves where forced[Int(one)] == 1 {
                for other in leaves where forced[Int(other)] == 2 {
                    steps += 1
                    if implies(one, other) { return gate(over: other) }
                }
            }
        }
        for leaves in constraints.values.sorted(by: { $0[0] < $1[0] }) where leaves.count > 1 {
            steps += leaves.count
            if let leaf = excluded(leaves) { return gate(over: leaf) }
        }
        return nil
    }

    /// What holds the one holds the other.
    private func implies(_ one: Int32, _ other: Int32) -> Bool {
        guard case .target(let one) = parts.leaves[Int(one)], case .target(let other) = parts.leaves[Int(other)] else {
            return false
        }
        let level = other.wanted.map { wanted in one.wanted?.suffices(wanted) ?? false } ?? true
        return level && other.bases.isSuperset(of: one.bases) && (other.currency == nil || other.currency == one.currency)
    }

    /// A constraint after which no value is left, of several over the same.
    private func excluded(_ leaves: [Int32]) -> Int32? {
        var ranges: [ConstraintRule.Scale: (low: Double, isLowOpen: Bool, high: Double, isHighOpen: Bool)] = [:]
        for leaf in leaves {
            guard case .constraint(let rule) = parts.leaves[Int(leaf)], let (scale, value) = rule.place else { continue }
            // A level or a date that is not there makes every comparison false, so only what must hold says something.
            let isForced = forced[Int(leaf)] == 1
            if !isForced, rule.measure == .level || rule.measure == .until { continue }
            var range = ranges[scale] ?? (-.infinity, false, .infinity, false)
            func raise(_ open: Bool) {
                if value > range.low || value == range.low && open { (range.low, range.isLowOpen) = (value, open) }
            }
            func lower(_ open: Bool) {
                if value < range.high || value == range.high && open { (range.high, range.isHighOpen) = (value, open) }
            }
            switch (rule.comparator, isForced) {
            case (.atLeast, true), (.less, false): raise(false)
            case (.greater, true), (.atMost, false): raise(true)
            case (.atMost, true), (.greater, false): lower(false)
            case (.less, true), (.atLeast, false): lower(true)
            case (.equal, true), (.notEqual, false):
                raise(false)
                lower(false)
            case (.notEqual, true), (.equal, false): break
            }
            ranges[scale] = range
            if range.low > range.high || range.low == range.high && (range.isLowOpen || range.isHighOpen) { return leaf }
        }
        return nil
    }

    /// The first gate that has a leaf as operand, and was visited.
    private func gate(over leaf: Int32) -> Int32 {
        visited.first { node in
            guard node >= parts.circuit.leaves else { return false }
            let gate = parts.circuit.gates[Int(node) - parts.circuit.leaves]
            return parts.circuit.operands[Int(gate.operands.lowerBound)..<Int(gate.operands.upperBound)].contains(leaf)
        } ?? leaf
    }
}

extension ConstraintRule {
    /// What the values of constraints may be compared on.
    enum Scale: Hashable {
        case level(Int32), number, date, day
    }

    var place: (Scale, Double)? {
        switch value {
        case .level(let level): (.level(level.scale), level.rank)
        case .credits(let thousandths): (.number, Double(thousandths))
        case .count(let count): (.number, count)
        case .until(let day): (.date, Double(day))
        case .asOf: (.day, 0)
        }
    }
}
