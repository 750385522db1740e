import Domain
@testable import EventLog
import Foundation
import ServiceKit
import Storage
import Support
import Synchronization
import Testing

/// Lends `body` a fresh log and one replica of its service.
func withReplica(
    sequencing: Bool = true, _ body: (RaceWorld, Replica) async throws -> Void
) async throws {
    try await withTestDatabase { database in
        let world = try await RaceWorld(database)
        let replica = world.replica(sequencing: sequencing)
        do {
            try await body(world, replica)
        } catch {
            await replica.close()
            throw error
        }
        await replica.close()
    }
}

/// A learner whose streams are all in this partition.
func learner(_ name: String, in partition: Int) -> EntityID<Learner> {
    EntityID(.derived("test learner", name, partition: Partition(partition)))
}

func stream(_ learner: EntityID<Learner>) -> EntityID<Tally.Entity> { EntityID(learner.uuid) }

extension Replica {
    /// Counts up so many times, one commit each.
    func tally(_ learner: EntityID<Learner>, times: Int = 1) async throws {
        for _ in 0..<times {
            let operation = UUID.version7()
            let _: Int = try await tallies.change(stream(learner), context(key: operation.text)) { state in
                let number = (state?.count ?? 0) + 1
                return Decision([Tallied(learner: learner, operation: operation, number: number)], reply: number)
            }
        }
    }

    /// Counts up once, as a command that decides on what is remembered.
    func tallyRemembering(_ learner: EntityID<Learner>) async throws {
        let operation = UUID.version7(), tell = context(key: operation.text)
        func decision(_ number: Int) -> Decision<Int> {
            Decision([Tallied(learner: learner, operation: operation, number: number)], reply: number)
        }
        let _: Int = if try await tallies.find(stream(learner)) == nil {
            try await tallies.create(stream(learner), tell) { _ in decision(1) }
        } else {
            try await tallies.update(stream(learner), tell) { state, _ in decision(state.count + 1) }
        }
    }

    /// Statements by hand, in one transaction.
    func execute(_ statements: SQL...) async throws {
        try await log.pool.withTransaction { connection in _ = try connection.execute(batch: statements) }
    }

    func number(_ sql: SQL) async throws -> Int { try await log.reader.query(sql).decode(Int.self).first ?? 0 }

    func texts(_ sql: SQL) async throws -> [String] { try await log.reader.query(sql).decode(String.self) }

    /// What a consumer did, in order: learner's last byte, number.
    func effects(of consumer: String) async throws -> [Effect] {
        try await log.reader.query("SELECT learner, number FROM effect WHERE consumer = \(consumer) ORDER BY nth")
            .decode((EntityID<Learner>, Int).self).map { Effect(learner: $0, number: $1) }
    }

    /// Runs a consumer of this replica's own log for as long as the replica lives.
    @discardableResult
    func consume(_ reaction: any Reaction) -> Consumer {
        let consumer = Consumer(reaction, log: log, source: LocalFeed(log), logger: quiet)
        start { await consumer.run() }
        return consumer
    }

    /// Returns when this consumer has passed all that was committed before.
    func passed(by consumer: String) async throws {
        try await eventually("\(consumer) at the head") {
            try await number("""
                SELECT (SELECT count(*) FROM event WHERE pos IS NULL)
                     + (SELECT count(*) FROM head h LEFT JOIN cursor c
                          ON c.consumer = \(consumer) AND c.partition = h.partition
                         WHERE h.safe_pos > COALESCE(c.pos, 0))
                """) == 0
        }
    }
}

struct Effect: Equatable, Sendable {
    var learner: EntityID<Learner>
    var number: Int
}

/// Awaits a condition that only the database can tell.
func eventually(
    _ what: String, within limit: Duration = .seconds(30), _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record("not within \(limit): \(what)")
}

/// Does what the test says, after noting the effect as `Echo` does.
struct Probe: Reaction {
    let consumer: String
    let source = "race"
    let types: Set<EventType> = [Tallied.type]
    var before: @Sendable (Tallied) throws -> Void = { _ in }
    var after: @Sendable (EventEnvelope, Tallied, ReactionTransaction) async throws -> Void = { _, _, _ in }

    func react(to event: EventEnvelope, in transaction: ReactionTransaction) async throws {
        let told: Tallied = try event.decode()
        try before(told)
        try await Echo(consumer: consumer).react(to: event, in: transaction)
        try await after(event, told, transaction)
    }
}

/// What closures of several tasks share.
final class Shared<Value: Sendable>: Sendable {
    private let value: Mutex<Value>
    init(_ value: Value) { self.value = Mutex(value) }

    var now: Value {
        get { value.withLock { $0 } }
        set { value.withLock { $0 = newValue } }
    }
}

extension Shared<Int> {
    /// Counts up. - Returns: how often, this time included.
    @discardableResult
    func next() -> Int {
        value.withLock { value in
            value += 1
            return value
        }
    }
}
