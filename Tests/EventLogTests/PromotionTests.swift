import Domain
@testable import EventLog
import Foundation
import ServiceKit
import Storage
import Support
import Synchronization
import Testing

/// A primary dies and an asynchronous standby that is behind takes its place, while writers decide on what they remember
/// and two consumers in another database follow. What was acknowledged and not received is lost; nothing else may be wrong.
@Suite struct PromotionTests {
    private static let writers = 16
    private static let learners = (0..<48).map { EntityID<Learner>(.derived("failover", String($0), partition: Partition($0 % 4))) }

    @Test(.timeLimit(.minutes(3)))
    func `after a promotion that lost commits states follow from events, and readers have every event once`() async throws {
        let server = try await PostgresServer.private()
        try await withTestDatabase(on: server) { database in
            try await withTestDatabase { other in
                let source = try await RaceWorld(database), target = try await RaceWorld(other)
                let replicas = (0..<2).map { _ in source.replica() }
                let readers = replicas.map { _ in target.replica(sequencing: false) }
                let consumers = zip(replicas, readers).map { replica, reader in
                    Consumer(Echo(consumer: "failover"), log: reader.log, source: LocalFeed(replica.log), logger: quiet)
                }
                for (reader, consumer) in zip(readers, consumers) { reader.start { await consumer.run() } }
                let book = Book()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for writer in 0..<Self.writers {
                        group.addTask { try await write(through: replicas[writer % 2], seed: UInt64(writer), book) }
                    }
                    group.addTask {
                        defer { book.close() }
                        try await book.takes(500)
                        try await server.copyForStandby()
                        // What is read of the tail is read of the branch that dies.
                        try await book.takes(500)
                        try await server.failOver()
                        try await book.takes(1000)
                    }
                    try await group.waitForAll()
                }
                let (lost, problems) = try await audit(source, target, consumers, book.acknowledged)
                print("promotion: \(book.acknowledged.count) acknowledged, \(lost) of them lost, "
                    + "\(consumers.map(\.current.forks)) forks")
                #expect(problems == [])
                #expect(lost > 0 && consumers.contains { $0.current.forks > 0 })
                for replica in replicas + readers { await replica.close() }
            }
        }
        try await server.close()
    }

    private func write(through replica: Replica, seed: UInt64, _ book: Book) async throws {
        var random = SplitMix64(seed: seed)
        while book.isOpen {
            let learner = Self.learners[Int.random(in: 0..<Self.learners.count, using: &random)]
            do {
                book.note(try await replica.count(learner))
            } catch {
                // The server is away, or what was committed last is not known: somebody else's turn.
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    private func audit(
        _ source: RaceWorld, _ target: RaceWorld, _ consumers: [Consumer], _ acknowledged: Set<UUID>
    ) async throws -> (lost: Int, problems: [String]) {
        let log = Reader(source.configuration, logger: quiet), effects = Reader(target.configuration, logger: quiet)
        try await eventually("every event is numbered") {
            try await log.query("SELECT count(*) FROM event WHERE pos IS NULL").decode(Int.self) == [0]
        }
        let heads = try await log.query("SELECT partition, safe_pos FROM head WHERE safe_pos > 0").decode((Int, Int64).self)
        try await eventually("read to the end", within: .seconds(60)) {
            let cursors = Dictionary(uniqueKeysWithValues: try await effects.query(
                "SELECT partition, pos FROM cursor WHERE consumer = 'failover'").decode((Int, Int64).self))
            return heads.allSatisfy { cursors[$0.0] == $0.1 }
        }
        var problems: [String] = [], last: [UUID: UUID] = [:], next: [Int: Int64] = [:], live: [UUID] = []
        for (partition, position, stream, id, payload) in try await log.query("""
            SELECT partition, pos, stream, event_id, payload FROM event ORDER BY partition, pos
            """).decode((Int, Int64, UUID, UUID, [UInt8]).self) {
            let told: Tallied = try Wire.decode(from: payload)
            if position != (next[partition] ?? 0) + 1 { problems.append("partition \(partition): gap before \(position)") }
            if told.after != last[stream] { problems.append("\(stream): \(told.number) was decided on another state") }
            (next[partition], last[stream]) = (position, told.operation)
            live.append(id)
        }
        for (id, body) in try await log.query("SELECT id, body FROM aggregate").decode((UUID, PostgresJSON).self) {
            let tally: Tally = try Wire.decode(from: body.bytes)
            if tally.last != last[id] { problems.append("\(id): state \(tally.count) is not that of its events") }
        }
        // Of the dead branch readers may know what is nowhere any more; of the live one everything, once, in order.
        let seen = try await effects.query("SELECT event_id FROM effect ORDER BY nth").decode(UUID.self)
        if Set(seen).count != seen.count { problems.append("\(seen.count - Set(seen).count) effects doubled") }
        let missing = Set(live).subtracting(seen)
        if !missing.isEmpty { problems.append("\(missing.count) of \(live.count) events never read") }
        let operations = try await log.query("SELECT convert_from(payload, 'UTF8')::jsonb->>'operation' FROM event")
            .decode(String.self)
        await log.close()
        await effects.close()
        return (acknowledged.subtracting(operations.compactMap(UUID.init(uuidString:))).count, Array(problems.prefix(20)))
    }
}

/// What was acknowledged, for as long as there is writing.
private final class Book: Sendable {
    private let state = Mutex((acknowledged: Set<UUID>(), isOpen: true))

    var acknowledged: Set<UUID> { state.withLock { $0.acknowledged } }
    var isOpen: Bool { state.withLock { $0.isOpen } }

    func note(_ operation: UUID) { state.withLock { _ = $0.acknowledged.insert(operation) } }
    func close() { state.withLock { $0.isOpen = false } }

    /// Returns when so many more were acknowledged.
    func takes(_ count: Int) async throws {
        let before = acknowledged.count
        try await eventually("\(count) more") { acknowledged.count >= before + count }
    }
}

extension Replica {
    /// Counts up once on what is remembered, beginning the tally where there is none.
    fileprivate func count(_ learner: EntityID<Learner>) async throws -> UUID {
        let operation = UUID.version7(), tell = context(key: operation.text)
        func decision(_ state: Tally?) -> Decision<Int> {
            Decision([
                Tallied(learner: learner, operation: operation, number: (state?.count ?? 0) + 1, after: state?.last)
            ], reply: 0)
        }
        let _: Int = if try await tallies.find(stream(learner)) == nil {
            try await tallies.create(stream(learner), tell) { _ in decision(nil) }
        } else {
            try await tallies.update(stream(learner), tell) { state, _ in decision(state) }
        }
        return operation
    }
}
