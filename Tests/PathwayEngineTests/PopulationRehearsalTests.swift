import Domain
import PathwayEngine
import Testing

struct PopulationRehearsalTests {
    /// A rehearsal as it is defined, learner by learner with the plain evaluator.
    private func expected(
        _ old: PathwayDocument, _ new: PathwayDocument, _ pool: [LearnerFacts], _ which: [Int], witnesses limit: Int
    ) -> Rehearsal {
        typealias Change = Rehearsal.Change
        let before = pool.map { NaiveEvaluator.evaluate(old, $0, on: today) }
        let after = pool.map { NaiveEvaluator.evaluate(new, $0, on: today) }
        func truth(_ standing: PathwayStanding, _ id: String?) -> Truth {
            switch id.flatMap({ standing.components[$0]?.state }) {
            case .met?: .yes
            case .unknown?: .unknown
            default: .no
            }
        }
        func completion(_ standing: PathwayStanding, _ document: PathwayDocument) -> Truth {
            document.destinations.map { truth(standing, $0) }.reduce(.yes, &)
        }
        var lost = Set<Int>(), gained = Set<Int>(), open = Set<Int>()
        func group(_ learners: [Int]) -> Rehearsal.Group {
            .init(count: learners.count, witnesses: learners.prefix(limit).map { "n\($0)" })
        }
        func change(
            _ id: String, _ old: ((Int) -> Truth)?, _ new: ((Int) -> Truth)?, isComponent: Bool = false
        ) -> Change {
            let presence: Change.Presence = old == nil ? .added : new == nil ? .removed : .both
            let isCompared = !isComponent || presence == .both
            var learners: (gained: [Int], lost: [Int], unknown: [Int]) = ([], [], [])
            for (learner, like) in which.enumerated() where isCompared {
                switch (old?(like) ?? .no, new?(like) ?? .no) {
                case (.unknown, _), (_, .unknown): learners.unknown.append(learner)
                case (.no, .yes): learners.gained.append(learner)
                case (.yes, .no): learners.lost.append(learner)
                case (.no, .no), (.yes, .yes): break
                }
            }
            lost.formUnion(learners.lost)
            gained.formUnion(learners.gained)
            open.formUnion(learners.unknown)
            return Change(
                id: id, presence: presence, metBefore: old.map { old in which.count { old($0) == .yes } },
                metAfter: new.map { new in which.count { new($0) == .yes } }, gained: group(learners.gained),
                lost: group(learners.lost), unknown: learners.unknown.count)
        }
        /// Pairs of an id and the component that decides.
        func changes(_ before0: [(String, String)], _ after0: [(String, String)], isComponent: Bool = false) -> [Change] {
            let ids = after0.map(\.0) + before0.map(\.0).filter { id in !after0.contains { $0.0 == id } }
            return ids.map { id in
                let mine = before0.first { $0.0 == id }?.1, theirs = after0.first { $0.0 == id }?.1
                return change(id, mine.map { mine in { truth(before[$0], mine) } },
                              theirs.map { theirs in { truth(after[$0], theirs) } }, isComponent: isComponent)
            }
        }
        func ids(_ document: PathwayDocument) -> [(String, String)] { document.components.map { ($0.id, $0.id) } }
        func milestones(_ document: PathwayDocument) -> [(String, String)] {
            document.components.filter { $0.milestone != nil }.map { ($0.id, $0.id) }
        }
        func entitlements(_ document: PathwayDocument) -> [(String, String)] { document.entitlements.map { ($0.id, $0.after) } }
        let components = changes(ids(old), ids(new), isComponent: true)
        let reached = changes(milestones(old), milestones(new))
        let earned = changes(entitlements(old), entitlements(new))
        let complete = change("completion", { completion(before[$0], old) }, { completion(after[$0], new) })
        let losing = lost.sorted(), unknown = open.subtracting(lost).sorted()
        let gaining = gained.subtracting(lost).subtracting(open).sorted()
        return Rehearsal(
            learners: which.count,
            unchanged: .init(count: which.count - losing.count - unknown.count - gaining.count, witnesses: []),
            gaining: group(gaining), losing: group(losing), unknown: group(unknown), components: components,
            milestones: reached, entitlements: earned, completion: complete,
            holdHarmless: .init(losing: losing.count, unknown: unknown.count))
    }

    @Test(arguments: [1, 64, 65, 1000, 4097])
    func `a rehearsal says what evaluating each learner twice says`(_ size: Int) throws {
        var compared = 0
        for seed in 0..<UInt64(120) {
            var generator = PopulationGenerator(seed: seed &* 7919 &+ UInt64(size))
            let old = generator.document(), new = generator.edited(old)
            guard let oldPathway = try? CompiledPathway.compile(old),
                  let newPathway = try? CompiledPathway.compile(new) else { continue }
            let (population, pool, which) = generator.population(size, distinct: 30, isKnown: seed % 2 == 0)
            var columns = PopulationColumns(population)
            var rehearsal = PopulationRehearsal(from: oldPathway, to: newPathway, on: today, over: &columns)
            let found = rehearsal.run(witnesses: 3)
            let again = rehearsal.run(witnesses: 3, cores: 2)
            let wanted = expected(old, new, pool, which, witnesses: 3)
            guard found == wanted, again == wanted else {
                Issue.record("size \(size), seed \(seed):\n\(found)\nnot\n\(wanted)\n\(old)\n\(new)")
                return
            }
            compared += 1
        }
        #expect(compared > 20)
    }

    @Test func `whoever loses keeps it all by staying`() throws {
        let old = PathwayDocument.of(
            [.leaf("a", milestone: "A"), .leaf("b"), .node("done", .any, of: ["a", "b"])], to: ["done"],
            entitlements: [.test("talk", after: "a")])
        let new = PathwayDocument.of(
            [.leaf("a", level: 2, milestone: "A"), .leaf("b"), .node("done", .all, of: ["a", "b"])], to: ["done"],
            entitlements: [.test("talk", after: "b")])
        let learners = [
            ("ann", LearnerFacts([held("a", level: 1)])), ("ben", LearnerFacts([held("b")])),
            ("cy", LearnerFacts([held("a", level: 2), held("b", number: 2)])), ("dee", LearnerFacts()),
            ("eve", LearnerFacts(unknown: .everything)),
        ]
        var columns = PopulationColumns(Population(learners))
        var rehearsal = PopulationRehearsal(
            from: try .compile(old), to: try .compile(new), on: today, over: &columns)
        let report = rehearsal.run()
        #expect(report.losing == .init(count: 2, witnesses: ["ann", "ben"]))
        #expect(report.unknown == .init(count: 1, witnesses: ["eve"]))
        #expect(report.unchanged.count == 2)
        #expect(report.completion.lost == .init(count: 2, witnesses: ["ann", "ben"]))
        #expect(report.milestones[0].lost.witnesses == ["ann"])
        #expect(report.entitlements[0].gained.witnesses == ["ben"])
        #expect(report.holdHarmless.pinned == 2 && !report.holdHarmless.isNobodyWorseOff)
        // The proof behind it: evaluated under the old version, which is what being pinned means, every losing learner
        // stands as before.
        for (number, learner) in learners.enumerated() {
            let standing = NaiveEvaluator.evaluate(old, learner.1, on: today)
            for (place, component) in old.components.enumerated() {
                let pinned = rehearsal.truth(ofOldComponent: place, forLearner: number)
                #expect((pinned == .yes) == (standing.components[component.id]?.state == .met))
            }
        }
    }

    @Test func `a version that only eases says that nobody is worse off`() throws {
        let old = PathwayDocument.of([.leaf("a", level: 2)], to: ["a"])
        let new = PathwayDocument.of([.leaf("a", level: 1)], to: ["a"])
        var columns = PopulationColumns(Population([("ann", LearnerFacts([held("a", level: 1)]))]))
        var rehearsal = PopulationRehearsal(
            from: try .compile(old), to: try .compile(new), on: today, over: &columns)
        let report = rehearsal.run()
        #expect(report.gaining == .init(count: 1, witnesses: ["ann"]))
        #expect(report.holdHarmless.isNobodyWorseOff)
        #expect(try Wire.decode(Rehearsal.self, from: Wire.encode(report)) == report)
    }

    @Test func `a synthetic population is the same for the same seed`() throws {
        let targets = (0..<20).map { "urn:test:t\($0)" }
        func met(_ seed: UInt64) throws -> [PopulationFulfillment.Count] {
            let population = SyntheticPopulation(learners: 5000, seed: seed, targets: targets, day: today).build()
            #expect(population.count == 5000 && abs(population.attainments / 5000 - 60) < 3)
            var columns = PopulationColumns(population)
            var evaluation = PopulationEvaluation(
                try .compile(.of([.leaf("t1", level: 2), .leaf("t2", level: 4)], to: ["t1"])), on: today, over: &columns)
            return evaluation.run().components
        }
        let first = try met(1)
        #expect(try met(1) == first && met(2) != first)
        #expect(first.allSatisfy { $0.met > 50 && $0.met < 4950 })
    }
}
