import Domain
import Foundation
import Logging
import Messaging
import ServiceKit
import Storage
import Synchronization

/// Reads one source's feed for one reaction: waits for news without a transaction, claims partitions, and commits
/// inbox, effect and cursor together. Replicas share the work by the cursor rows; more replicas are more consumers.
package final class Consumer: Sendable {
    static let batchMax = 200
    static let waitMax = Duration.seconds(1)
    /// How long it stands aside while another replica holds all the partitions with news.
    static let aside = Duration.milliseconds(50)
    /// For so long the table may not know of events that were none of our business; a crash reads those again.
    static let saveAfter = Duration.milliseconds(200)
    /// How often an event that fails by itself is tried before it is parked.
    static let triesMax = 5
    /// The same for one whose statement by itself takes longer than a statement may: a server may be slow for a while.
    static let timeoutsMax = 20

    package let reaction: any Reaction
    private let log: EventLog
    private let table: CursorTable
    private let source: any FeedSource
    private let logger: Logger
    private let awaited: [EventType]
    private let progress = Mutex(Progress())

    package struct Progress: Sendable {
        /// Events of the source that this consumer has not passed yet.
        package var lag: Int64 = 0
        package var handled = 0
        package var forks = 0
        /// When it last read on: the source answered, and what it told was passed. A source that is away, that has another
        /// history or not all of it, and a database that is away leave it as it was.
        package var readAt = ContinuousClock.now
        /// By partition; what a reply may say it reflects.
        package var positions: [Int64] = Array(repeating: 0, count: Partition.count)
    }

    package init(_ reaction: any Reaction, log: EventLog, source: any FeedSource, logger: Logger) {
        self.reaction = reaction
        self.log = log
        table = CursorTable(consumer: reaction.consumer, source: reaction.source, log: log)
        self.source = source
        awaited = Array(reaction.types)
        var logger = logger
        logger[metadataKey: "consumer"] = "\(reaction.consumer)"
        self.logger = logger
    }

    package var current: Progress { progress.withLock { $0 } }

    /// Runs until cancelled; what has begun is committed or rolled back whole.
    package func run() async {
        var pause = Duration.milliseconds(50)
        while !Task.isCancelled {
            do {
                try await follow { pause = .milliseconds(50) }
            } catch {
                if Task.isCancelled { return }
                logger.warning("the consumer begins anew", metadata: ["error": "\(String(reflecting: error))"])
                try? await Task.sleep(for: pause)
                pause = min(pause * 2, .seconds(2))
            }
        }
    }

    private func follow(_ wentWell: () -> Void) async throws {
        var cursors = try await readCursors()
        var turn = Int.random(in: 0..<Partition.count), trust = Trust()
        while !Task.isCancelled {
            // Rotating the order keeps a busy partition from starving the last ones.
            turn = (turn + 17) % Partition.count
            let asked = Array(cursors.rows[turn...] + cursors.rows[..<turn])
            let request = FeedRequest(
                incarnation: cursors.incarnation, cursors: asked, each: Self.batchMax, total: Self.batchMax,
                wait: cursors.skippedSince == nil ? Self.waitMax : Self.saveAfter, types: awaited)
            switch try await source.fetch(request) {
            case .batch(let incarnation, let epochs, let heads, let events):
                let branches = Branches(incarnation: incarnation, asked: asked, epochs: epochs)
                if events.allSatisfy({ !reaction.types.contains($0.type) }) {
                    cursors.skip(events, on: branches)
                } else if try await handle(events, after: cursors, on: branches, trust: &trust) {
                    cursors.pass(events, on: branches)
                } else {
                    let before = cursors
                    cursors = try await readCursors()
                    // Another replica is at work on all that is new; it needs no help in looking.
                    if cursors.rows == before.stored { try await Task.sleep(for: Self.aside) }
                }
                // With nothing new, another replica or an operator may have moved them meanwhile; the table knows.
                if events.isEmpty || cursors.skippedSince.map({ .now - $0 >= Self.saveAfter }) ?? false {
                    try await table.save(cursors)
                    cursors = try await readCursors()
                }
                note(cursors, asked: asked, heads: heads)
                if zip(asked, epochs).contains(where: { $0.epoch < $1 }) || cursors.incarnation == nil {
                    try await table.adopt(incarnation, asked: asked, epochs: epochs)
                    cursors = try await readCursors()
                }
                wentWell()
            case .fork(let branches):
                logger.critical("the source's history forked; going back and reading again", metadata: [
                    "partitions": "\(branches.map { "\($0.partition)@\($0.position)" }.joined(separator: " "))"])
                progress.withLock { $0.forks += branches.count }
                try await table.rewind(to: branches)
                cursors = try await readCursors()
            case .foreign(let incarnation):
                logger.critical("the source has another history; an operator must re-base this consumer", metadata: [
                    "source": "\(reaction.source)", "incarnation": "\(incarnation.text)"])
                try await Task.sleep(for: .seconds(5))
                cursors = try await readCursors()
            case .truncated(let partition, let first):
                logger.critical("events before the cursor are gone; the consumer stands still", metadata: [
                    "partition": "\(partition)", "first": "\(first)"])
                try await Task.sleep(for: .seconds(5))
                cursors = try await readCursors()
            }
        }
    }

    private func readCursors() async throws -> Cursors {
        let cursors = try await table.read()
        progress.withLock { $0.positions = cursors.rows.map(\.position) }
        return cursors
    }

    private func note(_ cursors: Cursors, asked: [FeedRequest.Cursor], heads: [Int64]) {
        let positions = cursors.rows.map(\.position)
        let lag = zip(asked, heads).reduce(Int64(0)) { $0 + max(0, $1.1 - positions[Int($1.0.partition.number)]) }
        progress.withLock { progress in
            progress.positions = positions
            progress.lag = lag
            progress.readAt = .now
        }
    }

    // MARK: Handling

    /// The whole batch in one transaction, at first on trust; when that fails with everything read, event by event, so
    /// that one bad event harms only its own learner.
    /// - Returns: whether all of it was passed here and now; otherwise only the table knows what was.
    private func handle(
        _ events: [EventEnvelope], after cursors: Cursors, on branches: Branches, trust: inout Trust
    ) async throws -> Bool {
        var from = cursors.stored
        for trusting in trust.next() ? [true, false] : [false] {
            do {
                return try await commit(events, from: from, on: branches, trusting: trusting) == events.count
            } catch let error where Self.mustWait(error) {
                throw error
            } catch {
                if trusting { trust.lose() }
                logger.log(
                    level: trusting ? .debug : .info, "a batch failed and is done again",
                    metadata: ["error": "\(String(reflecting: error))", "trusting": "\(trusting)"])
            }
        }
        for event in events {
            try await handleAlone(event, from: from, on: branches)
            let place = Int(event.partition.number), epoch = max(from[place].epoch, branches[event.partition])
            from[place] = .init(partition: event.partition, epoch: epoch, position: event.position)
        }
        return false
    }

    private func handleAlone(
        _ event: EventEnvelope, from: [FeedRequest.Cursor], on branches: Branches
    ) async throws {
        var pause = Duration.milliseconds(20)
        var tries = 0
        while true {
            do { return _ = try await commit([event], from: from, on: branches) } catch {
                if Self.mustWait(error) { throw error }
                tries += 1
                let isTimeout = Self.isTimeout(error)
                guard tries >= (isTimeout ? Self.timeoutsMax : Self.triesMax) else {
                    try await Task.sleep(for: pause)
                    if !isTimeout { pause *= 3 }
                    continue
                }
                if Self.isContention(error) { throw error }
                logger.error("an event is parked", metadata: [
                    "event": "\(event.id.text)", "type": "\(event.type)", "traceparent": "\(event.traceparent)",
                    "error": "\(String(reflecting: error))"])
                _ = try await commit([event], from: from, on: branches, parking: (Self.reason(error), tries))
                return
            }
        }
    }

    /// A failure of the moment that says nothing about the events.
    private static func mustWait(_ error: any Error) -> Bool {
        switch error {
        case is CancellationError: true
        case StorageError.unavailable, StorageError.unknownOutcome, StorageError.cancelled: true
        case StorageError.refused(let state, _): state.hasPrefix("57P")
        case let fault as Fault: fault.retry == .withSameKey
        default: false
        }
    }

    private static func isTimeout(_ error: any Error) -> Bool {
        if case StorageError.refused("57014", _) = error { true } else { false }
    }

    /// What operators read; as much as the column takes.
    static func reason(_ error: any Error) -> String {
        let fault = Fault.internalError(error)
        let text = "\(fault.code): \(fault.violations.first?.rule ?? fault.detail ?? fault.message)"
        return String(text.replacing("\0", with: "").prefix(1000))
    }

    private static func isContention(_ error: any Error) -> Bool {
        if case StorageError.serialization = error { true } else { false }
    }

    /// One transaction: claim and inbox, effects, then append, cursor and COMMIT in one round trip.
    /// - Parameters:
    ///   - trusting: the claim and what reactions assume are taken for granted, so that they travel with what comes next.
    ///     Where that is wrong nothing happens, and `.serialization` is thrown.
    ///   - from: the cursors as the table has them, one for each partition.
    /// - Returns: how many of the events were passed; the others' cursors have moved, or another replica is at them.
    private func commit(
        _ events: [EventEnvelope], from: [FeedRequest.Cursor], on branches: Branches, trusting: Bool = false,
        parking: (reason: String, tries: Int)? = nil
    ) async throws -> Int {
        let touched = Set(events.map(\.partition)).sorted()
        let relevant = events.filter { reaction.types.contains($0.type) }
        let opening = Opening(
            consumer: reaction.consumer,
            claiming: table.claiming(touched.map { from[Int($0.number)] }),
            partitions: touched, relevant: relevant)
        let (passed, units, appended) = try await log.pool.withTransaction {
            [reaction, table] connection -> (Int, [AppendUnit], Rows?) in
            var admission = trusting ? opening.granted : try opening.read(connection.execute(batch: opening.statements))
            if admission.claimed.isEmpty { return (0, [], nil) }
            let transaction = ReactionTransaction(
                consumer: reaction.consumer, now: .now, connection: connection, trusting: trusting,
                opening: trusting ? opening.expecting : [])
            for event in relevant where admission.fresh.contains(event.id) {
                let owner = event.owner
                if let parking, !admission.standing.contains(owner) {
                    transaction.perform(
                        Self.parking(event, of: reaction, reason: parking.reason, attempts: parking.tries))
                    admission.standing.insert(owner)
                } else if admission.standing.contains(owner) {
                    transaction.perform(Self.parking(event, of: reaction, reason: "behind", attempts: 0))
                } else {
                    transaction.begin(event)
                    try await reaction.react(to: event, in: transaction)
                }
            }
            let mine = events.filter { admission.claimed.contains($0.partition) }
            let appended = try await transaction.commit(with: [table.moving(past: mine, on: branches)])
            return (mine.count, transaction.units, appended)
        }
        progress.withLock { $0.handled += passed }
        if !units.isEmpty { log.committed(units, appended) }
        return passed
    }

    private static func parking(
        _ event: EventEnvelope, of reaction: any Reaction, reason: String, attempts: Int
    ) -> SQL {
        """
        INSERT INTO parked (consumer, source, partition, owner, pos, event_id, type, envelope, reason, attempts)
        VALUES (\(reaction.consumer), \(reaction.source), \(event.partition), \(event.owner), \(event.position),
                \(event.id), \(event.type), \(FeedWire.encode(event)), \(reason),
                \(Int32(attempts)))
        """
    }
}
