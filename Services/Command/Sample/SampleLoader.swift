import Crypto
import Domain
import Foundation

/// Brings the ecosystem in, as the people of such a state would: the operator sets up, institutions recognize, the body
/// decides, schools register, learners enroll and consent, assessors judge.
struct SampleLoader: Sendable {
    /// Learners whom one client acts for: a token's grants travel with every message.
    static let learnersPerClient = 30

    let ecosystem: Ecosystem
    let deployment: Deployment

    private var file: Ecosystem.File { ecosystem.file }
    private var clients: ClientFile { ClientFile(deployment: deployment) }
    private func key(_ parts: String...) -> String { ([file.key] + parts).joined(separator: "-") }

    func load(learners count: Int) async throws -> SampleIndex {
        let operators = try await operatorAndOrganizations()
        let frameworks = try await importFrameworks(operators)
        let body = try await constituteBody(operators)
        let assessors = try await registerAssessors(operators)
        let partners = try await registerPartners(operators)
        try await waitFor(clients.ensure(clientsOfOffices(body, assessors, partners)))
        let rubrics = try await publishRubrics(operators)
        let licenses = try await grantLicenses(operators, assessors)
        let subscriptions = try await subscribe(partners)
        let pathways = try await certifyPathways(operators, body)
        let learners = try await registerLearners(count)
        try await waitFor(clients.ensure(clientsOfLearners(learners)))
        let index = SampleIndex(
            body: body.id, frameworks: frameworks,
            pathways: Dictionary(uniqueKeysWithValues: try file.pathways.enumerated().map { place, pathway in
                (pathway.name, SampleIndex.Pathway(
                    pathway: pathways[place].pathway, version: pathways[place].version, assessor: assessors[place],
                    license: licenses[place], assessorClient: pathway.assessor.client,
                    rubrics: Dictionary(uniqueKeysWithValues: try pathway.rubrics.map { rubric in
                        guard let id = rubrics[rubric.name] else { throw CommandProblem("\(rubric.name) is missing.") }
                        return (rubric.name, .init(rubric: id, criteria: try ecosystem.criteria(of: rubric, in: pathway)))
                    })))
            }),
            partners: Dictionary(uniqueKeysWithValues: file.partners.enumerated().map { place, partner in
                (partner.client, .init(partner: partners[place], subscription: subscriptions[place]))
            }),
            schools: Dictionary(uniqueKeysWithValues: file.schools.map { ($0.name, $0.organization) }),
            contractRevision: file.contractRevision, learners: learners)
        try await enroll(index)
        try await judge(index)
        return index
    }

    private func waitFor(_ changed: Bool) async throws {
        if changed { try await Task.sleep(for: ClientFile.noticedAfter) }
    }

    // MARK: What the operator sets up

    private func operatorAndOrganizations() async throws -> APIClient {
        try await waitFor(clients.ensure([
            .init(id: "operator", grants: [RoleGrant(.operator)]), .init(id: "auditor", grants: [RoleGrant(.auditor)]),
        ]))
        let client = try clients.connect("operator")
        let progress = Progress("organizations", total: file.organizations.count)
        _ = try await concurrently(file.organizations) { organization in
            _ = try await client.ask(
                RegisterOrganization(
                    title: organization.title, kinds: organization.kinds, region: organization.region, id: organization.id),
                "POST /v1/organizations", key: key("organization", organization.client))
            progress.advance()
        }
        progress.finish("\(file.organizations.count)")
        return client
    }

    private func importFrameworks(_ client: APIClient) async throws -> [EntityID<Framework>] {
        let progress = Progress("frameworks", total: file.frameworks.count)
        var items = 0
        var ids: [EntityID<Framework>] = []
        for name in file.frameworks {
            let body = try await client.send(
                "POST", "/v1/frameworks", body: ecosystem.frameworks[name], key: key("framework", name.replacing("/", with: "-")))
            let reply = try JSONValue.parse(body).decode(ImportFramework.Reply.self, unknownMembers: .ignored)
            items += reply.items
            ids.append(reply.framework)
            progress.advance()
        }
        progress.finish("\(file.frameworks.count) with \(items) items")
        return ids
    }

    private struct SeatedBody {
        var id: EntityID<GoverningBody>
        var seats: [EntityID<Seat>]
    }

    private func constituteBody(_ client: APIClient) async throws -> SeatedBody {
        let body = file.body
        let progress = Progress("governing body", total: body.seats.count + 1)
        let id = try await client.ask(
            ConstituteBody(
                title: body.title, jurisdiction: body.jurisdiction, requiredSectors: body.requiredSectors, quorum: body.quorum),
            "POST /v1/bodies", key: key("body")).body
        progress.advance()
        var seats: [EntityID<Seat>] = []
        // One after the other: they are all changes of one body.
        for seat in body.seats {
            let fill = FillSeat(body: id, sector: seat.sector, holder: "client:\(seat.name)", from: file.since)
            seats.append(try await client.ask(fill, "POST /v1/bodies/{body}/seats", key: key(seat.name)).seat)
            progress.advance()
        }
        progress.finish("\(seats.count) seats, quorum \(body.quorum)")
        return SeatedBody(id: id, seats: seats)
    }

    private func registerAssessors(_ client: APIClient) async throws -> [EntityID<Assessor>] {
        try await concurrently(file.pathways.map(\.assessor)) { assessor in
            try await client.ask(
                RegisterAssessor(fullName: assessor.fullName, organization: assessor.organization),
                "POST /v1/assessors", key: key(assessor.client)).assessor
        }
    }

    private func registerPartners(_ client: APIClient) async throws -> [EntityID<Partner>] {
        try await concurrently(file.partners) { partner in
            try await client.ask(
                RegisterPartner(organization: partner.organization, title: partner.title),
                "POST /v1/partners", key: key(partner.client)).partner
        }
    }

    private func publishRubrics(_ client: APIClient) async throws -> [String: EntityID<Rubric>] {
        let all = file.pathways.flatMap { pathway in pathway.rubrics.map { (pathway, $0) } }
        let progress = Progress("rubrics", total: all.count)
        let ids = try await concurrently(all) { pathway, rubric in
            defer { progress.advance() }
            return try await client.ask(
                PublishRubric(title: rubric.title, criteria: try ecosystem.criteria(of: rubric, in: pathway)),
                "POST /v1/rubrics", key: key("rubric", rubric.name)).rubric
        }
        progress.finish("\(all.count)")
        return Dictionary(uniqueKeysWithValues: zip(all.map(\.1.name), ids))
    }

    private func grantLicenses(_ client: APIClient, _ assessors: [EntityID<Assessor>]) async throws -> [EntityID<License>] {
        let progress = Progress("assessors with licenses", total: assessors.count)
        let ids = try await concurrently(Array(zip(file.pathways, assessors))) { pathway, assessor in
            defer { progress.advance() }
            let targets = try pathway.rubrics.flatMap { try ecosystem.criteria(of: $0, in: pathway) }.map(\.target)
            return try await client.ask(
                GrantLicense(
                    assessor: assessor, issuer: pathway.assessor.issuer, scope: LicenseScope(targets: Array(Set(targets)).sorted()),
                    from: file.since, until: file.until),
                "POST /v1/licenses", key: key("license", pathway.assessor.client)).license
        }
        progress.finish("\(ids.count)")
        return ids
    }

    // MARK: What offices do

    private func clientsOfOffices(
        _ body: SeatedBody, _ assessors: [EntityID<Assessor>], _ partners: [EntityID<Partner>]
    ) -> [ClientFile.Wanted] {
        var wanted = file.organizations.map {
            ClientFile.Wanted(id: $0.client, grants: [RoleGrant(.institution, over: $0.id.uuid)])
        }
        for school in file.schools {
            wanted.append(.init(id: "registrar-\(school.name)", grants: [RoleGrant(.registrar, over: school.organization.uuid)]))
            wanted.append(.init(id: "educator-\(school.name)", grants: [RoleGrant(.educator, over: school.organization.uuid)]))
        }
        wanted.append(.init(id: "board-clerk", grants: [RoleGrant(.bodyClerk, over: body.id.uuid)]))
        wanted += file.body.seats.map { .init(id: $0.name, grants: [RoleGrant(.bodyMember, over: body.id.uuid)]) }
        wanted += zip(file.pathways, assessors).map { pathway, assessor in
            .init(id: pathway.assessor.client, grants: [RoleGrant(.assessor, over: assessor.uuid)])
        }
        wanted += zip(file.partners, partners).map { partner, id in
            .init(id: partner.client, grants: [RoleGrant(.partner, over: id.uuid)])
        }
        return wanted
    }

    private func subscribe(_ partners: [EntityID<Partner>]) async throws -> [EntityID<Subscription>] {
        let progress = Progress("partners with subscriptions", total: partners.count)
        let ids = try await concurrently(Array(zip(file.partners, partners))) { partner, id in
            defer { progress.advance() }
            return try await clients.connect(partner.client).ask(
                Subscribe(partner: id, types: partner.types, purpose: partner.purpose), "POST /v1/subscriptions",
                key: key("subscription", partner.client)).subscription
        }
        progress.finish("\(ids.count)")
        return ids
    }

    private func certifyPathways(_ client: APIClient, _ body: SeatedBody) async throws -> [DraftPathway.Reply] {
        let progress = Progress("pathways", total: file.pathways.count)
        let clerk = try clients.connect("board-clerk")
        let members = try file.body.seats.map { try clients.connect($0.name) }
        let institutions = Dictionary(uniqueKeysWithValues: try file.organizations.map { ($0.id, try clients.connect($0.client)) })
        let drafts = try await concurrently(file.pathways) { pathway in
            guard let document = ecosystem.documents[pathway.name] else { throw CommandProblem("\(pathway.file) is missing.") }
            let draft = try await client.ask(
                DraftPathway(body: body.id, document: document), "POST /v1/pathways", key: key("pathway", pathway.name))
            for recognition in pathway.recognitions {
                guard let institution = institutions[recognition.organization] else {
                    throw CommandProblem("\(recognition.organization) is not among the organizations.")
                }
                _ = try await institution.ask(
                    RecognizePathway(
                        pathway: draft.pathway, version: draft.version, organization: recognition.organization,
                        kind: recognition.kind, from: file.since, terms: recognition.terms),
                    "POST /v1/pathways/{pathway}/versions/{version}/recognitions",
                    key: key("recognition", pathway.name, recognition.kind.rawValue, "\(recognition.organization)"))
            }
            let motion = try await clerk.ask(
                TableMotion(
                    body: body.id, title: "Certify “\(document.title)”", pathway: draft.pathway, version: draft.version),
                "POST /v1/motions", key: key("motion", pathway.name)).motion
            for (place, member) in members.enumerated() {
                _ = try await member.ask(
                    CastBallot(motion: motion, seat: body.seats[place], choice: file.body.seats[place].choice),
                    "POST /v1/motions/{motion}/ballots", key: key("ballot", pathway.name, member.id))
            }
            let decision = try await clerk.ask(
                CloseMotion(motion: motion), "POST /v1/motions/{motion}/close", key: key("close", pathway.name))
            guard decision.status == .carried else {
                throw CommandProblem("The motion for \(pathway.name) failed: \(decision.reason ?? "no reason given").")
            }
            _ = try await clerk.ask(
                CertifyPathway(pathway: draft.pathway, version: draft.version, motion: motion),
                "POST /v1/pathways/{pathway}/versions/{version}/certify", key: key("certify", pathway.name))
            progress.advance()
            return draft
        }
        progress.finish("\(drafts.count) recognized and certified")
        return drafts
    }

    // MARK: Learners

    private func registerLearners(_ count: Int) async throws -> [EntityID<Learner>] {
        let progress = Progress("learners", total: count)
        let registrars = try Dictionary(uniqueKeysWithValues: file.schools.map { ($0.name, try clients.connect("registrar-\($0.name)")) })
        let ids = try await concurrently(0..<count) { number in
            let learner = ecosystem.learner(number)
            guard let registrar = registrars[learner.school.name] else { throw CommandProblem("no such school") }
            defer { progress.advance() }
            return try await registrar.ask(
                RegisterLearner(
                    organization: learner.school.organization, givenName: learner.givenName, familyName: learner.familyName,
                    birthDate: learner.birthDate,
                    identifiers: [IdentifierClaim(
                        system: learner.school.name, kind: "student_number", value: String(100_000 + number))]),
                "POST /v1/learners", key: key("learner", "\(number)")).learner
        }
        progress.finish("\(count) in \(file.schools.count) places")
        return ids
    }

    private func clientsOfLearners(_ learners: [EntityID<Learner>]) -> [ClientFile.Wanted] {
        stride(from: 0, to: learners.count, by: Self.learnersPerClient).map { start in
            let some = learners[start..<min(start + Self.learnersPerClient, learners.count)]
            return .init(id: Self.client(ofLearner: start), grants: some.map { RoleGrant(.learner, over: $0.uuid) })
        }
    }

    /// Learners have no devices here: a few clients act for some of them each.
    static func client(ofLearner number: Int) -> String { "learners-\(number / learnersPerClient + 1)" }

    private func enroll(_ index: SampleIndex) async throws {
        let progress = Progress("enrollments and consents", total: index.learners.count)
        let portals = try Dictionary(uniqueKeysWithValues: Set(index.learners.indices.map(Self.client)).map { ($0, try clients.connect($0)) })
        let consents = try await concurrently(index.learners.indices) { number in
            let learner = ecosystem.learner(number), id = index.learners[number]
            guard let portal = portals[Self.client(ofLearner: number)], let pathway = index.pathways[learner.pathway.name] else {
                throw CommandProblem("no such pathway")
            }
            defer { progress.advance() }
            _ = try await portal.ask(
                EnrollLearner(learner: id, pathway: pathway.pathway, version: pathway.version),
                "POST /v1/learners/{learner}/enrollments", key: key("enroll", "\(number)"))
            guard learner.isAdult, let partner = file.partners.first, let known = index.partners[partner.client] else { return 0 }
            _ = try await portal.ask(
                GrantConsent(
                    learner: id, partner: known.partner, purpose: partner.purpose, types: partner.types,
                    contractRevision: file.contractRevision),
                "POST /v1/learners/{learner}/consents", key: key("consent", "\(number)"))
            return 1
        }
        progress.finish("\(index.learners.count), \(consents.reduce(0, +)) consents")
    }

    private func judge(_ index: SampleIndex) async throws {
        let chosen = index.learners.indices.filter { ecosystem.learner($0).firstAssessment != .none }
        let progress = Progress("first judgments", total: chosen.count)
        let educators = try Dictionary(uniqueKeysWithValues: file.schools.map { ($0.name, try clients.connect("educator-\($0.name)")) })
        let assessors = try Dictionary(uniqueKeysWithValues: file.pathways.map { ($0.name, try clients.connect($0.assessor.client)) })
        let outcomes = try await concurrently(chosen) { number in
            let learner = ecosystem.learner(number)
            guard let educator = educators[learner.school.name], let assessor = assessors[learner.pathway.name],
                  let pathway = index.pathways[learner.pathway.name],
                  let rubric = pathway.rubrics[learner.pathway.rubrics[0].name]
            else { throw CommandProblem("the sample is not whole") }
            defer { progress.advance() }
            let assessment = try await educator.ask(
                RequestAssessment(
                    learner: index.learners[number], rubric: rubric.rubric, setting: learner.school.setting,
                    organization: learner.school.organization, assessor: pathway.assessor),
                "POST /v1/assessments", key: key("assessment", "\(number)")).assessment
            _ = try await educator.ask(
                Evidence.sample("Work sample \(number + 1)", assessment), "POST /v1/assessments/{assessment}/evidence",
                key: key("evidence", "\(number)"))
            let weak = learner.firstAssessment == .notYet ? 1 : nil
            let criteria = rubric.criteria.enumerated().map { place, criterion in
                place == weak
                    ? CriterionJudgment(criterion: criterion.id, level: 1, feedback: file.feedback[number / 10 % file.feedback.count])
                    : CriterionJudgment(criterion: criterion.id, level: min(4, criterion.metAt + Double(number % 2)))
            }
            return try await assessor.ask(
                RecordJudgment(assessment: assessment, license: pathway.license, criteria: criteria),
                "POST /v1/assessments/{assessment}/judgments", key: key("judgment", "\(number)")).outcome
        }
        progress.finish("\(outcomes.filter { $0 == .met }.count) met, \(outcomes.filter { $0 == .notYet }.count) not yet")
    }
}

extension Evidence {
    /// Something shown that exists nowhere: a hash over its title.
    static func sample(_ title: String, _ assessment: EntityID<Assessment>) -> SubmitEvidence {
        let content = Array("\(title) for \(assessment)".utf8)
        return SubmitEvidence(
            assessment: assessment, title: title, kind: "portfolio",
            sha256: SHA256.hash(data: content).map { String(format: "%02x", $0) }.joined(), sizeBytes: content.count)
    }
}
