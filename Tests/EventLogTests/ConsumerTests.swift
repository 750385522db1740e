import Domain
@testable import EventLog
import Foundation
import ServiceKit
import Storage
import Support
import Testing

/// What the reactions under test make of a tally.
struct Mirror: Aggregate {
    enum Entity {}
    static let kind = "mirror"
    private(set) var numbers: [Int] = []
    private(set) var learner: EntityID<Learner>?

    init?(_ event: any Event) {
        guard let event = event as? Mirrored else { return nil }
        learner = event.learner
        numbers = [event.number]
    }

    mutating func evolve(_ event: any Event) { if let event = event as? Mirrored { numbers.append(event.number) } }
}

struct Mirrored: Event {
    static let type: EventType = "race.mirrored"
    var learner: EntityID<Learner>
    var number: Int
}

@Suite struct ConsumerTests {
    static let name = "race.probe"

    @Test(.timeLimit(.minutes(2)))
    func `two replicas share the work and each effect happens once, in order`() async throws {
        try await withReplica { world, one in
            let two = world.replica()
            let consumers = [one, two].map { $0.consume(Probe(consumer: Self.name)) }
            let learners = (0..<30).map { learner("shared \($0)", in: $0 % 12) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (number, learner) in learners.enumerated() {
                    group.addTask { try await [one, two][number % 2].tally(learner, times: 6) }
                }
                try await group.waitForAll()
            }
            try await one.passed(by: Self.name)
            let effects = try await one.effects(of: Self.name)
            let told = Dictionary(grouping: effects, by: \.learner).mapValues { $0.map(\.number) }
            #expect(told == Dictionary(uniqueKeysWithValues: learners.map { ($0, Array(1...6)) }))
            // What one has done the other does not count as its own.
            try await eventually("both have counted") { consumers.map(\.current.handled).reduce(0, +) >= 180 }
            #expect(consumers.map(\.current.handled).reduce(0, +) == 180)
            await two.close()
        }
    }

    /// Reads a feed in which nothing is for it.
    private struct Bystander: Reaction {
        let consumer = "race.bystander"
        let source = "race"
        let types: Set<EventType> = ["race.never"]

        func react(to event: EventEnvelope, in transaction: ReactionTransaction) async throws {
            Issue.record("\(event.type) was none of its business")
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `what is none of its business moves the cursor in the end, and leaves nothing behind`() async throws {
        try await withReplica { _, replica in
            let bystander = Bystander()
            let consumer = replica.consume(bystander)
            try await replica.tally(learner("ada", in: 3), times: 5)
            try await replica.tally(learner("ben", in: 9), times: 2)
            try await replica.passed(by: bystander.consumer)
            #expect(consumer.current.lag == 0 && consumer.current.handled == 0)
            #expect(try await replica.number("SELECT count(*) FROM inbox") == 0)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a failure of the moment is not counted against the event`() async throws {
        try await withReplica { _, replica in
            let ada = learner("ada", in: 3), failures = Shared(0)
            replica.consume(Probe(consumer: Self.name, before: { _ in
                // More often than a bad event is tried.
                if failures.next() <= Consumer.triesMax + 1 {
                    throw Fault(.unavailable, "Not now.")
                }
            }))
            try await replica.tally(ada)
            try await replica.passed(by: Self.name)
            #expect(try await replica.effects(of: Self.name) == [Effect(learner: ada, number: 1)])
            #expect(try await ParkedEvents(replica.log, reactions: []).count() == 0)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `what a reaction changes happens once, under the same ids, though it is done again`() async throws {
        try await withReplica { _, replica in
            let ada = learner("ada", in: 3), mirrors = AggregateStore<Mirror>(replica.log)
            let mirror = EntityID<Mirror.Entity>(.derived("mirror", partition: ada.partition))
            let attempts = Shared(0)
            let probe = Probe(consumer: Self.name, after: { _, told, transaction in
                for twice in 0..<2 {
                    try await transaction.change(mirror, of: mirrors) { _ in
                        [Mirrored(learner: ada, number: told.number * 10 + twice)]
                    }
                }
                // Nothing of a decision without events is kept.
                try await transaction.change(EntityID<Mirror.Entity>(.derived("none")), of: mirrors) { _ in [] }
                if attempts.next() == 1 { throw StorageError.serialization("40001") }
            })
            try await replica.tally(ada, times: 2)
            replica.consume(probe)
            try await replica.passed(by: Self.name)
            #expect(try await mirrors.load(mirror).numbers == [10, 11, 20, 21])

            // As if the inbox had never been: the follow-ups know by themselves that they happened.
            try await replica.execute(
                "DELETE FROM inbox", "UPDATE cursor SET pos = 0 WHERE consumer = \(Self.name)")
            try await eventually("done again") { attempts.now >= 5 }
            try await replica.passed(by: Self.name)
            #expect(try await mirrors.load(mirror).numbers == [10, 11, 20, 21])
            let causes = try await replica.log.reader
                .query("SELECT event_id FROM event WHERE type = 'race.tallied' ORDER BY pos").decode(UUID.self)
            let follow = try await replica.log.reader
                .query("SELECT event_id, caused_by, actor FROM event WHERE type = 'race.mirrored' ORDER BY pos")
                .decode((UUID, UUID?, String).self)
            #expect(follow.map(\.0) == causes.flatMap { cause in
                (1...2).map { .derived("event", "\(Self.name)\u{1F}\(cause.text)/\($0)", "0") }
            })
            #expect(follow.map(\.1) == causes.flatMap { [$0, $0] })
            #expect(Set(follow.map(\.2)) == ["reaction:\(Self.name)"])
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `what it wrongly assumed is read, and all of it done again`() async throws {
        try await withReplica { _, replica in
            let ada = learner("ada", in: 3), mirrors = AggregateStore<Mirror>(replica.log), attempts = Shared(0)
            let mirror = EntityID<Mirror.Entity>(.derived("mirror", partition: ada.partition))
            let told = Shared(0)
            let probe = Probe(consumer: Self.name, after: { _, _, transaction in
                attempts.next()
                transaction.perform("SELECT 1") { rows in if rows.count == 1 { told.next() } }
                // True of the first event, and of no other.
                try await transaction.change(mirror, of: mirrors, assuming: .absent) { state in
                    [Mirrored(learner: ada, number: (state?.numbers.count ?? 0) + 1)]
                }
            })
            try await replica.tally(ada, times: 1)
            replica.consume(probe)
            try await replica.passed(by: Self.name)
            #expect(attempts.now == 1 && told.now == 1)
            try await replica.tally(ada, times: 3)
            try await replica.passed(by: Self.name)
            #expect(try await mirrors.load(mirror).numbers == [1, 2, 3, 4])
            #expect(try await replica.effects(of: Self.name).map(\.number) == [1, 2, 3, 4])
            #expect(attempts.now > 4)
            #expect(try await ParkedEvents(replica.log, reactions: []).count() == 0)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `of what it assumed once for many events, each stands by itself`() async throws {
        try await withReplica { _, replica in
            let mirrors = AggregateStore<Mirror>(replica.log), attempts = Shared(0)
            let learners = (0..<40).map { learner("many \($0)", in: $0 % 5) }
            for learner in learners { try await replica.tally(learner) }
            replica.consume(Probe(consumer: Self.name, after: { _, told, transaction in
                attempts.next()
                let mirror = EntityID<Mirror.Entity>(.derived(told.learner.description, partition: told.learner.partition))
                try await transaction.change(mirror, of: mirrors, assuming: .absent) { _ in
                    [Mirrored(learner: told.learner, number: told.number)]
                }
            }))
            try await replica.passed(by: Self.name)
            #expect(attempts.now == 40)
            for learner in learners {
                let mirror = EntityID<Mirror.Entity>(.derived(learner.description, partition: learner.partition))
                #expect(try await mirrors.load(mirror).numbers == [1])
            }
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `what was done on trust is undone where another replica is at work`() async throws {
        try await withReplica { _, replica in
            let ada = learner("ada", in: 3), attempts = Shared(0)
            try await replica.tally(ada)
            let consumer = replica.consume(Probe(consumer: Self.name, before: { _ in attempts.next() }))
            try await replica.passed(by: Self.name)
            try await replica.log.pool.withTransaction { connection in
                // As another replica's claim.
                _ = try connection.execute(
                    "SELECT 1 FROM cursor WHERE consumer = \(Self.name) AND partition = 3 FOR UPDATE")
                try await replica.tally(ada)
                try await eventually("tried") { attempts.now == 2 }
                try await eventually("read on") { consumer.current.lag == 1 }
                #expect(try await replica.effects(of: Self.name).map(\.number) == [1])
            }
            try await replica.passed(by: Self.name)
            #expect(try await replica.effects(of: Self.name).map(\.number) == [1, 2])
        }
    }

    @Test func `who was second asks for a while before it acts`() {
        var trust = Trust()
        let first = [trust.next(), trust.next()]
        trust.lose()
        let second = (0..<Trust.pause).map { _ in trust.next() }
        let third = trust.next()
        #expect(first == [true, true] && !second.contains(true) && third)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a cursor set back by hand repeats nothing`() async throws {
        try await withReplica { _, replica in
            let ada = learner("ada", in: 3)
            let consumer = replica.consume(Probe(consumer: Self.name))
            try await replica.tally(ada, times: 5)
            try await replica.passed(by: Self.name)
            let before = consumer.current.handled
            try await replica.execute("UPDATE cursor SET pos = 1 WHERE consumer = \(Self.name) AND partition = 3")
            try await eventually("passed again") { consumer.current.handled >= before + 4 }
            #expect(try await replica.effects(of: Self.name).map(\.number) == [1, 2, 3, 4, 5])
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a cursor never passes a branch's beginning under the old branch's name`() async throws {
        try await withReplica { _, replica in
            let ada = learner("ada", in: 3)
            try await replica.tally(ada, times: 5)
            try await replica.fork(partition: 3, keeping: 5)
            try await replica.tally(ada, times: 5)
            // What another replica, or this one after a crash, could see.
            try await replica.log.pool.withConnection { connection in
                try connection.execute(script: """
                    CREATE TABLE seen (pos bigint);
                    CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
                      BEGIN INSERT INTO seen VALUES (NEW.pos); RETURN NULL; END $$;
                    CREATE TRIGGER note AFTER UPDATE ON cursor FOR EACH ROW
                      WHEN (NEW.partition = 3 AND NEW.pos > 5 AND NEW.epoch < 2) EXECUTE FUNCTION note();
                    """)
            }
            let consumer = replica.consume(Probe(consumer: Self.name))
            try await replica.passed(by: Self.name)
            #expect(try await replica.number("SELECT count(*) FROM seen") == 0)
            #expect(consumer.current.forks == 0)
            #expect(try await replica.effects(of: Self.name).map(\.number) == Array(1...10))
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a cursor that moved meanwhile is not given the new branch's name`() async throws {
        try await withReplica { _, replica in
            let table = CursorTable(consumer: Self.name, source: "race", log: replica.log)
            let read = try await table.read(), asked = Array(read.rows[3...4])
            try await replica.execute("UPDATE cursor SET pos = 5 WHERE partition = 3")
            try await table.adopt(UUID(), asked: asked, epochs: [2, 2])
            #expect(try await table.read().rows[3...4].map(\.epoch) == [1, 2])
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `after a fork the new branch is handled, and what was parked of the dead one is gone`() async throws {
        try await withReplica { _, replica in
            let ada = learner("ada", in: 3), poison = Shared<Int?>(2)
            let consumer = replica.consume(Probe(consumer: Self.name, before: { told in
                if told.number == poison.now { throw Fault.refused("poison", "Bad.") }
            }))
            try await replica.tally(ada, times: 4)
            try await replica.passed(by: Self.name)
            let parked = ParkedEvents(replica.log, reactions: [])
            #expect(try await parked.count() == 3)
            poison.now = nil
            try await replica.fork(partition: 3, keeping: 1)
            try await replica.tally(ada, times: 4)
            try await eventually("forked") { consumer.current.forks == 1 }
            try await replica.passed(by: Self.name)
            #expect(try await replica.effects(of: Self.name).map(\.number) == [1, 2, 3, 4, 5])
            #expect(try await parked.count() == 0)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a consumer whose source has another history is seen to stand still`() async throws {
        try await withReplica { _, replica in
            let consumer = replica.consume(Probe(consumer: Self.name))
            try await replica.tally(learner("ada", in: 3))
            try await replica.passed(by: Self.name)
            let before = consumer.current.readAt
            try await eventually("read on, with nothing new") { consumer.current.readAt > before }
            try await replica.execute("UPDATE lineage SET incarnation = gen_random_uuid()")
            try await eventually("silent for longer than it waits") {
                .now - consumer.current.readAt > Consumer.waitMax * 2
            }
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a replica does not spin while another one is at work`() async throws {
        try await withReplica { world, one in
            let two = world.replica()
            let ada = learner("ada", in: 3), fetches = Shared(0), began = Shared(false)
            // One has claimed the only partition with news and takes its time.
            one.consume(Probe(consumer: Self.name, after: { _, _, _ in
                began.now = true
                try await Task.sleep(for: .milliseconds(1500))
            }))
            try await one.tally(ada)
            try await eventually("one is at work") { began.now }
            let counted = CountedFeed(feed: LocalFeed(two.log)) { fetches.next() }
            let consumer = Consumer(Probe(consumer: Self.name), log: two.log, source: counted, logger: quiet)
            two.start { await consumer.run() }
            try await one.passed(by: Self.name)
            #expect(fetches.now < 40)
            #expect(try await one.effects(of: Self.name).count == 1)
            await two.close()
        }
    }
}

private struct CountedFeed: FeedSource {
    let feed: LocalFeed
    let count: @Sendable () -> Void

    func fetch(_ request: FeedRequest) async throws -> FeedReply {
        count()
        return try await feed.fetch(request)
    }
}
