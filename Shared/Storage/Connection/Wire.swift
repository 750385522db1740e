import CPostgres
import Glibc

/// One libpq connection in pipeline mode. It belongs to one thread at a time: whoever waits on `socket`.
///
/// Statements are queued with `send`, closed by `sync`, pushed out by `flush`; answers come from `receive`
/// in the same order. Without an explicit BEGIN, everything up to one `sync` is one transaction, committed
/// by it.
final class Wire {
    enum Arrival {
        case rows(Rows)
        case failed(StorageError)
        /// Not run, because a statement before it in the same `sync` failed.
        case skipped
        /// `doubt` is set if the server warned while committing that it did not wait for its standby.
        case synced(doubt: String?)
    }

    /// Prepared statements kept; the rest is sent with its text each time.
    static let maxStatements = 512

    let socket: Int32
    let session: Session
    /// Why the connection is of no more use; nil while it works.
    private(set) var loss: String?
    /// When the server last gave a sign of life, or was first asked after being idle.
    private(set) var heard = ContinuousClock.now

    private let connection: OpaquePointer
    private let warnings = Warnings()
    private var statements: [StatementKey: Preparation] = [:]
    private var expected = Queue<Expectation>()
    /// Statements sent and not yet answered, and syncs.
    var isIdle: Bool { expected.isEmpty }
    private var syncNumber = 0
    private var statementNumber = 0
    private var failureToPrepare: StorageError?

    private struct StatementKey: Hashable {
        var text: String
        var types: [UInt32]
    }
    private enum Preparation {
        /// Sent in this sync: usable there, for if it fails nothing after it runs.
        case sent(String, sync: Int)
        case ready(String)
    }
    private enum Expectation {
        case preparation(StatementKey, String)
        case statement(StatementKey)
        case sync
    }

    /// Connects and sets the session up; blocks for up to 3 s per host.
    init(_ session: Session) throws(StorageError) {
        guard let connection = Self.connect(session.keywords) else { throw .unavailable("libpq is out of memory") }
        self.connection = connection
        self.session = session
        socket = PQsocket(connection)
        guard PQstatus(connection) == CONNECTION_OK else {
            throw .unavailable(String(cString: PQerrorMessage(connection)))
        }
        PQsetNoticeReceiver(connection, { context, result in
            guard let context, let result else { return }
            Unmanaged<Warnings>.fromOpaque(context).takeUnretainedValue().note(result)
        }, Unmanaged.passUnretained(warnings).toOpaque())
        guard PQsetnonblocking(connection, 1) == 0, PQenterPipelineMode(connection) == 1 else {
            throw .unavailable("libpq cannot enter pipeline mode")
        }
        do throws(StorageError) {
            _ = try exchange([session.setup])
        } catch {
            throw .unavailable(error.debugDescription)
        }
    }

    deinit { PQfinish(connection) }

    private static func connect(_ keywords: [(String, String)]) -> OpaquePointer? {
        var names = keywords.map { UnsafePointer(strdup($0.0)) }
        var values = keywords.map { UnsafePointer(strdup($0.1)) }
        defer { for copy in names + values { free(UnsafeMutablePointer(mutating: copy)) } }
        names.append(nil)
        values.append(nil)
        return PQconnectdbParams(names, values, 1)
    }

    /// Queues a statement, prepared on its first use. A statement with a fault must not come here.
    /// Failing to queue leaves `loss` set.
    func send(_ sql: SQL) {
        guard loss == nil else { return }
        if isIdle { heard = .now }
        let key = StatementKey(text: sql.text, types: sql.parameters.types)
        var name: String?
        switch statements[key] {
        case .ready(let ready): name = ready
        case .sent(let sent, let sync) where sync == syncNumber: name = sent
        case .sent: break
        case nil where statements.count < Self.maxStatements:
            statementNumber += 1
            let new = "s\(statementNumber)"
            guard PQsendPrepare(connection, new, sql.text, Int32(key.types.count), key.types) == 1 else {
                return lose()
            }
            statements[key] = .sent(new, sync: syncNumber)
            expected.append(.preparation(key, new))
            name = new
        case nil: break
        }
        let count = Int32(sql.parameters.count)
        let queued = sql.parameters.withPointers { values, lengths, formats in
            if let name { return PQsendQueryPrepared(connection, name, count, values, lengths, formats, 1) }
            return PQsendQueryParams(connection, sql.text, count, key.types, values, lengths, formats, 1)
        }
        guard queued == 1 else { return lose() }
        expected.append(.statement(key))
    }

    /// Asks for the answers to what was sent so far, before the commit that a following `sync` makes.
    func requestAnswers() {
        guard loss == nil else { return }
        guard PQsendFlushRequest(connection) == 1 else { return lose() }
    }

    /// Ends a group of statements: without an open transaction this is their commit.
    func sync() {
        guard loss == nil else { return }
        if isIdle { heard = .now }
        guard PQpipelineSync(connection) == 1 else { return lose() }
        expected.append(.sync)
        syncNumber += 1
    }

    /// Pushes out what is queued. - Returns: whether the socket must become writable first.
    func flush() -> Bool {
        guard loss == nil else { return false }
        let left = PQflush(connection)
        if left < 0 { lose() }
        return left == 1
    }

    /// Takes in what the socket has. A loss shows only after the last complete answer was received.
    func consume() {
        _ = PQconsumeInput(connection)
        heard = .now
    }

    /// The next answer; nil if the server has not given it yet, or never will (`loss`).
    func receive() -> Arrival? {
        while loss == nil {
            if PQisBusy(connection) != 0 || expected.isEmpty {
                if PQstatus(connection) != CONNECTION_OK { lose() }
                return nil
            }
            // nil ends the answers to one statement; the next call turns to the next.
            guard let pointer = PQgetResult(connection) else {
                if PQstatus(connection) != CONNECTION_OK { lose() }
                continue
            }
            if let arrival = take(PostgresResult(pointer)) { return arrival }
        }
        return nil
    }

    private func take(_ result: PostgresResult) -> Arrival? {
        let status = PQresultStatus(result.pointer)
        if status == PGRES_PIPELINE_SYNC {
            _ = expected.removeFirst()
            failureToPrepare = nil
            return .synced(doubt: warnings.takeDoubt())
        }
        if status == PGRES_FATAL_ERROR {
            let problem = ServerProblem(result)
            if problem.endsConnection {
                loss = problem.message
                return nil
            }
            if problem.leavesConnectionUseless { retire = problem.message }
            let error = problem.storageError(readOnly: session.readOnly)
            switch expected.removeFirst() {
            case .preparation(let key, _):
                statements[key] = nil
                failureToPrepare = error
                return nil
            case .statement(let key):
                // The plan or the statement is gone (a migration, DISCARD): prepare it again next time.
                if problem.sqlState == "0A000" || problem.sqlState == "26000" { statements[key] = nil }
                return .failed(error)
            case .sync, nil:
                abandon("an error outside any statement: \(problem.message)")
                return nil
            }
        }
        if status == PGRES_PIPELINE_ABORTED {
            switch expected.removeFirst() {
            case .preparation(let key, _):
                statements[key] = nil
                return nil
            default:
                defer { failureToPrepare = nil }
                return failureToPrepare.map { .failed($0) } ?? .skipped
            }
        }
        guard status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY else {
            abandon("COPY is not spoken here")
            return nil
        }
        if case .preparation(let key, let name) = expected.removeFirst() {
            statements[key] = .ready(name)
            return nil
        }
        return .rows(Rows(result))
    }

    /// Set when the connection still answers but should be replaced, such as a primary turned standby.
    private(set) var retire: String?

    var inTransaction: Bool { PQtransactionStatus(connection) != PQTRANS_IDLE }

    /// Gives the connection up, for a reason of our own.
    func abandon(_ reason: String) { loss = loss ?? reason }

    private func lose() {
        let message = String(cString: PQerrorMessage(connection))
        loss = loss ?? (message.isEmpty ? "connection lost" : message)
    }

    /// True while the server owes an answer and has been silent for longer than the session allows.
    func isSilent(at now: ContinuousClock.Instant) -> Bool {
        guard !isIdle, let limit = session.silenceLimit else { return false }
        return now - heard > limit
    }

    /// Asks the server to cancel what it runs; blocks until the request has been taken.
    func cancel() {
        guard let request = PQgetCancel(connection) else { return }
        defer { PQfreeCancel(request) }
        var message = [CChar](repeating: 0, count: 256)
        PQcancel(request, &message, Int32(message.count))
    }

    /// Sends the statements under one sync and waits for it on this thread.
    /// - Parameter interrupt: a doorbell that cancels the running statement.
    /// - Throws: the first failure; `.unknownOutcome` if the connection was lost after sending.
    func exchange(_ statements: [SQL], interrupt: Doorbell? = nil) throws(StorageError) -> [Rows] {
        for sql in statements { if let fault = sql.fault { throw fault } }
        for sql in statements { send(sql) }
        // Without its sync nothing of this can have been committed.
        if let loss { throw .unavailable(loss) }
        sync()
        var rows: [Rows] = []
        var failure: StorageError?
        var cancelled = false
        while true {
            let wantsWrite = flush()
            while let arrival = receive() {
                switch arrival {
                case .rows(let answer): rows.append(answer)
                case .failed(let error): failure = failure ?? error
                case .skipped: break
                case .synced(let doubt):
                    if let failure { throw cancelled && failure.sqlState == "57014" ? .cancelled : failure }
                    if let doubt { throw .unknownOutcome(doubt) }
                    return rows
                }
            }
            if let loss { throw .unknownOutcome(loss) }
            var ready = [pollfd(fd: socket, events: Int16(POLLIN | (wantsWrite ? POLLOUT : 0)), revents: 0)]
            if let interrupt, !cancelled {
                ready.append(pollfd(fd: interrupt.descriptor, events: Int16(POLLIN), revents: 0))
            }
            wait(for: &ready, until: session.silenceLimit.map { heard + $0 })
            if ready[0].revents & Int16(POLLIN | POLLERR | POLLHUP) != 0 { consume() }
            if ready.count > 1, ready[1].revents != 0 {
                cancelled = true
                cancel()
            }
            if isSilent(at: .now) { abandon("the server gave no answer in time") }
        }
    }

    /// Looks whether an idle connection was closed by the other side.
    func checkIdle() {
        // The server's goodbye comes first, the end of the stream only with the next read.
        for _ in 0..<8 where loss == nil {
            var ready = [pollfd(fd: socket, events: Int16(POLLIN), revents: 0)]
            wait(for: &ready, until: .now)
            if ready[0].revents == 0 { return }
            consume()
            _ = PQisBusy(connection)
            if PQstatus(connection) != CONNECTION_OK { lose() }
        }
    }

    /// Several statements as one text without values, as migrations are written. Waits on this thread.
    func run(script: String) throws(StorageError) {
        guard isIdle, PQexitPipelineMode(connection) == 1 else { throw .unavailable("the connection is busy") }
        defer { _ = PQenterPipelineMode(connection) }
        guard let pointer = PQexec(connection, script) else { throw .unavailable("libpq is out of memory") }
        let result = PostgresResult(pointer)
        guard PQresultStatus(pointer) == PGRES_FATAL_ERROR else { return }
        let problem = ServerProblem(result)
        if problem.endsConnection {
            abandon(problem.message)
            throw .unknownOutcome(problem.message)
        }
        throw problem.storageError(readOnly: session.readOnly)
    }
}

/// A connection on its way from the thread that made it to the thread that will own it.
/// Unchecked: the maker lets go of it before the owner can see it.
final class Handover: @unchecked Sendable {
    private let wire: Wire
    init(_ wire: consuming Wire) { self.wire = wire }
    consuming func take() -> Wire { wire }
}

/// Connects on a thread of its own, because resolving and connecting may block for seconds.
func connectInBackground(
    _ session: Session, deliver: @escaping @Sendable (Result<Handover, StorageError>) -> Void
) {
    startThread(name: "pg-connect") {
        do throws(StorageError) {
            deliver(.success(Handover(try Wire(session))))
        } catch {
            deliver(.failure(error))
        }
    }
}
