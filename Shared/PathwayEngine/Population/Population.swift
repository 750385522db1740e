import Domain

/// The records of many learners in a compact form: what their attainments say is written once for each distinct fact,
/// and an attainment is then two numbers, its learner and its fact, in 4 bytes (6 from 65 536 distinct facts on),
/// sorted by target within chunks of 65 536 learners. Pathways are evaluated over `PopulationColumns` made from it.
///
/// Which attainment it was is not kept: nothing that is counted here depends on it, since every row counts once.
package struct Population: Sendable {
    /// What an attainment says besides its learner and target.
    package struct Fact: Hashable, Sendable {
        package var level: PathwayDocument.Level?
        package var credits: Credits?
        package var basis: AttainmentBasis
        package var from: CalendarDate
        package var until: CalendarDate?

        package init(
            level: PathwayDocument.Level? = nil, credits: Credits? = nil, basis: AttainmentBasis = .assessed,
            from: CalendarDate, until: CalendarDate? = nil
        ) {
            self.level = level
            self.credits = credits
            self.basis = basis
            self.from = from
            self.until = until
        }
    }

    /// How learners are called, by their number.
    package enum Names: Sendable {
        case given([String])
        /// `learner-0`, `learner-1` and so on: of synthetic populations.
        case numbered
    }

    static let chunkLearners = 65_536

    /// Rows of one chunk, by target; learners are numbers within the chunk, rising for each target.
    struct Chunk: Sendable {
        /// Where the rows of each target begin, one more at the end; targets beyond have none.
        var starts: [Int]
        var learners: [UInt16]
        var facts: [UInt16]
        /// The upper halves of the facts' numbers; empty as long as all are zero.
        var upperFacts: [UInt16]
        /// Learners whose record of a target is not known completely.
        var unknown: [Int32: [UInt16]]
        /// Those of whom that is so for every target.
        var unknownEverything: [UInt16]
        var zones: [Int32: [UInt16]]

        func rows(of target: Int32) -> Range<Int> {
            guard Int(target) + 1 < starts.count else { return 0..<0 }
            return starts[Int(target)]..<starts[Int(target) + 1]
        }

        func fact(_ row: Int) -> Int {
            Int(facts[row]) | (upperFacts.isEmpty ? 0 : Int(upperFacts[row]) << 16)
        }
    }

    /// How many learners there are.
    package let count: Int
    package let names: Names
    /// Distinct; a row has the number of one of them.
    package let facts: [Fact]
    /// IRIs, distinct.
    package let targets: [String]
    let targetIndex: [String: Int32]
    let zoneIndex: [String: Int32]
    let chunks: [Chunk]
    /// Targets of which somebody's record is not known completely; nil: somebody's is of every target.
    let unknownTargets: Set<Int32>?

    /// The opaque id of a learner.
    package func name(_ learner: Int) -> String {
        switch names {
        case .given(let names): names[learner]
        case .numbered: "learner-\(learner)"
        }
    }

    package var attainments: Int { chunks.reduce(0) { $0 + $1.learners.count } }

    /// Every row, by chunk, target and learner; the numbers are of learners, `targets` and `facts`.
    package func forEachAttainment(_ body: (_ learner: Int, _ target: Int, _ fact: Int) -> Void) {
        for (number, chunk) in chunks.enumerated() {
            for target in targets.indices {
                for row in chunk.rows(of: Int32(target)) {
                    body(number * Self.chunkLearners + Int(chunk.learners[row]), target, chunk.fact(row))
                }
            }
        }
    }

    /// What the rows take; names not included.
    package var bytes: Int {
        chunks.reduce(0) { sum, chunk in
            sum + chunk.starts.count * 8 + (chunk.learners.count + chunk.facts.count + chunk.upperFacts.count) * 2
        }
    }

    var shape: PlaneShape { PlaneShape(learners: count) }
}
