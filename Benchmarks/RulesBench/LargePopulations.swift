import Domain
import PathwayEngine

/// Growing populations: how time and memory grow with them.
struct LargePopulations {
    let options: Options

    init(_ options: Options) { self.options = options }

    struct Size: Codable {
        var learners: Int
        var attainments: Int
        /// Bytes of the rows.
        var attainmentBytes: Int
        /// Bytes of the process beyond what it had with the attainments alone: columns, one rehearsal with all kept.
        var bytesBeyond: Int
        var columnsSeconds: Double
        var rehearsal: Figure
    }

    func run() throws {
        let most = options.learners ?? 10_000_000
        let pathways = try BenchPathways(count: 1, seed: options.seed)
        var sizes: [Size] = []
        for learners in [most / 10, most / 4, most / 2, most] where learners > 0 {
            let size = measure(learners, pathways.versions[0])
            say("\(size.learners) learners, \(size.attainments) attainments in \(size.attainmentBytes >> 20) MB: columns "
                + "of one pathway's two versions in \(Int(size.columnsSeconds * 1000)) ms, \(size.rehearsal.line), "
                + "\(size.bytesBeyond >> 20) MB beyond the attainments")
            sizes.append(size)
        }
        try writeJSON(sizes, to: options.work + "/large.json")
    }

    private func measure(_ learners: Int, _ pair: (old: CompiledPathway, new: CompiledPathway)) -> Size {
        let population = SyntheticPopulation(
            learners: learners, seed: options.seed, targets: BenchPathways.competencies, day: BenchPathways.day).build()
        let before = residentBytes()
        var columns = PopulationColumns(population)
        var rehearsal: PopulationRehearsal?
        let seconds = time {
            rehearsal = PopulationRehearsal(from: pair.old, to: pair.new, on: BenchPathways.day, over: &columns)
        }
        _ = rehearsal!.run()
        let times = (0..<(options.rounds ?? 5)).map { _ in time { _ = rehearsal!.run() } * 1000 }
        return Size(
            learners: learners, attainments: population.attainments, attainmentBytes: population.bytes,
            bytesBeyond: max(0, residentBytes() - before), columnsSeconds: seconds,
            rehearsal: Figure("rehearsal of two versions", "ms", times))
    }
}
