/// A named route to one or more destinations; learners enroll in one version of it.
package enum Pathway {}
package enum Recognition {}
package enum Enrollment {}
/// What completing gives a right to, with a named obligor and a clock.
package enum Entitlement {}

package struct DraftPathway: Command {
    package static let name: RequestName = "pathways.draft_pathway"
    /// The body whose decision can certify it.
    package var body: EntityID<GoverningBody>
    package var document: PathwayDocument

    package struct Reply: Codable, Sendable, Hashable {
        package var pathway: EntityID<Pathway>
        package var version: Int
        /// Counts the texts of this version, from 1. Absent from answers that were given before there was an `If-Match`.
        package var revision: Int?
        /// Warnings of the check; a refusal is a fault instead.
        package var warnings: [ImportRepair]
        package init(pathway: EntityID<Pathway>, version: Int, revision: Int?, warnings: [ImportRepair]) {
            self.pathway = pathway
            self.version = version
            self.revision = revision
            self.warnings = warnings
        }
    }

    package init(body: EntityID<GoverningBody>, document: PathwayDocument) {
        self.body = body
        self.document = document
    }
}

/// Replaces the draft `version`, or opens the next version when the last one is certified.
package struct RevisePathway: Command {
    package static let name: RequestName = "pathways.revise_pathway"
    package typealias Reply = DraftPathway.Reply
    package var pathway: EntityID<Pathway>
    package var version: Int
    package var document: PathwayDocument
    /// The text that it replaces: refused with `version_mismatch` when the draft has another by now. Over HTTP this is
    /// `If-Match`. Absent, it replaces whatever there is.
    package var revision: Int?
    package init(pathway: EntityID<Pathway>, version: Int, document: PathwayDocument, revision: Int? = nil) {
        self.pathway = pathway
        self.version = version
        self.document = document
        self.revision = revision
    }
}

package struct GetPathway: Query {
    package static let name: RequestName = "pathways.get_pathway"
    package var pathway: EntityID<Pathway>
    /// The newest when absent.
    package var version: Int?

    package struct Reply: Codable, Sendable, Hashable {
        package enum Status: String, Codable, Sendable, Hashable { case draft, certified }

        package var pathway: EntityID<Pathway>
        package var body: EntityID<GoverningBody>
        package var version: Int
        /// Counts the texts of this version, from 1. Over HTTP also the `ETag`.
        package var revision: Int?
        package var status: Status
        package var document: PathwayDocument
        package var certifiedBy: EntityID<Motion>?
        package var certifiedAt: Timestamp?
        package var recognitions: [RecognitionEntry]
        package init(
            pathway: EntityID<Pathway>, body: EntityID<GoverningBody>, version: Int, revision: Int?, status: Status,
            document: PathwayDocument, certifiedBy: EntityID<Motion>? = nil, certifiedAt: Timestamp? = nil,
            recognitions: [RecognitionEntry]
        ) {
            self.pathway = pathway
            self.body = body
            self.version = version
            self.revision = revision
            self.status = status
            self.document = document
            self.certifiedBy = certifiedBy
            self.certifiedAt = certifiedAt
            self.recognitions = recognitions
        }
    }

    package init(pathway: EntityID<Pathway>, version: Int? = nil) {
        self.pathway = pathway
        self.version = version
    }
}

/// An institution's dated statement that it recognizes completion of this pathway version. In force from `from`; those
/// enrolled before it ends keep it.
package struct RecognizePathway: Command {
    package static let name: RequestName = "pathways.recognize_pathway"
    package var pathway: EntityID<Pathway>
    package var version: Int
    package var organization: EntityID<Organization>
    package var kind: PathwayDocument.Recognitions.Kind
    package var from: CalendarDate
    package var until: CalendarDate?
    /// 1...4000 characters: what it accepts completion for, on which conditions.
    package var terms: String

    package struct Reply: Codable, Sendable, Hashable {
        package var recognition: EntityID<Recognition>
        package init(recognition: EntityID<Recognition>) {
            self.recognition = recognition
        }
    }

    package init(
        pathway: EntityID<Pathway>, version: Int, organization: EntityID<Organization>, kind: PathwayDocument.Recognitions.Kind,
        from: CalendarDate, until: CalendarDate? = nil, terms: String
    ) {
        self.pathway = pathway
        self.version = version
        self.organization = organization
        self.kind = kind
        self.from = from
        self.until = until
        self.terms = terms
    }
}

package struct RecognitionEntry: Codable, Sendable, Hashable {
    package var recognition: EntityID<Recognition>
    package var organization: EntityID<Organization>
    package var kind: PathwayDocument.Recognitions.Kind
    package var from: CalendarDate
    package var until: CalendarDate?
    package var terms: String
    package init(
        recognition: EntityID<Recognition>, organization: EntityID<Organization>, kind: PathwayDocument.Recognitions.Kind,
        from: CalendarDate, until: CalendarDate? = nil, terms: String
    ) {
        self.recognition = recognition
        self.organization = organization
        self.kind = kind
        self.from = from
        self.until = until
        self.terms = terms
    }
}

/// Sets a draft certified, by a carried motion of its body for this very version, while the recognitions that the
/// document requires are in force. No other transition sets certified (invariant 2).
package struct CertifyPathway: Command {
    package static let name: RequestName = "pathways.certify_pathway"
    package typealias Reply = Done
    package var pathway: EntityID<Pathway>
    package var version: Int
    package var motion: EntityID<Motion>
    package init(pathway: EntityID<Pathway>, version: Int, motion: EntityID<Motion>) {
        self.pathway = pathway
        self.version = version
        self.motion = motion
    }
}

/// Enrolls a learner in a certified pathway; the enrollment stays on this version (invariant 3).
package struct EnrollLearner: Command {
    package static let name: RequestName = "pathways.enroll_learner"
    package var learner: EntityID<Learner>
    package var pathway: EntityID<Pathway>
    /// The newest certified one when absent.
    package var version: Int?

    package struct Reply: Codable, Sendable, Hashable {
        package var enrollment: EntityID<Enrollment>
        package var version: Int
        package init(enrollment: EntityID<Enrollment>, version: Int) {
            self.enrollment = enrollment
            self.version = version
        }
    }

    package init(learner: EntityID<Learner>, pathway: EntityID<Pathway>, version: Int? = nil) {
        self.learner = learner
        self.pathway = pathway
        self.version = version
    }
}

package struct GetEnrollment: Query {
    package static let name: RequestName = "pathways.get_enrollment"
    package typealias Reply = EnrollmentEntry
    package var enrollment: EntityID<Enrollment>
    package init(enrollment: EntityID<Enrollment>) {
        self.enrollment = enrollment
    }
}

package struct ListEnrollments: Query {
    package static let name: RequestName = "pathways.list_enrollments"
    package typealias Reply = Page<EnrollmentEntry>
    package var learner: EntityID<Learner>
    package var limit: Int?
    package var cursor: String?
    package init(learner: EntityID<Learner>, limit: Int? = nil, cursor: String? = nil) {
        self.learner = learner
        self.limit = limit
        self.cursor = cursor
    }
}

package struct EnrollmentEntry: Codable, Sendable, Hashable {
    package enum Status: String, Codable, Sendable, Hashable { case active, completed }

    package var enrollment: EntityID<Enrollment>
    package var learner: EntityID<Learner>
    package var pathway: EntityID<Pathway>
    package var version: Int
    package var title: String
    package var status: Status
    package var enrolledAt: Timestamp
    package var completedAt: Timestamp?
    package var components: [ComponentStanding]
    package var milestones: [String]
    package var entitlements: [EntitlementEntry]
    /// Up to which position of the records feed the learner's attainments are known here; an older fact may be missing.
    package var recordsPosition: String
    package init(
        enrollment: EntityID<Enrollment>, learner: EntityID<Learner>, pathway: EntityID<Pathway>, version: Int,
        title: String, status: Status, enrolledAt: Timestamp, completedAt: Timestamp? = nil,
        components: [ComponentStanding], milestones: [String], entitlements: [EntitlementEntry],
        recordsPosition: String
    ) {
        self.enrollment = enrollment
        self.learner = learner
        self.pathway = pathway
        self.version = version
        self.title = title
        self.status = status
        self.enrolledAt = enrolledAt
        self.completedAt = completedAt
        self.components = components
        self.milestones = milestones
        self.entitlements = entitlements
        self.recordsPosition = recordsPosition
    }
}

/// Derived, never set by hand (DOMAIN §2).
package enum FulfillmentState: String, Codable, Sendable, Hashable, CaseIterable {
    /// Nothing counts toward it yet.
    case noEvidence = "no_evidence"
    /// Some evidence counts toward it: its target is or was held, if only at a lower level, or there is evidence for
    /// something its condition names.
    case inProgress = "in_progress"
    case met
    /// Whether it is met depends on records that have not arrived here yet.
    case unknown
}

/// A component's fulfillment for one enrollment, with its reason.
package struct ComponentStanding: Codable, Sendable, Hashable {
    package var component: String
    package var title: String
    package var state: FulfillmentState
    /// One plain sentence.
    package var reason: String
    package var attainments: [EntityID<Attainment>]
    package init(
        component: String, title: String, state: FulfillmentState, reason: String,
        attainments: [EntityID<Attainment>]
    ) {
        self.component = component
        self.title = title
        self.state = state
        self.reason = reason
        self.attainments = attainments
    }
}

package struct EntitlementEntry: Codable, Sendable, Hashable {
    package var entitlement: EntityID<Entitlement>
    package var key: String
    package var kind: String
    package var title: String
    package var obligor: EntityID<Organization>
    package var accruedAt: Timestamp
    /// Fixed at accrual.
    package var until: CalendarDate
    package init(
        entitlement: EntityID<Entitlement>, key: String, kind: String, title: String,
        obligor: EntityID<Organization>, accruedAt: Timestamp, until: CalendarDate
    ) {
        self.entitlement = entitlement
        self.key = key
        self.kind = kind
        self.title = title
        self.obligor = obligor
        self.accruedAt = accruedAt
        self.until = until
    }
}

package struct ListEntitlements: Query {
    package static let name: RequestName = "pathways.list_entitlements"
    package typealias Reply = Page<EntitlementEntry>
    package var enrollment: EntityID<Enrollment>
    package init(enrollment: EntityID<Enrollment>) {
        self.enrollment = enrollment
    }
}
