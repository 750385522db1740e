import CPostgres
import Glibc
import Logging

/// Reads from many tasks over few connections, pipelined: a thread of its own sends each request as it
/// comes, with a sync of its own, so that one failure never touches another. Never blocks the caller's
/// thread.
///
/// Sessions are read-only, therefore a read on a lost connection is repeated on another: at most once more
/// than there are connections, because a server going down takes them one after the other. Bounds: 32
/// requests under way per connection, 4 096 waiting, 2 s of waiting while nothing is connected. Reads
/// cannot be cancelled; the statement timeout ends them.
package final class Reader: Sendable {
    package static let maxWaiting = 4096
    package static let maxDepth = 32

    private let desk = Desk<ReadRequest>(capacity: maxWaiting)

    /// Returns at once; connects in the background, again and again.
    package init(_ configuration: DatabaseConfiguration, connections: Int = 2, logger: Logger) {
        precondition((1...64).contains(connections), "a reader has 1 to 64 connections")
        var session = Session(configuration)
        session.readOnly = true
        startThread(name: "pg-read") { [desk, session] in
            ReaderLoop(desk: desk, session: session, connections: connections, logger: logger).run()
        }
    }

    deinit { desk.close() }

    /// The rows of one statement that only reads.
    /// - Throws: `.unavailable` if the queue is full or closed, nothing is connected, or one connection after the
    ///   other was lost.
    package func query(_ sql: SQL) async throws(StorageError) -> Rows {
        if let fault = sql.fault { throw fault }
        if Task.isCancelled { throw .cancelled }
        let result: Result<Rows, StorageError> = await withCheckedContinuation { continuation in
            if let refusal = desk.submit(ReadRequest(sql: sql, continuation: continuation)) {
                continuation.resume(returning: .failure(refusal))
            }
        }
        return try result.get()
    }

    /// Takes no more requests, answers those it has, and closes its connections.
    package func close() async { await desk.closeAndWait() }
}

private struct ReadRequest: Sendable {
    let sql: SQL
    let continuation: CheckedContinuation<Result<Rows, StorageError>, Never>
    var asked = ContinuousClock.now
    var repeats = 0
}

/// What the reader's thread owns.
private final class ReaderLoop {
    private struct Lane {
        var slot = Slot()
        var underWay = Queue<ReadRequest>()
        var answer: Result<Rows, StorageError>?
    }

    private let desk: Desk<ReadRequest>
    private let session: Session
    private let logger: Logger
    private var lanes: [Lane]
    private var backlog = Queue<ReadRequest>()

    init(desk: Desk<ReadRequest>, session: Session, connections: Int, logger: Logger) {
        self.desk = desk
        self.session = session
        self.logger = logger
        lanes = (0..<connections).map { _ in Lane() }
    }

    func run() {
        var ready: [pollfd] = []
        while true {
            let news = desk.take()
            for request in news.tickets { backlog.append(request) }
            for (slot, result) in news.connections { opened(slot, result) }
            if news.closing, backlog.isEmpty, lanes.allSatisfy({ $0.underWay.isEmpty }) { break }
            connect()
            dispatch()
            giveUpWaiting()

            ready.removeAll(keepingCapacity: true)
            ready.append(pollfd(fd: desk.doorbell.descriptor, events: Int16(POLLIN), revents: 0))
            for lane in lanes {
                let events = POLLIN | (lane.slot.wantsWrite ? POLLOUT : 0)
                // A negative descriptor is skipped by poll.
                ready.append(pollfd(fd: lane.slot.wire?.socket ?? -1, events: Int16(events), revents: 0))
            }
            wait(for: &ready, until: nextMoment())
            for index in lanes.indices {
                serve(index, readable: ready[index + 1].revents & ~Int16(POLLOUT) != 0)
            }
        }
        desk.finish()
    }

    private func opened(_ index: Int, _ result: Result<Handover, StorageError>) {
        switch result {
        case .success(let handover): lanes[index].slot.opened(handover.take())
        case .failure(let error):
            logger.warning("cannot connect to the database", metadata: ["detail": "\(error.debugDescription)"])
            lanes[index].slot.lost()
        }
    }

    private func connect() {
        let now = ContinuousClock.now
        for index in lanes.indices {
            guard let moment = lanes[index].slot.retryAt(wanted: !backlog.isEmpty), moment <= now else { continue }
            lanes[index].slot.connecting()
            desk.connect(session, slot: index)
        }
    }

    /// Gives each waiting request to the connection with the least under way.
    private func dispatch() {
        var sent = 0
        while !backlog.isEmpty {
            var best: Int?
            for index in lanes.indices where lanes[index].slot.wire != nil {
                let depth = lanes[index].underWay.count
                if depth < (best.map { lanes[$0].underWay.count } ?? Reader.maxDepth) { best = index }
            }
            guard let best, let wire = lanes[best].slot.wire, let request = backlog.removeFirst() else { break }
            wire.send(request.sql)
            wire.sync()
            lanes[best].underWay.append(request)
            sent += 1
        }
        desk.left(sent)
        for index in lanes.indices {
            guard let wire = lanes[index].slot.wire else { continue }
            lanes[index].slot.wantsWrite = wire.flush()
        }
    }

    private func giveUpWaiting() {
        guard let downSince = downSince else { return }
        let now = ContinuousClock.now
        var given = 0
        while let request = backlog.first, now - max(request.asked, downSince) >= Slot.patience {
            _ = backlog.removeFirst()
            given += 1
            request.continuation.resume(returning: .failure(.unavailable("no connection for 2 s")))
        }
        desk.left(given)
    }

    /// Since when nothing is connected.
    private var downSince: ContinuousClock.Instant? {
        var since: ContinuousClock.Instant?
        for lane in lanes {
            guard let down = lane.slot.downSince else { return nil }
            since = max(since ?? down, down)
        }
        return since
    }

    private func nextMoment() -> ContinuousClock.Instant? {
        var moments = lanes.compactMap { $0.slot.retryAt(wanted: !backlog.isEmpty) }
        if let downSince, let request = backlog.first {
            moments.append(max(request.asked, downSince) + Slot.patience)
        }
        for lane in lanes {
            if let wire = lane.slot.wire, !wire.isIdle, let limit = session.silenceLimit {
                moments.append(wire.heard + limit)
            }
        }
        return moments.min()
    }

    private func serve(_ index: Int, readable: Bool) {
        guard let wire = lanes[index].slot.wire else { return }
        if readable { wire.consume() }
        if lanes[index].slot.wantsWrite { lanes[index].slot.wantsWrite = wire.flush() }
        while let arrival = wire.receive() {
            switch arrival {
            case .rows(let rows): lanes[index].answer = .success(rows)
            case .failed(let error): lanes[index].answer = .failure(error)
            case .skipped: break
            case .synced: answer(index)
            }
        }
        if wire.isSilent(at: .now) { wire.abandon("the server gave no answer in time") }
        if let loss = wire.loss { lost(index, loss) }
    }

    private func answer(_ index: Int) {
        let answer = lanes[index].answer ?? .failure(.unavailable("no answer"))
        lanes[index].answer = nil
        lanes[index].slot.answered()
        guard let request = lanes[index].underWay.removeFirst() else { return }
        // The schema changed under a prepared statement, which the wire has forgotten by now.
        if case .failure(.refused("0A000", _)) = answer, request.repeats < lanes.count { return again([request]) }
        request.continuation.resume(returning: answer)
    }

    private func lost(_ index: Int, _ loss: String) {
        logger.warning("database connection lost", metadata: ["detail": "\(loss)"])
        lanes[index].slot.lost()
        lanes[index].answer = nil
        let requests = lanes[index].underWay.removeAll()
        again(requests.filter { $0.repeats < lanes.count })
        for request in requests where request.repeats >= lanes.count {
            request.continuation.resume(returning: .failure(.unavailable(loss)))
        }
    }

    private func again(_ requests: [ReadRequest]) {
        backlog.prepend(contentsOf: requests.map { request in
            var request = request
            request.repeats += 1
            return request
        })
        desk.returned(requests.count)
    }
}
