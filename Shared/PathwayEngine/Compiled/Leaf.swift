import Domain

/// What a leaf of the circuit stands for.
package enum Leaf: Hashable, Sendable {
    /// Some attainment counts by this rule. One leaf for each distinct rule.
    case target(TargetRule)
    case constraint(ConstraintRule)
    /// The learner belongs to this zone, an index into `CompiledPathway.zones`.
    case waiver(zone: Int32)
}

/// A level made comparable: by numbers within one scale, not at all between two.
package struct LevelKey: Hashable, Sendable {
    /// 0: no level, or a text that is in no progression; 1: numbers; 2 + n: progression n of the document.
    package var scale: Int32
    /// The number, or the place in the progression, the lowest being 0; 0 on scale 0.
    package var rank: Double

    package init(scale: Int32, rank: Double) {
        self.scale = scale
        self.rank = rank
    }

    package static let none = LevelKey(scale: 0, rank: 0)

    /// At the wanted level or above; nothing is, when the scales differ.
    package func suffices(_ wanted: LevelKey) -> Bool {
        scale == wanted.scale && scale != 0 && rank >= wanted.rank
    }
}

/// Which bases count.
package struct BasisSet: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package init(_ basis: AttainmentBasis) {
        rawValue = switch basis {
        case .assessed: 1
        case .priorLearning: 2
        case .articulated: 4
        case .granted: 8
        }
    }

    package init(_ bases: [AttainmentBasis]?) {
        self = bases.map { $0.reduce(into: []) { $0.insert(BasisSet($1)) } } ?? .all
    }

    package static let all = BasisSet(rawValue: 15)
}

/// When an attainment counts for a target. It does when, for one of `sources`, it is an attainment of the source's
/// target, has begun, has one of `bases`, is current, arrives at `wanted` or above, and all top-ups of the source are
/// held (any attainment of them that has begun).
///
/// By what is not known yet the target may come to be held through a source none of whose top-ups is missing for
/// certain, if `canSuffice` holds and the source's target is unknown, or if an attainment lacks nothing but top-ups that
/// are unknown. The leaf is yes when an attainment counts, else unknown when one may come to, else no.
package struct TargetRule: Hashable, Sendable {
    /// Index into `CompiledPathway.targets`.
    package var target: Int32
    /// Nil: any attainment counts, with or without a level.
    package var wanted: LevelKey?
    package var bases: BasisSet
    /// Nil: nothing lapses.
    package var currency: PathwayDocument.Currency?
    /// The target itself first, then the ways of conferring crosswalks, the fewest crosswalks first, those of the lowest
    /// numbers first.
    package var sources: [Source]
    /// Crosswalks to `target` that only inform, one each; what they bring never counts.
    package var related: [Source]

    package init(
        target: Int32, wanted: LevelKey?, bases: BasisSet, currency: PathwayDocument.Currency?, sources: [Source],
        related: [Source] = []
    ) {
        self.target = target
        self.wanted = wanted
        self.bases = bases
        self.currency = currency
        self.sources = sources
        self.related = related
    }
}

/// One way on which an attainment comes to a target.
package struct Source: Hashable, Sendable {
    /// What it is an attainment of: an index into `CompiledPathway.targets`.
    package var target: Int32
    /// The level at which it arrives, whatever its own; nil: its own.
    package var arrival: LevelKey?
    /// False when `arrival` does not suffice for the rule that this is a source of.
    package var canSuffice: Bool
    /// Indices into `CompiledPathway.targets`; all must be held. Distinct, in the order of the crosswalks.
    package var topUps: [Int32]
    /// Numbers of the document's crosswalks, from the attainment to the target; empty: the target itself.
    package var crosswalks: [Int32]

    package init(
        target: Int32, arrival: LevelKey? = nil, canSuffice: Bool = true, topUps: [Int32] = [],
        crosswalks: [Int32] = []
    ) {
        self.target = target
        self.arrival = arrival
        self.canSuffice = canSuffice
        self.topUps = topUps
        self.crosswalks = crosswalks
    }
}

/// A comparison over what counts for some target leaves.
///
/// "May grow" is said of a leaf that may come to count something more, held or not: its rule has a source none of
/// whose top-ups is missing for certain, with the source's target unknown and `canSuffice`, or with an attainment that
/// lacks nothing but unknown top-ups.
/// - `credits`: each cap bounds the sum over its leaves, the others are not bounded; the value lies from what is known
///   to that with every cap full over which a leaf may grow, or without end when a leaf without a cap may.
/// - `count`: from the held leaves to those that are held or may be.
/// - `level`, `until`: without anything that counts, no; with it, by what is known. When a leaf may grow, no turns into
///   unknown, and so does yes unless the comparator is monotone.
package struct ConstraintRule: Hashable, Sendable {
    package var measure: PathwayDocument.Constraint.Measure
    package var comparator: PathwayDocument.Constraint.Comparator
    package var value: Value
    /// The target leaf of each distinct entry, in their order; two entries may have the same leaf, and `count` then counts
    /// it twice.
    package var over: [Int32]
    /// The first group has no bound and holds what no cap names; the others are the caps. No attainment can count in two.
    package var groups: [Group]

    package init(
        measure: PathwayDocument.Constraint.Measure, comparator: PathwayDocument.Constraint.Comparator, value: Value,
        over: [Int32], groups: [Group]
    ) {
        self.measure = measure
        self.comparator = comparator
        self.value = value
        self.over = over
        self.groups = groups
    }

    package enum Value: Hashable, Sendable {
        case level(LevelKey)
        /// Thousandths.
        case credits(Int64)
        case count(Double)
        /// Days since 1970.
        case until(Int32)
        case asOf
    }

    package struct Group: Hashable, Sendable {
        /// Thousandths; nil: without bound.
        package var most: Int64?
        /// Distinct target leaves.
        package var leaves: [Int32]

        package init(most: Int64?, leaves: [Int32]) {
            self.most = most
            self.leaves = leaves
        }
    }
}
