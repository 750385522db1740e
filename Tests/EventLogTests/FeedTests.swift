import Domain
@testable import EventLog
import Foundation
import ServiceKit
import Storage
import Support
import Testing

@Suite struct FeedTests {
    /// One read of the partitions named, in this order, from these positions.
    private func read(
        _ replica: Replica, _ cursors: [(partition: Int, epoch: Int, position: Int64)], each: Int = 100,
        total: Int = 100, wait: Duration = .zero, incarnation: UUID? = nil
    ) async throws -> FeedReply {
        try await FeedServer(replica.log).read(FeedRequest(
            incarnation: incarnation,
            cursors: cursors.map { cursor($0.partition, $0.epoch, $0.position) },
            each: each, total: total, wait: wait))
    }

    private func cursor(_ partition: Int, _ epoch: Int, _ position: Int64) -> FeedRequest.Cursor {
        FeedRequest.Cursor(partition: Partition.all[partition], epoch: epoch, position: position)
    }

    private func places(_ reply: FeedReply) -> [[Int]] {
        guard case .batch(_, _, _, let events) = reply else { return [] }
        return events.map { [Int($0.partition.number), Int($0.position)] }
    }

    @Test(.timeLimit(.minutes(1)))
    func `events come in the order asked, contiguous, within both bounds`() async throws {
        try await withReplica { _, replica in
            for partition in [3, 9, 40] { try await replica.tally(learner("a", in: partition), times: 5) }
            try await eventually("numbered") {
                try await replica.number("SELECT count(*) FROM event WHERE pos IS NULL") == 0
            }
            let reply = try await read(replica, [(40, 1, 0), (3, 1, 1), (12, 1, 0), (9, 1, 0)], each: 2, total: 5)
            guard case .batch(_, let epochs, let heads, _) = reply else { Issue.record("\(reply)"); return }
            #expect(places(reply) == [[40, 1], [40, 2], [3, 2], [3, 3], [9, 1]])
            #expect(epochs == [1, 1, 1, 1] && heads == [5, 5, 0, 5])
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a reader that waits is woken by the commit`() async throws {
        try await withReplica { _, replica in
            let begin = ContinuousClock.now
            async let reply = read(replica, [(3, 1, 0)], wait: .seconds(25))
            try await Task.sleep(for: .milliseconds(50))
            try await replica.tally(learner("a", in: 3))
            #expect(try await places(reply) == [[3, 1]])
            #expect(ContinuousClock.now - begin < .seconds(20))
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `after a failover the cursors beyond the branch are told where it began, others read on`() async throws {
        try await withReplica { _, replica in
            try await replica.tally(learner("a", in: 3), times: 5)
            try await replica.fork(partition: 3, keeping: 3)
            try await replica.tally(learner("b", in: 3), times: 3)
            #expect(try await read(replica, [(3, 1, 5)]) == .fork([cursor(3, 2, 3)]))
            // As far as the branch's beginning nothing has changed for a reader.
            let reply = try await read(replica, [(3, 1, 3)])
            guard case .batch(_, let epochs, let heads, _) = reply else { Issue.record("\(reply)"); return }
            #expect(places(reply) == [[3, 4], [3, 5], [3, 6]] && epochs == [2] && heads == [6])
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `of several branches the one that began earliest is told`() async throws {
        try await withReplica { _, replica in
            try await replica.tally(learner("a", in: 3), times: 6)
            try await replica.fork(partition: 3, keeping: 4)
            try await replica.tally(learner("b", in: 3), times: 2)
            try await replica.fork(partition: 3, keeping: 2)
            try await replica.tally(learner("c", in: 3), times: 2)
            #expect(try await read(replica, [(3, 1, 6)]) == .fork([cursor(3, 3, 2)]))
            #expect(try await read(replica, [(3, 2, 6)]) == .fork([cursor(3, 3, 2)]))
            #expect(try await places(read(replica, [(3, 1, 2)])) == [[3, 3], [3, 4]])
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a restored database is another history`() async throws {
        try await withReplica { _, replica in
            try await replica.tally(learner("a", in: 3))
            let old = try await replica.log.reader.query("SELECT incarnation FROM lineage").decode(UUID.self)[0]
            #expect(try await places(read(replica, [(3, 1, 0)], incarnation: old)) == [[3, 1]])
            try await replica.execute("UPDATE lineage SET incarnation = gen_random_uuid()")
            let new = try await replica.log.reader.query("SELECT incarnation FROM lineage").decode(UUID.self)[0]
            #expect(try await read(replica, [(3, 1, 1)], incarnation: old) == .foreign(incarnation: new))
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a retired beginning is told, however long it is`() async throws {
        try await withReplica { _, replica in
            try await replica.tally(learner("a", in: 3), times: 6)
            try await replica.tally(learner("a", in: 9), times: 2)
            try await replica.execute("DELETE FROM event WHERE partition = 3 AND pos <= 4")
            let gone = FeedReply.truncated(Partition.all[3], first: 5)
            #expect(try await read(replica, [(3, 1, 0)], each: 5) == gone)
            #expect(try await read(replica, [(3, 1, 0)], each: 2) == gone)
            #expect(try await read(replica, [(3, 1, 0), (9, 1, 0)], each: 2) == gone)
            #expect(try await places(read(replica, [(3, 1, 4), (9, 1, 0)])) == [[3, 5], [3, 6], [9, 1], [9, 2]])
            // What the bound on the whole has cut off is not gone.
            #expect(try await places(read(replica, [(9, 1, 0), (3, 1, 4)], total: 2)) == [[9, 1], [9, 2]])
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `where a commit must be confirmed, nothing is read before, and readers are told when it is`() async throws {
        try await withReplica(sequencing: false) { _, replica in
            try await replica.execute("UPDATE lineage SET publish = 'confirmed'")
            try await replica.tally(learner("a", in: 3), times: 2)
            #expect(try await replica.number("SELECT pos - safe_pos FROM head WHERE partition = 3") == 2)
            #expect(try await places(read(replica, [(3, 1, 0)])) == [])
            let begin = ContinuousClock.now
            async let reply = read(replica, [(3, 1, 0)], wait: .seconds(25))
            try await Task.sleep(for: .milliseconds(50))
            replica.sequence()
            #expect(try await places(reply) == [[3, 1], [3, 2]])
            #expect(ContinuousClock.now - begin < .seconds(20))
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `positions that waited for a confirmation are published when none is needed any more`() async throws {
        try await withReplica(sequencing: false) { _, replica in
            try await replica.execute("UPDATE lineage SET publish = 'confirmed'")
            try await replica.tally(learner("a", in: 3))
            try await replica.execute("UPDATE lineage SET publish = 'auto'")
            replica.sequence()
            try await eventually("published", within: .seconds(10)) {
                try await replica.number("SELECT safe_pos FROM head WHERE partition = 3") == 1
            }
        }
    }

    static let refusals: [(String, String, String)] = [
        ("BEGIN ISOLATION LEVEL REPEATABLE READ", "ROLLBACK", "CA001"),
        ("SET synchronous_commit = off", "RESET synchronous_commit", "CA002"),
    ]

    @Test(.timeLimit(.minutes(1)), arguments: refusals)
    func `nothing is numbered under settings that would break the order or publish what a crash undoes`(
        before: String, after: String, state: String
    ) async throws {
        try await withReplica(sequencing: false) { _, replica in
            let refusal = try await replica.log.pool.withConnection { connection in
                _ = try connection.execute("\(unescaped: before)")
                let refusal = #expect(throws: StorageError.self) {
                    _ = try connection.execute("SELECT * FROM number_pending(NULL, NULL, 10)")
                }
                _ = try connection.execute("\(unescaped: after)")
                return refusal
            }
            #expect(refusal?.sqlState == state)
        }
    }
}

extension Replica {
    /// As after the promotion of a standby that had only received so much of this partition.
    func fork(partition: Int, keeping position: Int64) async throws {
        let partition = Int16(partition)
        try await eventually("numbered") { try await number("SELECT count(*) FROM event WHERE pos IS NULL") == 0 }
        try await execute(
            "DELETE FROM event WHERE partition = \(partition) AND pos > \(position)",
            """
            UPDATE aggregate a SET version = n.n, body = jsonb_set(a.body, '{count}', to_jsonb(n.n))
              FROM (SELECT stream, count(*) AS n FROM event WHERE partition = \(partition) GROUP BY stream) n
             WHERE a.partition = \(partition) AND a.id = n.stream
            """,
            """
            DELETE FROM aggregate a WHERE a.partition = \(partition)
               AND NOT EXISTS (SELECT 1 FROM event e WHERE e.partition = a.partition AND e.stream = a.id)
            """,
            """
            UPDATE head SET pos = \(position), safe_pos = \(position), timeline = timeline + 1
             WHERE partition = \(partition)
            """)
    }
}
