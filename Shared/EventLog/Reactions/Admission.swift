import Domain
import Foundation
import Storage

/// The first statements of a transaction that handles a batch: which partitions this replica may move on in, which
/// events nobody has handled, and whose events stand still.
struct Opening {
    let consumer: String
    /// The cursors' rows that are claimed.
    let claiming: SQL
    let partitions: [Partition]
    let relevant: [EventEnvelope]

    var statements: [SQL] {
        [
            "\(claimed) SELECT ARRAY(SELECT partition FROM claimed), ARRAY(SELECT event_id FROM entered)",
            "SELECT DISTINCT owner FROM \(parked)",
        ]
    }

    /// The same, where all partitions are expected to be claimed, all events to be fresh and none to stand still: whatever
    /// is otherwise undoes the transaction with `.serialization`, before another lock is taken.
    var expecting: [SQL] {
        [
            """
            \(claimed) SELECT expect_applied(CASE
              WHEN (SELECT count(*) FROM claimed) < \(partitions.count) THEN 'claimed elsewhere'
              WHEN (SELECT count(*) FROM entered) < \(relevant.count) THEN 'handled before' ELSE 'applied' END)
            """,
            "SELECT expect_applied('parked') FROM \(parked) AND owner = ANY (\(Array(Set(relevant.map(\.owner)))))",
        ]
    }

    private var claimed: SQL {
        """
        WITH claimed AS MATERIALIZED (\(claiming)),
          entered AS (
            INSERT INTO inbox (consumer, partition, event_id)
            SELECT \(consumer), u.partition, u.event_id
              FROM unnest(\(relevant.map(\.partition)), \(relevant.map(\.id))) u(partition, event_id)
              JOIN claimed c ON c.partition = u.partition
            ON CONFLICT DO NOTHING RETURNING event_id)
        """
    }

    private var parked: SQL { "parked WHERE consumer = \(consumer) AND partition = ANY (\(partitions))" }

    /// What is found when all is as expected.
    var granted: Admission {
        Admission(claimed: Set(partitions), fresh: Set(relevant.map(\.id)), standing: [])
    }

    func read(_ rows: [Rows]) throws -> Admission {
        let (claimed, entered) = try rows[0][0].decode([Partition].self, [UUID].self)
        return Admission(
            claimed: Set(claimed), fresh: Set(entered),
            standing: Set(try rows[1].map { row in try row.decode(UUID.self) }))
    }
}

/// What an opening found.
struct Admission {
    let claimed: Set<Partition>
    let fresh: Set<UUID>
    /// Owners one of whose events is parked.
    var standing: Set<UUID>
}

extension EventEnvelope {
    /// Whose events stand still together.
    var owner: UUID { learner?.uuid ?? stream }
}

/// Whether a consumer may expect that it is alone with its batches. Replicas get the same news at the same moment, and
/// whoever is second is undone; so after that it asks for a while before it acts.
struct Trust {
    /// Batches that are not trusted after one that was undone.
    static let pause = 50
    private var distrusted = 0

    /// - Returns: whether the next batch is trusted.
    mutating func next() -> Bool {
        distrusted = max(0, distrusted - 1)
        return distrusted == 0
    }

    mutating func lose() { distrusted = Self.pause + 1 }
}
