import Domain
import PathwayEngine
import Testing

struct CompletionSearchTests {
    private typealias Costs = CircuitMaker.Costs
    private static let unlimited = CompletionSearch.Limits(sets: 100_000, work: 1 << 60)

    private func search(_ problem: ExhaustiveSets, _ limits: CompletionSearch.Limits) throws
        -> CompletionSearch.Outcome {
        try CompletionSearch.minimalSets(
            problem.circuit, goals: problem.goals, leaves: problem.leaves, limits: limits)
    }

    @Test(arguments: [false, true], CircuitMaker.Costs.allCases)
    func `all minimal sets in order, as exhaustive search finds them`(
        _ withNegation: Bool, _ costs: CircuitMaker.Costs
    ) throws {
        let seed: UInt64 = 0x5E7_0000 + UInt64(Costs.allCases.firstIndex(of: costs)!) * 2 + (withNegation ? 1 : 0)
        print("minimal sets against exhaustive search: seed \(seed), none: \(withNegation), costs: \(costs)")
        var maker = CircuitMaker(random: SplitMix64(seed: seed))
        var wrong: [Int] = [], sets = 0, cut = 0
        for number in 0..<1_000 {
            let problem = maker.small(withNegation: withNegation, costs: costs)
            let expected = problem.all()
            sets += expected.count
            let all = try search(problem, Self.unlimited)
            if all.sets.map(\.leaves) != expected || all.ending != .all || all.othersCostAtLeast != nil
                || !all.sets.allSatisfy(\.isCheapestProven) { wrong.append(number) }
            let some = try search(problem, .init(sets: 3, work: .random(in: 1...2_000, using: &maker.random)))
            if some.ending == .work { cut += 1 }
            if !isHonest(some, limit: 3, expected, problem) { wrong.append(-number) }
        }
        print("  \(sets) minimal sets; \(cut) searches were cut by work")
        #expect(wrong == [])
    }

    /// What a cut answer says is true.
    private func isHonest(
        _ outcome: CompletionSearch.Outcome, limit: Int, _ expected: [[Int32]], _ problem: ExhaustiveSets
    ) -> Bool {
        let given = outcome.sets.map(\.leaves), costs = outcome.sets.map(\.cost)
        let others = Set(expected).subtracting(given)
        let proven = outcome.sets.filter(\.isCheapestProven)
        return given.allSatisfy(expected.contains)
            && Set(given).count == given.count && given.count <= limit
            && costs == given.map(problem.cost) && costs == costs.sorted()
            && proven.allSatisfy { set in others.allSatisfy { problem.cost($0) >= set.cost } }
            && others.allSatisfy { problem.cost($0) >= outcome.othersCostAtLeast ?? .max }
            && (outcome.ending != .all || others.isEmpty)
            && (outcome.ending != .limit || given.count == limit && proven.count == limit)
    }

    @Test(arguments: [false, true], CircuitMaker.Costs.allCases)
    func `on 200 nodes every set carries its certificate`(
        _ withNegation: Bool, _ costs: CircuitMaker.Costs
    ) throws {
        let seed: UInt64 = 0x200_0000 + UInt64(Costs.allCases.firstIndex(of: costs)!) * 2 + (withNegation ? 1 : 0)
        var maker = CircuitMaker(random: SplitMix64(seed: seed))
        var wrong: [Int] = [], endings: [CompletionSearch.Ending: Int] = [:], work: [Int] = []
        var times: [Duration] = []
        for number in 0..<200 {
            let problem = maker.large(size: 200, withNegation: withNegation, costs: costs)
            var outcome: CompletionSearch.Outcome?
            times.append(try ContinuousClock().measure { outcome = try search(problem, .init()) })
            let sets = outcome!.sets
            if !sets.allSatisfy({ problem.isMinimal($0.leaves) }) || Set(sets.map(\.leaves)).count != sets.count
                || sets.map(\.cost) != sets.map(\.cost).sorted() { wrong.append(number) }
            endings[outcome!.ending, default: 0] += 1
            work.append(outcome!.work)
        }
        work.sort()
        times.sort()
        print("200 nodes, seed \(seed), none: \(withNegation), costs: \(costs): \(endings), work at the median "
            + "\(work[100]), 95 % \(work[190]), most \(work[199]); time \(times[100]), \(times[190]), \(times[199])")
        #expect(wrong == [])
    }
}
