package struct OrganizationRegistered: Event {
    package static let type: EventType = "pathways.organization_registered"
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

package struct FrameworkPublished: Event {
    package static let type: EventType = "pathways.framework_published"
    package var framework: EntityID<Framework>
    package var document: EntityID<Framework>
    package var frameworkVersion: Int
    package var title: String
    package var creator: String
    package var items: Int
    package var associations: Int
    /// SHA-256 of the canonical content, in hex.
    package var digest: String
    package init(
        framework: EntityID<Framework>, document: EntityID<Framework>, frameworkVersion: Int, title: String,
        creator: String, items: Int, associations: Int, digest: String
    ) {
        self.framework = framework
        self.document = document
        self.frameworkVersion = frameworkVersion
        self.title = title
        self.creator = creator
        self.items = items
        self.associations = associations
        self.digest = digest
    }
}

package struct BodyConstituted: Event {
    package static let type: EventType = "pathways.body_constituted"
    package var body: EntityID<GoverningBody>
    package var title: String
    package var jurisdiction: String
    package var requiredSectors: [String]
    package var quorum: Int
    package init(
        body: EntityID<GoverningBody>, title: String, jurisdiction: String, requiredSectors: [String],
        quorum: Int
    ) {
        self.body = body
        self.title = title
        self.jurisdiction = jurisdiction
        self.requiredSectors = requiredSectors
        self.quorum = quorum
    }
}

package struct SeatFilled: Event {
    package static let type: EventType = "pathways.seat_filled"
    package var body: EntityID<GoverningBody>
    package var seat: SeatEntry
    package init(body: EntityID<GoverningBody>, seat: SeatEntry) {
        self.body = body
        self.seat = seat
    }
}

package struct SeatVacated: Event {
    package static let type: EventType = "pathways.seat_vacated"
    package var body: EntityID<GoverningBody>
    package var seat: EntityID<Seat>
    /// The last day of its term.
    package var until: CalendarDate
    package init(body: EntityID<GoverningBody>, seat: EntityID<Seat>, until: CalendarDate) {
        self.body = body
        self.seat = seat
        self.until = until
    }
}

package struct MotionTabled: Event {
    package static let type: EventType = "pathways.motion_tabled"
    package var motion: EntityID<Motion>
    package var body: EntityID<GoverningBody>
    package var title: String
    package var pathway: EntityID<Pathway>
    package var pathwayVersion: Int
    /// Which text of the version is voted on: 1 for the first draft, one more for each time it was replaced. A decision
    /// certifies this text and no other.
    package var pathwayRevision: Int
    package init(
        motion: EntityID<Motion>, body: EntityID<GoverningBody>, title: String, pathway: EntityID<Pathway>,
        pathwayVersion: Int, pathwayRevision: Int
    ) {
        self.motion = motion
        self.body = body
        self.title = title
        self.pathway = pathway
        self.pathwayVersion = pathwayVersion
        self.pathwayRevision = pathwayRevision
    }
}

package struct BallotCast: Event {
    package static let type: EventType = "pathways.ballot_cast"
    package var motion: EntityID<Motion>
    package var seat: EntityID<Seat>
    package var sector: String
    package var choice: BallotChoice
    package init(motion: EntityID<Motion>, seat: EntityID<Seat>, sector: String, choice: BallotChoice) {
        self.motion = motion
        self.seat = seat
        self.sector = sector
        self.choice = choice
    }
}

package struct DecisionCarried: Event {
    package static let type: EventType = "pathways.decision_carried"
    package var motion: EntityID<Motion>
    package var body: EntityID<GoverningBody>
    package var pathway: EntityID<Pathway>
    package var pathwayVersion: Int
    package var tally: Tally
    package init(
        motion: EntityID<Motion>, body: EntityID<GoverningBody>, pathway: EntityID<Pathway>,
        pathwayVersion: Int, tally: Tally
    ) {
        self.motion = motion
        self.body = body
        self.pathway = pathway
        self.pathwayVersion = pathwayVersion
        self.tally = tally
    }
}

package struct DecisionFailed: Event {
    package static let type: EventType = "pathways.decision_failed"
    package var motion: EntityID<Motion>
    package var body: EntityID<GoverningBody>
    package var reason: String
    package var tally: Tally
    package init(motion: EntityID<Motion>, body: EntityID<GoverningBody>, reason: String, tally: Tally) {
        self.motion = motion
        self.body = body
        self.reason = reason
        self.tally = tally
    }
}

package struct PathwayDrafted: Event {
    package static let type: EventType = "pathways.pathway_drafted"
    package var pathway: EntityID<Pathway>
    package var body: EntityID<GoverningBody>
    package var pathwayVersion: Int
    package var document: PathwayDocument
    package init(
        pathway: EntityID<Pathway>, body: EntityID<GoverningBody>, pathwayVersion: Int,
        document: PathwayDocument
    ) {
        self.pathway = pathway
        self.body = body
        self.pathwayVersion = pathwayVersion
        self.document = document
    }
}

package struct RecognitionEntered: Event {
    package static let type: EventType = "pathways.recognition_entered"
    package var pathway: EntityID<Pathway>
    package var pathwayVersion: Int
    package var recognition: RecognitionEntry
    package init(pathway: EntityID<Pathway>, pathwayVersion: Int, recognition: RecognitionEntry) {
        self.pathway = pathway
        self.pathwayVersion = pathwayVersion
        self.recognition = recognition
    }
}

package struct PathwayCertified: Event {
    package static let type: EventType = "pathways.pathway_certified"
    package var pathway: EntityID<Pathway>
    package var pathwayVersion: Int
    package var title: String
    package var motion: EntityID<Motion>
    package var recognitions: [EntityID<Recognition>]
    package init(
        pathway: EntityID<Pathway>, pathwayVersion: Int, title: String, motion: EntityID<Motion>,
        recognitions: [EntityID<Recognition>]
    ) {
        self.pathway = pathway
        self.pathwayVersion = pathwayVersion
        self.title = title
        self.motion = motion
        self.recognitions = recognitions
    }
}

package struct LearnerEnrolled: Event {
    package static let type: EventType = "pathways.learner_enrolled"
    package var enrollment: EntityID<Enrollment>
    package var learner: EntityID<Learner>
    package var pathway: EntityID<Pathway>
    package var pathwayVersion: Int
    package var title: String
    package init(
        enrollment: EntityID<Enrollment>, learner: EntityID<Learner>, pathway: EntityID<Pathway>,
        pathwayVersion: Int, title: String
    ) {
        self.enrollment = enrollment
        self.learner = learner
        self.pathway = pathway
        self.pathwayVersion = pathwayVersion
        self.title = title
    }
}

package struct ComponentFulfilled: Event {
    package static let type: EventType = "pathways.component_fulfilled"
    package var enrollment: EntityID<Enrollment>
    package var learner: EntityID<Learner>
    package var pathway: EntityID<Pathway>
    package var component: String
    package var title: String
    package var attainments: [EntityID<Attainment>]
    package init(
        enrollment: EntityID<Enrollment>, learner: EntityID<Learner>, pathway: EntityID<Pathway>,
        component: String, title: String, attainments: [EntityID<Attainment>]
    ) {
        self.enrollment = enrollment
        self.learner = learner
        self.pathway = pathway
        self.component = component
        self.title = title
        self.attainments = attainments
    }
}

package struct ComponentFulfillmentWithdrawn: Event {
    package static let type: EventType = "pathways.component_fulfillment_withdrawn"
    package var enrollment: EntityID<Enrollment>
    package var learner: EntityID<Learner>
    package var pathway: EntityID<Pathway>
    package var component: String
    package var because: EntityID<Attainment>?
    package init(
        enrollment: EntityID<Enrollment>, learner: EntityID<Learner>, pathway: EntityID<Pathway>,
        component: String, because: EntityID<Attainment>? = nil
    ) {
        self.enrollment = enrollment
        self.learner = learner
        self.pathway = pathway
        self.component = component
        self.because = because
    }
}

package struct MilestoneReached: Event {
    package static let type: EventType = "pathways.milestone_reached"
    package var enrollment: EntityID<Enrollment>
    package var learner: EntityID<Learner>
    package var pathway: EntityID<Pathway>
    package var component: String
    package var title: String
    package init(
        enrollment: EntityID<Enrollment>, learner: EntityID<Learner>, pathway: EntityID<Pathway>,
        component: String, title: String
    ) {
        self.enrollment = enrollment
        self.learner = learner
        self.pathway = pathway
        self.component = component
        self.title = title
    }
}

package struct PathwayCompleted: Event {
    package static let type: EventType = "pathways.pathway_completed"
    package var enrollment: EntityID<Enrollment>
    package var learner: EntityID<Learner>
    package var pathway: EntityID<Pathway>
    package var pathwayVersion: Int
    package var title: String
    package init(
        enrollment: EntityID<Enrollment>, learner: EntityID<Learner>, pathway: EntityID<Pathway>,
        pathwayVersion: Int, title: String
    ) {
        self.enrollment = enrollment
        self.learner = learner
        self.pathway = pathway
        self.pathwayVersion = pathwayVersion
        self.title = title
    }
}

package struct EntitlementAccrued: Event {
    package static let type: EventType = "pathways.entitlement_accrued"
    package var entitlement: EntityID<Entitlement>
    package var enrollment: EntityID<Enrollment>
    package var learner: EntityID<Learner>
    package var pathway: EntityID<Pathway>
    package var key: String
    package var kind: String
    package var title: String
    package var obligor: EntityID<Organization>
    package var until: CalendarDate
    package init(
        entitlement: EntityID<Entitlement>, enrollment: EntityID<Enrollment>, learner: EntityID<Learner>,
        pathway: EntityID<Pathway>, key: String, kind: String, title: String, obligor: EntityID<Organization>,
        until: CalendarDate
    ) {
        self.entitlement = entitlement
        self.enrollment = enrollment
        self.learner = learner
        self.pathway = pathway
        self.key = key
        self.kind = kind
        self.title = title
        self.obligor = obligor
        self.until = until
    }
}
