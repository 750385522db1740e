/// All inclusion-minimal sets of leaves that would make the goals true, cheapest first: a best-first search over
/// disjoint parts of the space (Lawler's partition), each with a lower bound on the cost of what it holds.
///
/// - A part is "holds these elements, leaves out those". `CompletionBound` adds what follows, bounds it, and names one
///   way. The sets of the part are then the way itself, and for each element of the way those that leave it out
///   (holding the ones before it): disjoint, so that no set is met twice, and nothing is left out.
/// - The cheapest part is opened first. Every proper subset of a set is cheaper (element costs are made positive, see
///   `CompletionCosts`), so when a set comes up, the minimal sets inside it have come up before: it is minimal exactly
///   when it contains none of them. This holds with `none` as well, where the other leaves stay as they are.
/// - A part whose held elements contain a set that was found is dropped; one element short of it, that is left out.
///
/// Chosen over a ZDD of all minimal sets, because those grow with the number of sets (n-of-m: binomially) while the
/// first ten are wanted, and over k-best derivations, because those count a shared condition once per use.
///
/// The question is NP-hard where conditions overlap (set cover), so the work is limited. Then the cheapest ways seen
/// so far are made minimal and given, and what is not proven says so.
package enum CompletionSearch {
    package enum Leaf: Hashable, Sendable {
        case fixed(Bool)
        /// Not held, can be acquired at this cost in thousandths of a unit, not negative.
        case open(cost: Int64)
    }

    package struct Limits: Hashable, Sendable {
        /// How many sets are wanted, 1 or more.
        package var sets: Int
        /// Operand visits; the default takes some tens of milliseconds. One look at one part, which visits each operand
        /// about four times, is always finished, and making cut results minimal may take as much again.
        package var work: Int

        package init(sets: Int = 10, work: Int = 4_000_000) {
            self.sets = sets
            self.work = work
        }
    }

    package struct Outcome: Hashable, Sendable {
        /// Ordered by cost, then number of leaves, then the leaves.
        package var sets: [MinimalSet]
        package var ending: Ending
        /// Every minimal set that is not listed costs at least this; nil when there is none.
        package var othersCostAtLeast: Int64?
        /// Operand visits.
        package var work: Int
    }

    package struct MinimalSet: Hashable, Sendable {
        /// Ascending; empty when the goals are true already.
        package var leaves: [Int32]
        package var cost: Int64
        /// No minimal set that is left out is cheaper.
        package var isCheapestProven: Bool
    }

    package enum Ending: String, Hashable, Sendable, Codable {
        /// These are all of them.
        case all
        /// As many as were wanted; there may be more.
        case limit
        /// The work ran out first; there may be more, cheaper ones included unless proven.
        case work
    }

    /// - Parameters:
    ///   - goals: nodes, all of which have to become true.
    ///   - leaves: one for each leaf of the circuit. Unknown ones are given as not held.
    package static func minimalSets(
        _ circuit: Circuit, goals: [Int32], leaves: [Leaf], limits: Limits = Limits()
    ) throws(CompletionCosts.OutOfRange) -> Outcome {
        precondition(leaves.count == circuit.leaves && limits.sets > 0)
        let costs = try CompletionCosts(leaves)
        let graph = CompletionGraph(circuit, goals: goals, leaves: leaves, costs: costs.internal)
        var frontier = CompletionFrontier(graph, limits)
        frontier.run()
        if frontier.ending == .work { frontier.salvage() }
        let open = frontier.leastOpen.map { costs.floor($0) }
        func set(_ elements: ElementSet, isProven: Bool) -> MinimalSet {
            let leaves = elements.members.map { graph.leaves[$0] }, cost = costs.cost(of: leaves)
            return MinimalSet(
                leaves: leaves, cost: cost, isCheapestProven: isProven || open.map { cost <= $0 } ?? true)
        }
        var sets = frontier.found.map { set($0, isProven: true) }
            + frontier.salvaged.map { set($0, isProven: false) }
        sets.sort { ($0.cost, $0.leaves.count) != ($1.cost, $1.leaves.count)
            ? ($0.cost, $0.leaves.count) < ($1.cost, $1.leaves.count)
            : $0.leaves.lexicographicallyPrecedes($1.leaves) }
        sets.removeSubrange(min(sets.count, limits.sets)...)
        return Outcome(sets: sets, ending: frontier.ending, othersCostAtLeast: open, work: frontier.work)
    }
}

/// The costs of the open leaves as positive whole numbers whose order is that of (cost, number of leaves) if some cost
/// is zero, and that of the cost alone if none is.
package struct CompletionCosts: Sendable {
    /// By leaf; 0 for a fixed one.
    let `internal`: [Int64]
    private let given: [Int64]
    private let factor: Int64
    private let divisor: Int64

    package struct OutOfRange: Error, Hashable, CustomStringConvertible {
        package var description: String {
            "A cost is negative, or all costs together, times their number, are beyond 2^62 thousandths."
        }
    }

    init(_ leaves: [CompletionSearch.Leaf]) throws(OutOfRange) {
        var open = 0, hasZero = false, common: Int64 = 0, total: Int64 = 0
        given = leaves.map { if case .open(let cost) = $0 { cost } else { 0 } }
        for leaf in leaves {
            guard case .open(let cost) = leaf else { continue }
            guard cost >= 0, cost <= Int64.max >> 1 - total else { throw OutOfRange() }
            open += 1
            total += cost
            if cost == 0 { hasZero = true } else { common = Self.commonDivisor(common, cost) }
        }
        divisor = max(1, common)
        factor = hasZero ? Int64(open + 1) : 1
        let (product, isOver) = (total / divisor).multipliedReportingOverflow(by: factor)
        guard !isOver, product <= Int64.max >> 1 else { throw OutOfRange() }
        let (divisor, factor) = (divisor, factor)
        `internal` = leaves.map {
            guard case .open(let cost) = $0 else { return 0 }
            return cost / divisor * factor + (hasZero ? 1 : 0)
        }
    }

    func cost(of leaves: [Int32]) -> Int64 { leaves.reduce(0) { $0 + given[Int($1)] } }

    /// The cost that a set of this internal cost has at the least.
    func floor(_ cost: Int64) -> Int64 { cost / factor * divisor }

    private static func commonDivisor(_ one: Int64, _ other: Int64) -> Int64 {
        var (a, b) = (one, other)
        while b != 0 { (a, b) = (b, a % b) }
        return a
    }
}
