import Domain
import EventLog
import Foundation
import Logging
import Storage
import Synchronization

/// Under which name this process discloses. While the advisory lock of that name is held, records believes that an open
/// disclosure may still be on its way; once it is free, and the time a post may take has passed, it closes them. So a
/// process that lost its lock sends nothing more under that name, and finishes nothing.
final class Incarnation: Sendable {
    private struct State {
        var name: UUID?
        var lock: SessionLock?
    }

    private let pool: ConnectionPool
    private let logger: Logger
    private let state = Mutex(State())
    private let changes = FeedNews()

    init(_ log: EventLog, logger: Logger) {
        pool = log.pool
        self.logger = logger
    }

    /// Nil while there is none: nothing may leave.
    var current: UUID? {
        state.withLock { $0.lock?.isHeld == true ? $0.name : nil }
    }

    func isCurrent(_ name: UUID) -> Bool { current == name }

    /// Keeps this process with a name until cancelled, and frees the lock then.
    func run() async {
        var pause = Duration.milliseconds(200)
        while !Task.isCancelled {
            do {
                if try await take() { pause = .milliseconds(200) }
                await untilLost()
            } catch {
                logger.warning("no lock for this sender; nothing is sent", metadata: [
                    "error": "\(String(reflecting: error))"])
                try? await Task.sleep(for: pause)
                pause = min(pause * 2, .seconds(5))
            }
        }
        await release()
    }

    /// Waits until there is a name, or until cancelled.
    func acquired() async -> UUID? {
        while !Task.isCancelled {
            let known = changes.count
            if let current { return current }
            await changes.wait(after: known, atMost: .seconds(1))
        }
        return nil
    }

    /// Waits until this name is no more, or until cancelled.
    func lost(_ name: UUID) async {
        while !Task.isCancelled {
            let known = changes.count
            if !isCurrent(name) { return }
            await changes.wait(after: known, atMost: .seconds(1))
        }
    }

    /// A new name and its lock.
    func take() async throws -> Bool {
        let name = UUID.version7()
        let keys = Self.keys(of: name)
        let lock = try await pool.sessionLock(keys.0, keys.1, onLoss: { [changes] in changes.announce() })
        guard let lock else { return false }
        state.withLock { $0 = State(name: name, lock: lock) }
        changes.announce()
        logger.info("sending under a new name", metadata: ["sender": "\(name.text)"])
        return true
    }

    func release() async {
        let lock = state.withLock { state in
            defer { state = State() }
            return state.lock
        }
        changes.announce()
        await lock?.release()
    }

    private func untilLost() async {
        if let current { await lost(current) }
    }

    /// The two numbers of the advisory lock. Only the name's random part, so that two names never meet by their time.
    static func keys(of name: UUID) -> (Int32, Int32) {
        let bytes = name.bytes
        func number(_ from: Int) -> Int32 {
            bytes[from..<from + 4].reduce(Int32(0)) { $0 << 8 | Int32($1) }
        }
        return (number(8), number(12))
    }

    /// Whether any session holds the lock of that name.
    static func isHeld(_ name: UUID, in log: EventLog) async throws -> Bool {
        let keys = keys(of: name)
        let rows = try await log.reader.query("""
            SELECT EXISTS (
              SELECT 1 FROM pg_locks k
               WHERE k.locktype = 'advisory' AND k.objsubid = 2 AND k.granted
                 AND k.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
                 AND k.classid::bigint = \(Int64(UInt32(bitPattern: keys.0)))
                 AND k.objid::bigint = \(Int64(UInt32(bitPattern: keys.1))))
            """)
        return try rows.first?.decode(Bool.self) ?? false
    }
}
