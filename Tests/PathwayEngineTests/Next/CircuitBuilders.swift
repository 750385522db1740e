import PathwayEngine

/// The minimal sets by trying all: the oracle for small circuits.
struct ExhaustiveSets {
    let circuit: Circuit
    let goals: [Int32]
    let leaves: [CompletionSearch.Leaf]

    func completes(_ acquired: Set<Int32>) -> Bool {
        var values = leaves.indices.map { index in
            switch leaves[index] {
            case .fixed(let isTrue): isTrue
            case .open: acquired.contains(Int32(index))
            }
        }
        for gate in circuit.gates {
            let count = gate.operands.count { values[Int(circuit.operands[Int($0)])] }
            values.append((count >= Int(gate.required)) != gate.isNegated)
        }
        return goals.allSatisfy { values[Int($0)] }
    }

    func cost(_ set: [Int32]) -> Int64 {
        set.reduce(0) { sum, leaf in
            guard case .open(let cost) = leaves[Int(leaf)] else { return sum }
            return sum + cost
        }
    }

    /// Ordered by cost, then size, then leaves. At most 20 open leaves.
    func all() -> [[Int32]] {
        let open = leaves.indices.filter { if case .open = leaves[$0] { true } else { false } }.map { Int32($0) }
        let completing = (0..<UInt32(1) << UInt32(open.count)).filter { mask in
            completes(Set(open.indices.filter { mask >> UInt32($0) & 1 == 1 }.map { open[$0] }))
        }
        let minimal = completing.filter { mask in !completing.contains { $0 != mask && $0 & mask == $0 } }
        return minimal.map { mask in open.indices.filter { mask >> UInt32($0) & 1 == 1 }.map { open[$0] } }.sorted {
            (cost($0), $0.count) != (cost($1), $1.count)
                ? (cost($0), $0.count) < (cost($1), $1.count) : $0.lexicographicallyPrecedes($1)
        }
    }

    /// Completes, and no set with one element less does; with `none`, no smaller set inside does, if it has at most 16.
    func isMinimal(_ set: [Int32]) -> Bool {
        guard completes(Set(set)) else { return false }
        if circuit.gates.contains(where: \.isNegated), set.count <= 16 {
            return (0..<(1 << set.count) - 1).allSatisfy { mask in
                !completes(Set(set.indices.filter { mask >> $0 & 1 == 1 }.map { set[$0] }))
            }
        }
        return set.allSatisfy { !completes(Set(set).subtracting([$0])) }
    }
}

/// Random circuits of any shape: shared parts, operands named twice, thresholds, negations.
struct CircuitMaker {
    var random: SeededGenerator

    enum Costs: CaseIterable { case equal, small, withZero, wide }

    mutating func small(withNegation: Bool, costs: Costs) -> ExhaustiveSets {
        let count = Int.random(in: 1...14, using: &random)
        var circuit = Circuit(leaves: count)
        for _ in 0..<Int.random(in: 1...14, using: &random) {
            let nodes = (0..<Int.random(in: 1...5, using: &random)).map { _ in
                Int32.random(in: 0..<Int32(circuit.nodes), using: &random)
            }
            let isNegated = withNegation && Int.random(in: 0..<4, using: &random) == 0
            _ = circuit.add(
                required: isNegated ? 1 : required(of: nodes.count), of: nodes, isNegated: isNegated)
        }
        var open = 0
        let leaves = (0..<count).map { _ -> CompletionSearch.Leaf in
            guard open < 12, Int.random(in: 0..<6, using: &random) > 0 else {
                return .fixed(Bool.random(using: &random))
            }
            open += 1
            return .open(cost: cost(costs))
        }
        let goals = (0..<Int.random(in: 1...2, using: &random)).map { _ in
            Int32.random(in: Int32(circuit.nodes) * 2 / 3..<Int32(circuit.nodes), using: &random)
        }
        return ExhaustiveSets(circuit: circuit, goals: goals, leaves: leaves)
    }

    /// About `size` nodes in layers, every gate of 2 to 6 operands from anywhere below, a fifth of the leaves held.
    mutating func large(size: Int, withNegation: Bool, costs: Costs) -> ExhaustiveSets {
        let count = size * 3 / 5
        var circuit = Circuit(leaves: count)
        while circuit.nodes < size {
            let nodes = (0..<Int.random(in: 2...6, using: &random)).map { _ in
                Int32.random(in: Int32(max(0, circuit.nodes - count))..<Int32(circuit.nodes), using: &random)
            }
            let isNegated = withNegation && Int.random(in: 0..<10, using: &random) == 0
            _ = circuit.add(
                required: isNegated ? 1 : required(of: nodes.count), of: nodes, isNegated: isNegated)
        }
        let leaves = (0..<count).map { _ -> CompletionSearch.Leaf in
            Int.random(in: 0..<5, using: &random) == 0 ? .fixed(true) : .open(cost: cost(costs))
        }
        return ExhaustiveSets(circuit: circuit, goals: [Int32(circuit.nodes - 1)], leaves: leaves)
    }

    private mutating func required(of count: Int) -> Int {
        switch Int.random(in: 0..<3, using: &random) {
        case 0: 1
        case 1: count
        default: Int.random(in: 1...count, using: &random)
        }
    }

    private mutating func cost(_ costs: Costs) -> Int64 {
        switch costs {
        case .equal: 1000
        case .small: Int64.random(in: 1...5, using: &random) * 1000
        case .withZero: Int64.random(in: 0...2, using: &random) * 500
        case .wide: Int64.random(in: 1...1_000_000_000, using: &random)
        }
    }
}
