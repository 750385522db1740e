import Domain
@testable import PathwayEngine
import Testing

struct PathwayComparisonTests {
    private func compare(
        _ old: PathwayDocument, _ new: PathwayDocument, _ facts: LearnerFacts = .init(),
        limits: CompletionSearch.Limits = .init()
    ) throws -> PathwayComparison {
        try PathwayComparison.compare(.compile(old), .compile(new), facts, on: today, limits: limits)
    }

    /// done needs two of a, b, c; the exit a gives a right.
    private static let first = PathwayDocument.of(
        [.node("done", .atLeast(2), of: ["a", "b", "c"], milestone: "Done"), .leaf("a", milestone: "Exit"), .leaf("b"),
         .leaf("c")],
        to: ["done"], entitlements: [.test("talk", after: "a"), .test("place", after: "done")])

    @Test func `a version with less to do is no worse`() throws {
        var second = Self.first
        second.components[0].condition = Condition(.any, of: ["a", "b", "c"])
        let comparison = try compare(Self.first, second, LearnerFacts([held("a")]))
        #expect(comparison == PathwayComparison(
            carried: [.init(old: "a", new: "a")], missing: [], gained: ["done"], lost: [], dropped: [], unknown: [],
            milestonesGained: ["done"], milestonesLost: [], entitlementsGained: ["place"], entitlementsLost: [],
            entitlementsReduced: [], isCompleteBefore: false, isCompleteAfter: true,
            workBefore: .init(atLeast: 1, atMost: 1, isImpossible: false),
            workAfter: .init(atLeast: 0, atMost: 0, isImpossible: false), waysKept: 2, waysTried: 2,
            verdict: .noWorse, because: []))
    }

    @Test func `a version with more to do is worse, and says what is missing`() throws {
        var second = Self.first
        second.components[0].condition = Condition(.all, of: ["a", "b", "c"])
        let comparison = try compare(Self.first, second, LearnerFacts([held("a"), held("b", number: 2)]))
        #expect(comparison.verdict == .worse && comparison.lost == ["done"] && comparison.missing == ["c"]
            && comparison.carried.map(\.new) == ["a", "b"] && comparison.milestonesLost == ["done"]
            && comparison.entitlementsLost == ["place"]
            && comparison.because == [.componentLost, .milestoneLost, .entitlementLost, .completionLost, .workLarger])
    }

    @Test func `another pathway carries by the same rule under other names`() throws {
        var other = Component.leaf("speaks", level: 2)
        other.target = "urn:test:a"
        var same = Component.leaf("talks")
        same.target = "urn:test:b"
        let second = PathwayDocument.of(
            [.node("medic", .all, of: ["speaks", "talks", "x"]), other, same, .leaf("x")], to: ["medic"])
        let comparison = try compare(
            Self.first, second, LearnerFacts([held("a"), held("b", number: 2), held("x", number: 3)]))
        #expect(comparison.carried == [.init(old: "b", new: "talks")] && comparison.gained == ["x"]
            && comparison.missing == ["speaks"] && comparison.dropped == ["done", "a"] && comparison.lost == []
            && comparison.milestonesLost == ["done", "a"] && comparison.verdict == .worse)
    }

    @Test func `an entitlement of fewer days, or owed by another, is reduced`() throws {
        var fewer = Self.first, other = Self.first, more = Self.first
        fewer.entitlements[0].days = 29
        other.entitlements[0].obligor = organization(2)
        more.entitlements[0].days = 31
        let facts = LearnerFacts([held("a")])
        let verdicts = try [fewer, other, more].map { try compare(Self.first, $0, facts) }
        #expect(verdicts.map(\.entitlementsReduced) == [["talk"], ["talk"], []]
            && verdicts.map(\.isNoWorse) == [false, false, true])
    }

    @Test func `what is unknown, or was cut, is undecided`() throws {
        var second = Self.first
        second.components[0].condition = Condition(.any, of: ["a", "b", "c"])
        let unknown = try compare(Self.first, second, LearnerFacts(unknown: .everything))
        #expect(unknown.verdict == .undecided && unknown.because == [.inputUnknown]
            && unknown.unknown == ["done", "a", "b", "c"])
        var maker = PathwayMaker(random: SplitMix64(seed: 3))
        let hard = maker.cover(), other = maker.cover()
        let cut = try compare(hard, other, limits: .init(sets: 1, work: 10_000))
        #expect(cut.verdict == .undecided && cut.because == [.workUndecided])
        #expect(try compare(hard, hard, limits: .init(sets: 1, work: 10_000)).isNoWorse)
    }

    @Test func `lists, verdict and work are those of a plain recomputation`() throws {
        let seed: UInt64 = 0xC03
        var maker = PathwayMaker(random: SplitMix64(seed: seed))
        var wrong: [Int] = [], verdicts: [PathwayComparison.Verdict: Int] = [:]
        for number in 0..<600 {
            let withNegation = number % 3 == 0
            let old = maker.document(withNegation: withNegation)
            var new = maker.oneIn(2) ? old : maker.document(withNegation: withNegation)
            // A version: some of its rules changed.
            if new == old {
                let changed = Int.random(in: 0..<new.components.count, using: &maker.random)
                if let condition = new.components[changed].condition {
                    let fewer = Int.random(in: 1...condition.of.count, using: &maker.random)
                    new.components[changed].condition?.require = .atLeast(fewer)
                } else {
                    new.components[changed].level = maker.oneIn(2) ? nil : 2
                }
                if maker.oneIn(3), !new.entitlements.isEmpty { new.entitlements.removeLast() }
            }
            guard (try? CompiledPathway.compile(old)) != nil, (try? CompiledPathway.compile(new)) != nil else { continue }
            let facts = maker.facts()
            let comparison = try compare(old, new, facts)
            verdicts[comparison.verdict, default: 0] += 1
            if !agrees(comparison, old, new, facts) { wrong.append(number) }
        }
        print("comparison against recomputation: seed \(seed), \(verdicts)")
        #expect(wrong == [] && verdicts[.noWorse, default: 0] > 50 && verdicts[.worse, default: 0] > 50)
    }

    private func agrees(
        _ comparison: PathwayComparison, _ old: PathwayDocument, _ new: PathwayDocument, _ facts: LearnerFacts
    ) -> Bool {
        let before = NaiveEvaluator.evaluate(old, facts, on: today), after = NaiveEvaluator.evaluate(new, facts, on: today)
        var partner: [String: String] = [:]
        for one in old.components where new.components.contains(where: { $0.id == one.id }) { partner[one.id] = one.id }
        for one in old.components where partner[one.id] == nil && one.target != nil {
            let same = new.components.first { two in
                !partner.values.contains(two.id) && two.target == one.target && two.level == one.level
                    && two.currency == one.currency && Set(two.bases ?? AttainmentBasis.allCases)
                        == Set(one.bases ?? AttainmentBasis.allCases)
            }
            partner[one.id] = same?.id
        }
        let met = Set(before.componentsMet), now = Set(after.componentsMet)
        let lost = old.components.map(\.id).filter { met.contains($0) && partner[$0].map { !now.contains($0) } ?? false }
        let dropped = old.components.map(\.id).filter { met.contains($0) && partner[$0] == nil }
        let carried = Set(met.compactMap { partner[$0] }).intersection(now)
        let milestonesLost = before.milestonesReached.filter { id in
            !(partner[id].map(after.milestonesReached.contains) ?? false)
        }
        let entitlementsLost = Set(before.entitlementsEarned).subtracting(after.entitlementsEarned)
        let isLoss = !lost.isEmpty || !milestonesLost.isEmpty || !entitlementsLost.isEmpty
            || before.isComplete && !after.isComplete
        let least = (cheapest(old, facts), cheapest(new, facts))
        let isMore = (least.1 ?? .max) > (least.0 ?? .max)
        return comparison.lost == lost && comparison.dropped == dropped
            && Set(comparison.carried.map(\.new)) == carried
            && Set(comparison.gained) == now.subtracting(carried)
            && Set(comparison.milestonesLost) == Set(milestonesLost)
            && Set(comparison.entitlementsLost) == entitlementsLost
            && comparison.missing == after.remaining(of: new)
            && comparison.workBefore.atMost.map { Int($0) } == least.0
            && comparison.workAfter.atMost.map { Int($0) } == least.1
            && comparison.isNoWorse == !(isLoss || isMore)
    }

    /// The cost of the first way, each element costing 1; nil: there is none.
    private func cheapest(_ document: PathwayDocument, _ facts: LearnerFacts) -> Int? {
        guard let way = try? ShortestWay.find(.compile(document), facts, on: today) else { return nil }
        return way.isMet ? 0 : way.ways.first.map { Int($0.cost) }
    }
}
