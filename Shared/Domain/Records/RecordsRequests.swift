/// The person whose record it is.
package enum Learner {}
/// A learner's (or guardian's) permission for one partner and purpose.
package enum Consent {}
/// The statement that a learner has a competency, from a date, on a basis.
package enum Attainment {}
/// One thing that left, or was refused.
package enum Disclosure {}

/// Puts a learner on record, with the identifiers that other systems know them by.
package struct RegisterLearner: Command {
    package static let name: RequestName = "records.register_learner"
    /// Custodian of the record: the organization of the registrar.
    package var organization: EntityID<Organization>
    /// 1...200 characters each.
    package var givenName: String
    package var familyName: String
    package var birthDate: CalendarDate
    /// At most 20.
    package var identifiers: [IdentifierClaim]?

    package struct Reply: Codable, Sendable, Hashable {
        package var learner: EntityID<Learner>
        package init(learner: EntityID<Learner>) { self.learner = learner }
    }

    package init(organization: EntityID<Organization>, givenName: String, familyName: String,
                 birthDate: CalendarDate, identifiers: [IdentifierClaim]? = nil) {
        self.organization = organization
        self.givenName = givenName
        self.familyName = familyName
        self.birthDate = birthDate
        self.identifiers = identifiers
    }
}

/// (system, kind, value): an outside identifier that means this learner. One value means one learner at a time.
package struct IdentifierClaim: Codable, Sendable, Hashable {
    /// Who issues it, as a URI or a short name: `https://sis.example.edu`, `state`. 1...200 characters.
    package var system: String
    /// `student_number`, `state_id` … 1...100 characters.
    package var kind: String
    /// Compared as bytes after NFC. 1...200 characters.
    package var value: String

    package init(system: String, kind: String, value: String) {
        self.system = system
        self.kind = kind
        self.value = value
    }
}

package struct ClaimIdentifier: Command {
    package static let name: RequestName = "records.claim_identifier"
    package typealias Reply = Done
    package var learner: EntityID<Learner>
    package var claim: IdentifierClaim

    package init(learner: EntityID<Learner>, claim: IdentifierClaim) {
        self.learner = learner
        self.claim = claim
    }
}

package struct GetLearner: Query {
    package static let name: RequestName = "records.get_learner"
    package var learner: EntityID<Learner>
    package init(learner: EntityID<Learner>) { self.learner = learner }

    package struct Reply: Codable, Sendable, Hashable {
        package var learner: EntityID<Learner>
        package var organization: EntityID<Organization>
        package var givenName: String
        package var familyName: String
        package var birthDate: CalendarDate
        package var identifiers: [IdentifierClaim]
        package var registeredAt: Timestamp

        package init(learner: EntityID<Learner>, organization: EntityID<Organization>, givenName: String,
                     familyName: String, birthDate: CalendarDate, identifiers: [IdentifierClaim],
                     registeredAt: Timestamp) {
            self.learner = learner
            self.organization = organization
            self.givenName = givenName
            self.familyName = familyName
            self.birthDate = birthDate
            self.identifiers = identifiers
            self.registeredAt = registeredAt
        }
    }
}

/// Asks who has a learner in custody; assessment does before it lets an educator open anything.
package struct GetCustodian: Query {
    package static let name: RequestName = "records.get_custodian"
    package var learner: EntityID<Learner>
    package init(learner: EntityID<Learner>) { self.learner = learner }

    package struct Reply: Codable, Sendable, Hashable {
        /// The organization that registered the learner; nil where nobody has.
        package var organization: EntityID<Organization>?
        package init(organization: EntityID<Organization>?) { self.organization = organization }
    }
}

/// Every attainment with its provenance. Bitemporal: `asOf` asks what held on a day, `knownAt` what the record said at
/// a moment. Both default to now. As many lines as one answer holds, some thousand; the others after its `next`. Give
/// `knownAt` for pages of one and the same record.
package struct GetLearnerRecord: Query {
    package static let name: RequestName = "records.get_learner_record"
    package var learner: EntityID<Learner>
    package var asOf: CalendarDate?
    package var knownAt: Timestamp?
    package var cursor: String?

    package init(
        learner: EntityID<Learner>, asOf: CalendarDate? = nil, knownAt: Timestamp? = nil, cursor: String? = nil
    ) {
        self.learner = learner
        self.asOf = asOf
        self.knownAt = knownAt
        self.cursor = cursor
    }

    package struct Reply: Codable, Sendable, Hashable {
        package var learner: EntityID<Learner>
        /// In the order they were recorded; voided ones stay, marked.
        package var attainments: [AttainmentEntry]
        /// Where the record goes on; absent when this is the end of it.
        package var next: String?
        package init(learner: EntityID<Learner>, attainments: [AttainmentEntry], next: String? = nil) {
            self.learner = learner
            self.attainments = attainments
            self.next = next
        }
    }
}

/// One line of a learner's record.
package struct AttainmentEntry: Codable, Sendable, Hashable {
    package var attainment: EntityID<Attainment>
    /// IRI of the framework item.
    package var target: String
    package var level: Double?
    package var basis: AttainmentBasis
    package var effectiveFrom: CalendarDate
    package var effectiveUntil: CalendarDate?
    package var recordedAt: Timestamp
    package var provenance: Provenance
    package var voided: Voiding?

    package struct Voiding: Codable, Sendable, Hashable {
        package var at: Timestamp
        package var by: String
        package var reason: String
        package init(at: Timestamp, by: String, reason: String) {
            self.at = at
            self.by = by
            self.reason = reason
        }
    }

    package init(attainment: EntityID<Attainment>, target: String, level: Double?, basis: AttainmentBasis,
                 effectiveFrom: CalendarDate, effectiveUntil: CalendarDate?, recordedAt: Timestamp,
                 provenance: Provenance, voided: Voiding? = nil) {
        self.attainment = attainment
        self.target = target
        self.level = level
        self.basis = basis
        self.effectiveFrom = effectiveFrom
        self.effectiveUntil = effectiveUntil
        self.recordedAt = recordedAt
        self.provenance = provenance
        self.voided = voided
    }
}

package enum AttainmentBasis: String, Codable, Sendable, Hashable, CaseIterable {
    case assessed
    case priorLearning = "prior_learning"
    case articulated
    case granted
}

/// Where a fact comes from: who asserted it, under what authority, from which event.
package struct Provenance: Codable, Sendable, Hashable {
    package var source: String
    package var actor: String
    package var authority: String
    /// The judgment, recognition or decision that the basis resolves to.
    package var reference: String
    package init(source: String, actor: String, authority: String, reference: String) {
        self.source = source
        self.actor = actor
        self.authority = authority
        self.reference = reference
    }
}

/// Marks an attainment as never having held. The line stays visible as voided; progress and partners follow.
package struct VoidAttainment: Command {
    package static let name: RequestName = "records.void_attainment"
    package typealias Reply = Done
    package var attainment: EntityID<Attainment>
    /// 1...1000 characters.
    package var reason: String
    package init(attainment: EntityID<Attainment>, reason: String) {
        self.attainment = attainment
        self.reason = reason
    }
}

/// Lets one partner receive events of some types for one purpose until a day. Refused for a learner under 18 until
/// guardians exist. For one partner and purpose there is one consent at a time: a second grant is a conflict
/// (`consent.exists`) until the first is withdrawn or has run out.
package struct GrantConsent: Command {
    package static let name: RequestName = "records.grant_consent"
    package var learner: EntityID<Learner>
    package var partner: EntityID<Partner>
    /// Why the partner wants it: `college_admission`, `support`. 1...100 characters.
    package var purpose: String
    /// Event types that may be disclosed; each must be one that can leave (`EventCatalog`). 1...50. A type that takes back what
    /// another one said, such as `records.attainment_voided`, comes with that one.
    package var types: [EventType]
    /// The last day, in the state's zone; without one it ends by withdrawal only.
    package var until: CalendarDate?
    /// The text the learner agreed to, by its revision. 1...100 characters.
    package var contractRevision: String

    package init(learner: EntityID<Learner>, partner: EntityID<Partner>, purpose: String, types: [EventType],
                 until: CalendarDate? = nil, contractRevision: String) {
        self.learner = learner
        self.partner = partner
        self.purpose = purpose
        self.types = types
        self.until = until
        self.contractRevision = contractRevision
    }

    package struct Reply: Codable, Sendable, Hashable {
        package var consent: EntityID<Consent>
        package init(consent: EntityID<Consent>) { self.consent = consent }
    }
}

/// Ends a consent. `effective` is answered only when nothing that was being sent under it is still on its way; until
/// then the answer is `draining`, and the command is repeated (or `GetConsent` asked).
package struct WithdrawConsent: Command {
    package static let name: RequestName = "records.withdraw_consent"
    package var consent: EntityID<Consent>
    package init(consent: EntityID<Consent>) { self.consent = consent }

    package struct Reply: Codable, Sendable, Hashable {
        package var consent: EntityID<Consent>
        package var status: ConsentStatus
        package init(consent: EntityID<Consent>, status: ConsentStatus) {
            self.consent = consent
            self.status = status
        }
    }
}

package enum ConsentStatus: String, Codable, Sendable, Hashable {
    case granted
    /// Withdrawn; something sent before may still be on its way.
    case draining
    /// Withdrawn, and no byte of the learner leaves under it any more.
    case effective
    case expired
}

package struct GetConsent: Query {
    package static let name: RequestName = "records.get_consent"
    package typealias Reply = ConsentEntry
    package var consent: EntityID<Consent>
    package init(consent: EntityID<Consent>) { self.consent = consent }
}

package struct ListConsents: Query {
    package static let name: RequestName = "records.list_consents"
    package typealias Reply = Page<ConsentEntry>
    package var learner: EntityID<Learner>
    package var limit: Int?
    package var cursor: String?
    package init(learner: EntityID<Learner>, limit: Int? = nil, cursor: String? = nil) {
        self.learner = learner
        self.limit = limit
        self.cursor = cursor
    }
}

package struct ConsentEntry: Codable, Sendable, Hashable {
    package var consent: EntityID<Consent>
    package var learner: EntityID<Learner>
    package var partner: EntityID<Partner>
    package var purpose: String
    package var types: [EventType]
    package var until: CalendarDate?
    package var contractRevision: String
    package var status: ConsentStatus
    package var grantedAt: Timestamp
    package var withdrawnAt: Timestamp?

    package init(consent: EntityID<Consent>, learner: EntityID<Learner>, partner: EntityID<Partner>, purpose: String,
                 types: [EventType], until: CalendarDate?, contractRevision: String, status: ConsentStatus,
                 grantedAt: Timestamp, withdrawnAt: Timestamp?) {
        self.consent = consent
        self.learner = learner
        self.partner = partner
        self.purpose = purpose
        self.types = types
        self.until = until
        self.contractRevision = contractRevision
        self.status = status
        self.grantedAt = grantedAt
        self.withdrawnAt = withdrawnAt
    }
}

/// The record of disclosures (34 CFR 99.32): what left, to whom, on what basis. Asking for it is logged in it.
package struct ListDisclosures: Query {
    package static let name: RequestName = "records.list_disclosures"
    package typealias Reply = Page<DisclosureEntry>
    package var learner: EntityID<Learner>
    package var limit: Int?
    package var cursor: String?
    package init(learner: EntityID<Learner>, limit: Int? = nil, cursor: String? = nil) {
        self.learner = learner
        self.limit = limit
        self.cursor = cursor
    }
}

package struct DisclosureEntry: Codable, Sendable, Hashable {
    package enum Outcome: String, Codable, Sendable, Hashable {
        /// Opened, not yet settled: it may have left.
        case open
        case delivered
        /// The partner did not take it; nothing is known to have arrived.
        case failed
        /// Consent or authority did not allow it; nothing left.
        case refused
        /// The sender died; it may have left.
        case unknown
        /// Somebody read this list.
        case inspected
    }

    package var disclosure: EntityID<Disclosure>
    package var partner: EntityID<Partner>?
    package var consent: EntityID<Consent>?
    package var type: EventType?
    package var fields: [String]
    package var purpose: String
    /// `consent`; `retraction` where the learner took back what had left; why it was refused; for an inspection, the subject who read the list.
    package var basis: String
    package var outcome: Outcome
    package var at: Timestamp
    package var settledAt: Timestamp?

    package init(disclosure: EntityID<Disclosure>, partner: EntityID<Partner>?, consent: EntityID<Consent>?,
                 type: EventType?, fields: [String], purpose: String, basis: String, outcome: Outcome,
                 at: Timestamp, settledAt: Timestamp?) {
        self.disclosure = disclosure
        self.partner = partner
        self.consent = consent
        self.type = type
        self.fields = fields
        self.purpose = purpose
        self.basis = basis
        self.outcome = outcome
        self.at = at
        self.settledAt = settledAt
    }
}
