import Domain
import Egress
import EventLog
import Foundation
import Logging
import ServiceKit
import Storage
import Synchronization

/// Sends what feeds owe to webhooks: in order for each learner, at most four posts at a time for one subscription and 64
/// in all, each decided by records at the moment it goes.
final class Sender: Sendable {
    static let total = 64
    /// How long after a claim a post may still begin, so that it ends before the lease does.
    static let startLimit = Duration.seconds(25)
    static let idle = Duration.milliseconds(250)

    private let work: WorkStore
    private let discloser: Discloser
    private let posting: any WebhookPosting
    private let signing: SigningKey
    private let schedule: RetrySchedule
    private let loopbackAllowed: Bool
    private let suspend: Suspension
    private let incarnation: Incarnation
    /// Rings when something was fanned out, and when a post ended.
    let bell: FeedNews
    /// Rings when records has something to hear.
    private let owed: FeedNews
    private let logger: Logger
    private let underWay = Mutex<[UUID: (subscription: EntityID<Subscription>, task: Task<Void, Never>?)]>([:])

    /// Suspends a subscription and says why. Repeating it is harmless.
    typealias Suspension = @Sendable (EntityID<Subscription>, _ reason: String, _ key: String) async throws -> Void

    init(
        work: WorkStore, discloser: Discloser, posting: any WebhookPosting, signing: SigningKey,
        schedule: RetrySchedule, loopbackAllowed: Bool, incarnation: Incarnation, bell: FeedNews, logger: Logger,
        suspend: @escaping Suspension
    ) {
        self.work = work
        self.discloser = discloser
        self.posting = posting
        self.signing = signing
        self.schedule = schedule
        self.loopbackAllowed = loopbackAllowed
        self.incarnation = incarnation
        self.bell = bell
        owed = discloser.settlements.news
        self.logger = logger
        self.suspend = suspend
    }

    var postsUnderWay: Int { underWay.withLock { $0.count } }

    /// Runs until cancelled; posts that are under way then end first, each within its own bound.
    func run() async {
        while !Task.isCancelled {
            guard let sender = await incarnation.acquired() else { break }
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.incarnation.lost(sender) }
                group.addTask { await self.send(as: sender) }
                // Whichever ends first: the name was lost, or we are to stop.
                await group.next()
                group.cancelAll()
            }
            if !incarnation.isCurrent(sender) { cancelAll() }
        }
        await drained()
    }

    private func send(as sender: UUID) async {
        var pace = Pace(idle: Self.idle)
        while !Task.isCancelled, incarnation.isCurrent(sender) {
            let known = bell.count
            var claimed = 0
            do {
                claimed = try await turn(as: sender)
            } catch {
                logger.warning("a sender's turn failed", metadata: ["error": "\(String(reflecting: error))"])
                try? await Task.sleep(for: .seconds(1))
            }
            await pace.rest(claimed > 0, bell, after: known)
        }
    }

    /// Claims what there is room for and begins to send it. - Returns: how many it claimed.
    func turn(as sender: UUID) async throws -> Int {
        let busy = underWay.withLock { state in state.values.reduce(into: [:]) { $0[$1.subscription, default: 0] += 1 } }
        let room = Self.total - busy.values.reduce(0, +)
        guard room > 0 else { return 0 }
        let began = ContinuousClock.now
        let deliveries = try await work.claim(total: room, busy: busy)
        guard !deliveries.isEmpty else { return 0 }
        let opened: [OpenedItem]
        do throws(Fault) {
            opened = try await discloser.open(deliveries.map { ($0.item, $0.terms) }, sender: sender)
        } catch {
            logger.warning("records cannot be asked what may leave; trying again", metadata: [
                "code": "\(error.code)", "detail": "\(error.detail ?? "")", "deliveries": "\(deliveries.count)"])
            try await work.release(deliveries, after: .seconds(2) * min(1, schedule.scale))
            return 0
        }
        for (delivery, item) in zip(deliveries, opened) {
            begin(delivery, item, sender: sender, claimedAt: began)
        }
        return deliveries.count
    }

    private func begin(
        _ delivery: Delivery, _ item: OpenedItem, sender: UUID, claimedAt: ContinuousClock.Instant
    ) {
        underWay.withLock { $0[item.attempt] = (delivery.item.subscription, nil) }
        // Not a child: a post that is under way when the service stops still ends and is settled.
        let task = Task {
            await self.deliver(delivery, item, sender: sender, claimedAt: claimedAt)
            self.underWay.withLock { _ = $0.removeValue(forKey: item.attempt) }
            self.bell.announce()
        }
        underWay.withLock { state in
            if state[item.attempt] != nil { state[item.attempt]?.task = task }
        }
    }

    private func deliver(
        _ delivery: Delivery, _ item: OpenedItem, sender: UUID, claimedAt: ContinuousClock.Instant
    ) async {
        let started = Timestamp.now
        let outcome: PostOutcome
        if !incarnation.isCurrent(sender) { return }
        if claimedAt.duration(to: .now) > Self.startLimit {
            outcome = .notSent("too late to begin under this claim")
        } else if case .success(let url) = PublicURL.parse(delivery.webhook, loopbackAllowed: loopbackAllowed) {
            outcome = await post(item, to: url, of: delivery.item.subscription, at: started)
        } else {
            outcome = .notSent("the webhook's address is not acceptable")
        }
        // Without our lock records may have closed this disclosure already: nothing of it is ours to finish.
        guard incarnation.isCurrent(sender) else { return }
        await settle(delivery, item, outcome, sender: sender, started: started)
    }

    private func post(
        _ item: OpenedItem, to url: PublicURL, of subscription: EntityID<Subscription>, at started: Timestamp
    ) async -> PostOutcome {
        let body = item.body.serialized()
        let seconds = started.microseconds / 1_000_000
        let signature = signing.secret(of: subscription).signature(id: item.id.text, timestamp: seconds, body: body)
        return await posting.post(url, headers: [
            ("Content-Type", CloudEvents.contentType), ("User-Agent", "cairn-notifications"),
            ("webhook-id", item.id.text), ("webhook-timestamp", String(seconds)), ("webhook-signature", signature),
        ], body: body)
    }

    /// Repeated while the database is away: the partner has it, so it must not be forgotten.
    private func settle(
        _ delivery: Delivery, _ item: OpenedItem, _ outcome: PostOutcome, sender: UUID, started: Timestamp
    ) async {
        var pause = Duration.milliseconds(100)
        while incarnation.isCurrent(sender) {
            do {
                return try await settleOnce(delivery, item, outcome, sender: sender, started: started)
            } catch {
                logger.warning("a delivery cannot be settled yet", metadata: ["error": "\(String(reflecting: error))"])
                try? await Task.sleep(for: pause)
                pause = min(pause * 2, .seconds(5))
            }
        }
    }

    private func settleOnce(
        _ delivery: Delivery, _ item: OpenedItem, _ outcome: PostOutcome, sender: UUID, started: Timestamp
    ) async throws {
        let subscription = delivery.item.subscription
        let failing = outcome.isDelivered ? .zero : try await work.failing(subscription)
        let step = schedule.next(
            after: outcome, failures: delivery.failures, failingFor: failing, spread: .random(in: -1...1))
        if case .suspend(let reason) = step {
            try await suspend(subscription, reason, item.attempt.text)
            logger.warning("a subscription is suspended", metadata: [
                "subscription": "\(subscription)", "reason": "\(reason)"])
        }
        try await work.settle(
            delivery, AttemptRecord(
                id: item.attempt, sender: sender, startedAt: started, outcome: item.record(outcome),
                status: outcome.status, error: outcome.error),
            step, owing: item.disclosure.map {
                .init(disclosure: $0, learner: delivery.item.learner, sender: sender, outcome: outcome.disclosed)
            })
        if item.disclosure != nil { owed.announce() }
    }

    private func cancelAll() {
        let tasks = underWay.withLock { $0.values.compactMap(\.task) }
        for task in tasks { task.cancel() }
    }

    private func drained() async {
        for task in underWay.withLock({ $0.values.compactMap(\.task) }) { await task.value }
    }
}

extension OpenedItem {
    fileprivate func record(_ outcome: PostOutcome) -> AttemptRecord.Outcome {
        if outcome.isDelivered { return isWithheld ? .withheld : .delivered }
        if case .lost = outcome { return .unknown }
        return .failed
    }
}

extension PostOutcome {
    fileprivate var disclosed: SettlementStore.Owed.Outcome {
        if isDelivered { return .delivered }
        if case .lost = self { return .unknown }
        return .failed
    }
}

/// How long to wait for work. A bell may ring a moment before the commit it speaks of, so after one the pauses begin
/// short and double up to the idle one.
struct Pace {
    private static let short = Duration.milliseconds(2)
    private let idle: Duration
    private var pause = Pace.short

    init(idle: Duration) { self.idle = idle }

    mutating func rest(_ foundSomething: Bool, _ bell: FeedNews, after known: UInt64) async {
        if foundSomething {
            pause = Self.short
            return
        }
        let began = bell.count
        await bell.wait(after: known, atMost: pause)
        pause = bell.count != began || began != known ? Self.short : min(pause * 2, idle)
        // A bell must not make us spin: what it announced needs a moment to commit.
        if pause == Self.short { try? await Task.sleep(for: Self.short) }
    }
}
