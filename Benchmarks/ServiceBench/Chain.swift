import Domain
import Foundation
import Hummingbird
import HTTPTypes
import Logging
import Messaging
import ServiceKit
import Synchronization

/// One judgment at a time through every service: assessment, records, pathways, notifications, the partner's webhook.
struct Chain {
    struct List: Codable {
        var organization: EntityID<Organization>
        var assessor: EntityID<Assessor>
        var license: EntityID<License>
        var rubric: EntityID<Rubric>
        var learners: [EntityID<Learner>]
    }

    static let purpose = "college_admission"
    static let types: [EventType] = [
        OutcomeMet.type, AttainmentRecorded.type, ComponentFulfilled.type, PathwayCompleted.type, EntitlementAccrued.type,
    ]
    /// Between two judgments nothing happens for so long.
    static let idle: Duration = .milliseconds(300)
    /// Judged first in each run, and left out: connections are made then.
    static let warmup = 3

    private let deployment: Deployment
    private let port: Int

    init(_ folder: String, port: Int) throws {
        deployment = try Deployment(folder, services: Mesh.services)
        self.port = port
    }

    // MARK: Before

    func found(_ count: Int, into path: String) async throws {
        // Up from the beginning: what is sent to a closed door comes again after minutes, and holds up its learner.
        let endpoint = Partner()
        try await endpoint.listen(port)
        let `operator` = subject("bench-operator", RoleGrant(.operator))
        let organization = try await deployment.ask(
            RegisterOrganization(title: "Lakeside School District", kinds: [.school], region: "north"), as: `operator`)
            .organization
        let assessor = try await deployment.ask(
            RegisterAssessor(fullName: "Noor Haddad", organization: organization), as: `operator`).assessor
        let license = try await deployment.ask(Trade.license(assessor, by: organization), as: `operator`).license
        let rubric = try await deployment.ask(Trade.rubric, as: `operator`).rubric
        let pathway = try await certifiedPathway(organization, `operator`)
        let partner = try await deployment.ask(
            RegisterPartner(organization: organization, title: "Harbor College"), as: `operator`).partner
        _ = try await deployment.ask(
            Subscribe(partner: partner, types: Self.types, purpose: Self.purpose, webhook: "http://127.0.0.1:\(port)/hook"),
            as: subject("bench-partner", RoleGrant(.partner, over: partner.uuid)))
        let registrar = subject("bench-registrar", RoleGrant(.registrar, over: organization.uuid))
        let deployment = deployment
        let learners = try await each(of: count, width: 16) { number in
            let learner = try await deployment.ask(
                RegisterLearner(organization: organization, givenName: "Learner", familyName: "Number \(number)",
                                birthDate: try Trade.day("1990-01-01")), as: registrar).learner
            let own = subject("bench-learner-\(number)", RoleGrant(.learner, over: learner.uuid))
            _ = try await deployment.ask(
                GrantConsent(learner: learner, partner: partner, purpose: Self.purpose, types: Self.types,
                             contractRevision: "1"), as: own)
            _ = try await deployment.ask(EnrollLearner(learner: learner, pathway: pathway), as: own)
            return learner
        }
        try write(List(organization: organization, assessor: assessor, license: license, rubric: rubric,
                       learners: learners), to: path)
        await endpoint.quiet(for: .seconds(2))
        endpoint.stop()
        await deployment.close()
    }

    private func certifiedPathway(
        _ organization: EntityID<Organization>, _ operator: [UInt8]
    ) async throws -> EntityID<Pathway> {
        let body = try await deployment.ask(
            ConstituteBody(title: "State council", jurisdiction: "state", requiredSectors: ["education"], quorum: 1),
            as: `operator`).body
        let clerk = subject("bench-clerk", RoleGrant(.bodyClerk, over: body.uuid))
        let seat = try await deployment.ask(
            FillSeat(body: body, sector: "education", holder: "client:bench-member", from: try Trade.day("2020-01-01")),
            as: `operator`).seat
        let document = PathwayDocument(
            title: "Into the trades",
            components: [
                .init(id: "first", kind: .competency, title: "Works safely", target: Trade.targets[0],
                      milestone: .init(title: "Safe worker")),
                .init(id: "second", kind: .competency, title: "Reads drawings", target: Trade.targets[1]),
                .init(id: "done", kind: .selection, title: "Ready",
                      condition: .init(.all, of: [.component("first"), .component("second")])),
            ],
            destinations: ["done"],
            entitlements: [
                .init(id: "interview", after: "done", kind: .interview, title: "An interview", obligor: organization,
                      days: 365),
            ])
        let pathway = try await deployment.ask(DraftPathway(body: body, document: document), as: `operator`).pathway
        let motion = try await deployment.ask(
            TableMotion(body: body, title: "Certify", pathway: pathway, version: 1), as: clerk).motion
        _ = try await deployment.ask(
            CastBallot(motion: motion, seat: seat, choice: .yes),
            as: subject("bench-member", RoleGrant(.bodyMember, over: body.uuid)))
        _ = try await deployment.ask(CloseMotion(motion: motion), as: clerk)
        _ = try await deployment.ask(CertifyPathway(pathway: pathway, version: 1, motion: motion), as: clerk)
        return pathway
    }

    // MARK: Measuring

    /// Writes lines of `J <assessment> <sent> <answered>` and `W <webhook-id> <arrived>`, times in microseconds of
    /// this machine's clock, which is also the database's.
    func run(_ path: String, first: Int, count: Int) async throws {
        let list: List = try read(from: path)
        guard list.learners.count >= first + count + Self.warmup else { throw Failure("the list has too few learners") }
        let partner = Partner()
        try await partner.listen(port)
        let patience = Task {
            try await Task.sleep(for: .seconds(10) + (Self.idle + .seconds(1)) * (count + Self.warmup))
            partner.giveUp()
        }
        // On the reactor as in services and woken by what is waited for: an instrument that polls, or that wakes threads of
        // its own for each answer, takes the processors from what it measures.
        try await Task(executorPreference: deployment.mesh.reactor) {
            for (number, learner) in list.learners[first..<(first + count + Self.warmup)].enumerated() {
                let lines = try await follow(learner, of: list, to: partner)
                if number >= Self.warmup { print(lines) }
            }
        }.value
        patience.cancel()
        partner.stop()
        await deployment.close()
    }

    /// Judges one learner, and waits for the last webhook of it.
    private func follow(_ learner: EntityID<Learner>, of list: List, to partner: Partner) async throws -> String {
        let own = subject("bench-learner", RoleGrant(.learner, over: learner.uuid))
        let assessment = try await deployment.ask(
            RequestAssessment(learner: learner, rubric: list.rubric, setting: .work, organization: list.organization,
                              assessor: list.assessor), as: own).assessment
        _ = try await deployment.ask(Trade.evidence(for: assessment), as: own)
        let judge = subject("bench-assessor", RoleGrant(.assessor, over: list.assessor.uuid))
        let judgment = Trade.judgment(of: assessment, under: list.license, met: true)
        try await Task.sleep(for: Self.idle)
        let already = partner.arrived.count
        let sent = Timestamp.now
        _ = try await deployment.ask(judgment, as: judge)
        let answered = Timestamp.now
        // One outcome, two attainments, three components, one completion, one entitlement.
        try await partner.heard(already + 8)
        return (["J\t\(assessment)\t\(sent.microseconds)\t\(answered.microseconds)"]
            + partner.arrived[already...].map { "W\t\($0.id)\t\($0.at.microseconds)" }).joined(separator: "\n")
    }
}

/// Takes every webhook and notes when it came.
private final class Partner: Sendable {
    private struct State {
        var arrived: [(id: String, at: Timestamp)] = []
        var waiter: (count: Int, continuation: CheckedContinuation<Bool, Never>)?
        var gaveUp = false
    }

    private let state = Mutex(State())
    private let server = Mutex<Task<Void, Never>?>(nil)

    var arrived: [(id: String, at: Timestamp)] { state.withLock { $0.arrived } }

    func listen(_ port: Int) async throws {
        let router = Router()
        router.post("/hook") { [self] request, _ in
            let now = Timestamp.now
            note(HTTPField.Name("webhook-id").flatMap { request.headers[$0] } ?? "", at: now)
            _ = try await request.body.collect(upTo: 1 << 20)
            return Response(status: .noContent)
        }
        let (started, signal) = AsyncStream.makeStream(of: Void.self)
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { _ in signal.finish() }, logger: Deployment.logger)
        let task = Task {
            do { try await application.run() } catch { signal.finish() }
        }
        server.withLock { $0 = task }
        for await _ in started {}
    }

    private func note(_ id: String, at now: Timestamp) {
        state.withLock { state -> CheckedContinuation<Bool, Never>? in
            state.arrived.append((id, now))
            guard let waiter = state.waiter, state.arrived.count >= waiter.count else { return nil }
            state.waiter = nil
            return waiter.continuation
        }?.resume(returning: true)
    }

    /// Until nothing came for so long.
    func quiet(for duration: Duration) async {
        var known = -1
        while known != arrived.count {
            known = arrived.count
            try? await Task.sleep(for: duration)
        }
    }

    /// Until so many have come in all; one caller at a time.
    func heard(_ count: Int) async throws {
        let came = await withCheckedContinuation { continuation in
            let now: Bool? = state.withLock { state in
                if state.gaveUp || state.arrived.count >= count { return !state.gaveUp }
                state.waiter = (count, continuation)
                return nil
            }
            if let now { continuation.resume(returning: now) }
        }
        guard came else { throw Failure("only \(arrived.count) of \(count) webhooks came in time") }
    }

    /// Whoever waits, waits no longer.
    func giveUp() {
        state.withLock { state -> CheckedContinuation<Bool, Never>? in
            state.gaveUp = true
            defer { state.waiter = nil }
            return state.waiter?.continuation
        }?.resume(returning: false)
    }

    func stop() { server.withLock { $0?.cancel() } }
}
