import Domain
@testable import EventLog
import Foundation
import ServiceKit
import Storage
import Support
import Synchronization
import Testing

/// Many writers over several replicas, rival sequencers, interactive transactions that abort, killed backends, retries
/// under the same key after unknown outcomes, consumers that share their work. Afterwards the books are read.
@Suite struct RaceTests {
    static let seconds = Double(ProcessInfo.processInfo.environment["CAIRN_RACE_SECONDS"] ?? "") ?? 6
    static let seeds: [UInt64] = ProcessInfo.processInfo.environment["CAIRN_RACE_SEED"]
        .flatMap(UInt64.init).map { [$0] } ?? [UInt64.random(in: 1...1_000_000)]

    @Test(.timeLimit(.minutes(5)), arguments: seeds)
    func `nothing is lost, doubled or out of order, whoever dies`(seed: UInt64) async throws {
        print("race seed \(seed)")
        try await withTestDatabase { database in
            let world = try await RaceWorld(database)
            let ledger = Ledger()
            let complaints = Complaints()
            let replicas = (0..<3).map { _ in world.replica(logger: complaints.logger) }
            for (number, replica) in replicas.enumerated() where number < 2 {
                for name in ["race.a", "race.b"] {
                    let echo = Echo(consumer: name, asks: name == "race.b")
                    let consumer = Consumer(
                        echo, log: replica.log, source: LocalFeed(replica.log), logger: complaints.logger)
                    replica.start { await consumer.run() }
                }
            }
            let end = ContinuousClock.now + .seconds(Self.seconds)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<24 {
                    let replica = replicas[writer % 3]
                    let other = replicas[(writer + 1) % 3]
                    group.addTask {
                        await write(through: replica, or: other, until: end, seed: seed &+ UInt64(writer), ledger)
                    }
                }
                for writer in 0..<3 {
                    group.addTask {
                        await interact(replicas[writer], until: end, seed: seed &+ 1000 &+ UInt64(writer), ledger)
                    }
                }
                group.addTask {
                    var random = SplitMix64(seed: seed &+ 99)
                    while ContinuousClock.now < end {
                        try await Task.sleep(for: .milliseconds(Int.random(in: 40...160, using: &random)))
                        try await kill(in: database, &random, ledger)
                    }
                }
                try await group.waitForAll()
            }
            try await settle(world)
            for replica in replicas { await replica.close() }
            let report = try await audit(world, ledger)
            print("race: \(ledger.summary), \(report.events) events")
            let problems = report.problems + complaints.all
            for problem in problems.prefix(5) { print("race problem: \(problem)") }
            #expect(problems == [])
            #expect(report.events > 200 && ledger.kills > 5)
        }
    }
}

/// What the clients know: every operation that was acknowledged must be there once, every other at most once.
private final class Ledger: Sendable {
    struct Counts {
        var acknowledged: Set<UUID> = [], tried: Set<UUID> = [], kills = 0, unknown = 0, replays = 0, faults: Set<String> = []
    }
    let counts = Mutex(Counts())
    /// What no client should ever be told.
    var faults: Set<String> { counts.withLock { $0.faults } }
    var kills: Int { counts.withLock { $0.kills } }
    var summary: String {
        counts.withLock {
            "\($0.tried.count) operations, \($0.acknowledged.count) acknowledged, \($0.unknown) unknown outcomes, "
                + "\($0.replays) replays, \($0.kills) kills"
        }
    }
}

/// Popular streams are popular: the square of a uniform number.
private func learner(_ random: inout SplitMix64) -> EntityID<Learner> {
    let x = Double.random(in: 0..<1, using: &random)
    return EntityID(UUID.derived("race learner", String(Int(x * x * 250))))
}

private func write(
    through replica: Replica, or other: Replica, until end: ContinuousClock.Instant, seed: UInt64, _ ledger: Ledger
) async {
    var random = SplitMix64(seed: seed)
    while ContinuousClock.now < end {
        let learner = learner(&random), operation = UUID.version7()
        let stream = EntityID<Tally.Entity>(learner.uuid)
        let context = context(key: operation.text)
        ledger.counts.withLock { _ = $0.tried.insert(operation) }
        // A client that does not hear goes on asking under the same key until it does.
        let impatient = Int.random(in: 0..<8, using: &random) == 0
        var heard = false
        for attempt in 0..<200 {
            do throws(Fault) {
                // Some send the same request by two ways at once.
                async let twin: Int? = impatient && attempt == 0 ? count(learner, operation, by: other, context) : nil
                let answered = try await count(learner, operation, by: replica, context)
                if let said = try? await twin, said != answered {
                    Issue.record("the same request was answered \(answered) here and \(said) there")
                }
                ledger.counts.withLock { counts in
                    if !counts.acknowledged.insert(operation).inserted { counts.replays += 1 }
                }
                heard = attempt > 0 || Int.random(in: 0..<10, using: &random) > 0
                if heard { break }
                // Now and then a client asks again although it heard: the first answer must come.
                let again: Int = try await replica.tallies.change(stream, context) { _ in
                    Decision([Tallied(learner: learner, operation: operation, number: -1)], reply: -1)
                }
                if again != answered { Issue.record("a repeated key was answered \(again), first \(answered)") }
                ledger.counts.withLock { $0.replays += 1 }
                heard = true
                break
            } catch {
                if error.code == .outcomeUnknown { ledger.counts.withLock { $0.unknown += 1 } }
                if error.code == .internal || error.code == .keyReused {
                    ledger.counts.withLock { _ = $0.faults.insert("\(error.code): \(error.detail ?? error.message)") }
                }
                try? await Task.sleep(for: .milliseconds(5))
            }
        }
        if !heard { ledger.counts.withLock { _ = $0.faults.insert("a client asked 200 times and was never answered") } }
    }
}

private func count(
    _ learner: EntityID<Learner>, _ operation: UUID, by replica: Replica, _ context: RequestContext
) async throws(Fault) -> Int {
    let stream = EntityID<Tally.Entity>(learner.uuid)
    func decision(_ before: Int) -> Decision<Int> {
        Decision([Tallied(learner: learner, operation: operation, number: before + 1)], reply: before + 1)
    }
    // Half of them decide on what their replica remembers.
    if operation.bytes[15] & 1 == 0 {
        return try await replica.tallies.change(stream, context) { state in decision(state?.count ?? 0) }
    }
    while true {
        do { return try await replica.tallies.update(stream, context) { state, _ in decision(state.count) } } catch {
            guard error.code == .notFound else { throw error }
        }
        do { return try await replica.tallies.create(stream, context) { _ in decision(0) } } catch {
            guard error.violations.first?.rule == "exists" else { throw error }
        }
    }
}

/// Interactive transactions over several streams: events left pending for the sequencers, one in four rolled back.
private func interact(
    _ replica: Replica, until end: ContinuousClock.Instant, seed: UInt64, _ ledger: Ledger
) async {
    var random = SplitMix64(seed: seed)
    while ContinuousClock.now < end {
        let learners = Set((0..<3).map { _ in learner(&random) }).sorted { ($0.partition, $0) < ($1.partition, $1) }
        let aborts = Int.random(in: 0..<4, using: &random) == 0
        let hold = Duration.milliseconds(Int.random(in: 0...20, using: &random))
        let event = EventEnvelope(
            id: .version7(), type: "race.cause", version: 1, partition: learners[0].partition, position: 1,
            stream: learners[0].uuid, streamVersion: 1, learner: learners[0], effectiveAt: .now, recordedAt: .now,
            actor: "race", authority: "race", causedBy: nil, correlation: nil, traceparent: "", payload: [])
        let operations = learners.map { _ in UUID.version7() }
        ledger.counts.withLock { $0.tried.formUnion(operations) }
        do {
            try await replica.log.pool.withTransaction { connection in
                let transaction = ReactionTransaction(consumer: "race.hand", now: .now, connection: connection)
                transaction.begin(event)
                for (learner, operation) in zip(learners, operations) {
                    try await transaction.change(EntityID(learner.uuid), of: replica.tallies) { state in
                        [Tallied(learner: learner, operation: operation, number: (state?.count ?? 0) + 1)]
                    }
                }
                // Written, and held for a while before its events are appended.
                _ = try await transaction.execute("SELECT 1")
                try await Task.sleep(for: hold)
                if aborts { throw CancellationError() }
                _ = try await transaction.commit()
            }
            ledger.counts.withLock { $0.acknowledged.formUnion(operations) }
        } catch {}
        try? await Task.sleep(for: .milliseconds(10))
    }
}

private func kill(in database: TestDatabase, _ random: inout SplitMix64, _ ledger: Ledger) async throws {
    // Anyone's backend, in whatever state it is.
    try await database.server.execute("""
        SELECT pg_terminate_backend(pid) FROM (
          SELECT pid FROM pg_stat_activity
           WHERE datname = \(database.name) AND application_name = 'race' AND pid <> pg_backend_pid()
           ORDER BY random() LIMIT \(Int32.random(in: 1...2, using: &random))) victims
        """)
    ledger.counts.withLock { $0.kills += 1 }
}

/// Waits until every event is numbered and every consumer is at the head.
private func settle(_ world: RaceWorld) async throws {
    let reader = Reader(world.configuration, logger: quiet)
    defer { Task { await reader.close() } }
    let end = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < end {
        let behind = try? await reader.query("""
            SELECT (SELECT count(*) FROM event WHERE pos IS NULL)
                 + (SELECT count(*) FROM head h CROSS JOIN unnest(ARRAY['race.a', 'race.b']) n(consumer)
                     LEFT JOIN cursor c ON c.consumer = n.consumer AND c.partition = h.partition
                    WHERE h.safe_pos > COALESCE(c.pos, 0))
            """).first?.decode(Int.self)
        if behind == 0 { return }
        try await Task.sleep(for: .milliseconds(100))
    }
    Issue.record("the consumers were not at the head 60 s after the last command")
}

private func audit(_ world: RaceWorld, _ ledger: Ledger) async throws -> (events: Int, problems: [String]) {
    let reader = Reader(world.configuration, logger: quiet)
    var problems: [String] = []
    let events = try await reader.query("""
        SELECT partition, COALESCE(pos, 0), stream, stream_version, event_id, payload FROM event
         ORDER BY partition, pos NULLS LAST, seq
        """).decode((Int, Int64, UUID, Int64, UUID, [UInt8]).self)
    var next: [Int: Int64] = [:], versions: [UUID: Int64] = [:], operations: [UUID: Int] = [:]
    for (partition, position, stream, version, _, payload) in events {
        if position != (next[partition] ?? 0) + 1 { problems.append("partition \(partition): gap before \(position)") }
        next[partition] = position
        if version != (versions[stream] ?? 0) + 1 { problems.append("\(stream): version \(version) out of order") }
        versions[stream] = version
        let told: Tallied = try Wire.decode(from: payload)
        operations[told.operation, default: 0] += 1
        if Int64(told.number) != version { problems.append("\(stream): number \(told.number) at version \(version)") }
    }
    let (acknowledged, tried) = ledger.counts.withLock { ($0.acknowledged, $0.tried) }
    problems += ledger.faults.sorted()
    problems += acknowledged.filter { operations[$0] == nil }.map { "lost: \($0)" }
    problems += operations.filter { $0.value > 1 }.map { "doubled: \($0.key)" }
    problems += operations.keys.filter { !tried.contains($0) }.map { "from nowhere: \($0)" }

    for (id, version, body) in try await reader.query("SELECT id, version, body FROM aggregate")
        .decode((UUID, Int64, PostgresJSON).self) {
        let tally: Tally = try Wire.decode(from: body.bytes)
        if versions[id] != version || Int64(tally.count) != version {
            problems.append("\(id): state \(tally.count) at \(version), \(versions[id] ?? 0) events")
        }
    }
    for (partition, head, safe) in try await reader.query("SELECT partition, pos, safe_pos FROM head")
        .decode((Int, Int64, Int64).self) where head != next[partition] ?? 0 || safe != head {
        problems.append("partition \(partition): head \(head), safe \(safe), events \(next[partition] ?? 0)")
    }
    for consumer in ["race.a", "race.b"] {
        let effects = try await reader.query("""
            SELECT partition, position, event_id FROM effect WHERE consumer = \(consumer) ORDER BY nth
            """).decode((Int, Int64, UUID).self)
        var last: [Int: Int64] = [:]
        for (partition, position, _) in effects {
            if position != (last[partition] ?? 0) + 1 {
                problems.append("\(consumer): \(position) after \(last[partition] ?? 0) in partition \(partition)")
            }
            last[partition] = position
        }
        if effects.count != events.count || Set(effects.map(\.2)).count != events.count {
            problems.append("\(consumer): \(effects.count) effects of \(events.count) events")
        }
    }
    // All lock in the same order. A session's counts are sent when it ends, and all have ended.
    let deadlocks = try await reader.query("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        .decode(Int.self)[0]
    if deadlocks > 0 { problems.append("\(deadlocks) deadlocks") }
    await reader.close()
    return (events.count, Array(problems.prefix(20)))
}
