import Glibc
import Logging

/// What the writer's thread owns.
final class GroupLoop<Member: GroupMember> {
    private typealias Ticket = GroupTicket<Member>

    /// Members under one sync.
    private struct Run {
        let tickets: [Ticket]
        var answers: [Rows] = []
        var failure: StorageError?

        /// Nothing but its commit is left, which waits for the disk and for nothing that another group may hold.
        var isCommitting: Bool { answers.count == tickets.reduce(2) { $0 + $1.statements.count } }
    }

    private let desk: Desk<Ticket>
    private let session: Session
    private let maxMembers: Int
    private let turns: WriterTurns
    private let number: Int
    private let logger: Logger
    private let opening: ([Member]) -> SQL
    private let closing: ([Member]) -> SQL
    private let afterCommit: ([Member], Rows, Rows) -> Void
    private let statistics: WriterCounts
    private let maxBytes = 16 << 20

    private var slot = Slot()
    private var waiting: [Ticket] = []
    private var underWay = Queue<Run>()
    private var current: Run?
    private var endedAt = ContinuousClock.now

    init(
        desk: Desk<GroupTicket<Member>>, session: Session, maxMembers: Int, turns: WriterTurns, logger: Logger,
        opening: @escaping ([Member]) -> SQL, closing: @escaping ([Member]) -> SQL,
        afterCommit: @escaping ([Member], Rows, Rows) -> Void, statistics: WriterCounts
    ) {
        self.desk = desk
        self.session = session
        self.maxMembers = maxMembers
        self.turns = turns
        number = turns.join(desk.doorbell)
        self.logger = logger
        self.opening = opening
        self.closing = closing
        self.afterCommit = afterCommit
        self.statistics = statistics
    }

    func run() {
        while true {
            let news = desk.take()
            waiting += news.tickets
            for (_, result) in news.connections { opened(result) }
            if news.closing, waiting.isEmpty, isIdle { break }
            if let moment = slot.retryAt(wanted: !waiting.isEmpty), moment <= .now {
                slot.connecting()
                desk.connect(session, slot: 0)
            }
            if isIdle, let first = waiting.first, slot.wire != nil,
               turns.mayBegin(number, waiting: waiting.count, since: max(first.asked, endedAt)) {
                start(formGroup())
            }
            turns.note(number, isBusy: !isIdle && current?.isCommitting != true)
            giveUpWaiting()
            slot.wantsWrite = slot.wire?.flush() ?? false

            let events = POLLIN | (slot.wantsWrite ? POLLOUT : 0)
            var ready = [
                pollfd(fd: desk.doorbell.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: slot.wire?.socket ?? -1, events: Int16(events), revents: 0),
            ]
            desk.ring(at: crowd)
            wait(for: &ready, until: nextMoment())
            serve(readable: ready[1].revents & ~Int16(POLLOUT) != 0)
        }
        turns.note(number, isBusy: false)
        desk.finish()
    }

    /// How many new members change what there is to do: the end of a group, here or beside, is heard of anyway.
    private var crowd: Int {
        if slot.wire == nil || isIdle && waiting.isEmpty { return 1 }
        return isIdle ? max(1, WriterTurns.crowd - waiting.count) : .max
    }

    private var isIdle: Bool { current == nil && underWay.isEmpty }

    private func opened(_ result: Result<Handover, StorageError>) {
        switch result {
        case .success(let handover): slot.opened(handover.take())
        case .failure(let error):
            logger.warning("cannot connect to the database", metadata: ["detail": "\(error.debugDescription)"])
            slot.lost()
        }
    }

    /// The longest waiting member of each order, up to the bounds; the others keep their place.
    private func formGroup() -> [Ticket] {
        var chosen: [Ticket] = []
        var left: [Ticket] = []
        var orders: Set<GroupOrder> = []
        var bytes = 0
        for (index, ticket) in waiting.enumerated() {
            if chosen.count == maxMembers || bytes > maxBytes {
                left += waiting[index...]
                break
            }
            if orders.insert(ticket.order).inserted {
                chosen.append(ticket)
                bytes += ticket.bytes
            } else {
                left.append(ticket)
            }
        }
        waiting = left
        desk.left(chosen.count)
        return chosen.sorted { $0.order < $1.order }
    }

    private func start(_ tickets: [Ticket]) {
        guard let wire = slot.wire else { return answer(tickets, with: .failure(.unavailable("not connected"))) }
        let members = tickets.map(\.member)
        let first = opening(members), last = closing(members)
        if let fault = first.fault ?? last.fault {
            return tickets.count == 1 ? answer(tickets, with: .failure(fault)) : startAlone(tickets)
        }
        wire.send(first)
        for ticket in tickets { for sql in ticket.statements { wire.send(sql) } }
        wire.send(last)
        wire.requestAnswers()
        // Without its sync nothing of this can have been committed.
        if let loss = wire.loss { return answer(tickets, with: .failure(.unavailable(loss))) }
        wire.sync()
        underWay.append(Run(tickets: tickets))
    }

    private func startAlone(_ tickets: [Ticket]) {
        statistics.counts.withLock { $0.retriedAlone += tickets.count }
        for ticket in tickets { start([ticket]) }
    }

    private func serve(readable: Bool) {
        guard let wire = slot.wire else { return }
        if readable { wire.consume() }
        while let arrival = wire.receive() {
            if current == nil { current = underWay.removeFirst() }
            switch arrival {
            case .rows(let rows): current?.answers.append(rows)
            case .failed(let error): if current?.failure == nil { current?.failure = error }
            case .skipped: break
            case .synced(let doubt):
                guard let run = current else { break }
                current = nil
                endedAt = .now
                slot.answered()
                finish(run, doubt: doubt)
            }
        }
        if wire.isSilent(at: .now) { wire.abandon("the server gave no answer in time") }
        if isIdle, let reason = wire.retire { wire.abandon(reason) }
        if let loss = wire.loss { lost(loss) }
    }

    private func finish(_ run: Run, doubt: String?) {
        if let failure = run.failure {
            return run.tickets.count == 1
                ? answer(run.tickets, with: .failure(failure)) : startAlone(run.tickets)
        }
        if let doubt {
            statistics.counts.withLock { $0.unknown += run.tickets.count }
            logger.error("a commit was not confirmed", metadata: ["detail": "\(doubt)"])
            return answer(run.tickets, with: .failure(.unknownOutcome(doubt)))
        }
        guard let rows = run.answers.first, rows.count == run.tickets.count, let last = run.answers.last else {
            return answer(run.tickets, with: .failure(.decoding("the opening statement did not answer each member")))
        }
        statistics.counts.withLock {
            $0.groups += 1
            $0.members += run.tickets.count
        }
        afterCommit(run.tickets.map(\.member), rows, last)
        for (ticket, row) in zip(run.tickets, rows) { ticket.continuation.resume(returning: .success(row)) }
    }

    private func answer(_ tickets: [Ticket], with result: Result<Row, StorageError>) {
        for ticket in tickets { ticket.continuation.resume(returning: result) }
    }

    private func lost(_ loss: String) {
        logger.warning("database connection lost", metadata: ["detail": "\(loss)"])
        slot.lost()
        let runs = (current.map { [$0] } ?? []) + underWay.removeAll()
        current = nil
        let tickets = runs.flatMap(\.tickets)
        statistics.counts.withLock { $0.unknown += tickets.count }
        answer(tickets, with: .failure(.unknownOutcome(loss)))
    }

    private func giveUpWaiting() {
        guard let downSince = slot.downSince, !waiting.isEmpty else { return }
        let now = ContinuousClock.now
        let given = waiting.prefix { now - max($0.asked, downSince) >= Slot.patience }
        waiting.removeFirst(given.count)
        desk.left(given.count)
        answer(Array(given), with: .failure(.unavailable("no connection for 2 s")))
    }

    private func nextMoment() -> ContinuousClock.Instant? {
        var moments: [ContinuousClock.Instant] = []
        if let retryAt = slot.retryAt(wanted: !waiting.isEmpty) { moments.append(retryAt) }
        if let ticket = waiting.first {
            if let downSince = slot.downSince {
                moments.append(max(ticket.asked, downSince) + Slot.patience)
            } else if isIdle {
                moments.append(max(ticket.asked, endedAt) + WriterTurns.patience)
            }
        }
        if let wire = slot.wire, !wire.isIdle, let limit = session.silenceLimit {
            moments.append(wire.heard + limit)
        }
        return moments.min()
    }
}
