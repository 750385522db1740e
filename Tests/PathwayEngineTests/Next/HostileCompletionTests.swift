import Domain
import PathwayEngine
import Testing

/// Families with exponentially many minimal sets or hard to search. The bound is the counter of operand visits, not a
/// clock: what was asked for, as much again for salvage, and one look at a part.
struct HostileCompletionTests {
    struct Family: CustomTestStringConvertible, Sendable {
        var name: String
        var circuit: Circuit
        var costs: [Int64]
        /// What must come out; nil: whatever is honest.
        var ending: CompletionSearch.Ending?
        var count: Int?
        var limits = CompletionSearch.Limits()

        var testDescription: String { name }
    }

    static let families: [Family] = [
        Family(name: "20 of 40", circuit: nOf(20, 40), costs: equal(40), ending: .limit, count: 10),
        Family(name: "20 of 40, all costs different", circuit: nOf(20, 40), costs: random(40), ending: .limit, count: 10),
        Family(name: "5000 of 10000", circuit: nOf(5_000, 10_000), costs: equal(10_000), ending: .limit, count: 3,
               limits: .init(sets: 3)),
        Family(name: "all of 10000", circuit: nOf(10_000, 10_000), costs: equal(10_000), ending: .all, count: 1),
        Family(name: "100 choices of two", circuit: choices(100, of: 2), costs: equal(200), ending: .limit, count: 10),
        Family(name: "60 choices of three, different costs", circuit: choices(60, of: 3), costs: random(180),
               ending: .limit, count: 10),
        Family(name: "ladder of 60", circuit: ladder(60), costs: equal(122), ending: .limit, count: 10),
        Family(name: "chain of 10000", circuit: chain(10_000), costs: equal(10_001), ending: nil, count: nil),
        Family(name: "set cover", circuit: cover(60, of: 6, over: 60), costs: equal(60), ending: nil, count: nil),
        Family(name: "set cover, different costs", circuit: cover(90, of: 5, over: 60), costs: random(60), ending: nil,
               count: nil),
        Family(name: "parity of 16", circuit: parity(16), costs: random(16), ending: nil, count: nil),
        Family(name: "exactly 20 of 40", circuit: exactly(20, 40), costs: random(40), ending: .limit, count: 10),
        Family(name: "20 of 40 and not 20 of 40", circuit: contradiction(20, 40), costs: equal(40), ending: .work,
               count: 0),
    ]

    @Test(arguments: families)
    func `bounded work, and what is given stands`(_ family: Family) throws {
        let leaves = family.costs.map { CompletionSearch.Leaf.open(cost: $0) }
        let problem = ExhaustiveSets(
            circuit: family.circuit, goals: [Int32(family.circuit.nodes - 1)], leaves: leaves)
        let outcome = try CompletionSearch.minimalSets(
            problem.circuit, goals: problem.goals, leaves: leaves, limits: family.limits)
        let sets = outcome.sets
        print("\(family.name): \(outcome.ending), \(sets.count) sets, \(sets.count(where: \.isCheapestProven)) proven, "
            + "costs \(sets.first?.cost ?? 0) to \(sets.last?.cost ?? 0), others at least "
            + "\(outcome.othersCostAtLeast ?? -1), work \(outcome.work)")
        let most = 2 * family.limits.work + 30 * (family.circuit.operands.count + leaves.count)
        let isMinimal = sets.allSatisfy { leaves.count > 1_000 ? problem.completes(Set($0.leaves))
            : problem.isMinimal($0.leaves) }
        #expect(outcome.work <= most && isMinimal && Set(sets.map(\.leaves)).count == sets.count
            && sets.map(\.cost) == sets.map(\.cost).sorted()
            && (family.ending ?? outcome.ending) == outcome.ending && (family.count ?? sets.count) == sets.count)
    }

    @Test func `the cheapest of a threshold come in the order of their sums`() throws {
        let costs: [Int64] = [5, 1, 4, 2, 3].map { $0 * 1000 }
        let outcome = try CompletionSearch.minimalSets(
            Self.nOf(2, 5), goals: [5], leaves: costs.map { .open(cost: $0) }, limits: .init(sets: 4))
        #expect(outcome.sets.map(\.leaves) == [[1, 3], [1, 4], [1, 2], [3, 4]]
            && outcome.sets.map(\.cost) == [3000, 4000, 5000, 5000] && outcome.othersCostAtLeast.map { (5000...6000).contains($0) } == true)
    }

    @Test(arguments: [[-1], [.max / 2, .max / 2], [0, 3, .max / 2 - 10]] as [[Int64]])
    func `costs out of range are refused`(_ costs: [Int64]) {
        #expect(throws: CompletionCosts.OutOfRange.self) {
            try CompletionSearch.minimalSets(
                Self.nOf(1, costs.count), goals: [Int32(costs.count)], leaves: costs.map { .open(cost: $0) })
        }
    }

    // MARK: Families

    private static func equal(_ count: Int) -> [Int64] { [Int64](repeating: 1000, count: count) }

    private static func random(_ count: Int) -> [Int64] {
        var random = SplitMix64(seed: 40)
        return (0..<count).map { _ in Int64.random(in: 1...100_000, using: &random) }
    }

    private static func nOf(_ required: Int, _ count: Int) -> Circuit {
        var circuit = Circuit(leaves: count)
        _ = circuit.add(required: required, of: (0..<Int32(count)).map(\.self))
        return circuit
    }

    private static func choices(_ count: Int, of size: Int) -> Circuit {
        var circuit = Circuit(leaves: count * size)
        let nodes = (0..<count).map { choice in
            circuit.add(required: 1, of: (0..<Int32(size)).map { Int32(choice * size) + $0 })
        }
        _ = circuit.add(required: count, of: nodes)
        return circuit
    }

    /// Each step is reached from either node of the one before, so that conditions are shared all the way up.
    private static func ladder(_ steps: Int) -> Circuit {
        var circuit = Circuit(leaves: 2 * steps + 2)
        var left: Int32 = 0, right: Int32 = 1
        for step in 1...Int32(steps) {
            let either = circuit.add(required: 1, of: [left, right])
            left = circuit.add(required: 2, of: [either, 2 * step])
            right = circuit.add(required: 2, of: [either, 2 * step + 1])
        }
        _ = circuit.add(required: 1, of: [left, right])
        return circuit
    }

    /// And, or, and, … one inside the other.
    private static func chain(_ depth: Int) -> Circuit {
        var circuit = Circuit(leaves: depth + 1)
        var node: Int32 = 0
        for leaf in 1...Int32(depth) { node = circuit.add(required: leaf % 2 == 0 ? 1 : 2, of: [node, leaf]) }
        return circuit
    }

    private static func cover(_ sets: Int, of size: Int, over leaves: Int) -> Circuit {
        var circuit = Circuit(leaves: leaves), random = SplitMix64(seed: 7)
        let nodes = (0..<sets).map { _ in
            circuit.add(required: 1, of: (0..<size).map { _ in .random(in: 0..<Int32(leaves), using: &random) })
        }
        _ = circuit.add(required: sets, of: nodes)
        return circuit
    }

    private static func parity(_ count: Int) -> Circuit {
        var circuit = Circuit(leaves: count)
        var node: Int32 = 0
        for leaf in 1..<Int32(count) {
            let either = circuit.add(required: 1, of: [node, leaf])
            let both = circuit.add(required: 2, of: [node, leaf])
            let notBoth = circuit.add(required: 1, of: [both], isNegated: true)
            node = circuit.add(required: 2, of: [either, notBoth])
        }
        return circuit
    }

    private static func exactly(_ required: Int, _ count: Int) -> Circuit {
        var circuit = nOf(required, count)
        let more = circuit.add(required: required + 1, of: (0..<Int32(count)).map(\.self))
        let notMore = circuit.add(required: 1, of: [more], isNegated: true)
        _ = circuit.add(required: 2, of: [Int32(count), notMore])
        return circuit
    }

    private static func contradiction(_ required: Int, _ count: Int) -> Circuit {
        var circuit = nOf(required, count)
        let same = circuit.add(required: required, of: (0..<Int32(count)).map(\.self))
        let not = circuit.add(required: 1, of: [same], isNegated: true)
        _ = circuit.add(required: 2, of: [Int32(count), not])
        return circuit
    }
}
