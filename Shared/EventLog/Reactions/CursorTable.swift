import Domain
import Foundation
import Storage

/// One consumer's cursors as the database has them, a row for each partition, shared by all its replicas.
struct CursorTable: Sendable {
    let consumer: String
    let source: String
    let log: EventLog

    /// Makes the rows when they are not there yet.
    func read() async throws -> Cursors {
        let rows = try await log.reader.query("""
            SELECT incarnation, partition, epoch, pos FROM cursor
             WHERE consumer = \(consumer) AND source = \(source) ORDER BY partition
            """)
        if rows.count < Partition.count {
            _ = try await log.pool.withConnection { connection in
                try connection.execute("""
                    INSERT INTO cursor (consumer, source, partition)
                    SELECT \(consumer), \(source), p FROM generate_series(0, 63) p
                    ON CONFLICT DO NOTHING
                    """)
            }
            return try await read()
        }
        let decoded = try rows.decode((UUID?, Partition, Int, Int64).self)
        return Cursors(
            incarnation: decoded[0].0,
            rows: decoded.map { FeedRequest.Cursor(partition: $0.1, epoch: $0.2, position: $0.3) })
    }

    /// Those of these cursors that the table has just so, and that no other replica is at.
    func claiming(_ cursors: [FeedRequest.Cursor]) -> SQL {
        """
        SELECT c.partition FROM cursor c
          JOIN unnest(\(cursors.map(\.partition)), \(cursors.map(\.position)), \(cursors.map { Int32($0.epoch) }))
                 u(partition, pos, epoch)
            ON c.partition = u.partition AND c.pos = u.pos AND c.epoch = u.epoch
         WHERE c.consumer = \(consumer) AND c.source = \(source)
         ORDER BY c.partition FOR UPDATE OF c SKIP LOCKED
        """
    }

    /// To the last event handled of each partition, under the name of the branch it was read from.
    func moving(past events: [EventEnvelope], on branches: Branches) -> SQL {
        let last = Dictionary(events.map { ($0.partition, $0.position) }, uniquingKeysWith: max)
        let moves = last.sorted { $0.key < $1.key }
        return """
            UPDATE cursor c
               SET pos = u.pos, epoch = GREATEST(c.epoch, u.epoch), incarnation = \(branches.incarnation)
              FROM unnest(\(moves.map(\.key)), \(moves.map(\.value)),
                          \(moves.map { Int32(branches[$0.key]) })) u(partition, pos, epoch)
             WHERE c.consumer = \(consumer) AND c.source = \(source) AND c.partition = u.partition
            """
    }

    /// Tells the table what was skipped, where nobody else has moved the cursor. What a crash takes is skipped again,
    /// so nobody waits for the disk.
    func save(_ cursors: Cursors) async throws {
        let moved = zip(cursors.stored, cursors.rows).filter { $0.position != $1.position }
        if moved.isEmpty { return }
        let new = moved.map(\.1)
        _ = try await log.pool.withTransaction { connection in
            try connection.execute(batch: [
                "SELECT set_config('synchronous_commit', 'off', true)",
                """
                WITH claimed AS MATERIALIZED (\(claiming(moved.map(\.0))))
                UPDATE cursor c SET pos = u.pos, epoch = GREATEST(c.epoch, u.epoch)
                  FROM claimed d JOIN unnest(\(new.map(\.partition)), \(new.map(\.position)),
                                             \(new.map { Int32($0.epoch) })) u(partition, pos, epoch)
                         ON u.partition = d.partition
                 WHERE c.consumer = \(consumer) AND c.source = \(source)
                   AND c.partition = d.partition
                """,
            ])
        }
    }

    /// The first contact, or a later epoch that began beyond our cursor: same events, new branch name. A cursor that another
    /// replica has moved since it was asked for may stand on the old branch, and keeps its name.
    func adopt(_ incarnation: UUID, asked: [FeedRequest.Cursor], epochs: [Int]) async throws {
        _ = try await log.pool.withConnection { connection in
            try connection.execute("""
                UPDATE cursor c SET incarnation = \(incarnation), epoch = u.epoch
                  FROM unnest(\(asked.map(\.partition)), \(asked.map(\.position)), \(epochs.map { Int32($0) }))
                         u(partition, pos, epoch)
                 WHERE c.consumer = \(consumer) AND c.source = \(source) AND c.partition = u.partition
                   AND c.pos <= u.pos AND (c.incarnation IS NULL OR c.epoch < u.epoch)
                """)
        }
    }

    /// Back to where branches began that we know nothing of.
    func rewind(to branches: [FeedRequest.Cursor]) async throws {
        try await log.pool.withTransaction { connection in
            let moved = try connection.execute("""
                UPDATE cursor c SET pos = LEAST(c.pos, u.pos), epoch = u.epoch
                  FROM unnest(\(branches.map(\.partition)), \(branches.map { Int32($0.epoch) }),
                              \(branches.map(\.position))) u(partition, epoch, pos)
                 WHERE c.consumer = \(consumer) AND c.source = \(source)
                   AND c.partition = u.partition AND c.epoch < u.epoch
                RETURNING c.partition, u.pos
                """).decode((Partition, Int64).self)
            // What is parked of the dead branch never happened. What of it lives on under another position comes
            // again, so it must not be in the inbox. A statement of its own sees what was parked until just now.
            _ = try connection.execute("""
                WITH gone AS (
                  DELETE FROM parked p USING unnest(\(moved.map(\.0)), \(moved.map(\.1))) m(partition, pos)
                   WHERE p.consumer = \(consumer) AND p.source = \(source)
                     AND p.partition = m.partition AND p.pos > m.pos
                  RETURNING p.partition, p.event_id)
                DELETE FROM inbox i USING gone g
                 WHERE i.consumer = \(consumer) AND i.partition = g.partition AND i.event_id = g.event_id
                """)
        }
    }
}

/// Where one replica of a consumer reads on, and what the table has of it.
struct Cursors: Sendable {
    var incarnation: UUID?
    /// Where to read on, one for each partition, in order.
    private(set) var rows: [FeedRequest.Cursor]
    /// What the table has: behind `rows` by events that nothing had to be done for.
    private(set) var stored: [FeedRequest.Cursor]
    private(set) var skippedSince: ContinuousClock.Instant?

    init(incarnation: UUID?, rows: [FeedRequest.Cursor]) {
        self.incarnation = incarnation
        self.rows = rows
        stored = rows
    }

    /// As the table has them after these events were handled.
    mutating func pass(_ events: [EventEnvelope], on branches: Branches) {
        advance(past: events, on: branches)
        for event in events { stored[Int(event.partition.number)] = rows[Int(event.partition.number)] }
    }

    /// Past events without an effect; the table learns of it later.
    mutating func skip(_ events: [EventEnvelope], on branches: Branches) {
        advance(past: events, on: branches)
        if !events.isEmpty { skippedSince = skippedSince ?? .now }
    }

    private mutating func advance(past events: [EventEnvelope], on branches: Branches) {
        for event in events {
            let place = Int(event.partition.number)
            rows[place].position = event.position
            rows[place].epoch = max(rows[place].epoch, branches[event.partition])
        }
    }
}

/// The history that a batch was read from.
struct Branches {
    let incarnation: UUID
    private var epochs = Array(repeating: 1, count: Partition.count)

    /// - Parameter epochs: one for each partition asked for.
    init(incarnation: UUID, asked: [FeedRequest.Cursor], epochs: [Int]) {
        self.incarnation = incarnation
        for (cursor, epoch) in zip(asked, epochs) { self.epochs[Int(cursor.partition.number)] = epoch }
    }

    subscript(partition: Partition) -> Int { epochs[Int(partition.number)] }
}
