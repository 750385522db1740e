import Foundation
import Storage
import Support
import Synchronization
import Testing

private final class Flag: Sendable {
    private let state = Mutex(false)
    var isSet: Bool { state.withLock { $0 } }
    func set() { state.withLock { $0 = true } }
}

/// On servers of their own, which they stop, crash and starve.
@Suite(.timeLimit(.minutes(3))) struct FaultTests {
    @Test(arguments: [PostgresServer.StopMode.immediate, .fast])
    func `after a restart under load everything goes on, and what was acknowledged is there`(
        mode: PostgresServer.StopMode
    ) async throws {
        let server = try await PostgresServer.private()
        try await withTestDatabase(on: server) { database in
            let pool = try await makeEntries(database)
            let writer = makeWriter(database.configuration())
            let reader = Reader(database.configuration(), logger: quiet)
            let restarted = Flag()
            let acknowledged = try await withThrowingTaskGroup(of: [UUID].self) { group in
                for _ in 0..<16 {
                    group.addTask {
                        // Until 50 members were committed after the restart.
                        var done: [UUID] = []
                        var after = 0
                        while after < 50 {
                            let entry = Entry()
                            do throws(StorageError) {
                                _ = try await writer.submit(entry)
                                done.append(entry.stream)
                                if restarted.isSet { after += 1 }
                            } catch {
                                switch error {
                                case .unavailable, .unknownOutcome: break
                                default: throw error
                                }
                            }
                        }
                        return done
                    }
                }
                group.addTask {
                    _ = try await writer.submit(Entry())
                    try await server.restart(mode: mode)
                    restarted.set()
                    return []
                }
                return try await group.reduce([], +)
            }
            let missing = try await reader.query("""
                SELECT count(*) FROM unnest(\(acknowledged)) u(id) WHERE NOT EXISTS (SELECT 1 FROM entry WHERE stream = u.id)
                """).decode(Int.self)
            #expect(missing == [0])
            #expect(acknowledged.count >= 16 * 50)
            let again = try await pool.withTransaction { try $0.execute("SELECT 1::int8").decode(Int.self) }
            #expect(again == [1])
            await reader.close()
            await writer.close()
            await pool.close()
        }
        try await server.close()
    }

    @Test func `while the server is down a member is unavailable within its patience`() async throws {
        let server = try await PostgresServer.private()
        try await withTestDatabase(on: server) { database in
            let pool = try await makeEntries(database)
            let writer = makeWriter(database.configuration())
            _ = try await writer.submit(Entry())
            try await server.stop(mode: .fast)
            let start = ContinuousClock.now
            await #expect(throws: StorageError.unavailable("no connection for 2 s")) { try await writer.submit(Entry()) }
            #expect(ContinuousClock.now - start < .seconds(6))
            let refused = await #expect(throws: StorageError.self) { try await pool.withConnection { _ in } }
            guard case .unavailable = refused else { Issue.record("\(String(describing: refused))"); return }
            try await server.start()
            while (try? await writer.submit(Entry())) == nil {}
            await writer.close()
            await pool.close()
        }
        try await server.close()
    }

    @Test func `a commit that stopped waiting for its standby has an unknown outcome`() async throws {
        let server = try await PostgresServer.private()
        try await withTestDatabase(on: server) { database in
            let pool = try await makeEntries(database)
            let writer = makeWriter(database.configuration())
            _ = try await writer.submit(Entry())
            try await server.execute(
                "ALTER SYSTEM SET synchronous_standby_names = 'nobody'", "SELECT pg_reload_conf()")
            // A reload reaches each backend in its own time.
            let probe = Reader(database.configuration(), connections: 1, logger: quiet)
            while try await probe.query("SELECT current_setting('synchronous_standby_names')").decode(String.self) == [""] {}
            await probe.close()
            let cancelWaiting: @Sendable () async throws -> Void = {
                let reader = Reader(database.configuration(), logger: quiet)
                while try await reader.query("""
                    SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep'
                    """).decode(Int.self) == [0] {}
                await reader.close()
            }
            async let grouped = submitOne(writer)
            try await cancelWaiting()
            let leased = Task {
                try await pool.withTransaction { connection in
                    _ = try connection.execute("INSERT INTO entry (stream, n) VALUES (\(UUID()), 1)")
                }
            }
            try await cancelWaiting()
            let doubt = "canceling wait for synchronous replication due to user request"
            #expect(await grouped == .unknownOutcome(doubt))
            await #expect(throws: StorageError.unknownOutcome(doubt)) { try await leased.value }
            #expect(writer.stats.unknown == 1)
            try await server.execute("ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()")
            await writer.close()
            await pool.close()
        }
        try await server.close()
    }

    private func submitOne(_ writer: GroupWriter<Entry>) async -> StorageError? {
        do { _ = try await writer.submit(Entry()) } catch { return error }
        return nil
    }
}
