import CPostgres
import Synchronization

/// A connection lent to one caller, whose code runs on the connection's own thread: calls block there and
/// nowhere else, so a whole transaction costs one hop. Statements are prepared once and sent in pipelines.
package actor LeasedConnection {
    /// The state of `withTransaction`; statements of `withConnection` each commit by themselves.
    private enum Transaction {
        case none
        /// BEGIN travels with the first statement.
        case due
        case open
        case committed
    }

    private nonisolated let executor: ThreadExecutor
    private let session: Session
    private let cancellation = Cancellation()
    private var wire: Wire?
    private var transaction = Transaction.none

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(_ session: Session, name: String = "pg-lease") {
        self.session = session
        executor = ThreadExecutor(name: name)
    }

    deinit { executor.stop() }

    /// Runs one statement. Outside a transaction it commits by itself.
    /// - Throws: `.cancelled` if the lease's task is; `.unavailable` if the connection was lost inside a transaction,
    ///   which is then rolled back; `.unknownOutcome` if it was lost outside one.
    package func execute(_ sql: SQL) throws(StorageError) -> Rows {
        try execute(batch: [sql])[0]
    }

    /// Runs statements in order in one round trip; the first failure stops the rest. Outside a transaction
    /// they are one.
    package func execute(batch: [SQL]) throws(StorageError) -> [Rows] {
        if batch.isEmpty { return [] }
        if cancellation.isRequested { throw .cancelled }
        if transaction == .committed { throw .refused(sqlState: "25000", message: "already committed") }
        guard transaction != .none else { return try exchange(batch, interrupt: cancellation.doorbell) }
        return try exchangeInTransaction(batch)
    }

    /// The last statements of a transaction and its COMMIT in one round trip. Nothing may follow in this
    /// transaction. Not cancelled once sent.
    /// - Throws: `.unknownOutcome` if the connection was lost, else the first failure, which rolls back.
    package func commit(with last: [SQL] = []) throws(StorageError) -> [Rows] {
        if cancellation.isRequested { throw .cancelled }
        switch transaction {
        case .none, .committed: throw .refused(sqlState: "25P01", message: "there is no open transaction")
        case .due where last.isEmpty:
            transaction = .committed
            return []
        case .due, .open:
            let begins = transaction == .due
            transaction = .open
            var rows = try exchange((begins ? [begin] : []) + last + ["COMMIT"])
            transaction = .committed
            // COMMIT of a failed transaction answers ROLLBACK without an error.
            guard let wire, rows.last?.commandTag == "COMMIT" else {
                throw .refused(sqlState: "25P02", message: "a statement of the transaction had failed: rolled back")
            }
            if wire.inTransaction { wire.abandon("still in a transaction after COMMIT") }
            rows.removeLast()
            if begins { rows.removeFirst() }
            return rows
        }
    }

    /// Several statements as one text without values, one transaction unless already in one. For schema
    /// scripts: bounded by the session's statement timeout alone, and not cancelled. Inside a transaction
    /// the script may not end it.
    package func execute(script: String) throws(StorageError) {
        if transaction == .due { _ = try exchangeInTransaction([]) }
        let wire = try connected()
        do throws(StorageError) {
            try wire.run(script: script)
        } catch .unknownOutcome(let detail) where transaction == .open {
            throw .unavailable(detail)
        }
        if transaction == .open, !wire.inTransaction {
            throw .refused(sqlState: "25P01", message: "the script ended its transaction")
        }
    }

    private let begin: SQL = "BEGIN ISOLATION LEVEL READ COMMITTED"

    private func exchangeInTransaction(_ batch: [SQL]) throws(StorageError) -> [Rows] {
        let begins = transaction == .due
        transaction = .open
        do throws(StorageError) {
            let rows = try exchange((begins ? [begin] : []) + batch, interrupt: cancellation.doorbell)
            return begins ? Array(rows.dropFirst()) : rows
        } catch .unknownOutcome(let detail) {
            // Its COMMIT was never sent, so there is nothing to doubt.
            throw .unavailable(detail)
        }
    }

    private func exchange(_ statements: [SQL], interrupt: Doorbell? = nil) throws(StorageError) -> [Rows] {
        try connected().exchange(statements, interrupt: interrupt)
    }

    private func connected() throws(StorageError) -> Wire {
        guard let wire, wire.loss == nil else { throw .unavailable("the connection was lost") }
        return wire
    }

    /// Runs the caller's code on this thread with a working connection.
    func lend<R: Sendable>(
        inTransaction: Bool, _ body: @Sendable (isolated LeasedConnection) async throws -> R
    ) async throws -> R {
        cancellation.reset()
        return try await withTaskCancellationHandler {
            try prepare()
            transaction = inTransaction ? .due : .none
            defer { settle() }
            let result = try await body(self)
            if transaction == .due || transaction == .open { _ = try commit() }
            return result
        } onCancel: { [cancellation] in
            cancellation.request()
        }
    }

    /// Connects if need be: an idle connection may have died unnoticed.
    private func prepare() throws(StorageError) {
        wire?.checkIdle()
        if wire == nil || wire?.loss != nil || wire?.retire != nil {
            wire = nil
            wire = try Wire(session)
        }
    }

    /// Leaves no transaction behind; a connection that cannot be cleaned up is closed.
    private func settle() {
        transaction = .none
        guard let wire else { return }
        if wire.loss == nil, wire.inTransaction {
            _ = try? wire.exchange(["ROLLBACK"])
            if wire.loss == nil, wire.inTransaction { wire.abandon("cannot roll back") }
        }
        if wire.loss != nil || wire.retire != nil { self.wire = nil }
    }

    func close() { wire = nil }
}

/// A wish to stop that is made on any thread and read by the connection's.
private final class Cancellation: Sendable {
    let doorbell = Doorbell()
    private let requested = Atomic(false)

    var isRequested: Bool { requested.load(ordering: .acquiring) }

    func request() {
        requested.store(true, ordering: .releasing)
        doorbell.ring()
    }

    func reset() {
        requested.store(false, ordering: .releasing)
        doorbell.clear()
    }
}
