/// What is still undecided of a circuit for one goal, with the negations pushed down to the leaves: threshold gates
/// over literals. What is fixed is folded away, and only what the goal can see is kept.
///
/// Nodes: 0..<n are the literals "element e is acquired", n..<2n "element e stays as it is" (which costs nothing),
/// from 2n on the gates, each after its operands. Over literals every gate is monotone, so the same bounds serve for
/// circuits with `none`; that the two literals of an element exclude each other is the search's part.
struct CompletionGraph {
    /// The leaf of each element, ascending.
    private(set) var leaves: [Int32] = []
    /// Positive, in units of `CompletionCosts`.
    private(set) var costs: [Int64] = []
    private(set) var gates: [Gate] = []
    private(set) var operands: [Int32] = []
    private(set) var root = Root.met
    /// Some gate asks that an element stays as it is.
    private(set) var hasNegation = false

    struct Gate {
        var required: Int
        var operands: Range<Int>
        var overlap = Overlap.unknown
    }

    /// Whether an element can serve two operands of a gate.
    enum Overlap {
        case never
        /// Of a gate that wants all its operands: only within groups; one number for each operand, 0..<count.
        case within(groups: [Int32], count: Int)
        case unknown
    }

    enum Root: Equatable {
        case met
        /// No addition whatsoever can make the goal true.
        case impossible
        case node(Int)
    }

    var elementCount: Int { leaves.count }

    /// - Parameter goals: nodes of the circuit, all of which have to become true.
    init(_ circuit: Circuit, goals: [Int32], leaves states: [CompletionSearch.Leaf], costs prices: [Int64]) {
        let seen = Self.polarities(of: circuit, goals)
        var number = [Int32](repeating: -1, count: circuit.leaves)
        for leaf in 0..<circuit.leaves where seen[leaf] != 0 {
            guard case .open = states[leaf] else { continue }
            number[leaf] = Int32(leaves.count)
            leaves.append(Int32(leaf))
            costs.append(prices[leaf])
        }
        let count = leaves.count
        var yes: [Term] = [], no: [Term] = []
        yes.reserveCapacity(seen.count)
        no.reserveCapacity(seen.count)
        for leaf in 0..<circuit.leaves {
            switch states[leaf] {
            case .fixed(let isTrue):
                yes.append(.constant(isTrue))
                no.append(.constant(!isTrue))
            case .open:
                yes.append(.node(number[leaf]))
                no.append(.node(number[leaf] + Int32(count)))
                if seen[leaf] & 2 != 0 { hasNegation = true }
            }
        }
        for (index, gate) in circuit.gates.enumerated() {
            let named = circuit.operands[Int(gate.operands.lowerBound)..<Int(gate.operands.upperBound)]
            let polarities = seen[circuit.leaves + index]
            let required = Int(gate.required)
            // A gate is false when so many of its operands are false that the rest is too few.
            func holds() -> Term { add(required, named, yes) }
            func fails() -> Term { add(named.count - required + 1, named, no) }
            yes.append(polarities & 1 == 0 ? .constant(false) : gate.isNegated ? fails() : holds())
            no.append(polarities & 2 == 0 ? .constant(false) : gate.isNegated ? holds() : fails())
        }
        switch add(goals.count, goals[...], yes) {
        case .constant(let isTrue): root = isTrue ? .met : .impossible
        case .node(let node): root = .node(Int(node))
        }
        var supports = Supports(self)
        for index in gates.indices { gates[index].overlap = supports.overlap(of: gates[index], in: self) }
    }

    private enum Term {
        case constant(Bool)
        case node(Int32)
    }

    private mutating func add(_ required: Int, _ named: ArraySlice<Int32>, _ terms: [Term]) -> Term {
        let start = operands.count
        var required = required
        for name in named {
            switch terms[Int(name)] {
            case .constant(true): required -= 1
            case .constant(false): break
            case .node(let node): operands.append(node)
            }
        }
        let open = operands.count - start
        if required > 0, required <= open, open > 1 {
            gates.append(Gate(required: required, operands: start..<operands.count))
            return .node(Int32(2 * leaves.count + gates.count - 1))
        }
        let only = required == 1 && open == 1 ? operands[start] : nil
        operands.removeSubrange(start...)
        return only.map { .node($0) } ?? .constant(required <= 0)
    }

    /// For each node of the circuit, bit 1: the goals ask for its truth, bit 2: for its falsehood.
    private static func polarities(of circuit: Circuit, _ goals: [Int32]) -> [UInt8] {
        var seen = [UInt8](repeating: 0, count: circuit.leaves + circuit.gates.count)
        for goal in goals { seen[Int(goal)] |= 1 }
        for index in circuit.gates.indices.reversed() {
            let wanted = seen[circuit.leaves + index]
            guard wanted != 0 else { continue }
            let gate = circuit.gates[index]
            let below = gate.isNegated ? wanted >> 1 | (wanted & 1) << 1 : wanted
            for operand in gate.operands { seen[Int(circuit.operands[Int(operand)])] |= below }
        }
        return seen
    }
}

/// The elements that each node can use, as far as a bounded effort goes.
private struct Supports {
    private static let wordsMax = 2_000_000
    private static let stepsMax = 4_000_000

    private var sets: [ElementSet] = []
    private var owner: [Int32]
    private var steps = 0
    private let isInBounds: Bool

    init(_ graph: CompletionGraph) {
        let count = graph.elementCount, words = count / 64 + 1
        isInBounds = (2 * count + graph.gates.count) * words <= Self.wordsMax
        owner = [Int32](repeating: -1, count: count)
        guard isInBounds else { return }
        sets = [ElementSet](repeating: ElementSet(count: count), count: 2 * count)
        for element in 0..<count { sets[element].insert(element) }
    }

    /// In the order of the gates.
    mutating func overlap(of gate: CompletionGraph.Gate, in graph: CompletionGraph) -> CompletionGraph.Overlap {
        guard isInBounds else { return .unknown }
        var all = ElementSet(count: graph.elementCount), sum = 0
        for place in gate.operands {
            let set = sets[Int(graph.operands[place])]
            sum += set.count
            all.formUnion(set)
        }
        sets.append(all)
        if sum == all.count { return .never }
        guard gate.required == gate.operands.count, steps + sum <= Self.stepsMax else { return .unknown }
        steps += sum
        return groups(of: gate, all, in: graph)
    }

    private mutating func groups(
        of gate: CompletionGraph.Gate, _ all: ElementSet, in graph: CompletionGraph
    ) -> CompletionGraph.Overlap {
        var parent = gate.operands.indices.map { Int32($0 - gate.operands.lowerBound) }
        func top(_ member: Int32) -> Int32 {
            var member = member
            while parent[Int(member)] != member { member = parent[Int(member)] }
            return member
        }
        for (member, place) in gate.operands.enumerated() {
            for element in sets[Int(graph.operands[place])].members {
                let first = owner[element]
                if first < 0 {
                    owner[element] = Int32(member)
                } else {
                    let (one, other) = (top(first), top(Int32(member)))
                    parent[Int(max(one, other))] = min(one, other)
                }
            }
        }
        for element in all.members { owner[element] = -1 }
        var number: [Int32: Int32] = [:]
        let groups = parent.indices.map { member in
            let top = top(Int32(member)), next = Int32(number.count)
            return number[top] ?? { number[top] = next; return next }()
        }
        return .within(groups: groups, count: number.count)
    }
}
