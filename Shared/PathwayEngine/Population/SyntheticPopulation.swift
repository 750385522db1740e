import Domain

/// Learners that nobody is, the same for the same seed on every machine: for rehearsals without records and for
/// measurements. A learner has a talent and a field: attainments of some targets are likelier than of others, many are
/// of a target held already, at the same level or a higher one, and they are recorded at the ends of terms.
package struct SyntheticPopulation: Sendable {
    package var learners: Int
    package var seed: UInt64
    /// At least one.
    package var targets: [String]
    /// The lowest first; may be empty: attainments without a level.
    package var levels: [PathwayDocument.Level]
    /// The mean for each learner, up to a third more or less.
    package var attainmentsEach: Int
    /// The day of the youngest attainments.
    package var day: CalendarDate

    package init(
        learners: Int, seed: UInt64 = 1, targets: [String], levels: [PathwayDocument.Level] = [1, 2, 3, 4],
        attainmentsEach: Int = 60, day: CalendarDate
    ) {
        self.learners = learners
        self.seed = seed
        self.targets = targets
        self.levels = levels
        self.attainmentsEach = attainmentsEach
        self.day = day
    }

    private static let terms = 24, termDays = 122

    /// Takes about a second for twenty million attainments.
    package func build() -> Population {
        precondition(!targets.isEmpty, "a synthetic population needs targets")
        var builder = PopulationBuilder(isNumbered: true)
        let targets = targets.map { builder.target($0) }
        let levels = levels.isEmpty ? [nil] : levels.map { Optional($0) }
        let bases: [AttainmentBasis] = [.assessed, .assessed, .assessed, .priorLearning]
        // Every fact that there can be, by level, term and basis.
        var facts: [UInt32] = []
        for level in levels {
            for term in 0..<Self.terms {
                for basis in bases {
                    let from = CalendarDate(daysSince1970: day.daysSince1970 - term * Self.termDays)
                    facts.append(builder.fact(.init(level: level, credits: Credits(3), basis: basis, from: from)))
                }
            }
        }
        var random = SplitMix64(seed: seed)
        for _ in 0..<learners {
            addLearner(targets, facts, levels.count, bases.count, &random, &builder)
        }
        return builder.build()
    }

    private func addLearner(
        _ targets: [Int32], _ facts: [UInt32], _ levels: Int, _ bases: Int, _ random: inout SplitMix64,
        _ builder: inout PopulationBuilder
    ) {
        let start = random.next()
        let field = (Int(start & 0xFFFF) * targets.count) >> 16
        let talent = Int(start >> 16 & 0xFF)
        let spread = max(1, attainmentsEach * 2 / 3)
        let count = attainmentsEach - spread / 2 + (Int(start >> 24 & 0xFFFF) * (spread + 1)) >> 16
        for _ in 0..<count {
            let draw = random.next()
            // Two draws' lower one: near to the field is likelier.
            let far = min(draw & 0xFFFF, draw >> 16 & 0xFFFF)
            let target = (field + (Int(far) * targets.count) >> 16) % targets.count
            let level = min(levels - 1, ((Int(draw >> 32 & 0xFF) + talent) * levels) >> 9)
            let term = (Int(draw >> 40 & 0xFF) * Self.terms) >> 8
            let basis = (Int(draw >> 48 & 0xFF) * bases) >> 8
            builder.add(target: targets[target], fact: facts[(level * Self.terms + term) * bases + basis])
        }
        builder.endLearner()
    }
}
