import Domain
import EventLog
import Foundation
import Storage
import Support
import Synchronization
import Testing

@testable import Notifications

@Suite struct SenderTests {
    private let down = PostOutcome.answered(status: 500, retryAfter: nil)
    private let fine = PostOutcome.answered(status: 204, retryAfter: nil)

    @Test(.timeLimit(.minutes(1)))
    func `what is under way when a replay begins is sent again with the rest, and after it`() async throws {
        try await World.run { world in
            let learner = EntityID<Learner>.make()
            let subscription = try await world.subscribe()
            world.consent(learner)
            world.attain(learner, "one")
            try await world.caughtUp()
            let under = try #require(try await world.work.claim(total: 1, busy: [:]).first)
            #expect(try await world.work.replay(subscription, after: 0) == 3)
            try await world.work.settle(
                under, AttemptRecord(
                    id: UUID(), sender: UUID(), startedAt: .now, outcome: .delivered, status: 204, error: nil),
                .settled, owing: nil)
            #expect(try await world.count("SELECT count(*) FROM work") == 3)
            #expect(try await world.count("""
                SELECT count(*) FROM line WHERE state = 'due' AND lease IS NULL AND not_before > clock_timestamp()
                """) == 1)
            #expect(try await world.work.claim(total: 1, busy: [:]).isEmpty)
            try await world.log.pool.withConnection { connection in
                _ = try connection.execute("UPDATE line SET not_before = clock_timestamp()")
            }
            #expect(try await world.work.claim(total: 1, busy: [:]).map(\.item.sequence) == [1])
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `posts of one learner keep their order through failures, and others do not wait for them`() async throws {
        try await World.run { world in
            let seed = UInt64.random(in: 0...UInt64.max)
            let random = Mutex(SplitMix64(seed: seed))
            let everyone = (0..<8).map { _ in EntityID<Learner>.make() }
            let subscription = try await world.subscribe()
            for learner in everyone { world.consent(learner) }
            for number in 0..<10 { for learner in everyone { world.attain(learner, "t\(number)") } }
            try await world.caughtUp()
            let fine = fine, down = down
            world.endpoint.answer { _ in
                try? await Task.sleep(for: .milliseconds(1))
                return random.withLock { Int.random(in: 0..<4, using: &$0) } == 0 ? down : fine
            }
            try await world.sending(scale: 0.00001) {
                try await world.until {
                    let entry = try await world.entry(subscription)
                    return entry.waiting == 0 && entry.parked == 0
                }
            }
            let accepted = world.endpoint.accepted
            #expect(accepted.map(\.sequence).sorted() == Array(1...everyone.count * 12), "seed \(seed)")
            for (_, posts) in Dictionary(grouping: accepted, by: \.subject) {
                #expect(posts.map(\.sequence) == posts.map(\.sequence).sorted(), "seed \(seed)")
            }
            #expect(world.endpoint.underWayMax <= WorkStore.perSubscription)
            #expect(try await world.count("SELECT count(*) FROM line WHERE state <> 'idle' OR lease IS NOT NULL") == 0)
            // Retries carry the same id; every try is on record.
            for (_, posts) in Dictionary(grouping: world.endpoint.posts, by: \.sequence) {
                #expect(Set(posts.map { $0.headers["webhook-id"] }).count == 1)
            }
            #expect(try await world.count("SELECT count(*) FROM attempt") == world.endpoint.posts.count)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a post is signed, and has the bytes of the feed`() async throws {
        try await World.run { world in
            let learner = EntityID<Learner>.make()
            let subscription = try await world.subscribe()
            world.consent(learner)
            world.attain(learner, "one")
            try await world.caughtUp()
            try await world.sending { try await world.until { try await world.idle(subscription) } }
            let page = try await { _ = try await world.incarnation.take(); return try await world.read(subscription) }()
            #expect(world.endpoint.accepted.map(\.body) == page.events.map { $0.serialized() })
            let post = try #require(world.endpoint.accepted.last)
            let time = try #require(post.headers["webhook-timestamp"].flatMap { Int64($0) })
            let id = try #require(post.headers["webhook-id"])
            #expect(post.headers["webhook-signature"]
                == world.signing.secret(of: subscription).signature(id: id, timestamp: time, body: post.body))
            #expect(post.headers["content-type"] == "application/cloudevents+json")
            #expect(id == post.event["id"]?.text)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `consent is decided when a post goes, not when its event was fanned out`() async throws {
        try await World.run { world in
            let learner = EntityID<Learner>.make()
            let subscription = try await world.subscribe()
            world.consent(learner)
            world.attain(learner, "one")
            try await world.caughtUp()
            world.records.allow(learner, false)
            try await world.sending { try await world.until { try await world.idle(subscription) } }
            let text = world.endpoint.posts.map { String(decoding: $0.body, as: UTF8.self) }.joined()
            #expect(world.endpoint.posts.map(\.type) == Array(repeating: "notifications.withheld", count: 3))
            #expect(!text.contains("subject") && !text.contains("data"))
            #expect(try await world.deliveries(subscription).map(\.status) == [.withheld, .withheld, .withheld])
            #expect(try await world.count("SELECT count(*) FROM pairwise") == 0)
            #expect(try await world.count("SELECT count(*) FROM settlement_due") == 0)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `after a withdrawal pending posts are withheld, and the retraction names what had left`() async throws {
        try await World.run { world in
            let learner = EntityID<Learner>.make()
            let subscription = try await world.subscribe()
            let consent = world.consent(learner)
            let first = world.attain(learner, "one")
            try await world.caughtUp()
            try await world.sending { try await world.until { try await world.idle(subscription) } }
            world.attain(learner, "two")
            try await world.caughtUp()
            world.withdraw(consent, learner)
            // Even a new consent does not let out what was taken back; it comes again behind the retraction.
            world.consent(learner)
            try await world.caughtUp()
            try await world.sending { try await world.until { try await world.idle(subscription) } }
            let posts = world.endpoint.accepted
            #expect(posts.map(\.type) == [
                "notifications.backfill_started", "notifications.backfill_completed", "records.attainment_recorded",
                "notifications.withheld", "notifications.retraction", "notifications.backfill_started",
                "records.attainment_recorded", "records.attainment_recorded", "notifications.backfill_completed",
            ])
            let retraction = try #require(posts.first { $0.type == "notifications.retraction" })
            let names = retraction.event["data"]?["events"]?.array?.compactMap(\.text) ?? []
            #expect(names.contains(FakeRecords.pairwise(first, world.partnerID).text))
            #expect(names == posts.prefix(3).compactMap { $0.event["id"]?.text })
            #expect(retraction.event["data"]?["sequences"] == ["1", "2", "3"])
            // It is a disclosure like the others: on record before it left, and settled.
            let asked = try #require(world.records.asked.first { $0.type == FeedMessage.retraction })
            #expect(asked.fields == ["events", "purpose", "sequences"] && asked.covers == nil)
            #expect(try await world.count("""
                SELECT count(*) FROM settlement_due WHERE disclosure = \(asked.disclosure) AND outcome = 'delivered'
                """) == 1)
            let bracket = try #require(world.records.asked.first { $0.type == FeedMessage.backfillCompleted })
            #expect(bracket.covers == AttainmentRecorded.type && bracket.fields == ["count"])
            #expect(retraction.subject == FakeRecords.pairwise(learner.uuid, world.partnerID).text)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a withdrawal frees a parked line, so that the retraction arrives without anybody's retry`() async throws {
        try await World.run { world in
            let learner = EntityID<Learner>.make()
            let subscription = try await world.subscribe()
            let consent = world.consent(learner)
            world.attain(learner, "one")
            try await world.caughtUp()
            let down = down, fine = fine
            world.endpoint.answer { $0.type == AttainmentRecorded.type.text ? down : fine }
            try await world.sending(scale: 0.00001) {
                try await world.until { try await world.entry(subscription).parked == 1 }
                world.withdraw(consent, learner)
                try await world.until { try await world.idle(subscription) }
            }
            #expect(world.endpoint.accepted.map(\.type) == [
                "notifications.backfill_started", "notifications.backfill_completed", "notifications.withheld",
                "notifications.retraction",
            ])
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `where nothing had left, a withdrawal says nothing`() async throws {
        try await World.run { world in
            let learner = EntityID<Learner>.make()
            let subscription = try await world.subscribe()
            let consent = world.consent(learner)
            world.attain(learner, "one")
            world.withdraw(consent, learner)
            try await world.caughtUp()
            try await world.sending { try await world.until { try await world.idle(subscription) } }
            #expect(world.endpoint.posts.map(\.type) == Array(repeating: "notifications.withheld", count: 4))
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a used-up schedule parks the learner's line alone, and a retry frees it in order`() async throws {
        try await World.run { world in
            let stuck = EntityID<Learner>.make(), free = EntityID<Learner>.make()
            let subscription = try await world.subscribe()
            for learner in [stuck, free] {
                world.consent(learner)
                world.attain(learner, "one")
                world.attain(learner, "two")
            }
            try await world.caughtUp()
            let poison = FakeRecords.pairwise(stuck.uuid, world.partnerID).text
            let down = down, fine = fine
            world.endpoint.answer { $0.subject == poison ? down : fine }
            try await world.sending(scale: 0.00001) {
                try await world.until { try await world.entry(subscription).parked == 1 }
                try await world.until { try await world.entry(subscription).waiting == 3 }
            }
            #expect(world.endpoint.posts.filter { $0.subject == poison }.count == 10)
            #expect(world.endpoint.accepted.count == 4)
            let parked = try await world.deliveries(subscription).filter { $0.status == .parked }
            #expect(parked.map(\.attempts) == [10] && parked.map(\.lastStatus) == [500])
            #expect(parked.map(\.lastError) == ["status 500"])

            world.endpoint.answer { _ in fine }
            _ = try await world.ask(
                RetryDelivery(subscription: subscription, sequence: nil), by: world.partner,
                RetryDeliveryHandler(subscriptions: world.subscriptions, work: world.work, bell: world.bell))
            try await world.sending { try await world.until { try await world.idle(subscription) } }
            let posts = world.endpoint.accepted.filter { $0.subject == poison }.map(\.sequence)
            #expect(posts.count == 4 && posts == posts.sorted())
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `410 suspends the subscription, keeps the backlog, and a retry resumes it`() async throws {
        try await World.run { world in
            let learner = EntityID<Learner>.make()
            let subscription = try await world.subscribe()
            world.consent(learner)
            world.attain(learner, "one")
            try await world.caughtUp()
            world.endpoint.answer { _ in .answered(status: 410, retryAfter: nil) }
            try await world.sending {
                try await world.until { try await world.entry(subscription).status == .suspended }
            }
            #expect(world.endpoint.posts.count == 1)
            world.attain(learner, "two")
            try await world.caughtUp()
            #expect(try await world.entry(subscription).waiting == 4)
            let fine = fine
            world.endpoint.answer { _ in fine }
            try await world.sending {
                try await Task.sleep(for: .milliseconds(100))
                #expect(world.endpoint.posts.count == 1)
                _ = try await world.ask(
                    RetryDelivery(subscription: subscription), by: world.partner,
                    RetryDeliveryHandler(subscriptions: world.subscriptions, work: world.work, bell: world.bell))
                try await world.until { try await world.idle(subscription) }
            }
            #expect(world.endpoint.accepted.map(\.sequence) == [1, 2, 3, 4])
            #expect(try await world.entry(subscription).status == .active)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a lease that was lost settles nothing but its own attempt`() async throws {
        try await World.run { world in
            let learner = EntityID<Learner>.make()
            _ = try await world.subscribe()
            world.consent(learner)
            try await world.caughtUp()
            let slow = try await world.work.claim(total: 10, busy: [:])
            #expect(slow.map(\.item.sequence) == [1])
            // Nobody else gets the line while the lease holds, whoever asks.
            #expect(try await world.work.claim(total: 10, busy: [:]).isEmpty)
            _ = try await world.log.pool.withConnection { connection in
                try connection.execute("UPDATE line SET not_before = clock_timestamp() - interval '1 second'")
            }
            let quick = try await world.work.claim(total: 10, busy: [:])
            #expect(quick.map(\.item.sequence) == [1])
            func attempt() -> AttemptRecord {
                AttemptRecord(id: UUID(), sender: UUID(), startedAt: .now, outcome: .delivered, status: 204, error: nil)
            }
            let owed = SettlementStore.Owed(
                disclosure: .following("d", alongside: learner.uuid), learner: learner, sender: UUID(), outcome: .delivered)
            try await world.work.settle(slow[0], attempt(), .settled, owing: owed)
            #expect(try await world.count("SELECT count(*) FROM work") == 2)
            #expect(try await world.count("SELECT count(*) FROM settlement_due") == 1)
            #expect(try await world.work.claim(total: 10, busy: [:]).isEmpty)
            try await world.work.settle(quick[0], attempt(), .settled, owing: nil)
            #expect(try await world.work.claim(total: 10, busy: [:]).map(\.item.sequence) == [2])
            #expect(try await world.count("SELECT count(*) FROM attempt") == 2)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `rival senders share the lines and nothing is settled twice`() async throws {
        try await World.run(consumers: 2) { world in
            let everyone = (0..<10).map { _ in EntityID<Learner>.make() }
            let subscription = try await world.subscribe()
            let rival = Incarnation(world.log, logger: quiet)
            #expect(try await rival.take())
            #expect(try await world.incarnation.take())
            let second = Sender(
                work: world.work, discloser: world.discloser, posting: world.endpoint, signing: world.signing,
                schedule: RetrySchedule(scale: 0.0001), loopbackAllowed: true, incarnation: rival, bell: world.bell,
                logger: quiet) { _, _, _ in }
            let task = Task { await second.run() }
            try await world.sending {
                for learner in everyone { world.consent(learner) }
                for number in 0..<10 { for learner in everyone { world.attain(learner, "t\(number)") } }
                try await world.caughtUp()
                try await world.until { try await world.idle(subscription) }
            }
            task.cancel()
            await task.value
            await rival.release()
            let accepted = world.endpoint.accepted
            #expect(accepted.map(\.sequence).sorted() == Array(1...everyone.count * 12))
            for (_, posts) in Dictionary(grouping: accepted, by: \.subject) {
                #expect(posts.map(\.sequence) == posts.map(\.sequence).sorted())
            }
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a sender that lost its lock sends nothing more and finishes nothing`() async throws {
        try await World.run { world in
            let learner = EntityID<Learner>.make()
            let subscription = try await world.subscribe()
            world.consent(learner)
            try await world.caughtUp()
            #expect(try await world.incarnation.take())
            let name = try #require(world.incarnation.current)
            #expect(try await Incarnation.isHeld(name, in: world.log))
            let fine = fine
            // The lock goes while records is being asked: the answer comes too late for a post.
            let incarnation = world.incarnation
            world.records.beforeAnswer { await incarnation.release() }
            _ = try? await world.sender().turn(as: name)
            try await Task.sleep(for: .milliseconds(50))
            world.records.beforeAnswer(nil)
            #expect(world.endpoint.posts.isEmpty)
            #expect(try await world.count("SELECT count(*) FROM attempt") == 0)
            #expect(try await Incarnation.isHeld(name, in: world.log) == false)
            #expect(try await world.entry(subscription).waiting == 2)
            world.endpoint.answer { _ in fine }
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `while records cannot be asked, nothing leaves and nothing counts as a try`() async throws {
        try await World.run { world in
            let learner = EntityID<Learner>.make()
            let subscription = try await world.subscribe()
            world.consent(learner)
            try await world.caughtUp()
            world.records.fail(Fault(.unavailable, "away"))
            try await world.sending {
                try await Task.sleep(for: .milliseconds(100))
                #expect(world.endpoint.posts.isEmpty)
                world.records.fail(nil)
                try await world.until { try await world.idle(subscription) }
            }
            #expect(try await world.deliveries(subscription).map(\.attempts) == [1, 1])
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a partner that asks us to wait is waited for, and the wait uses up no try`() async throws {
        try await World.run { world in
            let learner = EntityID<Learner>.make()
            let subscription = try await world.subscribe()
            world.consent(learner)
            try await world.caughtUp()
            let fine = fine
            let asked = Atomic(0)
            world.endpoint.answer { _ in
                asked.wrappingAdd(1, ordering: .relaxed).newValue == 1
                    ? .answered(status: 429, retryAfter: .seconds(1)) : fine
            }
            let began = ContinuousClock.now
            try await world.sending(scale: 1) { try await world.until { try await world.idle(subscription) } }
            #expect(began.duration(to: .now) >= .seconds(1))
            #expect(world.endpoint.posts.count == 3)
        }
    }
}
