import Domain
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
        var minimal: [UInt32] = []
        for mask in completing.sorted(by: { $0.nonzeroBitCount < $1.nonzeroBitCount })
        where !minimal.contains(where: { $0 & mask == $0 }) { minimal.append(mask) }
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
    var random: SplitMix64

    enum Costs: CaseIterable { case equal, small, withZero, wide }

    mutating func small(withNegation: Bool, costs: Costs) -> ExhaustiveSets {
        let count = Int.random(in: 1...14, using: &random)
        var circuit = Circuit(leaves: count)
        for _ in 0..<Int.random(in: 1...14, using: &random) {
            add(1...5, from: 0, to: &circuit, withNegation ? 4 : nil)
        }
        // A goal over the upper half, so that most of the circuit matters.
        add(2...6, from: circuit.nodes / 2, to: &circuit, nil)
        var open = 0
        let leaves = (0..<count).map { _ -> CompletionSearch.Leaf in
            guard open < 12, Int.random(in: 0..<10, using: &random) > 0 else {
                return .fixed(Bool.random(using: &random))
            }
            open += 1
            return .open(cost: cost(costs))
        }
        var goals = [Int32(circuit.nodes - 1)]
        if Bool.random(using: &random) { goals.append(.random(in: 0..<Int32(circuit.nodes), using: &random)) }
        return ExhaustiveSets(circuit: circuit, goals: goals, leaves: leaves)
    }

    /// `size` nodes: leaves, of which a fifth is held, then layers of gates over what is below, each half as wide as the
    /// one before, and a goal over most of the last one.
    mutating func large(size: Int, withNegation: Bool, costs: Costs) -> ExhaustiveSets {
        let count = size * 3 / 5
        var circuit = Circuit(leaves: count)
        var width = count / 3, below = 0
        while circuit.nodes + width < size {
            let next = circuit.nodes
            for _ in 0..<width { add(2...6, from: below, to: &circuit, withNegation ? 12 : nil, under: next) }
            below = next - width / 2
            width = max(2, width / 2)
        }
        add(6...10, from: circuit.nodes - 12, to: &circuit, nil)
        let leaves = (0..<count).map { _ -> CompletionSearch.Leaf in
            Int.random(in: 0..<5, using: &random) == 0 ? .fixed(true) : .open(cost: cost(costs))
        }
        return ExhaustiveSets(circuit: circuit, goals: [Int32(circuit.nodes - 1)], leaves: leaves)
    }

    /// A gate over random nodes, one of `oneIn` negated.
    private mutating func add(
        _ operands: ClosedRange<Int>, from first: Int, to circuit: inout Circuit, _ oneIn: Int?, under end: Int? = nil
    ) {
        let nodes = (0..<Int.random(in: operands, using: &random)).map { _ in
            Int32.random(in: Int32(max(0, first))..<Int32(end ?? circuit.nodes), using: &random)
        }
        let isNegated = oneIn.map { Int.random(in: 0..<$0, using: &random) == 0 } ?? false
        _ = circuit.add(required: isNegated ? 1 : required(of: nodes.count), of: nodes, isNegated: isNegated)
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
