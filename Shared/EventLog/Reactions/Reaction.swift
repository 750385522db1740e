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
package final class ReactionTransaction {
    package let consumer: String
    /// When the batch is handled.
    package let now: Timestamp
    private let connection: LeasedConnection
    /// What it has decided, in the order in which it is appended.
    private(set) var units: [AppendUnit] = []
    /// Decided, and not sent yet: it shares the round trip of whatever is sent next.
    private var due: [SQL] = []
    private var event: EventEnvelope?
    private var changes = 0

    init(consumer: String, now: Timestamp, connection: LeasedConnection) {
        self.consumer = consumer
        self.now = now
        self.connection = connection
    }

    /// What the transaction must still do before its COMMIT, the append of all events last.
    var closing: [SQL] { due + (units.isEmpty ? [] : [AppendUnit.append(units)]) }

    /// Begins the handling of one event.
    func begin(_ event: EventEnvelope) {
        self.event = event
        changes = 0
    }

    package func execute(_ sql: SQL) async throws -> Rows { try await execute(batch: [sql])[0] }

    package func execute(batch: [SQL]) async throws -> [Rows] {
        let first = due
        due = []
        return Array(try await connection.execute(batch: first + batch).dropFirst(first.count))
    }

    /// The state of an aggregate of this service, as this transaction sees it.
    package func find<State: Aggregate>(_ id: EntityID<State.Entity>, of _: AggregateStore<State>) async throws -> State? {
        try AggregateStore<State>.Loaded(
            try await execute(AggregateStore<State>.loading(id, caller: "", key: ""))).state
    }

    /// Changes (or begins) an aggregate because of the event being handled. Nothing happens when `decide` gives no
    /// events, or when this event did it already.
    package func change<State: Aggregate>(
        _ id: EntityID<State.Entity>, of store: AggregateStore<State>, decide: (State?) throws -> [any Event]
    ) async throws {
        try await change([id], of: store) { _, state in try decide(state) }
    }

    /// The same for several, which are read in one round trip.
    /// - Parameter ids: each once, and in ascending order: that is how they are locked.
    package func change<State: Aggregate>(
        _ ids: [EntityID<State.Entity>], of store: AggregateStore<State>,
        decide: (EntityID<State.Entity>, State?) throws -> [any Event]
    ) async throws {
        guard let event else { preconditionFailure("a change belongs to an event") }
        let stamped = ids.map { id in
            changes += 1
            return (id: id, stamp: EventStamp(consumer: consumer, cause: event, key: "\(event.id.text)/\(changes)", now: now))
        }
        let found = try await execute(batch: stamped.map { id, stamp in
            AggregateStore<State>.loading(id, caller: stamp.caller, key: stamp.key, lock: true)
        })
        let decided = try zip(stamped, found).compactMap { place, rows -> AppendUnit? in
            let loaded = try AggregateStore<State>.Loaded(rows)
            if loaded.prior != nil { return nil }
            let events = try decide(place.id, loaded.state)
            if events.isEmpty { return nil }
            return store.unit(for: Decision(events), on: loaded, id: place.id, stamp: place.stamp, digest: event.id.bytes)?.unit
        }
        if decided.isEmpty { return }
        // Should a command of somebody else's have come between load and change, the whole batch is done again.
        due += AppendUnit.expecting(decided)
        units += decided
    }
}
