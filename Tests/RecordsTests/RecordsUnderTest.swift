import Domain
import EventLog
import Foundation
import ServiceKit
import ServiceSupport
import Storage
import Support
@testable import Records

/// Records' own handlers over a real event log in a database of its own.
struct RecordsUnderTest: ServiceUnderTest {
    static let today = day("2026-11-21")

    let log: EventLog
    let settled = FeedNews()
    let pairwise: PairwiseIDs

    var learners: LearnerStore { LearnerStore(log) }
    var attainments: AttainmentStore { AttainmentStore(log) }
    var consents: ConsentStore { ConsentStore(log, settled: settled) }
    var disclosures: DisclosureStore { DisclosureStore(log, pairwise: pairwise, settled: settled) }

    /// A learner of 30, with the identifiers given.
    func register(
        _ identifiers: [IdentifierClaim] = [], birthDate: CalendarDate = day("1996-05-01"),
        at organization: EntityID<Organization> = school
    ) async throws -> EntityID<Learner> {
        let command = RegisterLearner(
            organization: organization, givenName: "Ada", familyName: "Reyes", birthDate: birthDate,
            identifiers: identifiers)
        return try await ask(
            RegisterLearnerHandler(learners: learners), command, as: .registrar(organization)).learner
    }

    func grant(
        _ learner: EntityID<Learner>, to partner: EntityID<Partner>, purpose: String = "college_admission",
        types: [EventType] = [AttainmentRecorded.type], until: CalendarDate? = nil, today: CalendarDate = Self.today
    ) async throws -> EntityID<Consent> {
        let command = GrantConsent(
            learner: learner, partner: partner, purpose: purpose, types: types, until: until, contractRevision: "r1")
        return try await ask(
            GrantConsentHandler(consents: consents, learners: learners), command, as: .learner(learner), today: today
        ).consent
    }

    func events(of stream: UUID) async throws -> [String] {
        try await log.reader.query("""
            SELECT type FROM event WHERE partition = \(Partition(of: stream)) AND stream = \(stream)
             ORDER BY stream_version
            """).map { try $0.decode(String.self) }
    }
}

let school = EntityID<Organization>.following("school")

func day(_ text: String) -> CalendarDate { CalendarDate(text)! }
func moment(_ text: String) -> Timestamp { Timestamp(text)! }

extension Subject {
    static func registrar(_ organization: EntityID<Organization>) -> Subject {
        Subject(id: "client:registrar", grants: [RoleGrant(.registrar, over: organization.uuid)])
    }

    static func learner(_ learner: EntityID<Learner>) -> Subject {
        Subject(id: "client:\(learner)", grants: [RoleGrant(.learner, over: learner.uuid)])
    }

    static let auditor = Subject(id: "client:auditor", grants: [RoleGrant(.auditor)])
    static let notifications = Subject.service("notifications")
}

extension AuthorizeDisclosures.Item {
    /// An attainment about to leave.
    static func attainment(
        of learner: EntityID<Learner>, to partner: EntityID<Partner>, disclosure: EntityID<Disclosure> = .make(),
        purpose: String = "college_admission", type: EventType = AttainmentRecorded.type,
        fields: [String] = ["attainment", "target"], event: UUID = UUID(), references: [UUID] = []
    ) -> Self {
        Self(disclosure: disclosure, learner: learner, partner: partner, purpose: purpose, type: type, event: event,
             fields: fields, references: references)
    }
}

func withRecords<R: Sendable>(_ body: (RecordsUnderTest) async throws -> R) async throws -> R {
    try await withTestDatabase { database in
        let configuration = database.configuration(schema: "records")
        try await Migrator(configuration, EventLog.migrations + RecordsService.migrations).apply()
        let log = EventLog(configuration, source: "records", leases: 6, logger: quiet) {}
        let pairwise = PairwiseIDs(masterKey: Array(repeating: 7, count: 32))!
        let result: Result<R, any Error>
        do { result = .success(try await body(RecordsUnderTest(log: log, pairwise: pairwise))) } catch {
            result = .failure(error)
        }
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
