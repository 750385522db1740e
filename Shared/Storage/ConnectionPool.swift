import Logging
import Synchronization

/// Connections for work that is a conversation: several streams in one transaction, bulk import, migrations.
/// Lends each to one caller at a time, in the order of asking. Bounds: `size` connections, 256 callers waiting.
/// A broken connection is replaced when it is lent next.
package final class ConnectionPool: Sendable {
    package static let maxWaiting = 256

    private struct State {
        var idle: [LeasedConnection]
        var lent = 0
        var waiting: [(id: Int, continuation: Waiter)] = []
        var nextID = 0
        var closed = false
        var closers: [CheckedContinuation<Void, Never>] = []
    }
    private typealias Waiter = CheckedContinuation<Result<LeasedConnection, StorageError>, Never>

    private let state: Mutex<State>
    private let configuration: DatabaseConfiguration
    private let logger: Logger

    /// Connects on first use.
    package convenience init(_ configuration: DatabaseConfiguration, size: Int = 4, logger: Logger) {
        self.init(Session(configuration), size: size, logger: logger)
    }

    init(_ session: Session, size: Int, logger: Logger) {
        precondition(size > 0, "a pool has at least one connection")
        configuration = session.configuration
        self.logger = logger
        state = Mutex(State(idle: (0..<size).map { _ in LeasedConnection(session) }))
    }

    /// Lends a connection to `body`, which runs on the connection's thread. Each statement or batch commits
    /// by itself.
    /// - Throws: `.unavailable` if too many wait, the pool is closed or no server answers; else what `body` throws.
    package func withConnection<R: Sendable>(
        _ body: @Sendable (isolated LeasedConnection) async throws -> R
    ) async throws -> R {
        try await lend(inTransaction: false, body)
    }

    /// One transaction: BEGIN travels with the first statement, COMMIT follows when `body` returns (unless
    /// it called `commit(with:)`), ROLLBACK when it throws. COMMIT is neither cancelled nor timed out.
    /// - Throws: `.unknownOutcome` if the connection was lost while committing; what `body` throws, unchanged.
    package func withTransaction<R: Sendable>(
        _ body: @Sendable (isolated LeasedConnection) async throws -> R
    ) async throws -> R {
        try await lend(inTransaction: true, body)
    }

    private func lend<R: Sendable>(
        inTransaction: Bool, _ body: @Sendable (isolated LeasedConnection) async throws -> R
    ) async throws -> R {
        let connection = try await take()
        defer { giveBack(connection) }
        return try await connection.lend(inTransaction: inTransaction, body)
    }

    private func take() async throws(StorageError) -> LeasedConnection {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: Waiter) in
                let now = state.withLock { state -> Result<LeasedConnection, StorageError>? in
                    if state.closed { return .failure(.unavailable("closed")) }
                    // Checked under the lock: a later cancellation finds the waiter in the list.
                    if Task.isCancelled { return .failure(.cancelled) }
                    if let connection = state.idle.popLast() {
                        state.lent += 1
                        return .success(connection)
                    }
                    if state.waiting.count >= Self.maxWaiting {
                        return .failure(.unavailable("\(Self.maxWaiting) callers wait for a connection already"))
                    }
                    state.waiting.append((id, continuation))
                    return nil
                }
                if let now { continuation.resume(returning: now) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> Waiter? in
                guard let index = state.waiting.firstIndex(where: { $0.id == id }) else { return nil }
                return state.waiting.remove(at: index).continuation
            }
            waiter?.resume(returning: .failure(.cancelled))
        }
        return try result.get()
    }

    private func giveBack(_ connection: LeasedConnection) {
        let (waiter, closers) = state.withLock { state -> (Waiter?, [CheckedContinuation<Void, Never>]) in
            if !state.waiting.isEmpty { return (state.waiting.removeFirst().continuation, []) }
            state.lent -= 1
            state.idle.append(connection)
            guard state.closed, state.lent == 0 else { return (nil, []) }
            defer { state.closers = [] }
            return (nil, state.closers)
        }
        waiter?.resume(returning: .success(connection))
        for closer in closers { closer.resume() }
    }

    /// Refuses waiting and new callers, waits for those at work, and closes the connections.
    package func close() async {
        let waiters = state.withLock { state in
            state.closed = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for waiter in waiters { waiter.continuation.resume(returning: .failure(.unavailable("closed"))) }
        await withCheckedContinuation { continuation in
            let quiet = state.withLock { state in
                if state.lent > 0 { state.closers.append(continuation) }
                return state.lent == 0
            }
            if quiet { continuation.resume() }
        }
        for connection in state.withLock({ $0.idle }) { await connection.close() }
    }

    /// A session-scoped advisory lock on a connection of its own, held until released or lost.
    /// - Parameter onLoss: called once, on the lock's thread, if the lock is lost without having been released.
    /// - Returns: nil if somebody else holds it.
    package func sessionLock(
        _ key1: Int32, _ key2: Int32, onLoss: @escaping @Sendable () -> Void = {}
    ) async throws(StorageError) -> SessionLock? {
        try await SessionLock.acquire(configuration, key1, key2, logger: logger, onLoss: onLoss)
    }
}
