import Domain
import Foundation
import ServiceKit
@testable import Command

/// The smallest ecosystem in which everything can happen: one body, one certified pathway of two competencies with an
/// entitlement, one licensed assessor, one partner with a webhook, and as many adult learners as wanted.
struct Town: Sendable {
    static let targets = ["urn:uuid:00000000-0000-4000-8000-00000000a001", "urn:uuid:00000000-0000-4000-8000-00000000a002"]
    static let purpose = "college_admission"
    static let types: [EventType] = [
        AttainmentRecorded.type, OutcomeNotYet.type, OutcomeMet.type, ComponentFulfilled.type, PathwayCompleted.type,
        EntitlementAccrued.type, LearnerEnrolled.type,
    ]

    let city: City
    let organization: EntityID<Organization>
    let pathway: EntityID<Pathway>
    let rubric: EntityID<Rubric>
    let assessorID: EntityID<Assessor>
    let license: EntityID<License>
    let partnerID: EntityID<Partner>
    let subscription: EntityID<Subscription>
    let `operator`: APIClient
    let registrar: APIClient
    let educator: APIClient
    let assessor: APIClient
    let partner: APIClient

    /// - Parameter webhook: where the partner's events go; nil for a feed alone.
    static func found(_ city: City, webhook: String?) async throws -> Town {
        let `operator` = try await city.client("operator", RoleGrant(.operator))
        let organization = try await `operator`.ask(
            RegisterOrganization(title: "Lakeside School District", kinds: [.school], region: "north"),
            "POST /v1/organizations").organization
        let body = try await `operator`.ask(
            ConstituteBody(title: "State council", jurisdiction: "state", requiredSectors: ["education"], quorum: 1),
            "POST /v1/bodies").body
        let assessorID = try await `operator`.ask(
            RegisterAssessor(fullName: "Noor Haddad", organization: organization), "POST /v1/assessors").assessor
        let partnerID = try await `operator`.ask(
            RegisterPartner(organization: organization, title: "Harbor College"), "POST /v1/partners").partner
        let clients = try await city.clients([
            ("registrar", [RoleGrant(.registrar, over: organization.uuid)]),
            ("educator", [RoleGrant(.educator, over: organization.uuid)]),
            ("clerk", [RoleGrant(.bodyClerk, over: body.uuid)]),
            ("member", [RoleGrant(.bodyMember, over: body.uuid)]),
            ("assessor", [RoleGrant(.assessor, over: assessorID.uuid)]),
            ("partner", [RoleGrant(.partner, over: partnerID.uuid)]),
        ])
        let clerk = clients[2], member = clients[3], partner = clients[5]
        let seat = try await `operator`.ask(
            FillSeat(body: body, sector: "education", holder: "client:member", from: day("2020-01-01")),
            "POST /v1/bodies/{body}/seats").seat
        let document = PathwayDocument(
            title: "Into the trades",
            components: [
                .init(id: "first", kind: .competency, title: "Works safely", target: targets[0],
                      milestone: .init(title: "Safe worker")),
                .init(id: "second", kind: .competency, title: "Reads drawings", target: targets[1]),
                .init(id: "done", kind: .selection, title: "Ready",
                      condition: .init(.all, of: [.component("first"), .component("second")])),
            ],
            destinations: ["done"],
            entitlements: [
                .init(id: "interview", after: "done", kind: .interview, title: "An interview",
                      obligor: organization, days: 365),
            ])
        let pathway = try await `operator`.ask(DraftPathway(body: body, document: document), "POST /v1/pathways").pathway
        let motion = try await clerk.ask(
            TableMotion(body: body, title: "Certify", pathway: pathway, version: 1), "POST /v1/motions").motion
        _ = try await member.ask(
            CastBallot(motion: motion, seat: seat, choice: .yes), "POST /v1/motions/{motion}/ballots")
        _ = try await clerk.ask(CloseMotion(motion: motion), "POST /v1/motions/{motion}/close")
        _ = try await clerk.ask(
            CertifyPathway(pathway: pathway, version: 1, motion: motion),
            "POST /v1/pathways/{pathway}/versions/{version}/certify")
        let license = try await `operator`.ask(
            GrantLicense(assessor: assessorID, issuer: organization, scope: LicenseScope(targets: targets),
                         from: day("2020-01-01"), until: day("2100-01-01")), "POST /v1/licenses").license
        let rubric = try await `operator`.ask(
            PublishRubric(title: "Trades", criteria: targets.enumerated().map { number, target in
                RubricCriterion(
                    id: "c\(number)", target: target, description: "Shows it.",
                    levels: [CriterionLevel(level: 1, description: "Begins"), CriterionLevel(level: 2, description: "Does")],
                    metAt: 2)
            }), "POST /v1/rubrics").rubric
        let subscription = try await partner.ask(
            Subscribe(partner: partnerID, types: types, purpose: purpose, webhook: webhook), "POST /v1/subscriptions")
            .subscription
        return Town(
            city: city, organization: organization, pathway: pathway, rubric: rubric, assessorID: assessorID,
            license: license, partnerID: partnerID, subscription: subscription, operator: `operator`,
            registrar: clients[0], educator: clients[1], assessor: clients[4], partner: partner)
    }

    /// One adult learner with a client of their own, consenting and enrolled.
    struct Citizen: Sendable {
        let learner: EntityID<Learner>
        let client: APIClient
        let consent: EntityID<Consent>
        let enrollment: EntityID<Enrollment>
    }

    /// - Parameter first: how many there are already.
    func settle(_ count: Int, after first: Int = 0) async throws -> [Citizen] {
        let learners = try await concurrently(Array(first..<first + count)) { number in
            try await registrar.ask(
                RegisterLearner(organization: organization, givenName: "Learner", familyName: "Number \(number)",
                                birthDate: day("1990-01-01")), "POST /v1/learners", key: "settle-\(number)").learner
        }
        let clients = try await city.clients(learners.enumerated().map { number, learner in
            ("learner-\(first + number)", [RoleGrant(.learner, over: learner.uuid)])
        })
        return try await concurrently(Array(zip(learners, clients))) { learner, client in
            let consent = try await client.ask(
                GrantConsent(learner: learner, partner: partnerID, purpose: Self.purpose, types: Self.types,
                             contractRevision: "1"), "POST /v1/learners/{learner}/consents").consent
            let enrollment = try await client.ask(
                EnrollLearner(learner: learner, pathway: pathway), "POST /v1/learners/{learner}/enrollments").enrollment
            return Citizen(learner: learner, client: client, consent: consent, enrollment: enrollment)
        }
    }

    func open(_ citizen: Citizen, key: String) async throws -> EntityID<Assessment> {
        try await insist("request") {
            try await educator.ask(
                RequestAssessment(learner: citizen.learner, rubric: rubric, setting: .work, organization: organization,
                                  assessor: assessorID), "POST /v1/assessments", key: "\(key)-request").assessment
        }
    }

    func show(_ assessment: EntityID<Assessment>, key: String) async throws {
        _ = try await insist("evidence") {
            try await educator.ask(
                SubmitEvidence(assessment: assessment, title: "Video", kind: "video",
                               sha256: String(repeating: "ab", count: 32), sizeBytes: 1000),
                "POST /v1/assessments/{assessment}/evidence", key: "\(key)-evidence")
        }
    }

    func judge(_ assessment: EntityID<Assessment>, met: Bool, key: String) async throws -> RecordJudgment.Reply {
        try await insist("judgment") {
            try await assessor.ask(
                RecordJudgment(assessment: assessment, license: license, criteria: [
                    CriterionJudgment(criterion: "c0", level: 2),
                    CriterionJudgment(criterion: "c1", level: met ? 2 : 1, feedback: met ? nil : "Read two more drawings."),
                ]), "POST /v1/assessments/{assessment}/judgments", key: "\(key)-judgment")
        }
    }

    /// The partner's whole feed.
    func feed() async throws -> [JSONValue] {
        var events: [JSONValue] = [], after = "0"
        while true {
            let page = try await partner.ask(
                ReadFeed(subscription: subscription, after: after, limit: 200),
                "GET /v1/subscriptions/{subscription}/events")
            events += page.events
            if page.events.isEmpty || page.next == after { return events }
            after = page.next
        }
    }
}

func day(_ text: String) -> CalendarDate {
    guard let date = CalendarDate(text) else { preconditionFailure("\(text) is no date") }
    return date
}
