/// Who may ask what, and how far: one row per request. A handler or route whose request has no row cannot be
/// registered, and the tests walk every row × role × relation.
///
/// The columns of a row are alternatives. Absence is refusal.
package enum AuthorizationMatrix {
    package static func rules(for request: RequestName) -> [Rule] { rows[request] ?? [] }
    package static func has(_ request: RequestName) -> Bool { rows[request] != nil }

    package static let rows: [RequestName: [Rule]] = [
        // records
        RegisterLearner.name: [.registrar],
        ClaimIdentifier.name: [.registrar],
        GetLearner.name: [.learner, .registrar],
        GetLearnerRecord.name: [.learner, .registrar],
        GetCustodian.name: [.service],
        VoidAttainment.name: [.registrar],
        GrantConsent.name: [.learner],
        WithdrawConsent.name: [.learner],
        GetConsent.name: [.learner],
        ListConsents.name: [.learner],
        ListDisclosures.name: [.learner, .auditor],
        AuthorizeDisclosures.name: [.service],
        SettleDisclosures.name: [.service],

        // pathways
        RegisterOrganization.name: [.operator],
        GetOrganization.name: .anybody,
        ImportFramework.name: [.operator],
        StageUpload.name: [.operator],
        GetFramework.name: .anybody,
        ListFrameworkItems.name: .anybody,
        ConstituteBody.name: [.operator],
        FillSeat.name: [.operator, .bodyClerk],
        VacateSeat.name: [.operator, .bodyClerk],
        GetBody.name: .anybody,
        TableMotion.name: [.bodyClerk],
        CastBallot.name: [.bodyMember],
        CloseMotion.name: [.bodyClerk],
        GetMotion.name: .anybody,
        DraftPathway.name: [.operator],
        RevisePathway.name: [.operator],
        GetPathway.name: .anybody,
        RecognizePathway.name: [.institution],
        CertifyPathway.name: [.bodyClerk],
        EnrollLearner.name: [.learner],
        GetEnrollment.name: [.learner],
        ListEnrollments.name: [.learner],
        ListEntitlements.name: [.learner],

        // assessment
        RegisterAssessor.name: [.operator],
        GrantLicense.name: [.operator],
        RevokeLicense.name: [.operator],
        GetLicense.name: [.operator, .assessor],
        PublishRubric.name: [.operator],
        ReviseRubric.name: [.operator],
        GetRubric.name: .anybody,
        RequestAssessment.name: [.learner, .educator],
        SubmitEvidence.name: [.learner, .educator],
        RecordJudgment.name: [.assessor],
        VoidAssessment.name: [.operator],
        GetAssessment.name: [.learner, .assessor, .educator],

        // notifications
        RegisterPartner.name: [.operator],
        GetPartner.name: [.operator, .partner],
        Subscribe.name: [.partner],
        GetSubscription.name: [.partner, .operator],
        GetSubscriptionSecret.name: [.partner],
        EndSubscription.name: [.partner, .operator],
        ReadFeed.name: [.partner],
        ListDeliveries.name: [.partner, .operator],
        ReplayFeed.name: [.partner],
        RetryDelivery.name: [.partner, .operator],
        ListSupportCases.name: [.educator],
        AcknowledgeSupportCase.name: [.educator],
        PlanSupportCase.name: [.educator],
        ResolveSupportCase.name: [.educator],
        CheckSender.name: [.service],

        // every service
        "records.fetch_events": [.service], "pathways.fetch_events": [.service],
        "assessment.fetch_events": [.service], "notifications.fetch_events": [.service],
        "records.list_parked": [.operator], "pathways.list_parked": [.operator],
        "assessment.list_parked": [.operator], "notifications.list_parked": [.operator],
        "records.release_parked": [.operator], "pathways.release_parked": [.operator],
        "assessment.release_parked": [.operator], "notifications.release_parked": [.operator],
    ]
}

extension Rule {
    static let `operator` = Rule(.operator, .everywhere)
    static let auditor = Rule(.auditor, .everywhere)
    static let service = Rule(.service, .everywhere)
    static let registrar = Rule(.registrar, .withinScope)
    static let learner = Rule(.learner, .withinScope)
    static let educator = Rule(.educator, .withinScope)
    static let assessor = Rule(.assessor, .withinScope)
    static let bodyMember = Rule(.bodyMember, .withinScope)
    static let bodyClerk = Rule(.bodyClerk, .withinScope)
    static let institution = Rule(.institution, .withinScope)
    static let partner = Rule(.partner, .withinScope)
}

extension [Rule] {
    /// Published facts (frameworks, certified pathways, decisions): every signed-in subject.
    static let anybody = Role.allCases.map { Rule($0, .everywhere) }
}
