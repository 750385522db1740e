import Domain
@testable import PathwayEngine
import Testing

struct ShortestWayTests {
    private static let unlimited = CompletionSearch.Limits(sets: 10_000, work: 1 << 60)

    private func find(
        _ document: PathwayDocument, _ facts: LearnerFacts = .init(), costs: NextCosts? = nil,
        to goal: ShortestWay.Goal = .destinations, limits: CompletionSearch.Limits = unlimited
    ) throws -> ShortestWay {
        try ShortestWay.find(.compile(document), facts, on: today, to: goal, costs: costs, limits: limits)
    }

    /// `target@level`, top-ups marked with ^, constraints as `?`.
    private func brief(_ way: ShortestWay.Way) -> String {
        way.elements.map { element in
            let name = element.target.map { String($0.split(separator: ":").last!) } ?? "?"
            return (element.kind == .topUp ? "^" : "") + name + (element.level.map { "@\($0)" } ?? "")
        }.joined(separator: " ")
    }

    // MARK: Against exhaustive evaluation

    @Test(arguments: [false, true], [UInt64(0xCA1), 0xCA2, 0xCA3, 0xCA4])
    func `the ways are exactly the minimal sets of what is offered`(_ withNegation: Bool, _ seed: UInt64) throws {
        var maker = PathwayMaker(random: SplitMix64(seed: seed))
        var wrong: [Int] = [], compared = 0, sets = 0, topUps = 0, unconfirmed = 0
        for number in 0..<400 {
            let document = maker.document(withNegation: withNegation), facts = maker.facts(), costs = maker.costs()
            guard let pathway = try? CompiledPathway.compile(document) else { continue }
            let goals = pathway.destinations
            let next = NextCircuit(pathway, facts, on: today, goals: goals, costs: costs)
            let offered = next.elements.indices.compactMap { index -> HeldAttainment? in
                guard case .acquire(let acquisition) = next.elements[index] else { return nil }
                return pathway.attainment(acquisition, next.credits(of: Int32(index)), on: today)
            }
            guard offered.count <= 10 else { continue }
            compared += 1
            let expected = ExhaustiveWays(document: document, facts: facts, offered: offered).minimal()
            let found = try find(document, facts, costs: costs)
            let ways = found.isMet ? [[]] : found.ways.filter(\.isConfirmed).map { way in
                way.elements.compactMap { $0.attainment(on: today)?.id.description }.sorted()
            }
            sets += ways.count
            unconfirmed += found.unconfirmed
            topUps += found.ways.count { $0.elements.contains { $0.kind == .topUp } }
            let costsFound = found.ways.map(\.cost)
            if Set(ways) != expected || ways.count != expected.count || costsFound != costsFound.sorted() {
                wrong.append(number)
            }
        }
        print("ways against exhaustive evaluation: seed \(seed), none: \(withNegation): \(compared) pathways, "
            + "\(sets) ways, \(topUps) with top-ups, \(unconfirmed) unconfirmed")
        #expect(wrong == [] && compared > 200 && unconfirmed == 0)
    }

    @Test func `what is unknown counts as not held, and says so`() throws {
        var maker = PathwayMaker(random: SplitMix64(seed: 0xCA5))
        var wrong: [Int] = [], uncertain = 0, marked = 0
        for number in 0..<400 {
            let document = maker.document(withNegation: number % 2 == 0)
            var facts = maker.facts()
            guard (try? CompiledPathway.compile(document)) != nil else { continue }
            let known = try find(document, facts)
            facts.unknown = maker.oneIn(2) ? .everything : .targets(["urn:test:t0", "urn:test:t1", "urn:test:t2"])
            let found = try find(document, facts)
            let empty = known.isMet ? [""] : known.ways.map(brief)
            if (found.isMet ? [""] : found.ways.map(brief)) != empty { wrong.append(number) }
            for way in found.ways where way.isConfirmed {
                facts.attainments += way.elements.compactMap { $0.attainment(on: today) }
                let isComplete = NaiveEvaluator.evaluate(document, facts, on: today).isComplete
                if way.isCertain != isComplete { wrong.append(-number) }
                facts.attainments.removeLast(way.elements.count)
                if !way.isCertain { uncertain += 1 }
                marked += way.elements.count(where: \.mayBeHeld)
                if !way.elements.allSatisfy({ $0.mayBeHeld == facts.unknown.contains($0.target!) }) {
                    wrong.append(-number)
                }
            }
        }
        print("unknown: seed 0xCA5, \(uncertain) uncertain ways, \(marked) marked elements")
        #expect(wrong == [] && uncertain > 0 && marked > 0)
    }

    @Test func `on pathways of 200 components each way completes, and without any element does not`() throws {
        let seed: UInt64 = 0xCA6
        var maker = PathwayMaker(random: SplitMix64(seed: seed))
        var wrong: [Int] = [], times: [Duration] = [], sets = 0
        for number in 0..<100 {
            let (document, facts) = maker.large()
            let pathway = try CompiledPathway.compile(document)
            let costs = NextCosts(costs: Dictionary(uniqueKeysWithValues: (0..<130).map {
                ("c\($0)", NextCosts.Entry(days: .init(Double(1 + $0 % 7)), credits: 3))
            }))
            var found: ShortestWay?
            times.append(try ContinuousClock().measure {
                found = try ShortestWay.find(pathway, facts, on: today, costs: costs)
            })
            sets += found!.ways.count
            let stands = found!.ways.allSatisfy { way in
                let ways = ExhaustiveWays(document: document, facts: facts, offered: [])
                let added = way.elements.compactMap { $0.attainment(on: today) }
                return ways.completes(added) && added.indices.allSatisfy { index in
                    ways.completes(added.enumerated().filter { $0.offset != index }.map(\.element)) == false
                }
            }
            if !stands || found!.ways.isEmpty && !found!.isMet { wrong.append(number) }
        }
        times.sort()
        print("200 components: seed \(seed), \(sets) ways; time median \(times[50]), 95 % \(times[95]), most \(times[99])")
        #expect(wrong == [])
    }

    // MARK: In the words of people

    @Test func `two of three beside what is held, cheapest first`() throws {
        let document = PathwayDocument.of(
            [.node("done", .all, of: ["a", .condition(Condition(.atLeast(2), of: ["b", "c", "d"]))]),
             .leaf("a", level: 2), .leaf("b"), .leaf("c"), .leaf("d")], to: ["done"])
        let costs = NextCosts(costs: ["a": .init(days: 5), "b": .init(days: 1, fee: 2), "urn:test:c": .init(days: 1)],
                              weights: .init(days: 1, distance: 1, fee: 10), default: .init(days: 4))
        let found = try find(document, LearnerFacts([held("a", level: 1)]), costs: costs)
        #expect(found.ways.map(brief) == ["a@2 c d", "a@2 b c", "a@2 b d"]
            && found.ways.map(\.cost) == [10, 27, 30] && found.isComplete && !found.isMet
            && found.ways[0].elements.map(\.components) == [["a"], ["c"], ["d"]])
    }

    @Test func `a higher level of one target serves both components`() throws {
        var low = Component.leaf("low", level: 1)
        low.target = "urn:test:t"
        var high = Component.leaf("high", level: 3)
        high.target = "urn:test:t"
        let found = try find(.of([.node("done", .all, of: ["low", "high"]), low, high], to: ["done"]))
        #expect(found.ways.map(brief) == ["t@3"] && found.ways[0].elements[0].components == ["low", "high"])
    }

    @Test func `half held through a crosswalk: the target itself, or what is still wanted`() throws {
        var document = PathwayDocument.of([.leaf("a")], to: ["a"])
        document.crosswalks = [.init(from: "urn:test:old", to: "urn:test:a", confers: true, strength: .partially,
                                     topUp: ["urn:test:x", "urn:test:y"])]
        let found = try find(document, LearnerFacts([held("old"), held("y", number: 2)]))
        #expect(found.ways.map(brief) == ["a", "^x"]
            && found.ways[1].elements[0].heldThrough == ["urn:test:old"]
            && found.ways[1].elements[0].components == ["a"])
    }

    @Test func `credits count by the costs, up to the cap, and are one element where nobody gave them`() throws {
        let over = ["a", "b", "c", "d"]
        let document = PathwayDocument.of(
            [.node("done", .all, of: [.constraint(.init(
                .credits, over: over, .atLeast, .number(6), caps: [.init(over: ["a", "b"], most: Credits(3)!)]))])]
                + over.map { .leaf($0) }, to: ["done"])
        let given = NextCosts(costs: Dictionary(uniqueKeysWithValues: over.map { ($0, NextCosts.Entry(days: 1, credits: 3)) }))
        let facts = LearnerFacts([held("c", credits: 2)])
        #expect(try find(document, facts, costs: given).ways.map(brief) == ["a d", "b d"])
        let opaque = try find(document, facts).ways
        #expect(opaque.map(brief) == ["?"] && opaque[0].elements[0].creditsMissing == 4 && !opaque[0].isConfirmed
            && opaque[0].elements[0].components == ["done"])
    }

    @Test func `what is excluded is not acquired, and what is met needs nothing`() throws {
        let document = PathwayDocument.of(
            [.node("done", .all, of: ["a", .condition(Condition(.none, of: ["b"]))]), .leaf("a"), .leaf("b")],
            to: ["done"])
        let open = try find(document), met = try find(document, LearnerFacts([held("a")]))
        let never = try find(document, LearnerFacts([held("b")]))
        #expect(open.ways.map(brief) == ["a"] && met.isMet && met.ways == [] && met.isComplete
            && !never.isMet && never.ways == [] && never.isComplete)
    }

    @Test func `a milestone can be the goal, an unknown one is refused`() throws {
        let document = PathwayDocument.of(
            [.node("done", .all, of: ["exit", "b"]), .leaf("exit", milestone: "Exit"), .leaf("b")], to: ["done"])
        #expect(try find(document, to: .component("exit")).ways.map(brief) == ["exit"])
        #expect(throws: ShortestWay.Refused.unknownComponent("nope")) {
            try find(document, to: .component("nope"))
        }
    }

    @Test func `a cut answer says so and its sets still stand`() throws {
        var maker = PathwayMaker(random: SplitMix64(seed: 3))
        let document = maker.cover()
        let found = try find(document, limits: .init(sets: 5, work: 50_000))
        let certificate = found.ways.allSatisfy { way in
            let added = way.elements.compactMap { $0.attainment(on: today) }
            return NaiveEvaluator.evaluate(document, attainments: added, on: today).isComplete
                && added.indices.allSatisfy { index in
                    var fewer = added
                    fewer.remove(at: index)
                    return !NaiveEvaluator.evaluate(document, attainments: fewer, on: today).isComplete
                }
        }
        #expect(found.ending == .work && !found.isComplete && !found.ways.isEmpty && certificate
            && found.othersCostAtLeast != nil && !found.ways[0].isCheapestProven)
    }

    // MARK: Files

    @Test func `costs are read, and wrong ones are refused with the place`() throws {
        let json = #"{"costs":{"urn:a:1":{"days":2.5,"fee":100,"credits":3},"b":{"distance":4}},"weights":{"fee":0.01}}"#
        let costs = try NextCosts.read(Array(json.utf8))
        #expect(costs.costs == ["urn:a:1": .init(days: .init(2.5), fee: 100, credits: 3), "b": .init(distance: 4)]
            && costs.weights == .init(days: 1, distance: 1, fee: .init(0.01)!) && costs.default == nil
            && costs.cost(of: costs.costs["urn:a:1"]!) == 3500)
    }

    @Test(arguments: [
        (#"{"costs":{"a":{"days":-1}}}"#, "/costs/a/days member.value"),
        (#"{"costs":{"a":{"days":0.0001}}}"#, "/costs/a/days member.value"),
        (#"{"costs":{"a":{"day":1}}}"#, "/costs/a/day member.unknown"),
        (#"{"weights":{"days":"1"}}"#, "/weights/days member.type"),
        (#"{"cost":{}}"#, "/cost member.unknown"),
        (#"{"costs":{"#, "/costs json.unexpected_end"),
        ("[]", " member.type"),
    ])
    func `a wrong cost file`(_ json: String, _ expected: String) {
        let fault = #expect(throws: Fault.self) { try NextCosts.read(Array(json.utf8)) }
        #expect(fault?.violations.map { "\($0.pointer) \($0.rule)" } == [expected])
    }

    @Test func `the wire form is the golden one`() throws {
        var document = PathwayDocument.of([.leaf("a", level: 2)], to: ["a"])
        document.crosswalks = [.init(from: "urn:test:old", to: "urn:test:a", confers: true, strength: .mostly,
                                     topUp: ["urn:test:x"])]
        var found = try find(document, LearnerFacts([held("old", level: 2)], unknown: .targets(["urn:test:a"])))
        found.work = 1
        found.workMax = 2
        let golden = """
            {"components":["a"],"ending":"all","isComplete":true,"isMet":false,"unconfirmed":0,"ways":[\
            {"cost":1,"elements":[{"components":["a"],"cost":1,"isCostGiven":false,"kind":"target","level":2,\
            "mayBeHeld":true,"target":"urn:test:a"}],"isCertain":true,"isCheapestProven":true,"isConfirmed":true},\
            {"cost":1,"elements":[{"components":["a"],"cost":1,"heldThrough":["urn:test:old"],"isCostGiven":false,\
            "kind":"top_up","mayBeHeld":false,"target":"urn:test:x"}],"isCertain":true,"isCheapestProven":true,\
            "isConfirmed":true}],"work":1,"workMax":2}
            """
        #expect(String(decoding: Wire.encode(found), as: UTF8.self) == golden)
        #expect(try Wire.decode(ShortestWay.self, from: Array(golden.utf8)) == found)
    }
}
