import Domain
import Foundation
import PathwayEngine

/// One learner at a time, each call timed by itself: how long it takes as a distribution.
struct OneLearner {
    let pathways: BenchPathways
    let population: Population
    let calls: Int

    struct Distribution: Codable {
        var name: String
        var unit: String
        var p50: Double
        var p90: Double
        var p99: Double
        var highest: Double
        var calls: Int

        var line: String {
            "\(name): p50 \(Figure.text(p50)), p90 \(Figure.text(p90)), p99 \(Figure.text(p99)), highest "
                + "\(Figure.text(highest)) \(unit) of \(calls)"
        }

        init(_ name: String, _ unit: String, _ values: [Double]) {
            let sorted = values.sorted()
            func at(_ part: Double) -> Double { sorted[Int(Double(sorted.count - 1) * part)] }
            self.name = name
            self.unit = unit
            (p50, p90, p99, highest, calls) = (at(0.5), at(0.9), at(0.99), at(1), sorted.count)
        }
    }

    /// Without a population around it.
    static func measure(_ options: Options) throws {
        let learners = options.learners ?? 5000
        let population = SyntheticPopulation(
            learners: learners, seed: options.seed, targets: BenchPathways.competencies, day: BenchPathways.day).build()
        let pathways = try BenchPathways(count: 1, seed: options.seed)
        for each in try OneLearner(pathways: pathways, population: population, calls: learners).run() { say(each.line) }
    }

    func run() throws -> [Distribution] {
        let pathway = pathways.versions[0].old, learners = facts()
        var compact: [Double] = [], whole: [Double] = [], incremental: [Double] = [], next: [Double] = []
        var met = 0, ways = 0
        for (number, learner) in learners.enumerated() {
            compact.append(time { met += pathway.evaluation(learner, on: BenchPathways.day).completion == .yes ? 1 : 0 } * 1e6)
            whole.append(time { met += pathway.evaluate(learner, on: BenchPathways.day).milestonesReached.count } * 1e6)
            var evaluation = pathway.evaluation(learner, on: BenchPathways.day)
            let added = attainment(number % BenchPathways.competencies.count, 4, number: 10_000)
            incremental.append(time { evaluation.apply(.added(added)) } * 1e6)
            incremental.append(time { evaluation.apply(.voided(added.id)) } * 1e6)
            if number < calls / 10 {
                next.append(try time { ways += try ShortestWay.find(pathway, learner, on: BenchPathways.day).ways.count } * 1e3)
            }
        }
        guard met + ways >= 0 else { return [] }
        return [
            Distribution("one learner, evaluation with its reasons at hand", "µs", compact),
            Distribution("one learner, the same with all reasons written out", "µs", whole),
            Distribution("one learner, one attainment more or less", "µs", incremental),
            Distribution("one learner, the ten cheapest ways", "ms", next),
        ]
    }

    private func facts() -> [LearnerFacts] {
        var rows: [[(target: Int, fact: Int)]] = Array(repeating: [], count: calls)
        population.forEachAttainment { learner, target, fact in
            if learner < calls { rows[learner].append((target, fact)) }
        }
        return rows.map { rows in
            LearnerFacts(rows.enumerated().map { number, row in
                let fact = population.facts[row.fact]
                return HeldAttainment(
                    id: id(number), target: population.targets[row.target], level: fact.level, credits: fact.credits,
                    basis: fact.basis, from: fact.from, until: fact.until)
            })
        }
    }

    private func attainment(_ competency: Int, _ level: Int, number: Int) -> HeldAttainment {
        HeldAttainment(id: id(number), target: BenchPathways.competencies[competency], level: .number(Double(level)),
                       from: BenchPathways.day)
    }

    private func id(_ number: Int) -> EntityID<Attainment> {
        let digits = String(number)
        return EntityID("0b000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits)!
    }
}
