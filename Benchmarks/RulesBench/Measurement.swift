import Domain
import Foundation
import PathwayEngine

/// One population: columns, evaluation and rehearsal, ours and C by turns in this process.
struct Measurement {
    let options: Options
    let learners: Int
    let rounds: Int

    init(_ options: Options) {
        self.options = options
        learners = options.learners ?? 1_000_000
        rounds = options.rounds ?? 15
    }

    struct Output: Codable {
        var learners: Int
        var attainments: Int
        var pathways: Int
        var seed: UInt64
        var figures: [Figure]
        var oneLearner: [OneLearner.Distribution]
    }

    func run() throws {
        let pathways = try BenchPathways(count: options.pathways, seed: options.seed)
        var population: Population?
        let built = time {
            population = SyntheticPopulation(
                learners: learners, seed: options.seed, targets: BenchPathways.competencies, day: BenchPathways.day
            ).build()
        }
        guard let population else { return }
        say("\(population.count) learners, \(population.attainments) attainments in \(population.bytes >> 20) MB, "
            + "\(population.facts.count) distinct facts; made in \(String(format: "%.1f", built)) s")
        var figures: [Figure] = []
        func note(_ figure: Figure) {
            figures.append(figure)
            say(figure.line)
        }
        let before = residentBytes()
        var columns = PopulationColumns(population)
        note(Figure("columns for all pathways, from attainments", "s", (0..<3).map { _ in
            columns = PopulationColumns(population)
            return time { for pair in pathways.versions { _ = rehearsal(pair, &columns) } }
        }))
        var evaluations = pathways.versions.map {
            PopulationEvaluation($0.old, on: BenchPathways.day, over: &columns)
        }
        var rehearsals = pathways.versions.map { rehearsal($0, &columns) }
        for number in rehearsals.indices { _ = rehearsals[number].run() }
        note(Figure("memory beyond the attainments: columns, rehearsals with every component kept", "MB", [
            Double(residentBytes() - before) / 1e6
        ]))
        note(Figure("  of these columns (\(columns.count))", "MB", [Double(columns.bytes) / 1e6]))
        note(Figure("  of these kept", "MB", [Double(rehearsals.reduce(0) { $0 + $1.bytesKept }) / 1e6]))

        let comparison = try KernelComparison(population, pathways, options)
        note(comparison.columnsFigure)
        let reports = rehearsals.indices.map { rehearsals[$0].run() }
        let counts = evaluations.indices.map { evaluations[$0].run().components.map(\.met) }
        try comparison.check(reports, counts)
        for figure in try comparison.rounds(rounds, &evaluations, &rehearsals) { note(figure) }
        note(Figure("an edited rule: new columns and rehearsal, one pathway", "ms", try editing(columns, pathways)))

        let one = try OneLearner(pathways: pathways, population: population, calls: min(5000, learners)).run()
        for each in one { say(each.line) }
        let output = Output(learners: population.count, attainments: population.attainments,
                            pathways: options.pathways, seed: options.seed, figures: figures, oneLearner: one)
        try writeJSON(output, to: options.work + "/figures.json")
        if options.exports { try Export(population, pathways, counts).write(to: options.work) }
    }

    private func rehearsal(
        _ pair: (old: CompiledPathway, new: CompiledPathway), _ columns: inout PopulationColumns
    ) -> PopulationRehearsal {
        PopulationRehearsal(from: pair.old, to: pair.new, on: BenchPathways.day, over: &columns)
    }

    /// From an edited document to the report: check, compile, the columns that are new, memory, evaluation.
    private func editing(_ columns: PopulationColumns, _ pathways: BenchPathways) throws -> [Double] {
        let old = pathways.versions[0].old
        return try (0..<rounds).map { round in
            var document = old.document
            // A target that no other pathway may ask at this level, so that a column is likely to be missing.
            document.components[round % 24].level = .number(Double(round % 4) + 0.5)
            var columns = columns
            return try time {
                let new = try CompiledPathway.compile(document)
                var rehearsal = PopulationRehearsal(from: old, to: new, on: BenchPathways.day, over: &columns)
                _ = rehearsal.run()
            } * 1000
        }
    }
}
