import Domain
import EventLog
import Foundation
import ServiceKit
import ServiceSupport
import Storage
import Support
@testable import Pathways

/// Pathways' own handlers over a real event log in a database of its own.
struct PathwaysUnderTest: ServiceUnderTest {
    static let today = day("2026-11-21")

    let log: EventLog
    let governance: GovernanceStore
    let frameworks: FrameworkStore
    let uploads: UploadStore
    let pathways: PathwayStore
    let enrollments: EnrollmentStore

    init(_ log: EventLog) {
        self.log = log
        governance = GovernanceStore(log)
        frameworks = FrameworkStore(log)
        uploads = UploadStore(log)
        pathways = PathwayStore(log)
        enrollments = EnrollmentStore(log, pathways: pathways)
    }

    var importing: ImportFrameworkHandler { ImportFrameworkHandler(frameworks: frameworks, uploads: uploads) }
    var enrolling: EnrollLearnerHandler { EnrollLearnerHandler(enrollments: enrollments) }
    var reaction: AttainmentsReaction {
        AttainmentsReaction(enrollments: enrollments, zone: StateZone(identifier: "America/Denver")!)
    }

    /// A body with one seat, and the seat's holder.
    func body(quorum: Int = 1) async throws -> (body: EntityID<GoverningBody>, seat: EntityID<Seat>) {
        let body = try await ask(
            ConstituteBodyHandler(governance: governance),
            ConstituteBody(title: "Board", jurisdiction: "state", requiredSectors: ["employers"], quorum: quorum),
            as: .operator).body
        let seat = try await ask(
            FillSeatHandler(governance: governance),
            FillSeat(body: body, sector: "employers", holder: "client:member", from: day("2026-01-01")),
            as: .clerk(body)).seat
        return (body, seat)
    }

    func draft(_ document: PathwayDocument, for body: EntityID<GoverningBody>) async throws -> EntityID<Pathway> {
        try await ask(
            DraftPathwayHandler(governance: governance, pathways: pathways),
            DraftPathway(body: body, document: document), as: .operator).pathway
    }

    func motion(
        _ body: EntityID<GoverningBody>, _ pathway: EntityID<Pathway>, version: Int = 1
    ) async throws -> EntityID<Motion> {
        try await ask(
            TableMotionHandler(governance: governance, pathways: pathways),
            TableMotion(body: body, title: "Certify it", pathway: pathway, version: version), as: .clerk(body)).motion
    }

    func vote(
        _ choice: BallotChoice, from seat: EntityID<Seat>, of body: EntityID<GoverningBody>, on motion: EntityID<Motion>
    ) async throws {
        _ = try await ask(
            CastBallotHandler(governance: governance), CastBallot(motion: motion, seat: seat, choice: choice),
            as: .member(of: body))
    }

    func close(_ motion: EntityID<Motion>, of body: EntityID<GoverningBody>) async throws -> MotionEntry {
        try await ask(CloseMotionHandler(governance: governance), CloseMotion(motion: motion), as: .clerk(body))
    }

    func certify(
        _ pathway: EntityID<Pathway>, version: Int = 1, by motion: EntityID<Motion>, of body: EntityID<GoverningBody>
    ) async throws {
        _ = try await ask(
            CertifyPathwayHandler(governance: governance, pathways: pathways),
            CertifyPathway(pathway: pathway, version: version, motion: motion), as: .clerk(body))
    }

    /// From a draft to a certified version, the straight way.
    func carry(
        _ pathway: EntityID<Pathway>, version: Int = 1, by body: EntityID<GoverningBody>, _ seat: EntityID<Seat>
    ) async throws {
        let motion = try await motion(body, pathway, version: version)
        try await vote(.yes, from: seat, of: body, on: motion)
        _ = try await close(motion, of: body)
        try await certify(pathway, version: version, by: motion, of: body)
    }

    func certified(_ document: PathwayDocument) async throws -> EntityID<Pathway> {
        let (body, seat) = try await body()
        let pathway = try await draft(document, for: body)
        try await carry(pathway, by: body, seat)
        return pathway
    }

    func enroll(
        _ learner: EntityID<Learner>, in pathway: EntityID<Pathway>, version: Int? = nil, key: String = UUID().text
    ) async throws -> EnrollLearner.Reply {
        try await ask(
            enrolling, EnrollLearner(learner: learner, pathway: pathway, version: version), as: .learner(learner),
            key: key)
    }

    func enrollment(_ id: EntityID<Enrollment>, of learner: EntityID<Learner>) async throws -> EnrollmentEntry {
        try await ask(
            GetEnrollmentHandler(enrollments: enrollments), GetEnrollment(enrollment: id), as: .learner(learner))
    }

    func status(of pathway: EntityID<Pathway>, version: Int = 1) async throws -> GetPathway.Reply.Status {
        try await ask(
            GetPathwayHandler(pathways: pathways), GetPathway(pathway: pathway, version: version), as: .operator
        ).status
    }

    /// Types of one stream, in order, without the service's name.
    func events(of stream: UUID) async throws -> [String] {
        try await log.reader.query("""
            SELECT type FROM event WHERE partition = \(Partition(of: stream)) AND stream = \(stream)
             ORDER BY stream_version
            """).map { try $0.decode(String.self).replacing("pathways.", with: "") }
    }

    func count(_ sql: SQL) async throws -> Int {
        let counts: [Int] = try await log.reader.query(sql).map { try $0.decode(Int.self) }
        return counts[0]
    }
}

func day(_ text: String) -> CalendarDate { CalendarDate(text)! }

extension Subject {
    static let `operator` = Subject(id: "client:operator", grants: [RoleGrant(.operator)])

    static func clerk(_ body: EntityID<GoverningBody>) -> Subject {
        Subject(id: "client:clerk", grants: [RoleGrant(.bodyClerk, over: body.uuid)])
    }

    static func member(of body: EntityID<GoverningBody>, id: String = "client:member") -> Subject {
        Subject(id: id, grants: [RoleGrant(.bodyMember, over: body.uuid)])
    }

    static func institution(_ organization: EntityID<Organization>) -> Subject {
        Subject(id: "client:institution", grants: [RoleGrant(.institution, over: organization.uuid)])
    }

    static func learner(_ learner: EntityID<Learner>) -> Subject {
        Subject(id: "client:\(learner)", grants: [RoleGrant(.learner, over: learner.uuid)])
    }
}

extension PathwayDocument {
    static let safety = "urn:uuid:0f5c2a4e-7a34-4d8f-9c11-000000000001"
    static let welding = "https://example.org/items/welding"

    /// Two competencies, a milestone over both, and two destinations that are reached together.
    static func welder(title: String = "Welder", level: Double = 2, requires: Requires? = nil) -> PathwayDocument {
        PathwayDocument(
            title: title,
            components: [
                Component(id: "safety", kind: .competency, title: "Safety", target: safety),
                Component(id: "welding", kind: .competency, title: "Welding", target: welding, level: .number(level)),
                Component(
                    id: "core", kind: .basic, title: "Core",
                    condition: Condition(.all, of: [.component("safety"), .component("welding")]),
                    milestone: Milestone(title: "Core done")),
                Component(
                    id: "shop", kind: .capstone, title: "Shop",
                    condition: Condition(.atLeast(2), of: [.component("core"), .component("welding")])),
            ],
            destinations: ["core", "shop"],
            entitlements: [
                Entitlement(id: "interview", after: "core", kind: .interview, title: "An interview",
                            obligor: .following("employer"), days: 90),
            ],
            requires: requires)
    }
}

extension AttainmentRecorded {
    static func sample(
        of learner: EntityID<Learner>, _ target: String, level: Double? = nil, from: CalendarDate = day("2026-11-01")
    ) -> AttainmentRecorded {
        AttainmentRecorded(
            attainment: .following(UUID().text, alongside: learner.uuid), learner: learner, target: target,
            level: level, basis: .assessed, effectiveFrom: from, effectiveUntil: nil,
            provenance: Provenance(source: "assessment", actor: "a", authority: "license/1", reference: "j"))
    }
}

func withPathways<R: Sendable>(_ body: (PathwaysUnderTest) async throws -> R) async throws -> R {
    try await withTestDatabase { database in
        let configuration = database.configuration(schema: "pathways")
        try await Migrator(configuration, EventLog.migrations + PathwaysService.migrations).apply()
        let log = EventLog(configuration, source: "pathways", leases: 6, logger: quiet) {}
        let result: Result<R, any Error>
        do { result = .success(try await body(PathwaysUnderTest(log))) } catch { result = .failure(error) }
        await log.close()
        return try result.get()
    }
}

/// What a fault says in one word: the first rule, or else the code.
func rule(of body: () async throws -> some Any) async -> String {
    do { _ = try await body() } catch let fault as Fault {
        return fault.violations.first?.rule ?? fault.code.rawValue
    } catch { return "\(error)" }
    return "none"
}
