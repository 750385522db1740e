import Domain
import EventLog
import Foundation
import Storage

/// One item on its way to an endpoint, under a lease.
struct Delivery: Sendable {
    var item: FeedItem
    var terms: FeedTerms
    var webhook: String
    /// Tries of this item that failed before.
    var failures: Int
    /// Fences everything that follows from this claim.
    var lease: UUID
}

/// How one try ended.
struct AttemptRecord: Sendable {
    enum Outcome: String, PostgresRepresentable { case delivered, withheld, failed, unknown }

    var id: UUID
    var sender: UUID
    var startedAt: Timestamp
    var outcome: Outcome
    var status: Int?
    var error: String?
}

/// The backlog of webhooks: claims under a lease, settles fenced by it.
struct WorkStore: Sendable {
    /// Longer than everything a sender does under one claim: two questions of 4 s, a post of 15 s, and slack.
    static let leaseSeconds = 45.0
    static let perSubscription = 4

    let log: EventLog

    /// The oldest unsettled items of lines that are due; no two of one line, here or at another replica.
    func claim(total: Int, busy: [EntityID<Subscription>: Int]) async throws -> [Delivery] {
        let lease = UUID.version7()
        let subscriptions = Array(busy.keys)
        return try await log.pool.withConnection { connection in
            let claimed = try connection.execute("""
                SELECT c.partition, c.learner, c.subscription, c.attempts
                  FROM work_claim(\(lease), \(Self.leaseSeconds), \(Int32(Self.perSubscription)), \(Int32(total)),
                                  \(subscriptions), \(subscriptions.map { Int32(busy[$0] ?? 0) })) c
                """).decode((Partition, EntityID<Learner>, EntityID<Subscription>, Int).self)
            if claimed.isEmpty { return [] }
            let rows = try connection.execute("""
                SELECT c.attempts, s.partner, s.purpose, s.webhook, \(FeedItem.columns)
                  FROM unnest(\(claimed.map(\.0)), \(claimed.map(\.1)), \(claimed.map(\.2)),
                              \(claimed.map { Int32($0.3) })) c(partition, learner, subscription, attempts)
                  JOIN subscription s ON s.id = c.subscription
                  JOIN LATERAL (
                    SELECT w.seq FROM work w
                     WHERE w.partition = c.partition AND w.learner = c.learner AND w.subscription = c.subscription
                     ORDER BY w.seq LIMIT 1) w ON true
                  JOIN feed_item i ON i.subscription = c.subscription AND i.seq = w.seq
                  \(FeedItem.event)
                """)
            return try rows.compactMap { try Delivery($0, lease: lease) }
        }
    }

    /// Ends one try: the line moves on or waits, the attempt is on record, records will hear of it; in one commit.
    /// When the lease was lost meanwhile, only the latter two happen.
    func settle(
        _ delivery: Delivery, _ attempt: AttemptRecord, _ step: NextStep, owing: SettlementStore.Owed?
    ) async throws {
        let item = delivery.item
        let key: SQL = """
            partition = \(item.learner.partition) AND learner = \(item.learner) AND subscription = \(item.subscription)
            """
        let fence: SQL = "EXISTS (SELECT 1 FROM line WHERE \(key) AND lease = \(delivery.lease))"
        var statements: [SQL] = ["SELECT 1 FROM line WHERE \(key) AND lease = \(delivery.lease) FOR UPDATE"]
        switch step {
        case .settled:
            statements += [
                "DELETE FROM work WHERE \(key) AND seq = \(item.sequence) AND \(fence)",
                """
                UPDATE line SET lease = NULL, attempts = 0, not_before = clock_timestamp(),
                       state = CASE WHEN EXISTS (SELECT 1 FROM work WHERE \(key)) THEN 'due' ELSE 'idle' END
                 WHERE \(key) AND lease = \(delivery.lease)
                """,
                """
                UPDATE endpoint
                   SET failing_since = NULL, paused_until = CASE WHEN paused_until > clock_timestamp() THEN paused_until END
                 WHERE subscription = \(item.subscription)
                   AND (failing_since IS NOT NULL OR paused_until <= clock_timestamp())
                """,
            ]
        case .retry(let wait, let counts):
            statements.append("""
                UPDATE line SET lease = NULL, attempts = attempts + \(Int32(counts ? 1 : 0)),
                       not_before = clock_timestamp() + \(wait.seconds) * interval '1 second'
                 WHERE \(key) AND lease = \(delivery.lease)
                """)
            if !counts {
                statements.append("""
                    UPDATE endpoint SET paused_until =
                           GREATEST(paused_until, clock_timestamp() + \(wait.seconds) * interval '1 second')
                     WHERE subscription = \(item.subscription)
                    """)
            }
        case .parked:
            statements.append("""
                UPDATE line SET lease = NULL, attempts = attempts + 1, state = 'parked'
                 WHERE \(key) AND lease = \(delivery.lease)
                """)
        case .suspend:
            statements.append("""
                UPDATE line SET lease = NULL, not_before = clock_timestamp() WHERE \(key) AND lease = \(delivery.lease)
                """)
        }
        statements.append("""
            INSERT INTO attempt (subscription, seq, id, sender, started_at, outcome, status, error)
            VALUES (\(item.subscription), \(item.sequence), \(attempt.id), \(attempt.sender), \(attempt.startedAt),
                    \(attempt.outcome), \(attempt.status), \(attempt.error))
            ON CONFLICT DO NOTHING
            """)
        if let owing { statements.append(SettlementStore.insert([owing], after: .zero)) }
        let batch = statements
        _ = try await log.pool.withConnection { connection in try connection.execute(batch: batch) }
    }

    /// Since when the endpoint has taken nothing, this moment included.
    func failing(_ subscription: EntityID<Subscription>) async throws -> Duration {
        let seconds = try await log.pool.withConnection { connection in
            try connection.execute("""
                UPDATE endpoint SET failing_since = COALESCE(failing_since, clock_timestamp())
                 WHERE subscription = \(subscription)
                RETURNING extract(epoch FROM clock_timestamp() - failing_since)::float8
                """).first?.decode(Double.self) ?? 0
        }
        return .seconds(max(0, seconds))
    }

    /// Gives claims back untried, to be taken again after a moment.
    func release(_ deliveries: [Delivery], after wait: Duration) async throws {
        guard let lease = deliveries.first?.lease else { return }
        let items = deliveries.map(\.item)
        _ = try await log.pool.withConnection { connection in
            // One line at a time: whoever appends holds several of them.
            for item in items {
                _ = try connection.execute("""
                    UPDATE line SET lease = NULL,
                           not_before = clock_timestamp() + \(wait.seconds) * interval '1 second'
                     WHERE partition = \(item.learner.partition) AND learner = \(item.learner)
                       AND subscription = \(item.subscription) AND lease = \(lease)
                    """)
            }
        }
    }

    /// How many lines one call frees.
    static let retryMax = 10_000

    /// Lines that stand still or wait for their next try are due now; of one learner when `sequence` is given.
    /// - Returns: false when no line of that sequence is waiting.
    func retry(_ subscription: EntityID<Subscription>, sequence: Int64?) async throws -> Bool {
        try await log.pool.withTransaction { connection in
            _ = try connection.execute("SELECT feed_lock()")
            let chosen: SQL = if let sequence {
                """
                SELECT w.partition, w.learner, w.subscription FROM work w
                 WHERE w.subscription = \(subscription) AND w.seq = \(sequence)
                """
            } else {
                """
                SELECT l.partition, l.learner, l.subscription FROM line l
                 WHERE l.subscription = \(subscription)
                   AND (l.state = 'parked' OR l.state = 'due' AND l.not_before > clock_timestamp() AND l.lease IS NULL)
                 LIMIT \(Self.retryMax)
                """
            }
            let freed = try connection.execute("""
                WITH chosen AS (\(chosen)),
                  free AS (
                    UPDATE line l SET state = 'due', not_before = clock_timestamp(), attempts = 0, lease = NULL
                      FROM chosen c
                     WHERE l.partition = c.partition AND l.learner = c.learner AND l.subscription = c.subscription
                       AND (l.lease IS NULL OR l.state = 'parked'))
                SELECT count(*) FROM chosen
                """).first?.decode(Int.self) ?? 0
            _ = try connection.execute("""
                UPDATE endpoint SET failing_since = NULL, paused_until = NULL WHERE subscription = \(subscription)
                """)
            return sequence == nil || freed > 0
        }
    }

    /// Drops what an ended subscription still owed, some thousand at a time, at most half a million.
    func forget(_ subscription: EntityID<Subscription>) async throws {
        for _ in 0..<100 {
            let dropped = try await log.pool.withConnection { connection in
                try connection.execute("""
                    DELETE FROM work w USING (
                      SELECT o.partition, o.learner, o.subscription, o.seq FROM work o
                       WHERE o.subscription = \(subscription) LIMIT 5000) o
                     WHERE w.partition = o.partition AND w.learner = o.learner AND w.subscription = o.subscription
                       AND w.seq = o.seq
                    """).affected
            }
            if dropped == 0 { return }
        }
    }

    /// How much one replay queues.
    static let replayMax = 50_000

    /// Everything after a sequence is owed again, under the ids it had. What is being sent at this moment is sent again, too:
    /// its sender loses the lease, and the line goes on when that would have ended, so that nothing overtakes.
    /// - Returns: how many items that are; nil when they are more than one replay takes.
    func replay(_ subscription: EntityID<Subscription>, after sequence: Int64) async throws -> Int? {
        try await log.pool.withTransaction { connection in
            _ = try connection.execute("SELECT feed_lock()")
            let count = try connection.execute("""
                SELECT GREATEST(0, head - \(sequence)) FROM feed_head WHERE subscription = \(subscription)
                """).first?.decode(Int.self) ?? 0
            guard count <= Self.replayMax else { return nil }
            _ = try connection.execute(batch: [
                """
                INSERT INTO work (partition, learner, subscription, seq)
                SELECT i.partition, i.learner, i.subscription, i.seq FROM feed_item i
                 WHERE i.subscription = \(subscription) AND i.seq > \(sequence)
                ON CONFLICT DO NOTHING
                """,
                """
                UPDATE line l SET state = CASE l.state WHEN 'idle' THEN 'due' ELSE l.state END,
                       not_before = CASE l.state WHEN 'idle' THEN clock_timestamp() ELSE l.not_before END,
                       lease = NULL
                  FROM (SELECT DISTINCT i.partition, i.learner FROM feed_item i
                         WHERE i.subscription = \(subscription) AND i.seq > \(sequence)) c
                 WHERE l.partition = c.partition AND l.learner = c.learner AND l.subscription = \(subscription)
                """,
            ])
            return count
        }
    }
}

extension Delivery {
    init?(_ row: Row, lease: UUID) throws {
        let (failures, partner, purpose, webhook) = try row.part(
            Int.self, EntityID<Partner>.self, String.self, String?.self)
        guard let webhook else { return nil }
        self.init(
            item: try FeedItem(row, after: 4), terms: FeedTerms(partner: partner, purpose: purpose), webhook: webhook,
            failures: failures, lease: lease)
    }
}
