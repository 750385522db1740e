import Domain
import EventLog
import Foundation
import ServiceKit
import Storage
import Support
import Testing

@testable import Notifications

@Suite struct HandlerTests {
    private func code(_ body: () async throws -> Void) async -> String {
        do { try await body() } catch {
            let fault = error as? Fault
            return fault?.violations.first?.rule ?? fault?.code.rawValue ?? "\(error)"
        }
        return "ok"
    }

    @Test(.timeLimit(.minutes(1)))
    func `a repeated subscribe answers with the first subscription`() async throws {
        try await World.run { world in
            let handler = SubscribeHandler(subscriptions: world.subscriptions, loopbackAllowed: false)
            let command = Subscribe(
                partner: world.partnerID, types: [AttainmentRecorded.type], purpose: "p",
                webhook: "https://Hooks.Partner.org")
            let first = try await world.ask(command, key: "k", by: world.partner, handler)
            let again = try await world.ask(command, key: "k", by: world.partner, handler)
            #expect(first.subscription == again.subscription)
            let entry = try await world.entry(first.subscription)
            #expect(entry == SubscriptionEntry(
                subscription: first.subscription, partner: world.partnerID,
                types: [AttainmentRecorded.type, AttainmentVoided.type], purpose: "p", webhook: "https://hooks.partner.org/", status: .active, head: "0", waiting: 0, parked: 0))
            var other = command
            other.purpose = "q"
            #expect(await code { _ = try await world.ask(other, key: "k", by: world.partner, handler) } == "key_reused")
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `another partner sees nothing of a subscription`() async throws {
        try await World.run { world in
            let subscription = try await world.subscribe()
            let stranger = Subject(id: "client:other", grants: [RoleGrant(.partner, over: UUID())])
            let secret = GetSubscriptionSecretHandler(subscriptions: world.subscriptions, signing: world.signing)
            #expect(await code {
                _ = try await world.ask(GetSubscriptionSecret(subscription: subscription), by: stranger, secret)
            } == "not_found")
            #expect(await code {
                _ = try await world.ask(
                    EndSubscription(subscription: subscription), by: stranger,
                    EndSubscriptionHandler(subscriptions: world.subscriptions, work: world.work))
            } == "not_found")
            #expect(await code {
                _ = try await world.ask(
                    Subscribe(partner: world.partnerID, types: [AttainmentRecorded.type], purpose: "p"), by: stranger,
                    SubscribeHandler(subscriptions: world.subscriptions, loopbackAllowed: false))
            } == "not_found")
            let mine = try await world.ask(GetSubscriptionSecret(subscription: subscription), by: world.partner, secret)
            #expect(mine.secret == world.signing.secret(of: subscription).text)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `an ended subscription gets nothing more and owes nothing, but its feed still says what to forget`() async throws {
        try await World.run { world in
            let learner = EntityID<Learner>.make()
            let subscription = try await world.subscribe()
            let consent = world.consent(learner)
            world.attain(learner, "before")
            try await world.caughtUp()
            #expect(try await world.incarnation.take())
            let read = try await world.read(subscription)
            let event = try #require(read.events.first { $0["type"]?.text == AttainmentRecorded.type.text }?["id"]?.text)
            _ = try await world.ask(
                EndSubscription(subscription: subscription), by: world.partner,
                EndSubscriptionHandler(subscriptions: world.subscriptions, work: world.work))
            world.attain(learner, "one")
            try await world.caughtUp()
            let entry = try await world.entry(subscription)
            #expect(entry.status == .ended && entry.head == "3" && entry.waiting == 0)
            let hidden = try await world.read(subscription)
            #expect(hidden.events.isEmpty && hidden.next == "3" && hidden.head == "3")

            world.withdraw(consent, learner)
            try await world.caughtUp()
            // Records lets a retraction out when something had left.
            world.records.allow(learner, true)
            for after in [Int64(0), 3] {
                let told = try await world.read(subscription, after: after)
                #expect(told.events.map { $0["type"]?.text } == [FeedMessage.retraction.text] && told.next == "4")
                let gone = told.events.first?["data"]?["events"]?.array?.compactMap(\.text)
                #expect(gone?.contains(event) == true)
            }
            #expect(try await world.entry(subscription).waiting == 0)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a replay sends the same ids again, in order`() async throws {
        try await World.run { world in
            let learner = EntityID<Learner>.make()
            let subscription = try await world.subscribe()
            world.consent(learner)
            for number in 0..<3 { world.attain(learner, "t\(number)") }
            try await world.caughtUp()
            try await world.sending { try await world.until { try await world.idle(subscription) } }
            let first = world.endpoint.accepted.map { $0.headers["webhook-id"] }
            let handler = ReplayFeedHandler(subscriptions: world.subscriptions, work: world.work, bell: world.bell)
            let reply = try await world.ask(
                ReplayFeed(subscription: subscription, after: "2"), key: "r", by: world.partner, handler)
            #expect(reply.queued == 3)
            try await world.sending { try await world.until { try await world.idle(subscription) } }
            #expect(world.endpoint.accepted.dropFirst(5).map { $0.headers["webhook-id"] } == Array(first.dropFirst(2)))
            let again = try await world.ask(
                ReplayFeed(subscription: subscription, after: "2"), key: "r", by: world.partner, handler)
            #expect(again == reply)
            #expect(try await world.entry(subscription).waiting == 0)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `deliveries are listed newest first, page by page`() async throws {
        try await World.run { world in
            let learner = EntityID<Learner>.make()
            let subscription = try await world.subscribe()
            world.consent(learner)
            for number in 0..<3 { world.attain(learner, "t\(number)") }
            try await world.caughtUp()
            let handler = ListDeliveriesHandler(subscriptions: world.subscriptions, log: world.log)
            var seen: [String] = []
            var cursor: String?
            repeat {
                let page = try await world.ask(
                    ListDeliveries(subscription: subscription, limit: 2, cursor: cursor), by: world.partner, handler)
                seen += page.items.map(\.sequence)
                #expect(page.items.allSatisfy { $0.status == .waiting })
                cursor = page.next
            } while cursor != nil
            #expect(seen == ["5", "4", "3", "2", "1"])
            for wrong in ["", "!!", "bm90LWEtbnVtYmVy"] {
                #expect(await code {
                    _ = try await world.ask(
                        ListDeliveries(subscription: subscription, cursor: wrong), by: world.partner, handler)
                } == "cursor")
            }
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a delivery says its type only where the event has left`() async throws {
        try await World.run { world in
            let learner = EntityID<Learner>.make()
            let subscription = try await world.subscribe([OutcomeNotYet.type])
            world.consent(learner, [OutcomeNotYet.type])
            try await world.caughtUp()
            world.publish(Samples.notYet(learner, organization: .make()), learner)
            try await world.caughtUp()
            world.records.allow(learner, false)
            #expect(try await world.deliveries(subscription).allSatisfy { $0.type == FeedMessage.withheld })
            try await world.sending { try await world.until { try await world.idle(subscription) } }
            #expect(try await world.deliveries(subscription).allSatisfy { $0.type == FeedMessage.withheld })

            world.records.allow(learner, true)
            _ = try await world.work.replay(subscription, after: 0)
            try await world.sending { try await world.until { try await world.idle(subscription) } }
            #expect(try await world.deliveries(subscription).map(\.type) == [
                FeedMessage.backfillStarted, FeedMessage.backfillCompleted, OutcomeNotYet.type,
            ])
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a key that another command on the subscription had is refused, though their bodies are the same`() async throws {
        try await World.run { world in
            let subscription = try await world.subscribe()
            _ = try await world.ask(
                RetryDelivery(subscription: subscription), key: "k", by: world.partner,
                RetryDeliveryHandler(subscriptions: world.subscriptions, work: world.work, bell: world.bell))
            #expect(await code {
                _ = try await world.ask(
                    EndSubscription(subscription: subscription), key: "k", by: world.partner,
                    EndSubscriptionHandler(subscriptions: world.subscriptions, work: world.work))
            } == "key_reused")
            #expect(try await world.entry(subscription).status == .active)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a purpose is the same however its letters are composed, as it is in consents`() async throws {
        try await World.run { world in
            let handler = SubscribeHandler(subscriptions: world.subscriptions, loopbackAllowed: false)
            func subscribe(_ purpose: String) async throws -> SubscriptionEntry {
                let reply = try await world.ask(
                    Subscribe(partner: world.partnerID, types: [AttainmentRecorded.type], purpose: purpose),
                    by: world.partner, handler)
                return try await world.entry(reply.subscription)
            }
            let purpose = try await subscribe("admisio\u{301}n").purpose
            #expect(Array(purpose.utf8) == Array("admisi\u{F3}n".utf8))
            let heap = "a" + String(repeating: "\u{301}", count: 1000)
            #expect(await code { _ = try await subscribe(heap) } == "text.length")
            #expect(await code { _ = try await subscribe(" ") } == "text.blank")
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a sender is alive for as long as its lock is held`() async throws {
        try await World.run { world in
            let handler = CheckSenderHandler(log: world.log)
            func alive(_ sender: UUID) async throws -> Bool {
                try await world.ask(CheckSender(sender: sender), by: .service("records"), handler).alive
            }
            #expect(try await alive(UUID()) == false)
            #expect(try await world.incarnation.take())
            let name = try #require(world.incarnation.current)
            #expect(try await alive(name))
            await world.incarnation.release()
            #expect(try await alive(name) == false)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a page of support cases fits one reply, however much is needed`() async throws {
        try await World.run { world in
            let school = EntityID<Organization>.make()
            let educator = Subject(id: "educator", grants: [RoleGrant(.educator, over: school.uuid)])
            let learners = (0..<4).map { _ in EntityID<Learner>.make() }
            for learner in learners {
                var outcome = Samples.notYet(learner, organization: school)
                outcome.unmet = (0..<24).map {
                    .init(criterion: "c\($0)", target: "urn:c:\($0)", level: 1, metAt: 2, feedback: String(repeating: "𝄞", count: 4000))
                }
                world.publish(outcome, learner)
            }
            func walk() async throws -> (learners: [EntityID<Learner>], bytes: [Int]) {
                var walked: (learners: [EntityID<Learner>], bytes: [Int]) = ([], []), cursor: String?
                repeat {
                    let page = try await world.ask(
                        ListSupportCases(organization: school, cursor: cursor), by: educator, ListSupportCasesHandler(cases: world.cases))
                    walked.learners += page.items.map(\.learner)
                    walked.bytes.append(Wire.encode(page).count)
                    cursor = page.next
                } while cursor != nil
                return walked
            }
            try await world.until { try await world.count("SELECT count(*) FROM support_case") == learners.count }
            let walked = try await walk()
            #expect(Set(walked.learners) == Set(learners) && walked.bytes.allSatisfy { $0 < 1 << 20 } && walked.bytes.count > 1, "\(walked.bytes)")
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `not yet becomes a support case that climbs when nobody takes it up`() async throws {
        try await World.run { world in
            let learner = EntityID<Learner>.make()
            let school = EntityID<Organization>.make()
            let educator = Subject(id: "educator", grants: [RoleGrant(.educator, over: school.uuid)])
            let subscription = try await world.subscribe([SupportCaseRaised.type, SupportCaseResolved.type], webhook: nil)
            world.consent(learner, [SupportCaseRaised.type, SupportCaseResolved.type])
            world.publish(Samples.notYet(learner, organization: school), learner)
            world.publish(Samples.notYet(learner, organization: school), learner)
            let list = ListSupportCasesHandler(cases: world.cases)
            func cases(_ status: SupportCaseStatus?) async throws -> [SupportCaseEntry] {
                try await world.ask(ListSupportCases(organization: school, status: status), by: educator, list).items
            }
            try await world.until { try await cases(.raised).count == 1 }
            let raised = try await cases(nil)[0]
            #expect(raised.needs == ["Cite your sources."] && raised.learner == learner)

            let loop = EscalationLoop(cases: world.cases, logger: quiet)
            #expect(try await loop.turn(at: .now) == 0)
            #expect(try await loop.turn(at: raised.dueAt) == 1)
            #expect(try await loop.turn(at: raised.dueAt) == 0)
            #expect(try await cases(.escalated).map(\.supportCase) == [raised.supportCase])

            let plan = PlanSupportCase(supportCase: raised.supportCase, plan: "Tutoring twice a week")
            let planning = PlanSupportCaseHandler(cases: world.cases)
            #expect(await code { _ = try await world.ask(plan, by: educator, planning) } == "support.plan_order")
            _ = try await world.ask(
                AcknowledgeSupportCase(supportCase: raised.supportCase), by: educator,
                AcknowledgeSupportCaseHandler(cases: world.cases))
            _ = try await world.ask(plan, by: educator, planning)
            _ = try await world.ask(
                ResolveSupportCase(supportCase: raised.supportCase, resolution: "Met"), by: educator,
                ResolveSupportCaseHandler(cases: world.cases))
            let resolved = try await cases(.resolved)[0]
            #expect(resolved.plan == "Tutoring twice a week" && resolved.resolution == "Met")

            // Support cases reach partners like everything else, through our own feed.
            try await world.until { try await world.feeds.head(of: subscription) == 4 }
            let items = try await world.feeds.items(of: subscription, after: 0, limit: 10)
            #expect(items.compactMap { $0.kind == .event ? $0.covers : nil } == [SupportCaseRaised.type, SupportCaseResolved.type])

            let stranger = Subject(id: "x", grants: [RoleGrant(.educator, over: UUID())])
            #expect(await code {
                _ = try await world.ask(
                    ListSupportCases(organization: school), by: stranger, list)
            } == "not_found")
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a voided not yet takes its support cases back, save those somebody took up`() async throws {
        try await World.run { world in
            let learner = EntityID<Learner>.make()
            let school = EntityID<Organization>.make()
            let educator = Subject(id: "educator", grants: [RoleGrant(.educator, over: school.uuid)])
            let subscription = try await world.subscribe([SupportCaseVoided.type], webhook: nil)
            world.consent(learner, [SupportCaseVoided.type])
            // Three judgments of one assessment, and one of another.
            let first = Samples.notYet(learner, organization: school)
            for number in 1...4 {
                var outcome = first
                outcome.judgment = .following("judgment", "\(number)", alongside: learner.uuid)
                if number == 4 { outcome.assessment = .following("assessment", "2", alongside: learner.uuid) }
                world.publish(outcome, learner)
            }
            let list = ListSupportCasesHandler(cases: world.cases)
            func cases() async throws -> [SupportCaseEntry] {
                try await world.ask(ListSupportCases(organization: school), by: educator, list).items
            }
            try await world.until { try await cases().count == 4 }
            let raised = try await cases().filter { $0.assessment == first.assessment }
            let taken = raised[0].supportCase, left = [raised[1].supportCase, raised[2].supportCase]
            let acknowledge = AcknowledgeSupportCaseHandler(cases: world.cases)
            _ = try await world.ask(AcknowledgeSupportCase(supportCase: taken), by: educator, acknowledge)

            world.publish(AssessmentVoided(assessment: first.assessment, learner: learner, reason: "Mixed up."), learner)
            try await world.until { try await cases().filter { $0.voided == "Mixed up." }.count == 3 }
            #expect(await code {
                _ = try await world.ask(AcknowledgeSupportCase(supportCase: left[0]), by: educator, acknowledge)
            } == "support.void")
            let latest = try #require(try await cases().map(\.dueAt).max())
            #expect(try await EscalationLoop(cases: world.cases, logger: quiet).turn(at: latest) == 1)
            for entry in try await cases() {
                let status: SupportCaseStatus =
                    entry.supportCase == taken ? .acknowledged : left.contains(entry.supportCase) ? .void : .escalated
                #expect(entry.status == status)
            }

            try await world.until { try await world.feeds.head(of: subscription) >= 3 }
            let items = try await world.feeds.items(of: subscription, after: 0, limit: 10)
            #expect(items.filter { $0.kind == .event }.map(\.covers) == [SupportCaseVoided.type, SupportCaseVoided.type, SupportCaseVoided.type])
        }
    }
}
