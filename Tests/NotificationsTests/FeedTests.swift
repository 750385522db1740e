import Domain
import EventLog
import Foundation
import Storage
import Support
import Testing

@testable import Notifications

@Suite struct FeedTests {
    private func learners(_ count: Int) -> [EntityID<Learner>] { (0..<count).map { _ in .make() } }

    @Test(.timeLimit(.minutes(2)))
    func `feeds stay gapless and in order per learner while reactions of three sources and two replicas run`() async throws {
        try await World.run(consumers: 2) { world in
            let everyone = learners(11)
            let broad = try await world.subscribe(
                [AttainmentRecorded.type, MilestoneReached.type, MoreEvidenceAsked.type], webhook: nil)
            let narrow = try await world.subscribe([AttainmentRecorded.type])
            for learner in everyone {
                world.consent(learner, [AttainmentRecorded.type, MilestoneReached.type, MoreEvidenceAsked.type])
            }
            try await world.caughtUp()
            var sent: [EntityID<Learner>: [String: [UUID]]] = [:]
            for number in 0..<231 {
                let learner = everyone[number % everyone.count]
                let id: UUID
                switch number % 3 {
                case 0: id = world.attain(learner, "t\(number)")
                case 1:
                    id = world.publish(MilestoneReached(
                        enrollment: .following("e", alongside: learner.uuid), learner: learner, pathway: .make(),
                        component: "c\(number)", title: "t"), learner)
                default:
                    id = world.publish(MoreEvidenceAsked(
                        assessment: .following("a", alongside: learner.uuid), learner: learner,
                        judgment: .following("j\(number)", alongside: learner.uuid)), learner)
                }
                sent[learner, default: [:]][["records", "pathways", "assessment"][number % 3], default: []].append(id)
            }
            try await world.caughtUp()
            for (subscription, sources) in [(broad, ["records", "pathways", "assessment"]), (narrow, ["records"])] {
                let items = try await world.feeds.items(of: subscription, after: 0, limit: 10_000)
                #expect(items.map(\.sequence) == Array(1...Int64(items.count)))
                #expect(try await world.feeds.head(of: subscription) == Int64(items.count))
                for learner in everyone {
                    for source in sources {
                        let seen = items.filter { $0.learner == learner && $0.kind == .event && $0.covers?.source == source }
                        #expect(seen.map(\.id) == sent[learner]?[source])
                    }
                }
            }
            // Only the subscription with a webhook owes anything, and every line that owes is due.
            let owed = try await world.count("SELECT count(*) FROM work WHERE subscription = \(narrow)")
            #expect(owed == Int(try await world.feeds.head(of: narrow)))
            #expect(try await world.count("SELECT count(*) FROM line WHERE state = 'due'") == everyone.count)
            #expect(try await world.count("SELECT count(*) FROM parked") == 0)
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `a backfill that races with new events and new consents loses nothing and doubles nothing`() async throws {
        try await World.run(consumers: 2) { world in
            let everyone = learners(20)
            var sent: [EntityID<Learner>: [UUID]] = [:]
            func publish(_ rounds: Range<Int>) {
                for number in rounds {
                    for learner in everyone {
                        sent[learner, default: []].append(world.attain(learner, "t\(number)"))
                    }
                }
            }
            publish(0..<5)
            for learner in everyone.prefix(10) { world.consent(learner) }
            let opening = Task {
                var opened: [EntityID<Subscription>] = []
                for place in 0..<4 {
                    let reply = try await world.ask(
                        Subscribe(
                            partner: world.partnerID, types: [AttainmentRecorded.type], purpose: World.purpose,
                            webhook: place == 0 ? "https://hooks.partner.org/" : nil),
                        by: world.partner,
                        SubscribeHandler(subscriptions: world.subscriptions, loopbackAllowed: false))
                    opened.append(reply.subscription)
                    while try await world.feeds.backfill(learners: 2) != nil {}
                }
                return opened
            }
            for round in 5..<15 {
                publish(round..<round + 1)
                try await Task.sleep(for: .milliseconds(5))
                if round == 9 { for learner in everyone.dropFirst(10) { world.consent(learner) } }
            }
            let subscriptions = try await opening.value
            try await world.caughtUp()
            for subscription in subscriptions {
                let items = try await world.feeds.items(of: subscription, after: 0, limit: 10_000)
                #expect(items.map(\.sequence) == Array(1...Int64(items.count)))
                for learner in everyone {
                    #expect(items.filter { $0.learner == learner && $0.kind == .event }.map(\.id) == sent[learner])
                }
            }
            #expect(try await world.count("SELECT count(*) FROM parked") == 0)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `consent brings the past between brackets, and only what it covers`() async throws {
        try await World.run { world in
            let learner = EntityID<Learner>.make()
            let subscription = try await world.subscribe([AttainmentRecorded.type, AttainmentVoided.type])
            let first = world.attain(learner, "one")
            let second = world.attain(learner, "two")
            world.publish(AttainmentVoided(
                attainment: .following("attainment", "one", alongside: learner.uuid), learner: learner, target: "one",
                reason: "error"), learner)
            world.consent(learner)
            let third = world.attain(learner, "three")
            try await world.caughtUp()
            let items = try await world.feeds.items(of: subscription, after: 0, limit: 100)
            #expect(items.map(\.kind) == [.backfillStarted, .event, .event, .backfillCompleted, .event])
            #expect([items[1].id, items[2].id, items[4].id] == [first, second, third])
            #expect(items[3].count == 2)

            // Widened consent adds what was missing, nothing twice.
            world.consent(learner, [AttainmentRecorded.type, AttainmentVoided.type])
            try await world.caughtUp()
            let added = try await world.feeds.items(of: subscription, after: 5, limit: 100)
            #expect(added.map(\.kind) == [.backfillStarted, .event, .backfillCompleted])
            #expect(added[1].covers == AttainmentVoided.type)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a later subscription gets the past of everyone who consents, and nothing of others`() async throws {
        try await World.run { world in
            let willing = learners(45), others = learners(5)
            for learner in willing + others { world.attain(learner, "one") }
            for learner in willing { world.consent(learner) }
            for learner in others { world.consent(learner, purpose: "another") }
            try await world.caughtUp()
            let subscription = try await world.subscribe(webhook: nil)
            let items = try await world.feeds.items(of: subscription, after: 0, limit: 1000)
            #expect(items.count == willing.count * 3)
            #expect(Set(items.map(\.learner)) == Set(willing))
            #expect(items.map(\.sequence) == Array(1...Int64(items.count)))
            #expect(try await world.count("SELECT count(*) FROM backfill") == 0)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a withdrawal takes back what no other consent covers, once`() async throws {
        try await World.run { world in
            let learner = EntityID<Learner>.make()
            let subscription = try await world.subscribe([AttainmentRecorded.type, AttainmentVoided.type], webhook: nil)
            let consent = world.consent(learner, [AttainmentRecorded.type, AttainmentVoided.type])
            world.attain(learner, "one")
            world.consent(learner, [AttainmentVoided.type])
            world.publish(AttainmentVoided(
                attainment: .following("attainment", "one", alongside: learner.uuid), learner: learner, target: "one",
                reason: "error"), learner)
            world.withdraw(consent, learner)
            world.withdraw(consent, learner)
            world.attain(learner, "two")
            try await world.caughtUp()
            let items = try await world.feeds.items(of: subscription, after: 0, limit: 100)
            #expect(items.filter { $0.kind == .retraction }.count == 1)
            #expect(items.filter { $0.kind == .event }.map(\.isRetracted) == [true, false])

            // Consent anew: the past comes again, after the retraction, as new entries of the feed.
            world.consent(learner)
            try await world.caughtUp()
            let again = try await world.feeds.items(of: subscription, after: Int64(items.count), limit: 100)
            #expect(again.map(\.kind) == [.backfillStarted, .event, .event, .backfillCompleted])
        }
    }

    /// Dates end in the state's zone, so a consent counts here for a day longer than it holds.
    private var yesterday: CalendarDate { CalendarDate(daysSince1970: Timestamp.now.utcDate.daysSince1970 - 1) }

    @Test(.timeLimit(.minutes(1)))
    func `a consent that ran out covers nothing any more once another took its place`() async throws {
        try await World.run { world in
            let learner = EntityID<Learner>.make()
            let subscription = try await world.subscribe(webhook: nil)
            world.consent(learner, until: yesterday)
            world.attain(learner, "one")
            let second = world.consent(learner)
            world.withdraw(second, learner)
            world.attain(learner, "two")
            try await world.caughtUp()
            let items = try await world.feeds.items(of: subscription, after: 0, limit: 100)
            #expect(items.filter { $0.kind == .retraction }.count == 1)
            // The first one came again with the second consent.
            #expect(items.filter { $0.kind == .event }.map(\.isRetracted) == [true, true])
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `what was on its way while a backfill took over its place is retracted too`() async throws {
        try await World.run { world in
            let learner = EntityID<Learner>.make()
            let subscription = try await world.subscribe(webhook: nil)
            world.consent(learner, until: yesterday)
            world.attain(learner, "one")
            try await world.caughtUp()
            let before = try await world.feeds.items(of: subscription, after: 0, limit: 100)
            let under = try #require(before.last)
            let second = world.consent(learner)
            try await world.caughtUp()
            let event = UUID()
            try await world.feeds.note([.init(item: under, subject: UUID(), event: event)])
            world.withdraw(second, learner)
            try await world.caughtUp()
            let items = try await world.feeds.items(of: subscription, after: Int64(before.count), limit: 100)
            #expect(items.map(\.kind) == [.backfillStarted, .event, .backfillCompleted, .retraction])
            let retraction = try #require(items.last)
            let gone = try await world.feeds.retracted(by: retraction)?.gone
            #expect(gone == [.init(sequence: under.sequence, event: event)])
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `what was withheld because a consent ran out comes with the next one, and what had left does not`() async throws {
        try await World.run { world in
            let learner = EntityID<Learner>.make()
            let subscription = try await world.subscribe(webhook: nil)
            #expect(try await world.incarnation.take())
            func events(after: Int64 = 0) async throws -> [String] {
                try await world.read(subscription, after: after).events.filter {
                    $0["type"]?.text == AttainmentRecorded.type.text
                }.compactMap { $0["data"]?["target"]?.text }
            }
            world.consent(learner, until: yesterday)
            world.attain(learner, "one")
            try await world.caughtUp()
            #expect(try await events() == ["one"])

            world.records.allow(learner, false)
            world.attain(learner, "two")
            try await world.caughtUp()
            let head = try await world.feeds.head(of: subscription)
            #expect(try await events(after: head - 1) == [])

            world.consent(learner)
            try await world.caughtUp()
            #expect(try await events(after: head) == ["two"])
            #expect(try await events() == ["one", "two"])
        }
    }
}

@Suite struct ReadFeedTests {
    @Test(.timeLimit(.minutes(1)))
    func `a place beyond the feed's end is refused rather than passed over in silence`() async throws {
        try await World.run { world in
            let learner = EntityID<Learner>.make()
            let subscription = try await world.subscribe(webhook: nil)
            world.consent(learner)
            world.attain(learner, "one")
            try await world.caughtUp()
            let head = try await world.feeds.head(of: subscription)
            #expect(try await world.read(subscription, after: head).events.isEmpty)
            let fault = await #expect(throws: Fault.self) { try await world.read(subscription, after: head + 1) }
            #expect(fault?.code == .refused && fault?.violations.first?.rule == "sequence.ahead"
                && fault?.violations.first?.pointer == "/after")
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a page is decided when it is read, and settled after it`() async throws {
        try await World.run { world in
            let learner = EntityID<Learner>.make()
            let subscription = try await world.subscribe(webhook: nil)
            world.consent(learner)
            world.attain(learner, "one")
            try await world.caughtUp()
            #expect(try await world.incarnation.take())
            let began = Timestamp.now
            let page = try await world.read(subscription, within: .seconds(2))
            // Until its deadline the page may still be on its way to the partner.
            #expect(try await world.count("""
                SELECT count(*) FROM settlement_due WHERE not_before >= \(began.advanced(by: .seconds(2)))
                """) == 3)
            #expect(page.events.compactMap { $0["type"]?.text } == [
                "notifications.backfill_started", "notifications.backfill_completed", "records.attainment_recorded",
            ])
            #expect(page.events.compactMap { $0["sequence"]?.text } == ["1", "2", "3"])
            #expect(page.next == "3" && page.head == "3")
            #expect(page.events[2]["subject"]?.text == FakeRecords.pairwise(learner.uuid, world.partnerID).text)
            #expect(page.events[2]["data"]?["learner"] == nil)

            world.records.allow(learner, false)
            let later = try await world.read(subscription, after: 2, within: .seconds(2))
            #expect(later.events.map(\.object?.names) == [["id", "sequence", "source", "specversion", "type"]])
            #expect(later.events[0]["type"] == "notifications.withheld")

            let loop = SettlementLoop(settlements: world.settlements, disclosures: world.records, logger: quiet)
            try await world.until {
                _ = try await loop.turn()
                return world.records.settled.count == 3
            }
            #expect(Set(world.records.settled.map(\.disclosure)) == world.records.opened)
            #expect(world.records.settled.allSatisfy { $0.outcome == .delivered })
            #expect(try await world.count("SELECT count(*) FROM settlement_due") == 0)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `what a withdrawal waits for is settled before what others owe`() async throws {
        try await World.run { world in
            let learner = EntityID<Learner>.make(), sender = UUID()
            func owed(_ learner: EntityID<Learner>) -> SettlementStore.Owed {
                .init(disclosure: .make(), learner: learner, sender: sender, outcome: .delivered)
            }
            let consent = world.consent(learner)
            try await world.caughtUp()
            await world.settlements.owe((0..<SettlementStore.batchMax * 2).map { _ in owed(.make()) }, after: .zero)
            let waited = owed(learner)
            await world.settlements.owe([waited], after: .zero)
            #expect(try await !world.settlements.take().contains(waited))
            world.withdraw(consent, learner)
            try await world.caughtUp()
            #expect(try await world.settlements.take().contains(waited))
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `an empty page waits for news`() async throws {
        try await World.run { world in
            let learner = EntityID<Learner>.make()
            let subscription = try await world.subscribe(webhook: nil)
            world.consent(learner)
            try await world.caughtUp()
            #expect(try await world.incarnation.take())
            async let waiting = world.read(subscription, after: 2, wait: 20)
            world.attain(learner, "one")
            // Who waits hears that there is something; nothing is disclosed to a request with so long a deadline.
            let news = try await waiting
            #expect(news.events.isEmpty && news.next == "2" && news.head == "3" && world.records.asked.isEmpty)
            let page = try await world.read(subscription, after: 2)
            #expect(page.events.count == 1 && page.next == "3")
            let began = ContinuousClock.now
            let none = try await world.read(subscription, after: 3, wait: 1)
            #expect(none.events.isEmpty && none.next == "3")
            #expect(began.duration(to: .now) >= .seconds(1))
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `without records, or without the sender's lock, nothing is read`() async throws {
        try await World.run { world in
            let learner = EntityID<Learner>.make()
            let subscription = try await world.subscribe(webhook: nil)
            world.consent(learner)
            try await world.caughtUp()
            await #expect(throws: Fault.self) { try await world.read(subscription) }
            #expect(try await world.incarnation.take())
            world.records.fail(Fault(.outcomeUnknown, "lost"))
            let fault = await #expect(throws: Fault.self) { try await world.read(subscription) }
            #expect(fault?.code == .outcomeUnknown)
            // What records may have opened is settled later, so that it holds up no withdrawal for good.
            #expect(try await world.count("SELECT count(*) FROM settlement_due WHERE outcome = 'failed'") == 2)
        }
    }
}
