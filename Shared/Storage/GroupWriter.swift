import CPostgres
import Foundation
import Glibc
import Logging
import Synchronization

/// Where a member stands in its group, the same on every replica: rows are locked in this order, so that
/// the groups of two replicas cannot deadlock. A stream is at most once in a group.
package struct GroupOrder: Sendable, Hashable, Comparable {
    private let partition: UInt8
    private let high: UInt64
    private let low: UInt64

    package init(partition: UInt8, stream: UUID) {
        self.partition = partition
        (high, low) = withUnsafeBytes(of: stream.uuid) {
            (UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)),
             UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        }
    }

    package static func < (a: Self, b: Self) -> Bool {
        (a.partition, a.high, a.low) < (b.partition, b.high, b.low)
    }
}

/// One unit of writing that needs no conversation: it travels in one transaction with other members.
package protocol GroupMember: Sendable {
    var order: GroupOrder { get }
    /// What follows for this member alone, after the group's opening statement; often nothing. Must do nothing where
    /// the opening did nothing for it.
    var statements: [SQL] { get }
    /// About how many bytes its values in the opening and closing statements have.
    var size: Int { get }
}

/// Counted since the start.
package struct GroupWriterStatistics: Sendable, Hashable {
    /// Groups committed, those of one member included.
    package var groups = 0
    package var members = 0
    /// Members sent again by themselves because another one failed.
    package var retriedAlone = 0
    /// Members whose outcome nobody knows.
    package var unknown = 0

    package init() {}

    package static func + (a: Self, b: Self) -> Self {
        var sum = a
        sum.groups += b.groups
        sum.members += b.members
        sum.retriedAlone += b.retriedAlone
        sum.unknown += b.unknown
        return sum
    }
}

/// Writes many small units with one commit each time: while a group is under way, the next one gathers.
///
/// A group is the waiting members in `GroupOrder`, at most one per order, all under one sync: one READ COMMITTED
/// transaction, one flush. Its statements are one that opens for all members at once and answers a row for each, in
/// their order; then each member's own; then one that closes for all. Few statements, because a statement costs the
/// server more than a row. If one fails, each member is sent again by itself and gets its own result; an expected
/// conflict should therefore be an answer of the opening, not an error.
/// Bounds: `maxMembers` and 16 MiB of values per group, `maxQueued` waiting, 2 s of waiting while not connected. A
/// member cannot be cancelled once submitted.
package final class GroupWriter<Member: GroupMember>: Sendable {
    private let desk: Desk<GroupTicket<Member>>
    private let statistics = Statistics()

    /// - Parameters:
    ///   - turns: shared by writers that take turns.
    ///   - opening: the first statement of the transaction of these members; runs on the writer's thread.
    ///   - closing: the last one; runs there too.
    ///   - afterCommit: the committed members, the rows of `opening` and those of `closing`, before the members hear of
    ///     it; on the writer's thread, so it must not block.
    package init(
        _ configuration: DatabaseConfiguration, maxMembers: Int = 64, maxQueued: Int = 8192,
        turns: WriterTurns = WriterTurns(), logger: Logger, opening: @escaping @Sendable ([Member]) -> SQL,
        closing: @escaping @Sendable ([Member]) -> SQL,
        afterCommit: @escaping @Sendable ([Member], Rows, Rows) -> Void
    ) {
        precondition(maxMembers > 0 && maxQueued > 0, "a group writer needs room")
        desk = Desk(capacity: maxQueued)
        startThread(name: "pg-write") { [desk, statistics] in
            GroupLoop(
                desk: desk, session: Session(configuration), maxMembers: maxMembers, turns: turns, logger: logger,
                opening: opening, closing: closing, afterCommit: afterCommit, statistics: statistics
            ).run()
        }
    }

    deinit { desk.close() }

    /// Commits the member. - Returns: its row of the opening statement.
    /// - Throws: `.unavailable` if nothing was sent, `.unknownOutcome` if the commit was lost from sight, else what
    ///   the statements failed with when it went alone.
    package func submit(_ member: Member) async throws(StorageError) -> Row {
        let statements = member.statements
        for sql in statements { if let fault = sql.fault { throw fault } }
        let result: Result<Row, StorageError> = await withCheckedContinuation { continuation in
            let ticket = GroupTicket(member: member, statements: statements, continuation: continuation)
            if let refusal = desk.submit(ticket) { continuation.resume(returning: .failure(refusal)) }
        }
        return try result.get()
    }

    package var stats: GroupWriterStatistics { statistics.counts.withLock { $0 } }

    /// Takes no more members, commits those it has, and closes its connection.
    package func close() async { await desk.closeAndWait() }
}

private final class Statistics: Sendable {
    let counts = Mutex(GroupWriterStatistics())
}

fileprivate struct GroupTicket<Member: GroupMember>: Sendable {
    let member: Member
    let statements: [SQL]
    let continuation: CheckedContinuation<Result<Row, StorageError>, Never>
    let asked = ContinuousClock.now
    let order: GroupOrder

    init(
        member: Member, statements: [SQL], continuation: CheckedContinuation<Result<Row, StorageError>, Never>
    ) {
        self.member = member
        self.statements = statements
        self.continuation = continuation
        order = member.order
    }

    var bytes: Int { statements.reduce(member.size) { $0 + $1.parameters.bytes.count } }
}

/// What the writer's thread owns.
private final class GroupLoop<Member: GroupMember> {
    fileprivate typealias Ticket = GroupTicket<Member>

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
    private let statistics: Statistics
    private let maxBytes = 16 << 20

    private var slot = Slot()
    private var waiting: [Ticket] = []
    private var underWay = Queue<Run>()
    private var current: Run?
    private var endedAt = ContinuousClock.now

    fileprivate init(
        desk: Desk<GroupTicket<Member>>, session: Session, maxMembers: Int, turns: WriterTurns, logger: Logger,
        opening: @escaping ([Member]) -> SQL, closing: @escaping ([Member]) -> SQL,
        afterCommit: @escaping ([Member], Rows, Rows) -> Void, statistics: Statistics
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
