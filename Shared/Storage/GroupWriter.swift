import Foundation
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
    private let statistics = WriterCounts()

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

/// What a writer's thread counts.
final class WriterCounts: Sendable {
    let counts = Mutex(GroupWriterStatistics())
}

struct GroupTicket<Member: GroupMember>: Sendable {
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
