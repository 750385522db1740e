import Domain
import EventLog
import Foundation
import Logging
import Storage

/// What records has to hear about how disclosures ended. Kept until records has answered, because an open disclosure
/// holds up a learner's withdrawal.
struct SettlementStore: Sendable {
    struct Owed: Sendable, Hashable {
        enum Outcome: String, PostgresRepresentable { case delivered, failed, unknown }

        var disclosure: EntityID<Disclosure>
        var learner: EntityID<Learner>
        var sender: UUID
        var outcome: Outcome
    }

    /// As long as this, and no longer, the database may be away before records is left to find out by itself.
    static let triesMax = 40

    let log: EventLog
    let logger: Logger
    /// Rings when something is owed at once.
    let news = FeedNews()

    static func insert(_ owed: [Owed], after wait: Duration) -> SQL {
        """
        INSERT INTO settlement_due (partition, disclosure, learner, sender, outcome, not_before)
        SELECT u.partition, u.disclosure, u.learner, u.sender, u.outcome,
               clock_timestamp() + \(wait.seconds) * interval '1 second'
          FROM unnest(\(owed.map(\.learner.partition)), \(owed.map(\.disclosure)), \(owed.map(\.learner)),
                      \(owed.map(\.sender)), \(owed.map(\.outcome))) u(partition, disclosure, learner, sender, outcome)
        ON CONFLICT DO NOTHING
        """
    }

    /// What is owed of this learner goes first from now on: a withdrawal waits for it. What is being settled at this moment
    /// is left alone.
    static func press(_ learner: EntityID<Learner>) -> SQL {
        """
        UPDATE settlement_due d SET pressing = true
          FROM (SELECT o.partition, o.disclosure FROM settlement_due o
                 WHERE o.partition = \(learner.partition) AND o.learner = \(learner) AND NOT o.pressing
                   FOR UPDATE SKIP LOCKED) o
         WHERE d.partition = o.partition AND d.disclosure = o.disclosure
        """
    }

    /// Returns when the debt is on record, or when even that failed for half a minute: then the process has lost its
    /// sender's lock as well, and records closes what the dead sender had open.
    func owe(_ owed: [Owed], after wait: Duration) async {
        if owed.isEmpty { return }
        let log = log, logger = logger
        // Not a child task: a caller that gives up must not take the debt with it.
        await Task {
            for attempt in 1...Self.triesMax {
                do {
                    _ = try await log.pool.withConnection { connection in
                        try connection.execute(Self.insert(owed, after: wait))
                    }
                    return
                } catch {
                    logger.warning("a settlement cannot be noted", metadata: [
                        "attempt": "\(attempt)", "error": "\(String(reflecting: error))"])
                    try? await Task.sleep(for: .milliseconds(750))
                }
            }
        }.value
    }

    static let batchMax = 256

    /// Some debts that are due, of one sender, those that press first, not to be taken by anybody else for ten seconds.
    func take() async throws -> [Owed] {
        try await log.pool.withConnection { connection in
            try connection.execute("""
                WITH one AS (
                    SELECT d.sender FROM settlement_due d
                     WHERE d.not_before <= clock_timestamp() ORDER BY d.pressing DESC, d.not_before LIMIT 1),
                  chosen AS (
                    SELECT d.partition, d.disclosure FROM settlement_due d JOIN one ON one.sender = d.sender
                     WHERE d.not_before <= clock_timestamp() ORDER BY d.pressing DESC, d.not_before LIMIT \(Self.batchMax)
                     FOR UPDATE OF d SKIP LOCKED)
                UPDATE settlement_due d SET not_before = clock_timestamp() + interval '10 seconds'
                  FROM chosen c WHERE d.partition = c.partition AND d.disclosure = c.disclosure
                RETURNING d.disclosure, d.learner, d.sender, d.outcome
                """).map { row in
                let (disclosure, learner, sender, outcome) = try row.decode(
                    EntityID<Disclosure>.self, EntityID<Learner>.self, UUID.self, Owed.Outcome.self)
                return Owed(disclosure: disclosure, learner: learner, sender: sender, outcome: outcome)
            }
        }
    }

    func done(_ owed: [Owed]) async throws {
        _ = try await log.pool.withConnection { connection in
            try connection.execute("""
                DELETE FROM settlement_due d
                 USING unnest(\(owed.map(\.learner.partition)), \(owed.map(\.disclosure))) u(partition, disclosure)
                 WHERE d.partition = u.partition AND d.disclosure = u.disclosure
                """)
        }
    }
}
