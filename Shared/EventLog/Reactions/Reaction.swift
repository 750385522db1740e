import Domain
import Foundation
import Storage

/// What a service does when something happened elsewhere. Handled once per event id, in order per learner; whatever it
/// does through `transaction` commits together with the inbox row and the cursor.
package protocol Reaction: Sendable {
    /// Names the consumer in tables and metrics; never changes: `records.attainments`.
    var consumer: String { get }
    /// The service whose events it reads.
    var source: String { get }
    /// The types it is for; others only move the cursor.
    var types: Set<EventType> { get }

    /// - Throws: an error that repeats parks the event after five tries, with those of its learner behind it.
    func react(to event: EventEnvelope, in transaction: ReactionTransaction) async throws
}

/// The one transaction in which a batch of events is handled. Lives on its connection's thread.
///
/// What it has to do is sent with whatever must be read, at the latest with the COMMIT: a reaction that reads nothing costs
/// one round trip for all events of its batch.
package final class ReactionTransaction {
    /// A statement that waits, and who hears its answer.
    private typealias Due = (sql: SQL, then: ((Rows) -> Void)?)

    package let consumer: String
    /// When the batch is handled.
    package let now: Timestamp
    private let connection: LeasedConnection
    /// Whether aggregates are taken for what a reaction assumes of them; otherwise all are read.
    private let trusting: Bool
    /// What it has decided, in the order in which it is appended.
    private(set) var units: [AppendUnit] = []
    private var due: [Due]
    /// Decided after all that is due; each stream once.
    private var dueUnits: [AppendUnit] = []
    private var event: EventEnvelope?
    private var changes = 0

    /// - Parameter opening: statements that must succeed before anything else is done.
    init(consumer: String, now: Timestamp, connection: LeasedConnection, trusting: Bool = false, opening: [SQL] = []) {
        self.consumer = consumer
        self.now = now
        self.connection = connection
        self.trusting = trusting
        due = opening.map { ($0, nil) }
    }

    /// Begins the handling of one event.
    func begin(_ event: EventEnvelope) {
        self.event = event
        changes = 0
    }

    /// All that is still due, `last`, the append of all events, and COMMIT, in one round trip.
    /// - Returns: what the append answered; nil without events.
    func commit(with last: [SQL] = []) async throws -> Rows? {
        let append = units.isEmpty ? [] : [AppendUnit.append(units)]
        let waiting = takeDue()
        let answers = try await connection.commit(with: waiting.map(\.sql) + last + append)
        for (statement, rows) in zip(waiting, answers) { statement.then?(rows) }
        return append.isEmpty ? nil : answers.last
    }

    package func execute(_ sql: SQL) async throws -> Rows { try await execute(batch: [sql])[0] }

    package func execute(batch: [SQL]) async throws -> [Rows] {
        let waiting = takeDue()
        let answers = try await connection.execute(batch: waiting.map(\.sql) + batch)
        for (statement, rows) in zip(waiting, answers) { statement.then?(rows) }
        return Array(answers.dropFirst(waiting.count))
    }

    /// Executes a statement whose answer nothing depends on, in the round trip of whatever comes next.
    /// - Parameter then: hears the answer, perhaps after COMMIT.
    package func perform(_ sql: SQL, then: ((Rows) -> Void)? = nil) {
        settleUnits()
        due.append((sql, then))
    }

    /// The state of an aggregate of this service, as this transaction sees it.
    package func find<State: Aggregate>(_ id: EntityID<State.Entity>, of _: AggregateStore<State>) async throws -> State? {
        try AggregateStore<State>.Loaded(
            try await execute(AggregateStore<State>.loading(id, caller: "", key: ""))).state
    }

    /// Changes (or begins) an aggregate because of the event being handled. Nothing happens when `decide` gives no
    /// events, or when this event did it already.
    /// - Parameter assumed: how it most probably is. Then it need not be read; should it be otherwise, the batch is done
    ///   again with everything read.
    package func change<State: Aggregate>(
        _ id: EntityID<State.Entity>, of store: AggregateStore<State>, assuming assumed: AggregateStore<State>.Loaded? = nil,
        decide: (State?) throws -> [any Event]
    ) async throws {
        try await change([id], of: store, assuming: assumed) { _, state in try decide(state) }
    }

    /// The same for several, which are read in one round trip.
    /// - Parameters:
    ///   - ids: each once, and in ascending order: that is how they are locked.
    ///   - assumed: how each of them most probably is.
    package func change<State: Aggregate>(
        _ ids: [EntityID<State.Entity>], of store: AggregateStore<State>,
        assuming assumed: AggregateStore<State>.Loaded? = nil,
        decide: (EntityID<State.Entity>, State?) throws -> [any Event]
    ) async throws {
        guard let event else { preconditionFailure("a change belongs to an event") }
        let stamped = ids.map { id in
            changes += 1
            return (id: id, stamp: EventStamp(consumer: consumer, cause: event, key: "\(event.id.text)/\(changes)", now: now))
        }
        let found = if trusting, let assumed {
            stamped.map { _ in assumed }
        } else {
            try await execute(batch: stamped.map { id, stamp in
                AggregateStore<State>.loading(id, caller: stamp.caller, key: stamp.key, lock: true)
            }).map { rows in try AggregateStore<State>.Loaded(rows) }
        }
        for (place, loaded) in zip(stamped, found) where loaded.prior == nil {
            let events = try decide(place.id, loaded.state)
            if events.isEmpty { continue }
            let unit = store.unit(
                for: Decision(events), on: loaded, id: place.id, stamp: place.stamp, digest: event.id.bytes)?.unit
            if let unit { add(unit) }
        }
    }

    private func add(_ unit: AppendUnit) {
        if dueUnits.contains(where: { $0.stream == unit.stream }) { settleUnits() }
        dueUnits.append(unit)
        units.append(unit)
    }

    /// Should a command of somebody else's have come between what was read or assumed and this, the whole batch is done
    /// again.
    private func settleUnits() {
        if dueUnits.isEmpty { return }
        due += AppendUnit.expecting(dueUnits.sorted { $0.order < $1.order }).map { ($0, nil) }
        dueUnits = []
    }

    private func takeDue() -> [Due] {
        settleUnits()
        defer { due = [] }
        return due
    }
}
