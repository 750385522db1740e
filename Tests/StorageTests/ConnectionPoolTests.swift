import Foundation
import Storage
import Support
import Synchronization
import Testing

private struct Mine: Error, Equatable { let n: Int }

@Suite(.timeLimit(.minutes(2))) struct ConnectionPoolTests {
    private func withPool<R>(
        size: Int = 4, statementTimeout: Duration = .seconds(5), _ body: (ConnectionPool, TestDatabase) async throws -> R
    ) async throws -> R {
        try await withTestDatabase { database in
            let pool = ConnectionPool(
                database.configuration(statementTimeout: statementTimeout), size: size, logger: quiet)
            try await pool.withConnection {
                try $0.execute(script: "CREATE TABLE t (id int8 PRIMARY KEY, n int8 NOT NULL CONSTRAINT positive CHECK (n > 0))")
            }
            let result = try await body(pool, database)
            await pool.close()
            return result
        }
    }

    private func stored(_ pool: ConnectionPool) async throws -> [Int] {
        try await pool.withConnection { try $0.execute("SELECT id FROM t ORDER BY id").decode(Int.self) }
    }

    @Test func `a transaction commits what its body did and returns its value`() async throws {
        try await withPool { pool, _ in
            let affected = try await pool.withTransaction { connection in
                let rows = try connection.execute(batch: [
                    "INSERT INTO t VALUES (\(1), 1)", "INSERT INTO t SELECT \(1) + g, 1 FROM generate_series(1, 3) g",
                ])
                return rows.map(\.affected)
            }
            let last = try await pool.withTransaction { connection in
                _ = try connection.execute("INSERT INTO t VALUES (10, 1)")
                return try connection.commit(with: [
                    "INSERT INTO t VALUES (11, 1)", "SELECT count(*) FROM t",
                ])[1].decode(Int.self)
            }
            try await pool.withTransaction { _ in }
            #expect(affected == [1, 3] && last == [6])
            let left = try await stored(pool)
            #expect(left == [1, 2, 3, 4, 10, 11])
        }
    }

    @Test func `a body that throws leaves nothing, and its error comes through unchanged`() async throws {
        try await withPool(size: 1) { pool, _ in
            await #expect(throws: Mine(n: 7)) {
                try await pool.withTransaction { connection in
                    _ = try connection.execute("INSERT INTO t VALUES (1, 1)")
                    throw Mine(n: 7)
                }
            }
            await #expect(throws: StorageError.constraint(name: "positive", table: "t", sqlState: "23514")) {
                try await pool.withTransaction { connection in
                    _ = try connection.execute("INSERT INTO t VALUES (2, 1)")
                    _ = try connection.commit(with: ["INSERT INTO t VALUES (3, -1)"])
                }
            }
            // A failure that the body swallowed cannot turn into a commit.
            let swallowed = await #expect(throws: StorageError.self) {
                try await pool.withTransaction { connection in
                    _ = try connection.execute("INSERT INTO t VALUES (4, 1)")
                    _ = try? connection.execute("SELECT 1/0")
                }
            }
            #expect(swallowed?.sqlState == "25P02")
            let left = try await stored(pool)
            #expect(left == [])
        }
    }

    @Test func `a batch outside a transaction is one transaction`() async throws {
        try await withPool { pool, _ in
            await #expect(throws: StorageError.self) {
                try await pool.withConnection {
                    try $0.execute(batch: ["INSERT INTO t VALUES (1, 1)", "INSERT INTO t VALUES (1, 1)"])
                }
            }
            let left = try await stored(pool)
            #expect(left == [])
        }
    }

    @Test func `cancelling ends the running statement at once and rolls back`() async throws {
        try await withPool(size: 1, statementTimeout: .seconds(60)) { pool, database in
            let start = ContinuousClock.now
            let task = Task {
                try await pool.withTransaction { connection in
                    _ = try connection.execute("INSERT INTO t VALUES (1, 1)")
                    _ = try connection.execute("SELECT pg_sleep(50)::text")
                }
            }
            let other = ConnectionPool(database.configuration(), size: 1, logger: quiet)
            try await other.withConnection { connection in
                while try connection.execute("""
                    SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()
                    """).decode(Int.self) == [0] { await Task.yield() }
            }
            task.cancel()
            await #expect(throws: StorageError.cancelled) { try await task.value }
            #expect(ContinuousClock.now - start < .seconds(40))
            let left = try await stored(pool)
            #expect(left == [])
            await other.close()
        }
    }

    @Test func `callers wait in turn, only so many, and can be cancelled`() async throws {
        try await withPool(size: 1) { pool, _ in
            let order = Order()
            let release = AsyncStream.makeStream(of: Void.self)
            let started = AsyncStream.makeStream(of: Void.self)
            let holder = Task {
                try await pool.withConnection { _ in
                    started.continuation.finish()
                    for await _ in release.stream {}
                }
            }
            for await _ in started.stream {}
            // Ten more than may wait: whoever of them comes last is refused at once, and nobody is served meanwhile.
            let refusals = Order()
            var waiting: [Task<Void, any Error>] = []
            for n in 0..<ConnectionPool.maxWaiting + 10 {
                waiting.append(Task {
                    do { try await pool.withConnection { _ in order.note(n) } } catch {
                        if error as? StorageError == .unavailable("256 callers wait for a connection already") {
                            return refusals.note(n)
                        }
                        throw error
                    }
                })
                if n < 20 { try await Task.sleep(for: .milliseconds(2)) }
            }
            while refusals.noted.count < 10 { try await Task.sleep(for: .milliseconds(5)) }
            waiting[3].cancel()
            await #expect(throws: StorageError.cancelled) { try await waiting[3].value }
            release.continuation.finish()
            try await holder.value
            for (n, task) in waiting.enumerated() where n != 3 { try await task.value }
            #expect(refusals.noted.count == 10 && order.noted.count == ConnectionPool.maxWaiting - 1)
            #expect(Array(order.noted.prefix(19)) == [0, 1, 2] + Array(4..<20))
        }
    }

    @Test func `a deadlock is told to one side as serialization, and the other commits`() async throws {
        try await withPool { pool, _ in
            try await pool.withConnection { _ = try $0.execute("INSERT INTO t VALUES (1, 1), (2, 1)") }
            let meeting = Meeting(2)
            let outcomes = await withTaskGroup(of: StorageError?.self) { group in
                for (a, b) in [(1, 2), (2, 1)] {
                    group.addTask {
                        do {
                            try await pool.withTransaction { connection in
                                _ = try connection.execute("UPDATE t SET n = n + 1 WHERE id = \(a)")
                                await meeting.arrive()
                                _ = try connection.execute("UPDATE t SET n = n + 1 WHERE id = \(b)")
                            }
                            return nil
                        } catch {
                            return error as? StorageError
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(outcomes) == [nil, .serialization("40P01")])
            let sum = try await pool.withConnection { try $0.execute("SELECT sum(n)::int8 FROM t").decode(Int.self) }
            #expect(sum == [4])
        }
    }

    @Test func `a lost connection is rolled back, told as unavailable, and replaced`() async throws {
        try await withPool(size: 1) { pool, database in
            let lost = await #expect(throws: StorageError.self) {
                try await pool.withTransaction { connection in
                    _ = try connection.execute("INSERT INTO t VALUES (1, 1)")
                    try await database.killBackends()
                    _ = try connection.execute("INSERT INTO t VALUES (2, 1)")
                }
            }
            guard case .unavailable = lost else { Issue.record("\(String(describing: lost))"); return }
            let atCommit = await #expect(throws: StorageError.self) {
                try await pool.withTransaction { connection in
                    _ = try connection.execute("INSERT INTO t VALUES (3, 1)")
                    try await database.killBackends()
                }
            }
            guard case .unknownOutcome = atCommit else { Issue.record("\(String(describing: atCommit))"); return }
            try await database.killBackends()
            let left = try await stored(pool)
            #expect(left == [])
        }
    }

    @Test func `a session lock has one holder, who hears of its loss`() async throws {
        try await withPool { pool, database in
            let (losses, told) = AsyncStream.makeStream(of: Void.self)
            let lock = try #require(try await pool.sessionLock(7, 1) { told.finish() })
            let rival = try await pool.sessionLock(7, 1)
            #expect(rival == nil)
            await lock.release()
            let second = try #require(try await pool.sessionLock(7, 1) { told.finish() })
            #expect(second.isHeld && !lock.isHeld)
            try await database.killBackends()
            for await _ in losses {}
            #expect(!second.isHeld)
            let third = try #require(try await pool.sessionLock(7, 1))
            await third.release()
        }
    }
}

/// Who came when.
private final class Order: Sendable {
    private let numbers = Mutex<[Int]>([])
    var noted: [Int] { numbers.withLock { $0 } }
    func note(_ n: Int) { numbers.withLock { $0.append(n) } }
}

/// Lets so many tasks go on together.
private actor Meeting {
    private var missing: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []
    init(_ count: Int) { missing = count }

    func arrive() async {
        missing -= 1
        if missing == 0 {
            for one in waiting { one.resume() }
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }
}
