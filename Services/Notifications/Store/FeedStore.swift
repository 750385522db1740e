import Domain
import EventLog
import Foundation
import Storage

/// Reads feeds, and notes what left under which ids.
struct FeedStore: Sendable {
    let log: EventLog

    struct PairwiseID: Sendable {
        var item: FeedItem
        var subject: UUID
        var event: UUID
    }

    /// How far a feed reaches; 0 while it is empty.
    func head(of subscription: EntityID<Subscription>) async throws -> Int64 {
        let rows = try await log.reader.query("SELECT head FROM feed_head WHERE subscription = \(subscription)")
        return try rows.first?.decode(Int64.self) ?? 0
    }

    /// The items after a sequence.
    /// - Parameter retractions: these alone.
    func items(
        of subscription: EntityID<Subscription>, after sequence: Int64, limit: Int, retractions: Bool = false
    ) async throws -> [FeedItem] {
        try await log.reader.query("""
            SELECT \(FeedItem.columns)
              FROM feed_item i \(FeedItem.event)
             WHERE i.subscription = \(subscription) AND i.seq > \(sequence)
               AND (i.kind = 'retraction' OR NOT \(retractions))
             ORDER BY i.seq LIMIT \(limit)
            """).map { try FeedItem($0) }
    }

    /// Committed before the first byte leaves. The first ids stay: the same partner gets the same ones.
    func note(_ ids: [PairwiseID]) async throws {
        if ids.isEmpty { return }
        _ = try await log.pool.withConnection { connection in
            try connection.execute("""
                INSERT INTO pairwise (partition, learner, subscription, seq, subject, event)
                SELECT u.partition, u.learner, u.subscription, u.seq, u.subject, u.event
                  FROM unnest(\(ids.map(\.item.learner.partition)), \(ids.map(\.item.learner)),
                              \(ids.map(\.item.subscription)), \(ids.map(\.item.sequence)), \(ids.map(\.subject)),
                              \(ids.map(\.event))) u(partition, learner, subscription, seq, subject, event)
                ON CONFLICT DO NOTHING
                """)
        }
    }

    /// What this retraction took back of what had left, with what left from a place that a backfill took over; nil when
    /// none of it had.
    func retracted(by item: FeedItem) async throws -> (subject: UUID, gone: [CloudEvents.Gone])? {
        let rows = try await log.reader.query("""
            SELECT p.subject, p.seq, p.event
              FROM feed_item i
              JOIN pairwise p ON p.partition = i.partition AND p.learner = i.learner
                             AND p.subscription = i.subscription AND p.seq = i.seq
             WHERE i.subscription = \(item.subscription)
               AND (i.retracted_by = \(item.sequence)
                    OR i.retracted_by IN (SELECT b.seq FROM feed_item b
                                           WHERE b.subscription = \(item.subscription)
                                             AND b.retracted_by = \(item.sequence) AND b.kind = 'backfill_started'))
             ORDER BY p.seq
            """)
        let found = try rows.decode((UUID, Int64, UUID).self)
        guard let last = found.last else { return nil }
        return (last.0, found.map { CloudEvents.Gone(sequence: $0.1, event: $0.2) })
    }

    /// One step of the backfills that are under way. - Returns: how many learners it passed; nil when none is left.
    func backfill(learners: Int) async throws -> Int? {
        try await log.pool.withConnection { connection in
            try connection.execute("SELECT feed_backfill(\(Int32(learners)))").first?.decode(Int?.self) ?? nil
        }
    }

    struct Backlog: Sendable, Hashable {
        var waiting = 0
        var parked = 0
    }

    func backlog(of subscription: EntityID<Subscription>) async throws -> Backlog {
        let rows = try await log.reader.query("""
            SELECT (SELECT count(*) FROM work w WHERE w.subscription = \(subscription)),
                   (SELECT count(*) FROM line l WHERE l.subscription = \(subscription) AND l.state = 'parked')
            """)
        guard let (owed, parked) = try rows.first?.decode(Int.self, Int.self) else { return Backlog() }
        return Backlog(waiting: max(0, owed - parked), parked: parked)
    }

    struct Totals: Sendable {
        var waiting = 0
        var parked = 0
        var oldestSeconds = 0.0
        var suspended = 0
    }

    func totals() async throws -> Totals {
        let rows = try await log.reader.query("""
            SELECT (SELECT count(*) FROM work), (SELECT count(*) FROM line WHERE state = 'parked'),
                   COALESCE((SELECT extract(epoch FROM clock_timestamp() - min(i.created_at))::float8
                               FROM (SELECT DISTINCT ON (w.subscription) w.subscription, w.seq FROM work w
                                      ORDER BY w.subscription, w.seq) o
                               JOIN feed_item i ON i.subscription = o.subscription AND i.seq = o.seq), 0),
                   (SELECT count(*) FROM subscription WHERE status = 'suspended')
            """)
        guard let (owed, parked, oldest, suspended) = try rows.first?.decode(Int.self, Int.self, Double.self, Int.self)
        else { return Totals() }
        return Totals(
            waiting: max(0, owed - parked), parked: parked, oldestSeconds: oldest, suspended: suspended)
    }
}
