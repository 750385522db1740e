import Domain
import PathwayEngine
import Testing

/// The compiled engine against the plain one, from nothing and by changes.
@Suite(.timeLimit(.minutes(15))) struct CompiledPathwayTests {
    static let seed = UInt64.random(in: 0...(.max))

    /// The first documents from a seed that the check lets through, each with learners.
    private func forEachCase(
        _ count: Int, seed: UInt64, learners: Int = 10, isMonotone: Bool = false,
        _ body: (PathwayDocument, CompiledPathway, inout RandomCases) -> Void
    ) -> (cases: Int, refused: Int) {
        var cases = RandomCases(seed: seed, isMonotone: isMonotone), done = 0, refused = 0
        while done < count {
            let document = cases.document()
            guard let compiled = try? CompiledPathway.compile(document) else {
                refused += 1
                continue
            }
            for _ in 0..<learners { body(document, compiled, &cases) }
            done += learners
        }
        return (done, refused)
    }

    @Test func `the compiled engine says what the plain one says, reasons and all`() {
        var different: [String] = [], states: [FulfillmentState: Int] = [:]
        let (done, refused) = forEachCase(caseCount(100_000), seed: Self.seed) { document, compiled, cases in
            let facts = cases.facts()
            let plain = NaiveEvaluator.evaluate(document, facts, on: today)
            let fast = compiled.evaluate(facts, on: today)
            for fulfillment in plain.components.values { states[fulfillment.state, default: 0] += 1 }
            if plain != fast, different.count < 3 { different.append(difference(plain, fast, document, facts)) }
        }
        print("seed \(Self.seed): \(done) cases, \(refused) documents refused, states \(states)")
        #expect(different == [], "seed \(Self.seed)")
        #expect(FulfillmentState.allCases.allSatisfy { (states[$0] ?? 0) > done / 20 })
    }

    @Test func `after any changes it is as if evaluated from nothing`() {
        var different: [String] = []
        let (done, _) = forEachCase(caseCount(100_000) / 10, seed: Self.seed, learners: 2) { document, compiled, cases in
            var facts = cases.facts(), day = today
            var evaluation = compiled.evaluation(facts, on: day)
            for step in 0..<10 {
                let before = document.components.indices.map { evaluation.state(of: $0) }
                let change = cases.change(&facts, &day, step)
                let changed = evaluation.apply(change)
                let after = document.components.indices.map { evaluation.state(of: $0) }
                let fromNothing = NaiveEvaluator.evaluate(document, facts, on: day)
                let isTold = document.components.indices.allSatisfy { before[$0] == after[$0] || changed.contains($0) }
                if evaluation.standing != fromNothing || !isTold, different.count < 3 {
                    different.append("\(change) \(isTold) "
                        + difference(fromNothing, evaluation.standing, document, facts))
                }
            }
        }
        print("seed \(Self.seed): \(done) learners, ten changes each")
        #expect(different == [], "seed \(Self.seed)")
    }

    @Test func `what is unknown resolves to what would have been said at once`() {
        var wrong: [String] = [], resolved = 0
        let (done, _) = forEachCase(caseCount(100_000) / 10, seed: Self.seed) { document, compiled, cases in
            var facts = cases.facts()
            if facts.unknown == .nothing { facts.unknown = .targets([cases.pick(RandomCases.targets)]) }
            let before = compiled.evaluation(facts, on: today)
            // Whatever arrives of the unknown targets.
            var arrived = facts
            arrived.unknown = .nothing
            for number in 0..<cases.int(0...4) {
                let attainment = cases.attainment(UInt8(100 + number))
                if facts.unknown.contains(attainment.target) { arrived.attainments.append(attainment) }
            }
            let after = compiled.evaluation(arrived, on: today)
            for number in document.components.indices {
                let (was, now) = (before.state(of: number), after.state(of: number))
                if was == .unknown { resolved += 1 }
                if was != .unknown && (was == .met) != (now == .met), wrong.count < 3 {
                    wrong.append("\(document.components[number].id) was \(was), is \(now) \(document) \(facts) \(arrived)")
                }
            }
        }
        print("seed \(Self.seed): \(done) cases, \(resolved) unknown")
        #expect(wrong == [] && resolved > done / 10, "seed \(Self.seed)")
    }

    @Test func `more never lowers anything where nothing is excluded or bounded from above`() {
        var lowered: [String] = []
        let (done, _) = forEachCase(
            caseCount(100_000) / 10, seed: Self.seed, isMonotone: true
        ) { document, compiled, cases in
            var facts = cases.facts()
            // An unknown may well turn out to be no.
            facts.unknown = .nothing
            var more = facts
            more.attainments.append(cases.attainment(100))
            more.zones.insert(cases.pick(["north", "south"]))
            let before = compiled.evaluation(facts, on: today), after = compiled.evaluation(more, on: today)
            let isLower = document.components.indices.contains { number in
                let node = compiled.componentNode[number]
                return before.truth(ofNode: node).rawValue > after.truth(ofNode: node).rawValue
            }
            if isLower || !compiled.isMonotone, lowered.count < 3 { lowered.append("\(document) \(facts) \(more)") }
        }
        print("seed \(Self.seed): \(done) cases")
        #expect(lowered == [], "seed \(Self.seed)")
    }

    @Test func `the circuit alone gives the same truth`() {
        var different = 0
        _ = forEachCase(caseCount(100_000) / 100, seed: Self.seed) { _, compiled, cases in
            let evaluation = compiled.evaluation(cases.facts(), on: today)
            let leaves = (0..<compiled.circuit.leaves).map { evaluation.truth(ofNode: Int32($0)) }
            let truths = (0..<compiled.circuit.nodes).map { evaluation.truth(ofNode: Int32($0)) }
            if compiled.circuit.truths(of: leaves) != truths { different += 1 }
        }
        #expect(different == 0, "seed \(Self.seed)")
    }

    private func difference(
        _ plain: PathwayStanding, _ fast: PathwayStanding, _ document: PathwayDocument, _ facts: LearnerFacts
    ) -> String {
        let ids = plain.components.keys.sorted().filter { plain.components[$0] != fast.components[$0] }
        let parts = ids.prefix(2).map { "\($0): \(plain.components[$0]!) — \(fast.components[$0]!)" }
        return "\(parts) in \(String(decoding: Wire.encode(document), as: UTF8.self)) for \(facts)"
    }
}

extension RandomCases {
    /// A change, done to the facts as well.
    mutating func change(_ facts: inout LearnerFacts, _ day: inout CalendarDate, _ step: Int) -> FactChange {
        switch int(0...9) {
        case 0...2:
            let new = attainment(UInt8(100 + step))
            facts.attainments.append(new)
            return .added(new)
        case 3, 4:
            guard !facts.attainments.isEmpty else { return .voided(attainmentID(99)) }
            return .voided(facts.attainments.remove(at: int(0...facts.attainments.count - 1)).id)
        case 5, 6:
            guard !facts.attainments.isEmpty else { return .voided(attainmentID(99)) }
            let place = int(0...facts.attainments.count - 1)
            let old = facts.attainments[place]
            facts.attainments[place] = attainment(UInt8(100 + step))
            return .corrected(old.id, by: facts.attainments[place])
        case 7:
            day = CalendarDate(daysSince1970: today.daysSince1970 + int(-5...5))
            return .day(day)
        case 8:
            facts.unknown = self.facts().unknown
            return .unknown(facts.unknown)
        default:
            facts.zones = self.facts().zones
            return .zones(facts.zones)
        }
    }
}
