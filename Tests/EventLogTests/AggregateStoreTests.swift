import Domain
@testable import EventLog
import Foundation
import ServiceKit
import Storage
import Support
import Testing

@Suite struct AggregateStoreTests {
    /// Stores whose projection writes one row for each change that is applied.
    private func shadowed(_ replica: Replica) async throws -> AggregateStore<Tally> {
        try await replica.execute("""
            CREATE TABLE shadow (operation uuid, number bigint CONSTRAINT shadow_small CHECK (number <> 13))
            """)
        return AggregateStore(replica.log, project: { after, events, applied in
            events.compactMap { $0 as? Tallied }.map { told in
                "INSERT INTO shadow SELECT \(told.operation), \(Int64(told.number)) WHERE \(applied)"
            }
        }, onConstraint: { $0 == "shadow_small" ? Fault.refused("tally.unlucky", "Not 13.") : nil })
    }

    private func tallied(_ learner: EntityID<Learner>, _ number: Int, _ operation: UUID = .version7()) -> Tallied {
        Tallied(learner: learner, operation: operation, number: number)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a repeated key gets the first answer, and another request under it is refused`() async throws {
        try await withReplica { _, replica in
            let ada = learner("ada", in: 3), store = replica.tallies
            let first: Int = try await store.create(stream(ada), context(key: "k")) {
                Decision([tallied(ada, 1), tallied(ada, 2)], reply: 17)
            }
            let again: Int = try await store.create(stream(ada), context(key: "k")) {
                Issue.record("decided twice")
                return Decision([], reply: 0)
            }
            #expect(first == 17 && again == 17)
            for repeated in [[], [tallied(ada, 3)]] {
                let assumed: Int = try await store.create(stream(ada), context(key: "k")) { _ in
                    Decision(repeated, reply: 0)
                }
                #expect(assumed == 17)
            }
            await #expect(throws: Fault.keyReused) {
                let _: Int = try await store.update(stream(ada), context(key: "k", body: "other")) { _ in
                    Decision([], reply: 0)
                }
            }
            // A key belongs to its caller.
            let other: Int = try await store.update(stream(ada), context(key: "k", caller: "somebody")) { state in
                Decision([tallied(ada, 3)], reply: state.count)
            }
            #expect(other == 2)
            #expect(try await store.load(stream(ada)).count == 3)
            let events = try await replica.texts("SELECT stream_version || ':' || pos FROM event ORDER BY seq")
            #expect(events == ["1:1", "2:2", "3:3"])
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `what is there is not created, what is not there is not updated`() async throws {
        try await withReplica { _, replica in
            let ada = learner("ada", in: 3), bo = learner("bo", in: 3)
            try await replica.tally(ada)
            let exists = await #expect(throws: Fault.self) {
                let _: Done = try await replica.tallies.create(stream(ada), context(key: "1")) {
                    Decision([tallied(ada, 1)])
                }
            }
            let missing = await #expect(throws: Fault.self) {
                let _: Done = try await replica.tallies.update(stream(bo), context(key: "2")) { _ in Decision([]) }
            }
            #expect([exists?.violations.first?.rule, missing?.code.rawValue] == ["exists", "not_found"])
            #expect(try await replica.tallies.find(stream(bo)) == nil)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a lost race decides again, and leaves neither events nor projections`() async throws {
        try await withReplica { _, replica in
            let ada = learner("ada", in: 3), store = try await shadowed(replica), operation = UUID.version7()
            let decisions = Shared(0)
            let answer: Int = try await store.change(stream(ada), context(key: "k")) { state in
                let before = state?.count ?? 0
                if decisions.next() <= 2 { try await replica.tally(ada) }
                return Decision([tallied(ada, before + 1, operation)], reply: before + 1)
            }
            #expect(answer == 3 && decisions.now == 3)
            #expect(try await store.load(stream(ada)).count == 3)
            let shadows = try await replica.texts("SELECT number || ':' || (operation = \(operation))::text FROM shadow")
            #expect(shadows == ["3:true"])
            #expect(try await replica.number("SELECT count(*) FROM event") == 3)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a unit that comes second under its key leaves neither events nor projections`() async throws {
        try await withReplica { _, replica in
            let ada = learner("ada", in: 3), project = try #require(try await shadowed(replica).project)
            func unit(_ number: Int) -> AppendUnit {
                let told = tallied(ada, number)
                return AppendUnit(
                    stream: ada.uuid, kind: Tally.kind, learner: ada.uuid, expected: StateVersion(0),
                    body: Array(#"{"count":1}"#.utf8), caller: "race", key: "k", digest: [1], answer: .reply(number),
                    events: [EventStamp(context(key: "k")).event(told, number: 0)],
                    projections: { project(Tally(told)!, [told], $0) })
            }
            var outcomes: [String] = []
            for number in 1...2 {
                outcomes.append(String("\(try await replica.log.append(unit(number)))".prefix { $0 != "(" }))
            }
            #expect(outcomes == ["applied", "done"])
            #expect(try await replica.number("""
                SELECT (SELECT count(*) FROM event) * 10 + (SELECT count(*) FROM shadow)
                """) == 11)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `what is remembered is decided on only while it is true`() async throws {
        try await withReplica { world, one in
            let two = world.replica()
            let ada = learner("ada", in: 3), decided = Shared<[Int]>([])
            try await one.tallyRemembering(ada)
            try await two.tally(ada)
            let answer: Int = try await one.tallies.update(stream(ada), context(key: "k")) { state, _ in
                decided.now.append(state.count)
                return Decision([tallied(ada, state.count + 1)], reply: state.count + 1)
            }
            #expect(answer == 3 && decided.now == [1, 2])
            await two.close()
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `nobody is refused on what is only remembered`() async throws {
        try await withReplica { world, one in
            let two = world.replica()
            let ada = learner("ada", in: 3)
            try await one.tallyRemembering(ada)
            try await two.tally(ada)
            let answer: Int = try await one.tallies.update(stream(ada), context(key: "k")) { state, _ in
                if state.count < 2 { throw Fault.refused("tally.low", "Too few.") }
                return Decision([], reply: state.count)
            }
            #expect(answer == 2)
            await two.close()
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: [false, true])
    func `a decision that relied on another aggregate is made again when that has moved on`(_ anew: Bool) async throws {
        try await withReplica { world, one in
            let two = world.replica()
            let ada = learner("ada", in: 3), bo = learner("bo", in: 7), seen = Shared<[Int]>([])
            if !anew { try await one.tallyRemembering(ada) }
            try await one.tallyRemembering(bo)
            /// Notes how it found Bo's tally; the first time it is then changed by another replica.
            func follow(_ lookups: Lookups) async throws -> Decision<Int> {
                let other = try await lookups.find(stream(bo), of: one.tallies)?.count ?? 0
                seen.now.append(other)
                if seen.now.count == 1 { try await two.tally(bo) }
                return Decision([tallied(ada, other)], reply: other)
            }
            let answer: Int = if anew {
                try await one.tallies.create(stream(ada), context(key: "k")) { lookups in try await follow(lookups) }
            } else {
                try await one.tallies.update(stream(ada), context(key: "k")) { _, lookups in try await follow(lookups) }
            }
            #expect(answer == 2 && seen.now == [1, 2])
            #expect(try await one.number("SELECT count(*) FROM event WHERE stream = \(ada)") == (anew ? 1 : 2))
            await two.close()
        }
    }

    /// After a failover that lost commits a version is given again, to another state.
    @Test(.timeLimit(.minutes(1)), arguments: [false, true])
    func `nothing is decided on a state that a failover has lost, though its version is there again`(
        relying: Bool
    ) async throws {
        try await withReplica { world, one in
            let two = world.replica()
            let ada = learner("ada", in: 3), bo = learner("bo", in: 7), decided = Shared(0)
            try await one.tallyRemembering(ada)
            try await one.fork(partition: 3, keeping: 0)
            try await two.tally(ada)
            let _: Int = if relying {
                try await one.tallies.create(stream(bo), context(key: "k")) { lookups in
                    decided.next()
                    let other = try await lookups.find(stream(ada), of: one.tallies)?.count ?? 0
                    return Decision([tallied(bo, 1)], reply: other)
                }
            } else {
                try await one.tallies.update(stream(ada), context(key: "k")) { state, _ in
                    decided.next()
                    return Decision([tallied(ada, state.count + 1)], reply: state.count + 1)
                }
            }
            #expect(decided.now == 2)
            // What was read instead is remembered.
            let _: Int = try await one.tallies.update(stream(relying ? bo : ada), context(key: "l")) { state, lookups in
                decided.next()
                if relying { _ = try await lookups.find(stream(ada), of: one.tallies) }
                return Decision([tallied(relying ? bo : ada, state.count + 1)], reply: 0)
            }
            #expect(decided.now == 3)
            await two.close()
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `who always loses is told to try again, and nothing of theirs is kept`() async throws {
        try await withReplica { _, replica in
            let ada = learner("ada", in: 3)
            let fault = await #expect(throws: Fault.self) {
                let _: Int = try await replica.tallies.change(stream(ada), context(key: "k")) { state in
                    try await replica.tally(ada)
                    return Decision([tallied(ada, 0)], reply: 0)
                }
            }
            #expect(fault?.code == .conflict && fault?.retry == .withSameKey)
            let state = try await replica.tallies.load(stream(ada))
            #expect(state.count == AggregateStore<Tally>.triesMax)
            #expect(try await replica.number("SELECT count(*) FROM idempotency WHERE key = 'k'") == 0)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a refusal on record is refused in the same words again`() async throws {
        try await withReplica { _, replica in
            let ada = learner("ada", in: 3), refusal = Fault.refused("tally.full", "No more.", at: "/count")
            var heard: [Fault?] = []
            for _ in 0..<2 {
                heard.append(await #expect(throws: Fault.self) {
                    let _: Int = try await replica.tallies.change(stream(ada), context(key: "k")) { _ in
                        Decision([tallied(ada, 1)], refusal: refusal)
                    }
                })
            }
            let state = try await replica.tallies.load(stream(ada))
            #expect(heard == [refusal, refusal] && state.count == 1)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a decision without events is answered again without a new version`() async throws {
        try await withReplica { _, replica in
            let ada = learner("ada", in: 3), bo = learner("bo", in: 3)
            try await replica.tally(ada)
            var answers: [Int] = []
            for round in 1...2 {
                answers.append(try await replica.tallies.change(stream(ada), context(key: "k")) { _ in
                    Decision([], reply: round)
                })
                // On nothing there is nothing to keep the answer with.
                answers.append(try await replica.tallies.change(stream(bo), context(key: "k")) { _ in
                    Decision([], reply: round)
                })
            }
            #expect(answers == [1, 1, 1, 2])
            #expect(try await replica.texts("SELECT version::text FROM aggregate") == ["1"])
            #expect(try await replica.number("SELECT count(*) FROM event") == 1)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `two replicas that get the same request without events give the same answer`() async throws {
        try await withReplica { world, one in
            let two = world.replica()
            let ada = learner("ada", in: 3), request = context(key: "k")
            try await one.tally(ada)
            let unit = AppendUnit(
                stream: ada.uuid, kind: Tally.kind, learner: ada.uuid, expected: StateVersion(1),
                body: Wire.encode(try await one.tallies.load(stream(ada))), caller: "race", key: "k",
                digest: request.digest, answer: .reply(7), events: [])
            // The first has written, but not committed, when the second comes.
            let second = try await one.log.pool.withTransaction { connection in
                _ = try connection.execute(batch: AppendUnit.expecting([unit]))
                let second = Task {
                    try await two.tallies.change(stream(ada), request) { _ in Decision([], reply: 8) }
                }
                try await eventually("the second waits for the first") {
                    try await one.number("""
                        SELECT count(*) FROM pg_stat_activity
                         WHERE datname = current_database() AND wait_event_type = 'Lock'
                        """) > 0
                }
                return second
            }
            let answer: Result<Int, any Error> = await second.result
            #expect(try answer.get() == 7)
            await two.close()
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a broken constraint refuses its own change and harms no other of the group`() async throws {
        try await withReplica { _, replica in
            let store = try await shadowed(replica)
            let heard = await withTaskGroup(of: String.self) { group in
                for number in 1...40 {
                    group.addTask {
                        let someone = learner("someone \(number)", in: number)
                        do throws(Fault) {
                            let _: Int = try await store.change(stream(someone), context(key: "k")) { _ in
                                Decision([tallied(someone, number)], reply: number)
                            }
                            return "applied"
                        } catch { return error.violations.first?.rule ?? "\(error)" }
                    }
                }
                return await group.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
            }
            #expect(heard == ["applied": 39, "tally.unlucky": 1])
            #expect(try await store.find(stream(learner("someone 13", in: 13))) == nil)
            #expect(try await replica.number("""
                SELECT (SELECT count(*) FROM event) * 1000000 + (SELECT count(*) FROM shadow) * 1000
                     + (SELECT count(*) FROM idempotency)
                """) == 39_039_039)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a change under a lock keeps everything of its transaction or nothing`() async throws {
        try await withReplica { _, replica in
            let ada = learner("ada", in: 3)
            let add: SQL = "INSERT INTO effect (consumer, number) VALUES ('import', 1)"
            await #expect(throws: Fault.notFound("thing")) {
                let _: Int = try await replica.tallies.change(
                    stream(ada), context(key: "k"), holding: "SELECT pg_advisory_xact_lock(1)") { _, connection in
                    _ = try connection.execute(add)
                    throw Fault.notFound("thing")
                }
            }
            #expect(try await replica.number("SELECT count(*) FROM effect") == 0)
            var answers: [Int] = []
            for round in 1...2 {
                answers.append(try await replica.tallies.change(
                    stream(ada), context(key: "k"), holding: "SELECT pg_advisory_xact_lock(1)") { _, connection in
                    _ = try connection.execute(add)
                    return Decision([Tallied(learner: ada, operation: .version7(), number: 1)], reply: round)
                })
            }
            #expect(answers == [1, 1])
            #expect(try await replica.number("SELECT count(*) FROM effect") == 1)
            #expect(try await replica.texts("SELECT stream_version || ':' || pos FROM event") == ["1:1"])
        }
    }
}
