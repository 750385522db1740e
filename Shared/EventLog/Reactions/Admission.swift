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
            """
            WITH claimed AS MATERIALIZED (\(claiming)),
              entered AS (
                INSERT INTO inbox (consumer, partition, event_id)
                SELECT \(consumer), u.partition, u.event_id
                  FROM unnest(\(relevant.map(\.partition)), \(relevant.map(\.id))) u(partition, event_id)
                  JOIN claimed c ON c.partition = u.partition
                ON CONFLICT DO NOTHING RETURNING event_id)
            SELECT ARRAY(SELECT partition FROM claimed), ARRAY(SELECT event_id FROM entered)
            """,
            "SELECT DISTINCT owner FROM parked WHERE consumer = \(consumer) AND partition = ANY (\(partitions))",
        ]
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
