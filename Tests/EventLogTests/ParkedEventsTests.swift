import Domain
@testable import EventLog
import Foundation
import ServiceKit
import Storage
import Support
import Testing

@Suite struct ParkedEventsTests {
    static let name = "race.probe"
    let ada = learner("ada", in: 3), bo = learner("bo", in: 3)

    /// A world in which number 2 of Ada's is poison, and has been met, with `behind` more behind it.
    private func withPoison(
        behind: Int, _ body: (Replica, ParkedEvents, [ParkedEntry], _ poison: Poison) async throws -> Void
    ) async throws {
        try await withReplica { _, replica in
            let poison = Poison(ada)
            let probe = Probe(consumer: Self.name, before: poison.taste)
            replica.consume(probe)
            try await replica.tally(ada)
            try await replica.tally(bo)
            try await replica.tally(ada, times: 1 + behind)
            try await replica.tally(bo, times: 2)
            try await replica.passed(by: Self.name)
            let parked = ParkedEvents(replica.log, reactions: [probe])
            let entries = try await parked.list().items
            try #require(entries.count == 1 + behind)
            try await body(replica, parked, entries, poison)
        }
    }

    /// Which of one learner's numbers cannot be handled.
    private final class Poison: Sendable {
        private let learner: EntityID<Learner>
        let numbers = Shared<Set<Int>>([2])
        init(_ learner: EntityID<Learner>) { self.learner = learner }

        var taste: @Sendable (Tallied) throws -> Void {
            { [self] told in
                if told.learner == learner, numbers.now.contains(told.number) {
                    // What text could hold, a text column cannot.
                    throw Fault.refused("tally.poison\0", "Number \(told.number) is poison.")
                }
            }
        }
    }

    private func numbers(_ replica: Replica, of learner: EntityID<Learner>) async throws -> [Int] {
        try await replica.effects(of: Self.name).filter { $0.learner == learner }.map(\.number)
    }

    private func audit(_ replica: Replica) async throws -> [String] {
        try await replica.texts("SELECT action || ' by ' || actor || ': ' || reason FROM parked_audit ORDER BY at")
    }

    private func release(
        _ parked: ParkedEvents, _ entry: ParkedEntry, _ action: ReleaseParked.Action
    ) async throws -> Int {
        let command = ReleaseParked(consumer: entry.consumer, event: entry.event, action: action, reason: "fixed")
        return try await parked.release(command, by: "op").released
    }

    @Test(.timeLimit(.minutes(1)))
    func `poison stands still with what is behind it, its own learner's alone`() async throws {
        try await withPoison(behind: 2) { replica, _, entries, _ in
            let done = try await (numbers(replica, of: ada), numbers(replica, of: bo))
            #expect(done == ([1], [1, 2, 3]))
            #expect(entries.map(\.attempts) == [Consumer.triesMax, 0, 0])
            #expect(entries.map(\.reason) == ["refused: tally.poison", "behind", "behind"])
            #expect(Set(entries.map(\.owner.uuid)) == [ada.uuid])
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a replica that met no poison holds back what is behind it all the same`() async throws {
        try await withReplica { world, replica in
            let one = world.replica(), probe = Probe(consumer: Self.name, before: Poison(ada).taste)
            one.consume(probe)
            try await replica.tally(ada, times: 2)
            try await replica.passed(by: Self.name)
            await one.close()
            // It begins with trust.
            let two = world.replica()
            two.consume(Probe(consumer: Self.name))
            try await replica.tally(bo)
            try await replica.passed(by: Self.name)
            try await replica.tally(ada)
            try await replica.passed(by: Self.name)
            await two.close()
            let entries = try await ParkedEvents(replica.log, reactions: [probe]).list().items
            #expect(entries.map(\.reason) == ["refused: tally.poison", "behind"])
            let done = try await (numbers(replica, of: ada), numbers(replica, of: bo))
            #expect(done == ([1], [1]))
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `what takes too long by itself, again and again, is parked too`() async throws {
        try await withReplica { _, replica in
            let probe = Probe(consumer: Self.name, after: { event, told, transaction in
                guard told.learner == ada, told.number == 2 else { return }
                _ = try await transaction.execute("SET LOCAL statement_timeout = 10")
                _ = try await transaction.execute("SELECT pg_sleep(5)")
            })
            replica.consume(probe)
            try await replica.tally(ada, times: 3)
            try await replica.tally(bo, times: 2)
            try await replica.passed(by: Self.name)
            let entries = try await ParkedEvents(replica.log, reactions: [probe]).list().items
            #expect(entries.map(\.attempts) == [Consumer.timeoutsMax, 0])
            let done = try await (numbers(replica, of: ada), numbers(replica, of: bo))
            #expect(done == ([1], [1, 2]))
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: ["UPDATE parked_audit SET reason = ''", "DELETE FROM parked_audit", "TRUNCATE parked_audit"])
    func `the audit is never edited`(_ edit: String) async throws {
        try await withReplica { _, replica in
            await #expect(throws: StorageError.self) { try await replica.execute("\(unescaped: edit)") }
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `retried in order once the cause is gone, and the learner goes on`() async throws {
        try await withPoison(behind: 2) { replica, parked, entries, poison in
            let early = await #expect(throws: Fault.self) { _ = try await release(parked, entries[1], .retry) }
            #expect(early?.violations.first?.rule == "parked.order")
            // Still poison: nothing changes but the count.
            await #expect(throws: Fault.self) { _ = try await release(parked, entries[0], .retry) }
            #expect(try await parked.list().items.map(\.attempts) == [Consumer.triesMax + 1, 0, 0])
            poison.numbers.now = []
            #expect(try await release(parked, entries[0], .retry) == 3)
            try await replica.tally(ada)
            try await replica.passed(by: Self.name)
            #expect(try await numbers(replica, of: ada) == [1, 2, 3, 4, 5])
            #expect(try await parked.count() == 0)
            #expect(try await audit(replica) == Array(repeating: "retried by op: fixed", count: 3))
            let gone = await #expect(throws: Fault.self) { _ = try await release(parked, entries[0], .retry) }
            #expect(gone?.code == .notFound)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `skipped for good, and what waited only for it is handled`() async throws {
        try await withPoison(behind: 2) { replica, parked, entries, _ in
            #expect(try await release(parked, entries[0], .skip) == 3)
            try await replica.tally(ada)
            try await replica.passed(by: Self.name)
            #expect(try await numbers(replica, of: ada) == [1, 3, 4, 5])
            let (skipped, retried) = ("skipped by op: fixed", "retried by op: fixed")
            #expect(try await audit(replica) == [skipped, retried, retried])
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a release ends at the next one that fails, and says how far it came`() async throws {
        try await withPoison(behind: 3) { replica, parked, entries, poison in
            poison.numbers.now = [4]
            #expect(try await release(parked, entries[0], .retry) == 2)
            let left = try await parked.list().items
            #expect(left.map(\.reason) == ["refused: tally.poison", "behind"] && left.map(\.attempts) == [1, 0])
            #expect(try await numbers(replica, of: ada) == [1, 2, 3])
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `two operators at once release everything once`() async throws {
        try await withPoison(behind: 8) { replica, parked, entries, poison in
            poison.numbers.now = []
            async let one = try? release(parked, entries[0], .retry)
            async let two = try? release(parked, entries[0], .retry)
            async let more: Void = replica.tally(ada, times: 5)
            let released = await [one, two]
            try await more
            // Whoever came second may have been told that it is gone; then the rest is released in order again.
            while let next = try await parked.list().items.first { _ = try await release(parked, next, .retry) }
            try await replica.passed(by: Self.name)
            #expect(try await numbers(replica, of: ada) == Array(1...15))
            #expect(released.contains { $0 != nil })
        }
    }
}
