import Domain
import PathwayEngine

/// C and ours over the same learners. C reads level bytes, the best level of each learner and competency, into columns
/// of its own; both must count the same.
final class KernelComparison {
    private let kernels: [Kernel]
    private let pathways: BenchPathways
    private let words: Int
    private let learners: Int
    private var columns: [UInt64]
    private var columnCounts: [Int]
    /// Every pathway keeps its own planes, as ours do.
    private var kept: [[UInt64]]
    private var counts = [UInt64](repeating: 0, count: 4096)
    let columnsFigure: Figure

    init(_ population: Population, _ pathways: BenchPathways, _ options: Options) throws {
        self.pathways = pathways
        learners = population.count
        words = (population.count + 4095) / 4096 * 64
        kernels = try Kernel.all(KernelSource(pathways.versions), options)
        let levels = Self.levels(population), competencies = BenchPathways.competencies.count
        var columns = [UInt64](repeating: 0, count: competencies * 4 * words)
        let make = try kernels[0].columns(), words = words, learners = learners
        columnsFigure = Figure("480 columns from level bytes, C, \(kernels[0].title)", "s", (0..<2).map { _ in
            time {
                columns.withUnsafeMutableBufferPointer {
                    make(levels, learners, competencies, words, $0.baseAddress!)
                }
            }
        })
        self.columns = columns
        columnCounts = (0..<competencies * 4).map { column in
            columns[(column * words)..<((column + 1) * words)].reduce(0) { $0 + $1.nonzeroBitCount }
        }
        kept = pathways.versions.map { _ in [UInt64](repeating: 0, count: words * 128) }
    }

    /// The best level of each learner and competency, 0 without one; a byte each, learner after learner.
    static func levels(_ population: Population) -> [UInt8] {
        let competencies = BenchPathways.competencies.count
        let ofFact = population.facts.map { fact -> UInt8 in
            if case .number(let level)? = fact.level { UInt8(level) } else { 0 }
        }
        let place = population.targets.map { BenchPathways.competencies.firstIndex(of: $0)! }
        var levels = [UInt8](repeating: 0, count: population.count * competencies)
        levels.withUnsafeMutableBufferPointer { levels in
            population.forEachAttainment { learner, target, fact in
                let byte = learner * competencies + place[target]
                levels[byte] = max(levels[byte], ofFact[fact])
            }
        }
        return levels
    }

    private func call(_ function: Kernel.Function, _ pathway: Int) {
        columns.withUnsafeBufferPointer { columns in
            kept[pathway].withUnsafeMutableBufferPointer { kept in
                counts.withUnsafeMutableBufferPointer { counts in
                    function(columns.baseAddress!, words, kept.baseAddress!, counts.baseAddress!)
                }
            }
        }
    }

    // MARK: The same counts

    func check(_ reports: [Rehearsal], _ met: [[Int]]) throws {
        for kernel in kernels {
            for (number, pair) in pathways.versions.enumerated() {
                try fill(pair.old, every: 1, at: 0)
                call(try kernel.evaluate(number), number)
                guard counts.prefix(met[number].count).map({ Int($0) }) == met[number] else {
                    throw Failure("C (\(kernel.title)) and ours count different learners in pathway \(number)")
                }
                for entry in counts.indices { counts[entry] = 0 }
                try fill(pair.old, every: 4, at: 0)
                try fill(pair.new, every: 4, at: 1)
                call(try kernel.rehearse(number), number)
                let report = reports[number]
                let ours = (report.components + [report.completion]).flatMap {
                    [$0.metBefore!, $0.metAfter!, $0.gained.count, $0.lost.count]
                } + [report.losing.count, report.gaining.count]
                guard counts.prefix(ours.count).map({ Int($0) }) == ours else {
                    throw Failure("C (\(kernel.title)) and ours rehearse pathway \(number) differently")
                }
            }
        }
        say("counts: \(kernels.count) C kernels and ours agree on \(pathways.versions.count) pathways, "
            + "\(met.reduce(0) { $0 + $1.reduce(0, +) }) components met")
    }

    /// Counts of components that are columns, known before.
    private func fill(_ pathway: CompiledPathway, every stride: Int, at first: Int) throws {
        for (number, node) in pathway.componentNode.enumerated() where Int(node) < pathway.circuit.leaves {
            let column = try KernelSource.column(pathway.leafMeanings[Int(node)], of: pathway)
            counts[number * stride + first] = UInt64(columnCounts[column])
        }
    }

    // MARK: Rounds

    /// Ours first in even rounds, C first in odd ones.
    func rounds(
        _ rounds: Int, _ evaluations: inout [PopulationEvaluation], _ rehearsals: inout [PopulationRehearsal]
    ) throws -> [Figure] {
        let all = Array(pathways.versions.indices), one = [0]
        var figures: [Figure] = []
        for (title, which) in [("one pathway", one), ("\(all.count) pathways", all)] {
            var evaluated: [[Double]] = Array(repeating: [], count: kernels.count + 1), rehearsed = evaluated
            for round in 0..<(rounds + 1) {
                let order = round % 2 == 0 ? Array(0...kernels.count) : Array((0...kernels.count).reversed())
                for subject in order {
                    let evaluation: Double, rehearsal: Double
                    if subject == 0 {
                        evaluation = time { for number in which { _ = evaluations[number].run() } }
                        rehearsal = time { for number in which { _ = rehearsals[number].run() } }
                    } else {
                        let kernel = kernels[subject - 1]
                        let functions = try which.map { (try kernel.evaluate($0), try kernel.rehearse($0)) }
                        evaluation = time { for (place, number) in which.enumerated() { call(functions[place].0, number) } }
                        rehearsal = time { for (place, number) in which.enumerated() { call(functions[place].1, number) } }
                    }
                    // The first round warms up.
                    guard round > 0 else { continue }
                    evaluated[subject].append(evaluation * 1000)
                    rehearsed[subject].append(rehearsal * 1000)
                }
            }
            for (work, times) in [("evaluation", evaluated), ("rehearsal of two versions", rehearsed)] {
                figures.append(Figure("\(work), \(title), ours", "ms", times[0]))
                for (number, kernel) in kernels.enumerated() {
                    figures.append(Figure("\(work), \(title), C \(kernel.title)", "ms", times[number + 1]))
                    figures.append(Figure("\(work), \(title), ours / C \(kernel.title)", "ratio",
                                          zip(times[0], times[number + 1]).map { $0 / $1 }))
                }
            }
        }
        for (title, which) in [("one pathway", one), ("\(all.count) pathways", all)] {
            let times = (0..<(rounds + 1)).map { _ in
                time { for number in which { _ = rehearsals[number].run(cores: 2) } } * 1000
            }
            figures.append(Figure("rehearsal of two versions, \(title), ours on 2 cores", "ms", Array(times.dropFirst())))
        }
        return figures
    }
}
