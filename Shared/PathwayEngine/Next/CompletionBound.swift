/// Looks at one part of the search: all sets that hold certain elements and leave out certain others. Says what must be
/// in every completing set of the part, what such a set costs at the least, and one way that is as cheap as it looks.
///
/// Two bounds, of which the larger counts. `floor`: what a gate costs by itself; the sum of its `required` cheapest
/// operands where no element can serve two of them, else the dearest of these. `share`: always the sum, but an operand
/// that several gates want gives each of them an equal part of its own cost, so that what is shared is never counted
/// twice. The first is exact where alternatives share, the second where requirements do little; over credits, which name
/// an operand once for each unit, it is the fractional knapsack.
struct CompletionBound {
    let graph: CompletionGraph
    /// Operands visited so far.
    private(set) var work = 0
    /// Fractions of a unit in `share`: 720 720 can be divided by all of 1...16.
    private let scale: Int64
    private var floor: [Int64]
    private var share: [Int64]
    private var uses: [Int32]
    private var isForced: [Bool]
    private var values: [(value: Int64, operand: Int32)] = []

    enum Verdict {
        /// Nothing in this part completes.
        case dead
        /// What is acquired completes.
        case complete
        /// At the least `bound` has to be added. `way`: elements that look cheapest, most shared first; not empty.
        case open(bound: Int64, way: [Int])
    }

    private static let never = Int64.max

    init(_ graph: CompletionGraph) {
        self.graph = graph
        let nodes = 2 * graph.elementCount + graph.gates.count
        let total = max(1, graph.costs.reduce(0, +))
        scale = max(1, min(720_720, (Int64.max >> 1) / total))
        floor = [Int64](repeating: 0, count: nodes)
        share = floor
        uses = [Int32](repeating: 0, count: nodes)
        isForced = [Bool](repeating: false, count: nodes)
    }

    /// Adds to `acquired` and `excluded` what follows from them.
    mutating func look(_ acquired: inout ElementSet, _ excluded: inout ElementSet) -> Verdict {
        guard case .node(let root) = graph.root else { return graph.root == .met ? .complete : .dead }
        while true {
            setFloors(acquired, excluded)
            if floor[root] == Self.never { return .dead }
            if floor[root] == 0 { return .complete }
            switch force(from: root, &acquired, &excluded) {
            case .contradiction: return .dead
            case .something: continue
            case .nothing: break
            }
            setShares()
            let bound = max(floor[root], (share[root] - 1) / scale + 1)
            return .open(bound: bound, way: way(from: root))
        }
    }

    /// Whether exactly these elements, and nothing else, complete.
    mutating func completes(_ acquired: ElementSet) -> Bool {
        guard case .node(let root) = graph.root else { return graph.root == .met }
        setFloors(acquired, ElementSet(count: graph.elementCount))
        return floor[root] == 0
    }

    private mutating func setFloors(_ acquired: ElementSet, _ excluded: ElementSet) {
        let count = graph.elementCount
        for element in 0..<count {
            let isAcquired = acquired.contains(element)
            floor[element] = isAcquired ? 0 : excluded.contains(element) ? Self.never : graph.costs[element]
            floor[count + element] = isAcquired ? Self.never : 0
        }
        for (index, gate) in graph.gates.enumerated() { floor[2 * count + index] = floorOf(gate) }
        work += count + graph.operands.count
    }

    private mutating func floorOf(_ gate: CompletionGraph.Gate) -> Int64 {
        if gate.required == 1 {
            var least = Self.never
            for place in gate.operands { least = min(least, floor[Int(graph.operands[place])]) }
            return least
        }
        if gate.required == gate.operands.count { return floorOfAll(gate) }
        values.removeAll(keepingCapacity: true)
        var free = 0
        for place in gate.operands {
            let value = floor[Int(graph.operands[place])]
            if value == 0 { free += 1 } else if value < Self.never { values.append((value, 0)) }
        }
        let wanted = gate.required - free
        if wanted <= 0 { return 0 }
        if wanted > values.count { return Self.never }
        values.sort { $0.value < $1.value }
        guard case .never = gate.overlap else { return values[wanted - 1].value }
        return values[..<wanted].reduce(0) { $0 + $1.value }
    }

    /// The sum of the dearest of each group.
    private mutating func floorOfAll(_ gate: CompletionGraph.Gate) -> Int64 {
        var sum: Int64 = 0, most: Int64 = 0
        for place in gate.operands {
            let value = floor[Int(graph.operands[place])]
            if value == Self.never { return Self.never }
            sum &+= value
            most = max(most, value)
        }
        switch gate.overlap {
        case .never: return sum
        case .unknown: return most
        case .within(let groups, let count):
            values.removeAll(keepingCapacity: true)
            for _ in 0..<count { values.append((0, 0)) }
            for (place, group) in zip(gate.operands, groups) {
                values[Int(group)].value = max(values[Int(group)].value, floor[Int(graph.operands[place])])
            }
            return values.reduce(0) { $0 + $1.value }
        }
    }

    private enum Forced { case nothing, something, contradiction }

    /// Walks from the goal over what is not done yet, counts how often each node is wanted, and decides the literals
    /// without which the goal cannot be reached.
    private mutating func force(
        from root: Int, _ acquired: inout ElementSet, _ excluded: inout ElementSet
    ) -> Forced {
        let first = 2 * graph.elementCount
        for node in uses.indices {
            uses[node] = 0
            isForced[node] = false
        }
        uses[root] = 1
        isForced[root] = true
        // Downward; only gates are numbered above `first`, so a goal that is a literal skips the walk.
        var index = root - first
        while index >= 0 {
            let node = first + index
            if isForced[node] || uses[node] > 0 { spread(node, graph.gates[index]) }
            index -= 1
        }
        var found = Forced.nothing
        for element in 0..<graph.elementCount {
            let wantsIt = isForced[element], wantsItNot = isForced[graph.elementCount + element]
            if wantsIt, wantsItNot { return .contradiction }
            if wantsIt, !acquired.contains(element) {
                acquired.insert(element)
                found = .something
            }
            if wantsItNot, !excluded.contains(element) {
                excluded.insert(element)
                found = .something
            }
        }
        return found
    }

    private mutating func spread(_ node: Int, _ gate: CompletionGraph.Gate) {
        let isOpen = floor[node] > 0
        var possible = 0
        for place in gate.operands {
            let operand = Int(graph.operands[place])
            guard floor[operand] < Self.never else { continue }
            possible += 1
            if isOpen, uses[node] > 0, floor[operand] > 0 { uses[operand] += 1 }
        }
        work += gate.operands.count
        guard isForced[node], possible == gate.required else { return }
        for place in gate.operands {
            let operand = Int(graph.operands[place])
            if floor[operand] < Self.never { isForced[operand] = true }
        }
    }

    private mutating func setShares() {
        let count = graph.elementCount
        for element in 0..<count { share[element] = graph.costs[element] * scale }
        for (index, gate) in graph.gates.enumerated() where uses[2 * count + index] > 0 {
            pick(gate)
            share[2 * count + index] = values.reduce(0) { $0 + $1.value }
        }
    }

    /// Leaves the operands that the gate still wants, by the cheapest share, in `values`.
    private mutating func pick(_ gate: CompletionGraph.Gate) {
        values.removeAll(keepingCapacity: true)
        var required = gate.required
        for place in gate.operands {
            let operand = graph.operands[place], floor = floor[Int(operand)]
            if floor == 0 {
                required -= 1
            } else if floor < Self.never {
                values.append((share[Int(operand)] / Int64(uses[Int(operand)]), operand))
            }
        }
        work += gate.operands.count
        guard required < values.count else { return }
        if required == 1 {
            let least = values.indices.dropFirst().reduce(0) { values[$1].value < values[$0].value ? $1 : $0 }
            values[0] = values[least]
        } else {
            values.sort { ($0.value, $0.operand) < ($1.value, $1.operand) }
        }
        values.removeSubrange(max(0, required)...)
    }

    /// The elements under the cheapest shares.
    private mutating func way(from root: Int) -> [Int] {
        let count = graph.elementCount
        for node in isForced.indices { isForced[node] = false }
        isForced[root] = true
        var index = root - 2 * count
        while index >= 0 {
            if isForced[2 * count + index] {
                pick(graph.gates[index])
                for value in values { isForced[Int(value.operand)] = true }
            }
            index -= 1
        }
        return (0..<count).filter { isForced[$0] }.sorted { (uses[$0], $1) > (uses[$1], $0) }
    }
}
