/// Any legal or organized body; institution, provider, employer are roles it plays.
package enum Organization {}
/// An organization in the role of deciding, with seats by sector and a quorum.
package enum GoverningBody {}
package enum Seat {}
/// A proposal to a body, its ballots and its decision.
package enum Motion {}

package struct RegisterOrganization: Command {
    package static let name: RequestName = "pathways.register_organization"
    /// 1...200 characters.
    package var title: String
    package var kinds: [OrganizationKind]
    /// Where it operates: `state`, or a region's short name. 1...100 characters.
    package var region: String
    /// A fixed id for organizations that are known before they register here (frameworks and pathways name them).
    package var id: EntityID<Organization>?

    package struct Reply: Codable, Sendable, Hashable {
        package var organization: EntityID<Organization>
        package init(organization: EntityID<Organization>) {
            self.organization = organization
        }
    }

    package init(title: String, kinds: [OrganizationKind], region: String, id: EntityID<Organization>? = nil) {
        self.title = title
        self.kinds = kinds
        self.region = region
        self.id = id
    }
}

package enum OrganizationKind: String, Codable, Sendable, Hashable, CaseIterable {
    case school, college, university, employer, provider, agency, community
}

package struct GetOrganization: Query {
    package static let name: RequestName = "pathways.get_organization"
    package var organization: EntityID<Organization>

    package struct Reply: Codable, Sendable, Hashable {
        package var organization: EntityID<Organization>
        package var title: String
        package var kinds: [OrganizationKind]
        package var region: String
        package init(
            organization: EntityID<Organization>, title: String, kinds: [OrganizationKind], region: String
        ) {
            self.organization = organization
            self.title = title
            self.kinds = kinds
            self.region = region
        }
    }

    package init(organization: EntityID<Organization>) {
        self.organization = organization
    }
}

package struct ConstituteBody: Command {
    package static let name: RequestName = "pathways.constitute_body"
    package var title: String
    /// `state`, or a region's short name.
    package var jurisdiction: String
    /// Sectors that must each be present for a decision to carry. 1...20.
    package var requiredSectors: [String]
    /// How many present seats make a decision possible, of those filled and not recused.
    package var quorum: Int

    package struct Reply: Codable, Sendable, Hashable {
        package var body: EntityID<GoverningBody>
        package init(body: EntityID<GoverningBody>) {
            self.body = body
        }
    }

    package init(title: String, jurisdiction: String, requiredSectors: [String], quorum: Int) {
        self.title = title
        self.jurisdiction = jurisdiction
        self.requiredSectors = requiredSectors
        self.quorum = quorum
    }
}

package struct FillSeat: Command {
    package static let name: RequestName = "pathways.fill_seat"
    package var body: EntityID<GoverningBody>
    package var sector: String
    /// The subject that votes from this seat, as its tokens name it.
    package var holder: String
    package var from: CalendarDate
    package var until: CalendarDate?

    package struct Reply: Codable, Sendable, Hashable {
        package var seat: EntityID<Seat>
        package init(seat: EntityID<Seat>) {
            self.seat = seat
        }
    }

    package init(
        body: EntityID<GoverningBody>, sector: String, holder: String, from: CalendarDate,
        until: CalendarDate? = nil
    ) {
        self.body = body
        self.sector = sector
        self.holder = holder
        self.from = from
        self.until = until
    }
}

/// Ends the term of a seat early. A last day may be brought forward, never put off; what was decided before stays
/// decided.
package struct VacateSeat: Command {
    package static let name: RequestName = "pathways.vacate_seat"
    package typealias Reply = Done
    package var body: EntityID<GoverningBody>
    package var seat: EntityID<Seat>
    /// The last day of the term; before its first day, the seat was never filled.
    package var until: CalendarDate
    package init(body: EntityID<GoverningBody>, seat: EntityID<Seat>, until: CalendarDate) {
        self.body = body
        self.seat = seat
        self.until = until
    }
}

package struct GetBody: Query {
    package static let name: RequestName = "pathways.get_body"
    package var body: EntityID<GoverningBody>

    package struct Reply: Codable, Sendable, Hashable {
        package var body: EntityID<GoverningBody>
        package var title: String
        package var jurisdiction: String
        package var requiredSectors: [String]
        package var quorum: Int
        package var seats: [SeatEntry]
        package init(
            body: EntityID<GoverningBody>, title: String, jurisdiction: String, requiredSectors: [String],
            quorum: Int, seats: [SeatEntry]
        ) {
            self.body = body
            self.title = title
            self.jurisdiction = jurisdiction
            self.requiredSectors = requiredSectors
            self.quorum = quorum
            self.seats = seats
        }
    }

    package init(body: EntityID<GoverningBody>) {
        self.body = body
    }
}

package struct SeatEntry: Codable, Sendable, Hashable {
    package var seat: EntityID<Seat>
    package var sector: String
    package var holder: String
    package var from: CalendarDate
    package var until: CalendarDate?
    package init(
        seat: EntityID<Seat>, sector: String, holder: String, from: CalendarDate, until: CalendarDate? = nil
    ) {
        self.seat = seat
        self.sector = sector
        self.holder = holder
        self.from = from
        self.until = until
    }
}

/// Proposes that the body certify one version of a pathway.
package struct TableMotion: Command {
    package static let name: RequestName = "pathways.table_motion"
    package var body: EntityID<GoverningBody>
    package var title: String
    package var pathway: EntityID<Pathway>
    package var version: Int

    package struct Reply: Codable, Sendable, Hashable {
        package var motion: EntityID<Motion>
        package init(motion: EntityID<Motion>) {
            self.motion = motion
        }
    }

    package init(body: EntityID<GoverningBody>, title: String, pathway: EntityID<Pathway>, version: Int) {
        self.body = body
        self.title = title
        self.pathway = pathway
        self.version = version
    }
}

package struct CastBallot: Command {
    package static let name: RequestName = "pathways.cast_ballot"
    package typealias Reply = Done
    package var motion: EntityID<Motion>
    package var seat: EntityID<Seat>
    package var choice: BallotChoice
    package init(motion: EntityID<Motion>, seat: EntityID<Seat>, choice: BallotChoice) {
        self.motion = motion
        self.seat = seat
        self.choice = choice
    }
}

package enum BallotChoice: String, Codable, Sendable, Hashable, CaseIterable {
    case yes, no
    /// Counts for presence, for neither side.
    case abstain
    /// Leaves this motion: the seat counts neither for presence nor for the quorum.
    case recuse
}

package struct CloseMotion: Command {
    package static let name: RequestName = "pathways.close_motion"
    package typealias Reply = MotionEntry
    package var motion: EntityID<Motion>
    package init(motion: EntityID<Motion>) {
        self.motion = motion
    }
}

package struct GetMotion: Query {
    package static let name: RequestName = "pathways.get_motion"
    package typealias Reply = MotionEntry
    package var motion: EntityID<Motion>
    package init(motion: EntityID<Motion>) {
        self.motion = motion
    }
}

package struct MotionEntry: Codable, Sendable, Hashable {
    package enum Status: String, Codable, Sendable, Hashable { case open, carried, failed }

    package var motion: EntityID<Motion>
    package var body: EntityID<GoverningBody>
    package var title: String
    package var pathway: EntityID<Pathway>
    package var version: Int
    /// Which text of the version it is about, counted from 1 as the version's own `revision`. Where that one is higher, the
    /// text was replaced since.
    package var pathwayRevision: Int?
    package var status: Status
    package var tally: Tally
    /// Why it failed: `quorum`, `sectors`, `majority`.
    package var reason: String?
    package var decidedAt: Timestamp?
    package init(
        motion: EntityID<Motion>, body: EntityID<GoverningBody>, title: String, pathway: EntityID<Pathway>,
        version: Int, pathwayRevision: Int?, status: Status, tally: Tally, reason: String? = nil, decidedAt: Timestamp? = nil
    ) {
        self.motion = motion
        self.body = body
        self.title = title
        self.pathway = pathway
        self.version = version
        self.pathwayRevision = pathwayRevision
        self.status = status
        self.tally = tally
        self.reason = reason
        self.decidedAt = decidedAt
    }
}

package struct Tally: Codable, Sendable, Hashable {
    package var yes: Int
    package var no: Int
    package var abstain: Int
    package var recused: Int
    /// Seats that are filled or have voted, less the recused.
    package var eligible: Int
    package var sectorsPresent: [String]
    package init(yes: Int, no: Int, abstain: Int, recused: Int, eligible: Int, sectorsPresent: [String]) {
        self.yes = yes
        self.no = no
        self.abstain = abstain
        self.recused = recused
        self.eligible = eligible
        self.sectorsPresent = sectorsPresent
    }
}
