import Domain

extension GoldenTable {
    mutating func addRecordsRequests() {
        request(AuthorizeDisclosures(sender: uuid(12), items: [AuthorizeDisclosures.Item(disclosure: id(23),
            learner: id(6), partner: id(9), purpose: "college_admission", type: AttainmentRecorded.type,
            covers: OutcomeMet.type, event: uuid(26), fields: ["target", "level"], references: [uuid(27)])]),
            AuthorizeDisclosures.Reply(verdicts: [DisclosureVerdict(disclosure: id(23), allowed: true,
            reason: "It was entered twice.", consent: id(24), learner: uuid(25), event: uuid(26),
            references: [uuid(27)])]))
        request(SettleDisclosures(sender: uuid(12), items: [SettleDisclosures.Item(disclosure: id(23),
            learner: id(6), outcome: .open)]), Done())
        request(RegisterLearner(organization: id(2), givenName: "Ada", familyName: "Reyes", birthDate: birthday,
            identifiers: [IdentifierClaim(system: "state", kind: "student_number", value: "A-1007")]),
            RegisterLearner.Reply(learner: id(6)))
        request(ClaimIdentifier(learner: id(6), claim: IdentifierClaim(system: "state", kind: "student_number",
            value: "A-1007")), Done())
        request(GetLearner(learner: id(6)), GetLearner.Reply(learner: id(6), organization: id(2), givenName: "Ada",
            familyName: "Reyes", birthDate: birthday, identifiers: [IdentifierClaim(system: "state",
            kind: "student_number", value: "A-1007")], registeredAt: moment))
        request(GetCustodian(learner: id(6)), GetCustodian.Reply(organization: id(2)))
        request(GetLearnerRecord(learner: id(6), asOf: day, knownAt: moment, cursor: "b2Zmc2V0"), GetLearnerRecord.Reply(learner: id(6),
            attainments: [AttainmentEntry(attainment: id(21),
            target: "urn:uuid:10000000-0000-4000-8000-000000000001", level: 2.5, basis: .assessed,
            effectiveFrom: day, effectiveUntil: day, recordedAt: moment,
            provenance: Provenance(source: "assessment", actor: "client:assessor-1", authority: "assessor",
            reference: "judgment"), voided: AttainmentEntry.Voiding(at: moment, by: "client:registrar-1",
            reason: "It was entered twice."))], next: "b2Zmc2V0"))
        request(VoidAttainment(attainment: id(21), reason: "It was entered twice."), Done())
        request(GrantConsent(learner: id(6), partner: id(9), purpose: "college_admission",
            types: [AttainmentRecorded.type], until: day, contractRevision: "2026-08"),
            GrantConsent.Reply(consent: id(24)))
        request(WithdrawConsent(consent: id(24)), WithdrawConsent.Reply(consent: id(24), status: .granted))
        request(GetConsent(consent: id(24)), ConsentEntry(consent: id(24), learner: id(6), partner: id(9),
            purpose: "college_admission", types: [AttainmentRecorded.type], until: day, contractRevision: "2026-08",
            status: .granted, grantedAt: moment, withdrawnAt: moment))
        request(ListConsents(learner: id(6), limit: 50, cursor: "b2Zmc2V0"),
            Page(items: [ConsentEntry(consent: id(24), learner: id(6), partner: id(9), purpose: "college_admission",
            types: [AttainmentRecorded.type], until: day, contractRevision: "2026-08", status: .granted,
            grantedAt: moment, withdrawnAt: moment)], next: "b2Zmc2V0"))
        request(ListDisclosures(learner: id(6), limit: 50, cursor: "b2Zmc2V0"),
            Page(items: [DisclosureEntry(disclosure: id(23), partner: id(9), consent: id(24),
            type: AttainmentRecorded.type, fields: ["target", "level"], purpose: "college_admission",
            basis: "consent", outcome: .open, at: moment, settledAt: moment)], next: "b2Zmc2V0"))
    }

    mutating func addRecordsEvents() {
        event(LearnerRegistered(learner: id(6), organization: id(2), givenName: "Ada", familyName: "Reyes",
            birthDate: birthday))
        event(IdentifierClaimed(learner: id(6), claim: IdentifierClaim(system: "state", kind: "student_number",
            value: "A-1007")))
        event(AttainmentRecorded(attainment: id(21), learner: id(6),
            target: "urn:uuid:10000000-0000-4000-8000-000000000001", level: 2.5, basis: .assessed,
            effectiveFrom: day, effectiveUntil: day, provenance: Provenance(source: "assessment",
            actor: "client:assessor-1", authority: "assessor", reference: "judgment")))
        event(AttainmentVoided(attainment: id(21), learner: id(6),
            target: "urn:uuid:10000000-0000-4000-8000-000000000001", reason: "It was entered twice."))
        event(ConsentGranted(consent: id(24), learner: id(6), partner: id(9), purpose: "college_admission",
            types: [AttainmentRecorded.type], until: day, contractRevision: "2026-08"))
        event(ConsentWithdrawn(consent: id(24), learner: id(6), partner: id(9), purpose: "college_admission"))
    }
}
