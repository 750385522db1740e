package struct LearnerRegistered: Event {
    package static let type: EventType = "records.learner_registered"
    package var learner: EntityID<Learner>
    package var organization: EntityID<Organization>
    package var givenName: String
    package var familyName: String
    package var birthDate: CalendarDate

    package init(learner: EntityID<Learner>, organization: EntityID<Organization>, givenName: String,
                 familyName: String, birthDate: CalendarDate) {
        self.learner = learner
        self.organization = organization
        self.givenName = givenName
        self.familyName = familyName
        self.birthDate = birthDate
    }
}

package struct IdentifierClaimed: Event {
    package static let type: EventType = "records.identifier_claimed"
    package var learner: EntityID<Learner>
    package var claim: IdentifierClaim
    package init(learner: EntityID<Learner>, claim: IdentifierClaim) {
        self.learner = learner
        self.claim = claim
    }
}

package struct AttainmentRecorded: Event {
    package static let type: EventType = "records.attainment_recorded"
    package var attainment: EntityID<Attainment>
    package var learner: EntityID<Learner>
    package var target: String
    package var level: Double?
    package var basis: AttainmentBasis
    package var effectiveFrom: CalendarDate
    package var effectiveUntil: CalendarDate?
    package var provenance: Provenance

    package init(attainment: EntityID<Attainment>, learner: EntityID<Learner>, target: String, level: Double?,
                 basis: AttainmentBasis, effectiveFrom: CalendarDate, effectiveUntil: CalendarDate?,
                 provenance: Provenance) {
        self.attainment = attainment
        self.learner = learner
        self.target = target
        self.level = level
        self.basis = basis
        self.effectiveFrom = effectiveFrom
        self.effectiveUntil = effectiveUntil
        self.provenance = provenance
    }
}

package struct AttainmentVoided: Event {
    package static let type: EventType = "records.attainment_voided"
    package var attainment: EntityID<Attainment>
    package var learner: EntityID<Learner>
    package var target: String
    package var reason: String
    package init(attainment: EntityID<Attainment>, learner: EntityID<Learner>, target: String, reason: String) {
        self.attainment = attainment
        self.learner = learner
        self.target = target
        self.reason = reason
    }
}

package struct ConsentGranted: Event {
    package static let type: EventType = "records.consent_granted"
    package var consent: EntityID<Consent>
    package var learner: EntityID<Learner>
    package var partner: EntityID<Partner>
    package var purpose: String
    package var types: [EventType]
    package var until: CalendarDate?
    package var contractRevision: String

    package init(consent: EntityID<Consent>, learner: EntityID<Learner>, partner: EntityID<Partner>, purpose: String,
                 types: [EventType], until: CalendarDate?, contractRevision: String) {
        self.consent = consent
        self.learner = learner
        self.partner = partner
        self.purpose = purpose
        self.types = types
        self.until = until
        self.contractRevision = contractRevision
    }
}

package struct ConsentWithdrawn: Event {
    package static let type: EventType = "records.consent_withdrawn"
    package var consent: EntityID<Consent>
    package var learner: EntityID<Learner>
    package var partner: EntityID<Partner>
    package var purpose: String
    package init(consent: EntityID<Consent>, learner: EntityID<Learner>, partner: EntityID<Partner>, purpose: String) {
        self.consent = consent
        self.learner = learner
        self.partner = partner
        self.purpose = purpose
    }
}
