import Domain
import EventLog
import Foundation
import ServiceKit
import Storage

extension SupportCaseStatus: PostgresRepresentable {}

/// Support cases, and the table that finds them by owner, status and clock.
struct SupportCases: Sendable {
    let log: EventLog
    let store: AggregateStore<SupportCaseState>

    init(_ log: EventLog) {
        self.log = log
        store = AggregateStore(log) { after, _, applied in
            [
                """
                INSERT INTO support_case
                       (partition, id, learner, organization, assessment, status, effective_at, recorded_at, due_at)
                SELECT \(after.id.partition), \(after.id), \(after.learnerID), \(after.organization),
                       \(after.assessment), \(after.status), clock_timestamp(), clock_timestamp(), \(after.dueAt)
                 WHERE \(applied)
                ON CONFLICT (partition, id) DO UPDATE SET status = excluded.status
                """
            ]
        }
    }

    /// Raised, and nobody took them up in time; the longest overdue first.
    func due(at now: Timestamp, limit: Int) async throws -> [EntityID<SupportCase>] {
        try await log.reader.query("""
            SELECT id FROM support_case WHERE status = 'raised' AND due_at <= \(now) ORDER BY due_at LIMIT \(limit)
            """).decode((EntityID<SupportCase>).self)
    }

    /// One for each *not yet* of an assessment, in ascending order.
    static func raised(by assessment: EntityID<Assessment>, of learner: EntityID<Learner>) -> SQL {
        """
        SELECT id FROM support_case
         WHERE partition = \(learner.partition) AND assessment = \(assessment) AND learner = \(learner)
         ORDER BY id
        """
    }

    struct Place: Codable, Sendable {
        var at: Timestamp
        var id: EntityID<SupportCase>
    }

    /// By the time they were raised.
    func list(
        _ organization: EntityID<Organization>, status: SupportCaseStatus?, after: Place?, limit: Int
    ) async throws -> [(entry: SupportCaseEntry, place: Place)] {
        let ofStatus: SQL = if let status { "s.status = \(status)" } else { "true" }
        let beyond: SQL = if let after { "(s.recorded_at, s.id) > (\(after.at), \(after.id))" } else { "true" }
        return try await log.reader.query("""
            SELECT s.id, s.recorded_at, a.body
              FROM support_case s JOIN aggregate a ON a.partition = s.partition AND a.id = s.id
             WHERE s.organization = \(organization) AND \(ofStatus) AND \(beyond)
             ORDER BY s.recorded_at, s.id LIMIT \(limit)
            """).map { row in
            let (id, at, body) = try row.decode(EntityID<SupportCase>.self, Timestamp.self, PostgresJSON.self)
            let state = try Wire.decode(SupportCaseState.self, from: body.bytes)
            return (state.entry(raisedAt: at), Place(at: at, id: id))
        }
    }
}

extension RequestContext {
    /// What this process does by itself, at nobody's request.
    static func ofThisService(key: String, now: Timestamp = .now) throws(Fault) -> RequestContext {
        let context = RequestContext(
            request: CheckSender.name, subject: .service(NotificationsService.name), key: key, digest: Array(key.utf8),
            now: now, today: now.utcDate, trace: .start(), deadline: .now + .seconds(5))
        // A service acts by its own authority; the matrix has such a rule for this request.
        try context.authorize(.none)
        return context
    }
}
