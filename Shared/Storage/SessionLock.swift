import CPostgres
import Glibc
import Logging
import Synchronization

/// An advisory lock that lives as long as its connection, which a thread watches: the server's goodbye is
/// noticed at once, a silent network within 15 s. The server may free the lock that much before `isHeld`
/// turns false, so whoever relies on exclusion needs a second guard, such as a deadline on what it sends.
package final class SessionLock: Sendable {
    private let watch: LockWatch

    /// False once released, or once the connection is known to be lost.
    package var isHeld: Bool { watch.isHeld }

    private init(_ watch: LockWatch) { self.watch = watch }
    deinit { _ = watch.end() }

    /// - Parameter onLoss: called once, on the lock's thread, if the lock is lost without having been released.
    /// - Returns: nil if another session holds the lock.
    package static func acquire(
        _ configuration: DatabaseConfiguration, _ key1: Int32, _ key2: Int32, logger: Logger,
        onLoss: @escaping @Sendable () -> Void
    ) async throws(StorageError) -> SessionLock? {
        var session = Session(configuration)
        session.statementTimeout = .seconds(2)
        let result: Result<SessionLock?, StorageError> = await withCheckedContinuation { continuation in
            startThread(name: "pg-lock") { [session] in
                let wire: Wire
                do throws(StorageError) {
                    wire = try Wire(session)
                    let rows = try wire.exchange(["SELECT pg_try_advisory_lock(\(key1), \(key2))"])
                    guard try rows[0].decode(Bool.self) == [true] else {
                        return continuation.resume(returning: .success(nil))
                    }
                } catch {
                    return continuation.resume(returning: .failure(error))
                }
                let watch = LockWatch()
                continuation.resume(returning: .success(SessionLock(watch)))
                guard let loss = watch.run(wire, unlock: "SELECT pg_advisory_unlock(\(key1), \(key2))") else { return }
                logger.error("advisory lock lost", metadata: ["detail": "\(loss)"])
                onLoss()
            }
        }
        return try result.get()
    }

    /// Frees the lock; returns when the server can give it to somebody else.
    package func release() async {
        guard watch.end() else { return }
        await watch.ended()
    }
}

/// What the lock and its thread share.
private final class LockWatch: Sendable {
    private struct State {
        var held = true
        var ending = false
        var finished = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }
    /// How often the server is asked for a sign of life.
    private static let pulse: Duration = .seconds(3)

    private let doorbell = Doorbell()
    private let state = Mutex(State())

    var isHeld: Bool { state.withLock { $0.held } }

    /// - Returns: whether the thread will end because of this or an earlier call.
    func end() -> Bool {
        defer { doorbell.ring() }
        return state.withLock { state in
            state.held = false
            state.ending = true
            return !state.finished
        }
    }

    func ended() async {
        await withCheckedContinuation { continuation in
            let finished = state.withLock { state in
                if !state.finished { state.waiting.append(continuation) }
                return state.finished
            }
            if finished { continuation.resume() }
        }
    }

    /// Watches until told to end or the connection is lost. - Returns: the reason of a loss.
    func run(_ wire: Wire, unlock: SQL) -> String? {
        var loss: String?
        while loss == nil, !state.withLock({ $0.ending }) {
            var ready = [
                pollfd(fd: wire.socket, events: Int16(POLLIN), revents: 0),
                pollfd(fd: doorbell.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            wait(for: &ready, until: .now + Self.pulse)
            if state.withLock({ $0.ending }) { break }
            wire.checkIdle()
            if wire.loss == nil { _ = try? wire.exchange(["SELECT 1"]) }
            loss = wire.loss
        }
        // Unlocking is asked for rather than left to the closing socket, so that it has happened when we
        // return.
        if loss == nil { _ = try? wire.exchange([unlock]) }
        let (waiting, released) = state.withLock { state in
            defer { state.waiting = [] }
            state.held = false
            state.finished = true
            return (state.waiting, state.ending)
        }
        for continuation in waiting { continuation.resume() }
        return released ? nil : loss
    }
}
