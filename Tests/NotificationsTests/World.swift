import Domain
import Egress
import EventLog
import Foundation
import Logging
import ServiceKit
import ServiceSupport
import Storage
import Support
import Synchronization

@testable import Notifications

/// One service on a database of its own, with scripted neighbors: feeds to read, a records that gives verdicts, an
/// endpoint that answers as told.
final class World: ServiceUnderTest {
    static var today: CalendarDate { Timestamp.now.utcDate }

    let log: EventLog
    let configuration: DatabaseConfiguration
    let bell = FeedNews()
    let subscriptions: Subscriptions
    let cases: SupportCases
    let feeds: FeedStore
    let work: WorkStore
    let settlements: SettlementStore
    let discloser: Discloser
    let incarnation: Incarnation
    let records = FakeRecords()
    let endpoint = FakeEndpoint()
    let sources: [String: ScriptedFeed]
    let signing = SigningKey(Array(repeating: 7, count: 32))
    let partner: Subject
    let partnerID: EntityID<Partner>

    static let purpose = "college_admission"

    /// Silent, because most tests provoke what would be logged; `CAIRN_TEST_LOG=1` shows it.
    static let logger = ProcessInfo.processInfo.environment["CAIRN_TEST_LOG"] == nil ? quiet : Logger(label: "tests")

    private init(_ configuration: DatabaseConfiguration) {
        self.configuration = configuration
        log = EventLog(configuration, source: "notifications", leases: 8, logger: World.logger) {}
        subscriptions = Subscriptions(log)
        cases = SupportCases(log)
        feeds = FeedStore(log: log)
        work = WorkStore(log: log)
        settlements = SettlementStore(log: log, logger: World.logger)
        discloser = Discloser(
            disclosures: records, feeds: feeds, settlements: settlements,
            events: CloudEvents(deployment: "test", issuer: "https://cairn.example"))
        incarnation = Incarnation(log, logger: World.logger)
        sources = ["records", "pathways", "assessment"].reduce(into: [:]) { $0[$1] = ScriptedFeed() }
        // As RegisterPartner derives it.
        partnerID = .derived(from: RegisterPartner.name.text, caller: "operator", key: "partner")
        partner = Subject(id: "client:partner", grants: [RoleGrant(.partner, over: partnerID.uuid)])
    }

    /// - Parameter consumers: replicas of each reaction.
    static func run(consumers: Int = 1, _ body: (World) async throws -> Void) async throws {
        try await withTestDatabase { database in
            let configuration = database.configuration(schema: "notifications")
            try await Migrator(configuration, EventLog.migrations + NotificationsService.migrations).apply()
            let world = World(configuration)
            _ = try await world.ask(
                RegisterPartner(organization: .make(), title: "State College"), key: "partner", by: operatorSubject,
                RegisterPartnerHandler(subscriptions: world.subscriptions))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for reaction in world.reactions {
                    for _ in 0..<consumers {
                        let source: any FeedSource = world.sources[reaction.source] ?? LocalFeed(world.log)
                        let consumer = Consumer(reaction, log: world.log, source: source, logger: World.logger)
                        group.addTask { await consumer.run() }
                    }
                }
                group.addTask { await world.log.runSequencer() }
                defer { group.cancelAll() }
                try await body(world)
            }
            await world.incarnation.release()
            await world.log.close()
        }
    }

    private var reactions: [any Reaction] {
        ["records", "pathways", "assessment", "notifications"].map { FanOut(source: $0, bell: bell) }
            + [SupportCaseReaction(cases: cases, time: .seconds(48 * 3600))] as [any Reaction]
    }

    // MARK: What happens

    /// A learner event as a neighbor publishes it. - Returns: its id.
    @discardableResult
    func publish(_ event: some Event, _ learner: EntityID<Learner>) -> UUID {
        let type = Swift.type(of: event).type
        guard let source = sources[type.source] else { preconditionFailure("\(type) is not of a neighbor") }
        return source.append(event, learner)
    }

    @discardableResult
    func attain(_ learner: EntityID<Learner>, _ target: String) -> UUID {
        publish(Samples.attainment(learner, target), learner)
    }

    @discardableResult
    func consent(
        _ learner: EntityID<Learner>, _ types: [EventType] = [AttainmentRecorded.type],
        purpose: String = World.purpose, until: CalendarDate? = nil
    ) -> EntityID<Consent> {
        let consent = EntityID<Consent>.following("consent", UUID().text, alongside: learner.uuid)
        records.allow(learner, true)
        publish(ConsentGranted(
            consent: consent, learner: learner, partner: partnerID, purpose: purpose, types: types, until: until,
            contractRevision: "1"), learner)
        return consent
    }

    func withdraw(_ consent: EntityID<Consent>, _ learner: EntityID<Learner>) {
        records.allow(learner, false)
        publish(ConsentWithdrawn(consent: consent, learner: learner, partner: partnerID, purpose: Self.purpose), learner)
    }

    func subscribe(
        _ types: [EventType] = [AttainmentRecorded.type], webhook: String? = "https://hooks.partner.org/cairn"
    ) async throws -> EntityID<Subscription> {
        let reply = try await ask(
            Subscribe(partner: partnerID, types: types, purpose: Self.purpose, webhook: webhook), by: partner,
            SubscribeHandler(subscriptions: subscriptions, loopbackAllowed: true))
        while try await feeds.backfill(learners: 20) != nil {}
        return reply.subscription
    }

    /// Waits until every reaction has passed everything that was published.
    func caughtUp() async throws {
        while true {
            let rows = try await log.reader.query("""
                SELECT source, partition, min(pos) FROM cursor WHERE source <> 'notifications' GROUP BY 1, 2
                """).decode((String, Partition, Int64).self)
            var reached: [String: [Partition: Int64]] = [:]
            for (source, partition, position) in rows { reached[source, default: [:]][partition] = position }
            let done = sources.allSatisfy { name, feed in
                feed.heads.allSatisfy { (reached[name]?[$0.key] ?? 0) >= $0.value }
            }
            if done { return }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    // MARK: Requests

    static let operatorSubject = Subject(id: "operator", grants: [RoleGrant(.operator)])

    func ask<H: RequestHandler>(
        _ request: H.Handled, key: String? = nil, by subject: Subject, within time: Duration = .seconds(30), _ handler: H
    ) async throws -> H.Handled.Reply {
        try await ask(handler, request, as: subject, key: key ?? UUID().text, within: time)
    }

    /// - Parameter time: how long the page may be on its way.
    func read(
        _ subscription: EntityID<Subscription>, after: Int64 = 0, wait: Int = 0, within time: Duration = .seconds(30)
    ) async throws -> ReadFeed.Reply {
        try await ask(
            ReadFeed(subscription: subscription, after: String(after), limit: 200, waitSeconds: wait), by: partner,
            within: time,
            ReadFeedHandler(
                subscriptions: subscriptions, feeds: feeds, discloser: discloser, settlements: settlements,
                incarnation: incarnation, bell: bell))
    }

    func entry(_ subscription: EntityID<Subscription>) async throws -> SubscriptionEntry {
        try await ask(
            GetSubscription(subscription: subscription), by: partner,
            GetSubscriptionHandler(subscriptions: subscriptions, feeds: feeds))
    }

    func deliveries(_ subscription: EntityID<Subscription>) async throws -> [DeliveryEntry] {
        try await ask(
            ListDeliveries(subscription: subscription), by: partner,
            ListDeliveriesHandler(subscriptions: subscriptions, log: log)).items.reversed()
    }

    // MARK: Sending

    func sender(scale: Double = 0.0001, posting: (any WebhookPosting)? = nil) -> Sender {
        Sender(
            work: work, discloser: discloser, posting: posting ?? endpoint, signing: signing,
            // A loaded machine is slower than a schedule of milliseconds: that must not look like days of failure.
            schedule: RetrySchedule(scale: scale, failing: .seconds(1_000_000_000)), loopbackAllowed: true, incarnation: incarnation, bell: bell,
            logger: World.logger
        ) { [subscriptions] subscription, reason, key in
            try await subscriptions.suspend(subscription, reason: reason, key: key)
        }
    }

    /// Runs a sender while `body` runs.
    func sending(
        scale: Double = 0.0001, posting: (any WebhookPosting)? = nil, _ body: () async throws -> Void
    ) async throws {
        if incarnation.current == nil { _ = try await incarnation.take() }
        let sender = sender(scale: scale, posting: posting)
        let task = Task { await sender.run() }
        do { try await body() } catch {
            task.cancel()
            await task.value
            throw error
        }
        task.cancel()
        await task.value
    }

    /// Waits for a condition that something in the background brings about.
    func until(_ condition: () async throws -> Bool) async throws {
        while try await !condition() { try await Task.sleep(for: .milliseconds(5)) }
    }

    func idle(_ subscription: EntityID<Subscription>) async throws -> Bool {
        let entry = try await entry(subscription)
        return entry.waiting == 0 && entry.parked == 0
    }

    func count(_ sql: SQL) async throws -> Int { try await log.reader.query(sql).first?.decode(Int.self) ?? -1 }
}

enum Samples {
    static func attainment(_ learner: EntityID<Learner>, _ target: String) -> AttainmentRecorded {
        AttainmentRecorded(
            attainment: .following("attainment", target, alongside: learner.uuid), learner: learner, target: target,
            level: 3, basis: .assessed, effectiveFrom: CalendarDate(daysSince1970: 20_000), effectiveUntil: nil,
            provenance: Provenance(source: "assessment", actor: "a", authority: "license", reference: "r"))
    }

    static func notYet(_ learner: EntityID<Learner>, organization: EntityID<Organization>) -> OutcomeNotYet {
        OutcomeNotYet(
            assessment: .following("assessment", learner.description, alongside: learner.uuid), learner: learner,
            judgment: .following("judgment", learner.description, alongside: learner.uuid), organization: organization,
            unmet: [UnmetCriterion(criterion: "c", target: "t", level: 1, metAt: 3, feedback: "Cite your sources.")])
    }
}

/// Records as its neighbors see it: verdicts by learner, pairwise ids by partner.
final class FakeRecords: Disclosures {
    struct Settled: Hashable {
        var disclosure: EntityID<Disclosure>
        var outcome: DisclosureEntry.Outcome
    }
    private struct State {
        var allowed: [EntityID<Learner>: Bool] = [:]
        var asked: [AuthorizeDisclosures.Item] = []
        var opened: Set<EntityID<Disclosure>> = []
        var settled: [Settled] = []
        var fault: Fault?
        var beforeAnswer: (@Sendable () async -> Void)?
    }
    private let state = Mutex(State())

    var asked: [AuthorizeDisclosures.Item] { state.withLock { $0.asked } }
    var settled: [Settled] { state.withLock { $0.settled } }
    var opened: Set<EntityID<Disclosure>> { state.withLock { $0.opened } }

    func allow(_ learner: EntityID<Learner>, _ allowed: Bool) { state.withLock { $0.allowed[learner] = allowed } }
    func fail(_ fault: Fault?) { state.withLock { $0.fault = fault } }
    func beforeAnswer(_ body: (@Sendable () async -> Void)?) { state.withLock { $0.beforeAnswer = body } }

    static func pairwise(_ id: UUID, _ partner: EntityID<Partner>) -> UUID { .derived("pairwise", partner.description, id.text) }

    func authorize(_ command: AuthorizeDisclosures, key: String) async throws(Fault) -> [DisclosureVerdict] {
        if let pause = state.withLock({ $0.beforeAnswer }) { await pause() }
        let answer: Result<[DisclosureVerdict], Fault> = state.withLock { state in
            if let fault = state.fault { return .failure(fault) }
            state.asked += command.items
            return .success(command.items.map { item in
                guard state.allowed[item.learner] == true || item.type == FeedMessage.retraction else {
                    return DisclosureVerdict(disclosure: item.disclosure, allowed: false, reason: "consent.none")
                }
                state.opened.insert(item.disclosure)
                return DisclosureVerdict(
                    disclosure: item.disclosure, allowed: true,
                    learner: Self.pairwise(item.learner.uuid, item.partner),
                    event: Self.pairwise(item.event, item.partner),
                    references: item.references.map { Self.pairwise($0, item.partner) })
            })
        }
        return try answer.get()
    }

    func settle(_ command: SettleDisclosures, key: String) async throws(Fault) {
        state.withLock { state in
            if let fault = state.fault { _ = fault; return }
            state.settled += command.items.map { Settled(disclosure: $0.disclosure, outcome: $0.outcome) }
        }
    }
}

/// A partner's endpoint that answers as told and remembers what came.
final class FakeEndpoint: WebhookPosting {
    struct Post: Sendable {
        var url: String
        var headers: [String: String]
        var body: [UInt8]
        var event: JSONValue
        var accepted: Bool

        var sequence: Int { event["sequence"]?.text.flatMap { Int($0) } ?? -1 }
        var type: String { event["type"]?.text ?? "" }
        var subject: String? { event["subject"]?.text }
    }
    private struct State {
        var posts: [Post] = []
        var underWay = 0
        var underWayMax = 0
        var answer: @Sendable (Post) async -> PostOutcome = { _ in .answered(status: 204, retryAfter: nil) }
    }
    private let state = Mutex(State())

    var posts: [Post] { state.withLock { $0.posts } }
    var accepted: [Post] { posts.filter(\.accepted) }
    var underWayMax: Int { state.withLock { $0.underWayMax } }

    func answer(_ answer: @escaping @Sendable (Post) async -> PostOutcome) { state.withLock { $0.answer = answer } }

    func post(_ url: PublicURL, headers: [(String, String)], body: [UInt8]) async -> PostOutcome {
        var post = Post(
            url: url.text, headers: Dictionary(headers.map { ($0.0.lowercased(), $0.1) }, uniquingKeysWith: { $1 }),
            body: body, event: (try? JSONValue.parse(body)) ?? .null, accepted: false)
        let answer = state.withLock { state in
            state.underWay += 1
            state.underWayMax = max(state.underWayMax, state.underWay)
            return state.answer
        }
        let outcome = await answer(post)
        post.accepted = outcome.isDelivered
        state.withLock { state in
            state.underWay -= 1
            state.posts.append(post)
        }
        return outcome
    }
}
