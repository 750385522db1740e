import Domain

/// A pathway made ready for evaluation: strings are numbers, crosswalks are resolved, and what is left of the
/// conditions is one flat circuit that the evaluators for one learner, for a population and for the shortest way share.
package final class CompiledPathway: Sendable {
    package let document: PathwayDocument
    package let circuit: Circuit
    /// One for each leaf of the circuit: first the targets, in the order of the document, then constraints, then waivers.
    /// A target leaf that only constraints are over is an operand of no gate.
    package let leafMeanings: [Leaf]
    /// How many of the leaves are targets; the constraints come after them.
    package let targetLeaves: Int
    package let constraintLeaves: Int
    /// All IRIs that any rule reads, distinct.
    package let targets: [String]
    package let targetIndex: [String: Int32]
    package let zones: [String]
    package let levels: LevelScales
    /// Where the truth of each component is, in the order of the document.
    package let componentNode: [Int32]
    /// The leaf of each component's own target.
    package let componentTargetLeaf: [Int32?]
    /// The node of each component's condition.
    package let componentConditionNode: [Int32?]
    /// The leaves of the waivers that name each component, in the order of the document.
    package let componentWaiverLeaves: [[Int32]]
    /// Nodes of the destinations.
    package let destinations: [Int32]
    /// Numbers of the components.
    package let componentIndex: [String: Int]
    /// What the evaluators of one learner read, laid out for them.
    let layout: EvaluationLayout

    init(_ parts: PathwayCompiler) {
        document = parts.document
        circuit = parts.circuit
        leafMeanings = parts.leaves
        targetLeaves = parts.targetLeaves
        constraintLeaves = parts.constraintLeaves
        targets = parts.targets
        targetIndex = parts.targetIndex
        zones = parts.zones
        levels = parts.levels
        componentNode = parts.componentNode
        componentTargetLeaf = parts.componentTargetLeaf
        componentConditionNode = parts.componentConditionNode
        componentWaiverLeaves = parts.componentWaiverLeaves
        destinations = parts.destinations
        componentIndex = parts.componentIndex
        layout = EvaluationLayout(parts)
    }

    /// Takes time and memory in proportion to the document and the ways of its crosswalks, which the check bounds.
    /// - Throws: when the check refuses the document.
    package static func compile(_ document: PathwayDocument) throws(PathwayRefused) -> CompiledPathway {
        let refusals = PathwayCheck.check(document).filter { $0.severity == .refused }
        guard refusals.isEmpty else { throw PathwayRefused(findings: refusals) }
        return CompiledPathway(PathwayCompiler(document))
    }

    /// One more attainment, and one more zone, never makes anything false, whoever the learner is.
    package var isMonotone: Bool {
        circuit.isMonotone && leafMeanings.allSatisfy { leaf in
            if case .constraint(let rule) = leaf { rule.comparator.isMonotone } else { true }
        }
    }
}

/// The document cannot be compiled. `findings` are the refusals, at least one.
package struct PathwayRefused: Error, Hashable {
    package var findings: [PathwayFinding]
}

/// The levels of one document made comparable.
package struct LevelScales: Hashable, Sendable {
    private let texts: [String: LevelKey]

    package init(_ progressions: [PathwayDocument.Progression]) {
        var texts: [String: LevelKey] = [:]
        for (number, progression) in progressions.enumerated() {
            for (rank, text) in progression.levels.enumerated() {
                // A text that is in two places, which the check refuses, compares with nothing.
                texts[text] = texts[text] == nil
                    ? LevelKey(scale: Int32(number) + 2, rank: Double(rank)) : LevelKey.none
            }
        }
        self.texts = texts
    }

    package subscript(level: PathwayDocument.Level?) -> LevelKey {
        switch level {
        case nil: .none
        case .number(let number): LevelKey(scale: 1, rank: number)
        case .text(let text): texts[text] ?? .none
        }
    }
}
