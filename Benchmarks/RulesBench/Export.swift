import Foundation
import PathwayEngine

/// What the other engines read: `levels.bin` (a byte for each learner and competency), `learner.bin`, `competency.bin` and
/// `level.bin` (32, 8 and 8 bits an attainment), `pathways.json` with the counts that everybody must find.
struct Export {
    struct Pathway: Codable {
        /// Competency and level of each leaf.
        var leaves: [[Int]]
        var gates: [Gate]
        /// Node of each component; leaves come first, then gates.
        var components: [Int]
        /// Learners who meet each component.
        var met: [Int]
    }

    struct Gate: Codable {
        var required: Int
        var operands: [Int]
    }

    let population: Population
    let pathways: [Pathway]

    init(_ population: Population, _ pathways: BenchPathways, _ counts: [[Int]]) throws {
        self.population = population
        self.pathways = try zip(pathways.versions, counts).map { pair, met in
            let pathway = pair.old, circuit = pathway.circuit
            return Pathway(
                leaves: try pathway.leafMeanings.map { leaf in
                    let column = try KernelSource.column(leaf, of: pathway)
                    return [column / 4, column % 4 + 1]
                },
                gates: circuit.gates.map { gate in
                    Gate(required: Int(gate.required),
                         operands: circuit.operands[Int(gate.operands.lowerBound)..<Int(gate.operands.upperBound)].map { Int($0) })
                },
                components: pathway.componentNode.map { Int($0) }, met: met)
        }
    }

    func write(to folder: String) throws {
        func write<T>(_ values: [T], _ name: String) throws {
            try values.withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: folder + "/" + name)) }
        }
        try write(KernelComparison.levels(population), "levels.bin")
        let place = population.targets.map { UInt8(BenchPathways.competencies.firstIndex(of: $0)!) }
        let ofFact = population.facts.map { fact -> UInt8 in
            if case .number(let level)? = fact.level { UInt8(level) } else { 0 }
        }
        var learners: [UInt32] = [], competencies: [UInt8] = [], levels: [UInt8] = []
        learners.reserveCapacity(population.attainments)
        competencies.reserveCapacity(population.attainments)
        levels.reserveCapacity(population.attainments)
        population.forEachAttainment { learner, target, fact in
            learners.append(UInt32(learner))
            competencies.append(place[target])
            levels.append(ofFact[fact])
        }
        try write(learners, "learner.bin")
        try write(competencies, "competency.bin")
        try write(levels, "level.bin")
        try writeJSON(pathways, to: folder + "/pathways.json")
    }
}
