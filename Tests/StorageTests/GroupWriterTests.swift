import Foundation
import Storage
import Support
import Synchronization
import Testing

/// Writes one entry of a stream, then marks it; `bad` makes the opening statement fail.
struct Entry: GroupMember {
    var partition: UInt8 = 0
    var stream = UUID()
    var n = 0
    var bad = false
    var delay = 0.0

    var order: GroupOrder { GroupOrder(partition: partition, stream: stream) }
    var size: Int { 32 }
    var statements: [SQL] { ["UPDATE entry SET followed = true WHERE stream = \(stream) AND n = \(n)"] }

    /// Answers for each how many entries its stream has now.
    @Sendable static func insert(_ entries: [Entry]) -> SQL {
        """
        INSERT INTO entry (stream, n)
        SELECT u.stream, u.n
          FROM unnest(\(entries.map(\.stream)), \(entries.map { Int64($0.n) }), \(entries.map { $0.bad ? 0 : Int64(1) }))
               WITH ORDINALITY u(stream, n, good, ord), pg_sleep(\(entries.map(\.delay).max() ?? 0))
         WHERE 1 / u.good = 1 ORDER BY u.ord
        RETURNING (SELECT count(*) + 1 FROM entry earlier WHERE earlier.stream = entry.stream)
        """
    }
}

func makeEntries(_ database: TestDatabase) async throws -> ConnectionPool {
    let pool = ConnectionPool(database.configuration(), logger: quiet)
    try await pool.withConnection {
        try $0.execute(script: """
            CREATE TABLE entry (
              seq bigserial, stream uuid NOT NULL, n bigint NOT NULL CONSTRAINT small CHECK (n < 1000), followed boolean);
            CREATE INDEX ON entry (stream);
            CREATE TABLE closing (txid bigint NOT NULL, isolation text NOT NULL, members bigint NOT NULL);
            """)
    }
    return pool
}

func makeWriter(
    _ configuration: DatabaseConfiguration, turns: WriterTurns = WriterTurns(),
    afterCommit: @escaping @Sendable ([Entry], Rows, Rows) -> Void = { _, _, _ in }
) -> GroupWriter<Entry> {
    GroupWriter(configuration, turns: turns, logger: quiet, opening: Entry.insert, closing: { members in
        """
        INSERT INTO closing
        VALUES (txid_current(), current_setting('transaction_isolation'), \(members.count)) RETURNING members
        """
    }, afterCommit: afterCommit)
}

private func submit(_ entries: [Entry], to writer: GroupWriter<Entry>) async -> [Result<Int, StorageError>] {
    await withTaskGroup(of: (Int, Result<Int, StorageError>).self) { group in
        for (index, entry) in entries.enumerated() {
            group.addTask {
                do throws(StorageError) {
                    return (index, .success(try await writer.submit(entry).decode(Int.self)))
                } catch {
                    return (index, .failure(error))
                }
            }
        }
        return await group.reduce(into: Array(repeating: .failure(.cancelled), count: entries.count)) {
            $0[$1.0] = $1.1
        }
    }
}

@Suite(.timeLimit(.minutes(3))) struct GroupWriterTests {
    @Test func `many members share few commits, each with the closing statement of its group`() async throws {
        try await withTestDatabase { database in
            let pool = try await makeEntries(database)
            let told = Mutex(0)
            let writer = makeWriter(database.configuration()) { members, _, rows in
                let counted = try? rows.first?.decode(Int.self)
                if counted == members.count { told.withLock { $0 += members.count } }
            }
            let answers = await submit((0..<500).map { Entry(partition: UInt8($0 % 64), n: $0) }, to: writer)
            #expect(answers == Array(repeating: .success(1), count: 500))
            let counted = try await pool.withConnection { connection in
                try connection.execute("""
                    SELECT count(*), sum(members)::int8, count(DISTINCT txid), bool_and(isolation = 'read committed'),
                      (SELECT count(*) FROM entry WHERE followed) FROM closing
                    """)[0].decode(Int.self, Int.self, Int.self, Bool.self, Int.self)
            }
            let stats = writer.stats
            #expect(counted == (stats.groups, 500, stats.groups, true, 500))
            #expect(stats.groups < 250 && stats.members == 500 && stats.retriedAlone == 0)
            #expect(told.withLock { $0 } == 500)
            await writer.close()
            await pool.close()
        }
    }

    @Test func `one bad member never harms the others`() async throws {
        try await withTestDatabase { database in
            let pool = try await makeEntries(database)
            let writer = makeWriter(database.configuration())
            // The first one holds the writer while the others gather.
            async let first = submit([Entry(n: 1, delay: 0.3)], to: writer)
            let entries = (0..<40).map { Entry(n: $0 == 7 ? 5000 : $0, bad: $0 == 21) }
            let answers = await submit(entries, to: writer)
            #expect(await first == [.success(1)])
            let expected: [Result<Int, StorageError>] = (0..<40).map {
                switch $0 {
                case 7: .failure(.constraint(name: "small", table: "entry", sqlState: "23514"))
                case 21: .failure(.refused(sqlState: "22012", message: "division by zero"))
                default: .success(1)
                }
            }
            #expect(answers == expected)
            let stored = try await pool.withConnection {
                try $0.execute("SELECT (SELECT count(*) FROM entry WHERE followed), (SELECT sum(members)::int8 FROM closing)")[0]
                    .decode(Int.self, Int.self)
            }
            #expect(stored == (39, 39))
            #expect(writer.stats.members == 39 && writer.stats.retriedAlone >= 2)
            await writer.close()
            await pool.close()
        }
    }

    @Test func `members of one stream go one to a group, in the order they came`() async throws {
        try await withTestDatabase { database in
            let pool = try await makeEntries(database)
            let groups = Mutex<[[Int]]>([])
            let writer = makeWriter(database.configuration()) { members, _, _ in
                groups.withLock { $0.append(members.map(\.n).filter { $0 != 999 }) }
            }
            let stream = UUID()
            async let first = submit([Entry(n: 999, delay: 0.3)], to: writer)
            var waiting: [Task<Int, any Error>] = []
            for n in 0..<10 {
                // Submitted from one task at a time; the queue's growth shows that the last one is in.
                waiting.append(Task { try await writer.submit(Entry(stream: stream, n: n)).decode(Int.self) })
                try await Task.sleep(for: .milliseconds(5))
            }
            var counts: [Int] = []
            for task in waiting { counts.append(try await task.value) }
            _ = await first
            #expect(counts == Array(1...10))
            #expect(groups.withLock { $0.filter { !$0.isEmpty } } == (0..<10).map { [$0] })
            await writer.close()
            await pool.close()
        }
    }

    @Test func `a group is sorted by partition, then by the bytes of the stream`() {
        func id(_ first: UInt8, _ last: UInt8) -> UUID {
            UUID(uuid: (first, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last))
        }
        let sorted = [(0, id(255, 0)), (1, id(0, 1)), (1, id(0, 200)), (1, id(127, 0)), (1, id(200, 0)), (2, id(0, 0))]
            .map { GroupOrder(partition: $0.0, stream: $0.1) }
        #expect(sorted.shuffled().sorted() == sorted)
    }

    @Test func `a connection killed in flight leaves an unknown outcome, and the writer comes back`() async throws {
        try await withTestDatabase { database in
            let pool = try await makeEntries(database)
            let writer = makeWriter(database.configuration(statementTimeout: .seconds(60)))
            _ = try await writer.submit(Entry())
            async let lost = submit([Entry(n: 1, delay: 50)], to: writer)
            try await pool.withConnection { connection in
                while try connection.execute("""
                    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                     WHERE wait_event = 'PgSleep' AND datname = current_database()
                    """).decode(Int.self) == [0] { await Task.yield() }
            }
            guard case .failure(.unknownOutcome) = await lost[0] else {
                Issue.record("the outcome should be unknown")
                return
            }
            _ = try await writer.submit(Entry(n: 2))
            #expect(writer.stats.unknown == 1)
            let stored = try await pool.withConnection { try $0.execute("SELECT n FROM entry ORDER BY n").decode(Int.self) }
            #expect(stored == [0, 2])
            await writer.close()
            await pool.close()
        }
    }

    @Test func `closing commits what waits and refuses what comes`() async throws {
        try await withTestDatabase { database in
            let pool = try await makeEntries(database)
            let writer = makeWriter(database.configuration())
            async let first = submit([Entry(delay: 0.5)], to: writer)
            async let rest = submit((0..<20).map { Entry(n: $0) }, to: writer)
            try await pool.withConnection { connection in
                while writer.stats.groups == 0, try connection.execute("""
                    SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()
                    """).decode(Int.self) == [0] { await Task.yield() }
            }
            await writer.close()
            let answers = await first + rest
            let committed = answers.count { $0 == .success(1) }
            let stored = try await pool.withConnection { try $0.execute("SELECT count(*) FROM entry").decode(Int.self)[0] }
            #expect(stored == committed)
            #expect(answers.allSatisfy { $0 == .success(1) || $0 == .failure(.unavailable("closed")) })
            await #expect(throws: StorageError.unavailable("closed")) { try await writer.submit(Entry()) }
            await pool.close()
        }
    }
}
