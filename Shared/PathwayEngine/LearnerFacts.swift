import Domain

/// One line of a learner's record, as far as a pathway cares. Voided ones are not handed in.
package struct HeldAttainment: Hashable, Sendable, Codable {
    package var id: EntityID<Attainment>
    /// IRI, compared as it stands with targets and crosswalks.
    package var target: String
    package var level: PathwayDocument.Level?
    package var credits: Credits?
    package var basis: AttainmentBasis
    /// The first day on which it counts.
    package var from: CalendarDate
    /// The last day on which it is current by its own issuer; whether that matters is up to the component. Absent: it
    /// never ends.
    package var until: CalendarDate?

    package init(
        id: EntityID<Attainment>, target: String, level: PathwayDocument.Level? = nil, credits: Credits? = nil,
        basis: AttainmentBasis = .assessed, from: CalendarDate, until: CalendarDate? = nil
    ) {
        self.id = id
        self.target = target
        self.level = level
        self.credits = credits
        self.basis = basis
        self.from = from
        self.until = until
    }
}

/// All that an evaluation reads of one learner.
package struct LearnerFacts: Hashable, Sendable {
    /// In any order; ids are distinct.
    package var attainments: [HeldAttainment]
    /// The innovation zones that the learner belongs to.
    package var zones: Set<String>
    package var unknown: Unknown

    package init(
        _ attainments: [HeldAttainment] = [], zones: Set<String> = [], unknown: Unknown = .nothing
    ) {
        self.attainments = attainments
        self.zones = zones
        self.unknown = unknown
    }

    /// The targets whose source is behind: what is not among the attainments may still be held.
    package enum Unknown: Hashable, Sendable {
        case nothing
        case targets(Set<String>)
        case everything

        package func contains(_ target: String) -> Bool {
            switch self {
            case .nothing: false
            case .targets(let targets): targets.contains(target)
            case .everything: true
            }
        }
    }
}
