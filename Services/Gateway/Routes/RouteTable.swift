import Domain

/// Every address of the API. A request of Domain without a row here cannot be reached from outside; a row whose request
/// has no row in `AuthorizationMatrix` stops the start.
enum RouteTable {
    static let all: [Route] = open + records + pathways + governance + assessment + notifications + operations

    static let open: [Route] = [
        .page(.token, .post, "/oauth/token", "Tokens", "Exchange client credentials for an access token."),
        .page(.keys, .get, "/.well-known/jwks.json", "Tokens", "Get the public keys that verify access tokens."),
        .page(.metadata, .get, "/.well-known/oauth-authorization-server", "Tokens",
              "Get the authorization server's metadata (RFC 8414)."),
        .page(.openAPI, .get, "/openapi.json", "Documentation", "Get this description of the API."),
        .page(.asyncAPI, .get, "/asyncapi.json", "Documentation",
              "Get the description of the events that partners receive (AsyncAPI)."),
        .page(.docs, .get, "/docs", "Documentation", "Read this description of the API as a page."),
    ]

    static let records: [Route] = [
        .command(RegisterLearner.self, .post, "/v1/learners", "Learners", "Register a learner.",
                 .created(at: "/v1/learners/{learner}")),
        .query(GetLearner.self, "/v1/learners/{learner}", "Learners", "Get a learner."),
        .command(ClaimIdentifier.self, .post, "/v1/learners/{learner}/identifiers", "Learners",
                 "Say that an outside identifier means this learner.", body: .member("claim"), .done),
        .query(GetLearnerRecord.self, "/v1/learners/{learner}/record", "Learners", "Read a learner's record."),
        .command(VoidAttainment.self, .post, "/v1/attainments/{attainment}/void", "Learners",
                 "Mark an attainment as never having held.", .done),
        .command(GrantConsent.self, .post, "/v1/learners/{learner}/consents", "Consent",
                 "Let a partner receive some of the learner's events.", .created(at: "/v1/consents/{consent}")),
        .query(ListConsents.self, "/v1/learners/{learner}/consents", "Consent", "List a learner's consents."),
        .query(GetConsent.self, "/v1/consents/{consent}", "Consent", "Get a consent."),
        .command(WithdrawConsent.self, .post, "/v1/consents/{consent}/withdraw", "Consent",
                 "End a consent; 202 while something sent before may still be on its way.",
                 .acceptedWhile(member: "status", is: "draining", at: "/v1/consents/{consent}")),
        .query(ListDisclosures.self, "/v1/learners/{learner}/disclosures", "Consent",
               "List what left about a learner, to whom and why."),
    ]

    static let pathways: [Route] = [
        .command(RegisterOrganization.self, .post, "/v1/organizations", "Organizations", "Register an organization.",
                 .created(at: "/v1/organizations/{organization}")),
        .query(GetOrganization.self, "/v1/organizations/{organization}", "Organizations", "Get an organization."),
        .command(ImportFramework.self, .post, "/v1/frameworks", "Frameworks",
                 "Import a CASE package as a framework version.", body: .framework,
                 .createdIf(member: "imported", at: "/v1/frameworks/{framework}")),
        .command(StageUpload.self, .put, "/v1/uploads/{upload}/parts/{part}", "Frameworks",
                 "Stage one part of a package that is larger than one body.", .done),
        .query(GetFramework.self, "/v1/frameworks/{framework}", "Frameworks", "Get a framework version."),
        .query(ListFrameworkItems.self, "/v1/frameworks/{framework}/items", "Frameworks", "List a framework's items."),
        .command(DraftPathway.self, .post, "/v1/pathways", "Pathways", "Draft a pathway.",
                 .created(at: "/v1/pathways/{pathway}/versions/{version}")),
        .query(GetPathway.self, "/v1/pathways/{pathway}", "Pathways", "Get a pathway, by default its newest version."),
        .query(GetPathway.self, "/v1/pathways/{pathway}/versions/{version}", "Pathways", "Get a version of a pathway."),
        .command(RevisePathway.self, .put, "/v1/pathways/{pathway}/versions/{version}", "Pathways",
                 "Replace a draft, or open the next version.", body: .member("document"), .ok),
        .command(RecognizePathway.self, .post, "/v1/pathways/{pathway}/versions/{version}/recognitions", "Pathways",
                 "Recognize completion of a pathway version.",
                 .created(at: "/v1/pathways/{pathway}/versions/{version}")),
        .command(CertifyPathway.self, .post, "/v1/pathways/{pathway}/versions/{version}/certify", "Pathways",
                 "Certify a draft by a carried motion.", .done),
        .command(EnrollLearner.self, .post, "/v1/learners/{learner}/enrollments", "Enrollments",
                 "Enroll a learner in a certified pathway.", .created(at: "/v1/enrollments/{enrollment}")),
        .query(ListEnrollments.self, "/v1/learners/{learner}/enrollments", "Enrollments", "List a learner's enrollments."),
        .query(GetEnrollment.self, "/v1/enrollments/{enrollment}", "Enrollments",
               "Get an enrollment with its fulfillment and the reasons."),
        .query(ListEntitlements.self, "/v1/enrollments/{enrollment}/entitlements", "Enrollments",
               "List what an enrollment gives a right to."),
    ]

    static let governance: [Route] = [
        .command(ConstituteBody.self, .post, "/v1/bodies", "Governance", "Constitute a governing body.",
                 .created(at: "/v1/bodies/{body}")),
        .query(GetBody.self, "/v1/bodies/{body}", "Governance", "Get a governing body with its seats."),
        .command(FillSeat.self, .post, "/v1/bodies/{body}/seats", "Governance", "Fill a seat.",
                 .created(at: "/v1/bodies/{body}")),
        .command(VacateSeat.self, .post, "/v1/bodies/{body}/seats/{seat}/vacate", "Governance",
                 "End the term of a seat early.", .done),
        .command(TableMotion.self, .post, "/v1/motions", "Governance", "Table a motion.",
                 .created(at: "/v1/motions/{motion}")),
        .query(GetMotion.self, "/v1/motions/{motion}", "Governance", "Get a motion with its tally."),
        .command(CastBallot.self, .post, "/v1/motions/{motion}/ballots", "Governance", "Vote from a seat.", .done),
        .command(CloseMotion.self, .post, "/v1/motions/{motion}/close", "Governance", "Close the vote and decide.", .ok),
    ]

    static let assessment: [Route] = [
        .command(RegisterAssessor.self, .post, "/v1/assessors", "Assessment", "Register an assessor.", .created(at: nil)),
        .command(GrantLicense.self, .post, "/v1/licenses", "Assessment", "License an assessor for a scope and term.",
                 .created(at: "/v1/licenses/{license}")),
        .query(GetLicense.self, "/v1/licenses/{license}", "Assessment", "Get a license."),
        .command(RevokeLicense.self, .post, "/v1/licenses/{license}/revoke", "Assessment",
                 "Revoke a license from a day.", .done),
        .command(PublishRubric.self, .post, "/v1/rubrics", "Assessment", "Publish a rubric.",
                 .created(at: "/v1/rubrics/{rubric}")),
        .query(GetRubric.self, "/v1/rubrics/{rubric}", "Assessment", "Get a rubric, by default its newest version."),
        .command(ReviseRubric.self, .post, "/v1/rubrics/{rubric}/versions", "Assessment",
                 "Publish the next version of a rubric.", .created(at: "/v1/rubrics/{rubric}")),
        .command(RequestAssessment.self, .post, "/v1/assessments", "Assessment", "Open an assessment.",
                 .created(at: "/v1/assessments/{assessment}")),
        .query(GetAssessment.self, "/v1/assessments/{assessment}", "Assessment",
               "Get an assessment with its evidence and judgments."),
        .command(SubmitEvidence.self, .post, "/v1/assessments/{assessment}/evidence", "Assessment", "Submit evidence.",
                 .created(at: "/v1/assessments/{assessment}")),
        .command(RecordJudgment.self, .post, "/v1/assessments/{assessment}/judgments", "Assessment",
                 "Judge under a license.", .created(at: "/v1/assessments/{assessment}")),
        .command(VoidAssessment.self, .post, "/v1/assessments/{assessment}/void", "Assessment", "Void an assessment.",
                 .done),
    ]

    static let notifications: [Route] = [
        .command(RegisterPartner.self, .post, "/v1/partners", "Partners", "Register a partner.",
                 .created(at: "/v1/partners/{partner}")),
        .query(GetPartner.self, "/v1/partners/{partner}", "Partners", "Get a partner."),
        .command(Subscribe.self, .post, "/v1/subscriptions", "Partners", "Open a subscription.",
                 .created(at: "/v1/subscriptions/{subscription}")),
        .query(GetSubscription.self, "/v1/subscriptions/{subscription}", "Partners", "Get a subscription."),
        .query(GetSubscriptionSecret.self, "/v1/subscriptions/{subscription}/secret", "Partners",
               "Get the key that signs a subscription's webhooks."),
        .command(EndSubscription.self, .post, "/v1/subscriptions/{subscription}/end", "Partners",
                 "End a subscription.", .done),
        .query(ReadFeed.self, "/v1/subscriptions/{subscription}/events", "Partners",
               "Read a subscription's feed after a position."),
        .stream(ReadFeed.self, "/v1/subscriptions/{subscription}/stream", "Partners",
                "Read a subscription's feed as server-sent events."),
        .query(ListDeliveries.self, "/v1/subscriptions/{subscription}/deliveries", "Partners",
               "List a subscription's deliveries."),
        .command(ReplayFeed.self, .post, "/v1/subscriptions/{subscription}/replay", "Partners",
                 "Send everything after a position again.", .ok),
        .command(RetryDelivery.self, .post, "/v1/subscriptions/{subscription}/retry", "Partners",
                 "Try parked deliveries again, or resume a suspended endpoint.", .done),
        .query(ListSupportCases.self, "/v1/support-cases", "Support", "List an organization's support cases."),
        .command(AcknowledgeSupportCase.self, .post, "/v1/support-cases/{supportCase}/acknowledge", "Support",
                 "Take up a support case.", .done),
        .command(PlanSupportCase.self, .post, "/v1/support-cases/{supportCase}/plan", "Support", "Plan support.", .done),
        .command(ResolveSupportCase.self, .post, "/v1/support-cases/{supportCase}/resolve", "Support",
                 "Resolve a support case.", .done),
    ]

    /// What stands still in each service, and what an operator does about it.
    static let operations: [Route] = ["records", "pathways", "assessment", "notifications"].flatMap { service in
        [
            Route.query(ListParked.self, "/v1/operations/\(service)/parked", "Operations",
                        "List the events that \(service) could not digest.", as: RequestName("\(service).list_parked")),
            Route.command(ReleaseParked.self, .post, "/v1/operations/\(service)/parked/release", "Operations",
                          "Try a parked event of \(service) again, or skip it.",
                          as: RequestName("\(service).release_parked"), .ok),
        ]
    }

    /// Requests of our own processes among themselves: no address leads to them.
    static let internalRequests: Set<RequestName> = Set(AuthorizationMatrix.rows.filter { row in
        row.value.allSatisfy { $0.role == .service }
    }.keys)

    /// Precondition of every start: each forwarded request has a row in the matrix and can be asked by somebody
    /// outside; its path names members that it has.
    static func check(_ routes: [Route]) {
        for route in routes {
            guard let contract = route.contract else { continue }
            precondition(AuthorizationMatrix.has(contract.name), "\(contract.name) has no row in the authorization matrix")
            precondition(!internalRequests.contains(contract.name), "\(contract.name) is not for callers outside")
            let names = Set(contract.request.members.map(\.name))
            precondition(
                route.path.parameters.allSatisfy(names.contains), "\(route.path) names what \(contract.name) has not")
        }
    }
}
