import Foundation
import Storage
import Support
import Synchronization
import Testing

private final class Progress: Sendable {
    let counts: Mutex<[Int]>
    init(_ tasks: Int) { counts = Mutex(Array(repeating: -1, count: tasks)) }
}

@Suite(.timeLimit(.minutes(2))) struct ReaderTests {
    @Test func `a thousand concurrent queries each get their own answer, failures included`() async throws {
        try await withTestDatabase { database in
            let reader = Reader(database.configuration(), logger: quiet)
            let sum = try await withThrowingTaskGroup(of: Int.self) { group in
                for n in 0..<1000 {
                    group.addTask {
                        if n % 10 == 3 {
                            do throws(StorageError) { _ = try await reader.query("SELECT 1 / \(n % 10 - 3)") } catch {
                                guard error.sqlState == "22012" else { throw error }
                            }
                            return 0
                        }
                        let answer = try await reader.query("SELECT \(n), repeat('x', \(Int32(n)))").decode((Int, String).self)[0]
                        return answer.1.count == n && answer.0 == n ? n : -1_000_000
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(sum == (0..<1000).filter { $0 % 10 != 3 }.reduce(0, +))
            await reader.close()
            await #expect(throws: StorageError.unavailable("closed")) { try await reader.query("SELECT 1") }
        }
    }

    @Test func `more statements than the cache holds still work`() async throws {
        try await withTestDatabase { database in
            let reader = Reader(database.configuration(), connections: 1, logger: quiet)
            for round in 0..<2 {
                for n in 0..<600 {
                    let text = try await reader.query("SELECT \(unescaped: "\(n)"), \(round)").decode((Int, Int).self)[0]
                    try #require(text == (n, round))
                }
            }
            let kept = try await reader.query("SELECT count(*) FROM pg_prepared_statements").decode(Int.self)
            #expect(kept == [512])
            await reader.close()
        }
    }

    @Test func `reads go on while backends are killed`() async throws {
        try await withTestDatabase { database in
            let reader = Reader(database.configuration(), logger: quiet)
            try await withThrowingTaskGroup(of: Void.self) { group in
                let progress = Progress(16)
                for task in 0..<16 {
                    group.addTask {
                        for n in 0..<100 {
                            do throws(StorageError) {
                                _ = try await reader.query("SELECT \(n), pg_sleep(0.001)::text")
                            } catch {
                                Issue.record("read \(n) of task \(task): \(error.debugDescription)")
                            }
                            progress.counts.withLock { $0[task] = n == 99 ? .max : n }
                        }
                    }
                }
                // Only once every read under way at the last blow is answered, for a read is repeated twice
                // at most.
                for _ in 0..<3 {
                    try await database.killBackends()
                    let before = progress.counts.withLock { $0 }
                    while progress.counts.withLock({ zip($0, before).contains { $0 != .max && $0 < $1 + 2 } }) {
                        try await Task.sleep(for: .milliseconds(1))
                    }
                }
                try await group.waitForAll()
            }
            await reader.close()
        }
    }

    @Test func `a reader cannot write and a changed table does not break its statements`() async throws {
        try await withTestDatabase { database in
            let reader = Reader(database.configuration(), connections: 1, logger: quiet)
            let pool = ConnectionPool(database.configuration(), size: 1, logger: quiet)
            try await pool.withConnection { try $0.execute(script: "CREATE TABLE t (a int); INSERT INTO t VALUES (1)") }
            let before = try await reader.query("SELECT * FROM t").decode(Int.self)
            #expect(before == [1])
            try await pool.withConnection { try $0.execute(script: "ALTER TABLE t ADD b text DEFAULT 'new'") }
            let after = try await reader.query("SELECT * FROM t").decode((Int, String).self)[0]
            #expect(after == (1, "new"))
            let refusal = await #expect(throws: StorageError.self) {
                try await reader.query("INSERT INTO t (a) VALUES (2)")
            }
            #expect(refusal?.sqlState == "25006")
            await reader.close()
            await pool.close()
        }
    }

    @Test func `without a server a request waits two seconds, then is unavailable`() async throws {
        let nowhere = DatabaseConfiguration(
            url: "postgresql:///x?host=/nonexistent", schema: "public", applicationName: "tests")
        let reader = Reader(nowhere, logger: quiet)
        let start = ContinuousClock.now
        await #expect(throws: StorageError.unavailable("no connection for 2 s")) { try await reader.query("SELECT 1") }
        #expect((1.9...8).contains((ContinuousClock.now - start) / .seconds(1)))
        let answers = await withTaskGroup(of: StorageError?.self) { group in
            for _ in 0...Reader.maxWaiting {
                group.addTask {
                    do throws(StorageError) { _ = try await reader.query("SELECT 1") } catch { return error }
                    return nil
                }
            }
            return await group.reduce(into: [:]) { $0[$1?.debugDescription ?? "", default: 0] += 1 }
        }
        #expect(answers["the database is unavailable: 4096 requests wait already", default: 0] >= 1)
        #expect(answers.values.reduce(0, +) == Reader.maxWaiting + 1)
        await reader.close()
    }

    @Test func `the session is set up as promised`() async throws {
        try await withTestDatabase { database in
            let reader = Reader(
                database.configuration(schema: "we ird\"s", statementTimeout: .milliseconds(1500)), logger: quiet)
            let names = [
                "search_path", "synchronous_commit", "statement_timeout", "lock_timeout", "TimeZone", "jit",
                "idle_in_transaction_session_timeout", "client_min_messages", "application_name",
                "transaction_isolation",
            ]
            let found = try await reader.query(
                "SELECT current_setting(n) FROM unnest(\(names)) WITH ORDINALITY u(n, i) ORDER BY i")
            #expect(try found.decode(String.self) == [
                "\"we ird\"\"s\", pg_temp", "on", "1500ms", "2s", "UTC", "off", "10s", "warning", "tests",
                "read committed",
            ])
            await reader.close()
        }
    }
}
