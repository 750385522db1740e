import Domain
import PathwayEngine
import Testing

/// Bit-parallel evaluation is evaluation: every component of every learner, as the plain evaluator has it.
struct PopulationTests {
    /// What differs, in words; nil when nothing does.
    private func difference(
        _ document: PathwayDocument, _ population: Population, _ pool: [LearnerFacts], _ which: [Int]
    ) throws(PathwayRefused) -> String? {
        let pathway = try CompiledPathway.compile(document)
        var columns = PopulationColumns(population)
        var evaluation = PopulationEvaluation(pathway, on: today, over: &columns)
        let fulfillment = evaluation.run(cores: 2)
        let standings = pool.map { NaiveEvaluator.evaluate(document, $0, on: today) }
        for (number, component) in document.components.enumerated() {
            var met = 0, unknown = 0
            for (learner, like) in which.enumerated() {
                let state = standings[like].components[component.id]!.state
                met += state == .met ? 1 : 0
                unknown += state == .unknown ? 1 : 0
                let truth: Truth = state == .met ? .yes : state == .unknown ? .unknown : .no
                let found = fulfillment.truth(ofComponent: number, forLearner: learner)
                if found != truth { return "\(component.id) of learner \(learner): \(found), not \(truth): \(pool[like])" }
            }
            if fulfillment.components[number] != .init(met: met, unknown: unknown) {
                return "\(component.id): counted \(fulfillment.components[number]), not \(met) and \(unknown)"
            }
        }
        let complete = which.count { standings[$0].isComplete }
        return fulfillment.completion.met == complete ? nil : "completed: \(fulfillment.completion.met), not \(complete)"
    }

    @Test(arguments: [1, 63, 64, 65, 1000, 4095, 4096, 4097, 65_536, 65_601])
    func `every size is evaluated as the plain evaluator does`(_ size: Int) throws {
        var compared = 0
        for seed in 0..<UInt64(size > 5000 ? 6 : 60) {
            var generator = PopulationGenerator(seed: seed &* 1_000_003 &+ UInt64(size))
            let document = generator.document()
            let (population, pool, which) = generator.population(size, distinct: 40, isKnown: seed % 3 == 0)
            guard let difference = try? difference(document, population, pool, which) else {
                compared += (try? CompiledPathway.compile(document)) == nil ? 0 : 1
                continue
            }
            Issue.record("size \(size), seed \(seed): \(difference)\n\(document)")
            return
        }
        #expect(compared > 2)
    }

    @Test func `many random pathways are evaluated as the plain evaluator does`() throws {
        var compared = 0
        for seed in 0..<UInt64(1500) {
            var generator = PopulationGenerator(seed: seed)
            let document = generator.document()
            let (population, pool, which) = generator.population(50, distinct: 50, isKnown: seed % 4 == 0)
            do {
                if let difference = try difference(document, population, pool, which) {
                    Issue.record("seed \(seed): \(difference)\n\(document)")
                    return
                }
                compared += 1
            } catch {}
        }
        print("population: \(compared) pathways of 1500 compared, 50 learners each, seeds 0..<1500")
        #expect(compared > 500)
    }

    @Test func `each number of many operands is counted exactly`() throws {
        let leaves = (0..<70).map { Component.leaf("l\($0)") }
        let counts = [1, 2, 3, 4, 5, 8, 16, 17, 18, 30, 35, 36, 53, 54, 55, 66, 67, 68, 69, 70]
        let nodes = counts.map { Component.node("at\($0)", .atLeast($0), of: leaves.map { .component($0.id) }) }
            + [.node("none", .none, of: leaves.map { .component($0.id) })]
        let document = PathwayDocument.of(leaves + nodes, to: ["at70"])
        var generator = PopulationGenerator(seed: 70)
        let pool = (0...70).flatMap { held -> [LearnerFacts] in
            let order = leaves.map { $0.target! }.shuffled(using: &generator.random)
            let attainments = order.prefix(held).enumerated().map { number, target in
                HeldAttainment(id: attainmentID(UInt8(number)), target: target, from: today)
            }
            let open = Set(order.dropFirst(held).prefix(held % 5))
            return [LearnerFacts(attainments), LearnerFacts(attainments, unknown: .targets(open))]
        }
        let population = Population(pool.enumerated().map { ("n\($0)", $1) })
        #expect(try difference(document, population, pool, Array(pool.indices)) == nil)
    }

    @Test func `facts beyond 65 536 distinct ones are kept apart`() throws {
        let document = PathwayDocument.of([.leaf("a", level: 69_990)], to: ["a"])
        let pool = (0..<70_000).map { LearnerFacts([held("a", level: .number(Double($0)))]) }
        let population = Population(pool.enumerated().map { ("n\($0)", $1) })
        var columns = PopulationColumns(population)
        var evaluation = PopulationEvaluation(try .compile(document), on: today, over: &columns)
        let fulfillment = evaluation.run()
        #expect(fulfillment.components == [.init(met: 10, unknown: 0)])
        #expect(fulfillment.truth(ofComponent: 0, forLearner: 69_990) == .yes)
    }

    @Test func `nobody is evaluated to nothing`() throws {
        var columns = PopulationColumns(Population([]))
        var evaluation = PopulationEvaluation(
            try .compile(.of([.leaf("a"), .node("b", .none, of: ["a"])], to: ["b"])), on: today, over: &columns)
        #expect(evaluation.run().components == [.init(met: 0, unknown: 0), .init(met: 0, unknown: 0)])
    }

    @Test func `an earlier result stays as it was while somebody holds it`() throws {
        var generator = PopulationGenerator(seed: 4)
        let (population, _, _) = generator.population(500, distinct: 40, isKnown: true)
        var columns = PopulationColumns(population)
        let document = PathwayDocument.of(
            [.leaf("t1"), .leaf("t2"), .node("both", .all, of: ["t1", "t2"])], to: ["both"])
        var evaluation = PopulationEvaluation(try .compile(document), on: today, over: &columns)
        let first = evaluation.run(), second = evaluation.run()
        #expect(first.components == second.components)
        #expect((0..<500).allSatisfy { learner in
            first.truth(ofComponent: 2, forLearner: learner) == second.truth(ofComponent: 2, forLearner: learner)
        })
    }
}
