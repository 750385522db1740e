import Domain
import EventLog
import Foundation
import ServiceKit

/// A page of a feed, each item decided by records now. Waits for news when there is none.
struct ReadFeedHandler: RequestHandler {
    static let waitMax = 25
    /// What the rest of an item weighs at most.
    static let envelopeBytes = 1500
    /// How long a reply may take from here to the partner's socket. Records hears of the delivery only then, so that a
    /// withdrawal is not called effective while the page is on its way.
    static let replyTime = Duration.seconds(1)
    /// Kept of the caller's deadline for asking records and writing.
    static let reserve = Duration.seconds(3)

    let subscriptions: Subscriptions
    let feeds: FeedStore
    let discloser: Discloser
    let settlements: SettlementStore
    let incarnation: Incarnation
    let bell: FeedNews

    func handle(_ query: ReadFeed, _ context: RequestContext) async throws(Fault) -> ReadFeed.Reply {
        let subscription = try await subscriptions.store.load(query.subscription)
        try context.authorize(subscription.facts)
        let limit = try Limits.page(query.limit)
        let after = try Limits.sequence(query.after ?? "0", at: "/after")
        let wait = query.waitSeconds ?? 0
        guard (0...Self.waitMax).contains(wait) else {
            throw .invalid("/waitSeconds", "range", "must be 0 to \(Self.waitMax)")
        }
        guard subscription.status != .ended else { throw SubscriptionState.over }
        do { return try await read(subscription, after: after, limit: limit, wait: wait, context) } catch {
            throw Fault.internalError(error)
        }
    }

    private func read(
        _ subscription: SubscriptionState, after: Int64, limit: Int, wait: Int, _ context: RequestContext
    ) async throws -> ReadFeed.Reply {
        let end = min(ContinuousClock.now + .seconds(wait), context.deadline - Self.reserve)
        let found = try await items(of: subscription.id, after: after, limit: limit, until: end)
        // Read after the items: a head before them would be behind what it heads.
        let head = try await feeds.head(of: subscription.id)
        guard !found.isEmpty else {
            // Waiting there would pass over, in silence, what comes to stand before that place.
            guard after <= head else {
                throw Fault.refused(
                    "sequence.ahead", "This feed ends at \(head). A place beyond it means that an older state was restored "
                        + "here; read again after one that you trust, at most \(head).", at: "/after")
            }
            return ReadFeed.Reply(events: [], next: String(after), head: String(head))
        }
        guard let sender = incarnation.current else {
            throw Fault(.unavailable, "The feed cannot be read just now. Try again.")
        }
        let terms = FeedTerms(partner: subscription.partner, purpose: subscription.purpose)
        let opened = try await discloser.open(found.map { ($0, terms) }, sender: sender)
        await settlements.owe(opened.compactMap { item in
            item.disclosure.map {
                .init(disclosure: $0, learner: item.item.learner, sender: sender, outcome: .delivered)
            }
        }, after: Self.replyTime)
        guard incarnation.isCurrent(sender) else {
            throw Fault(.unavailable, "The feed cannot be read just now. Try again.")
        }
        return ReadFeed.Reply(
            events: opened.map(\.body), next: String(found.last?.sequence ?? after), head: String(head))
    }

    /// At least one when there is any, cut so that the page fits one reply.
    private func items(
        of subscription: EntityID<Subscription>, after: Int64, limit: Int, until end: ContinuousClock.Instant
    ) async throws -> [FeedItem] {
        while true {
            let known = bell.count
            let items = try await feeds.items(of: subscription, after: after, limit: limit)
            if !items.isEmpty {
                return Limits.fitting(items) { ($0.event?.payload.count ?? 0) + Self.envelopeBytes }
            }
            let left = ContinuousClock.now.duration(to: end)
            if left <= .zero || Task.isCancelled { return [] }
            await bell.wait(after: known, atMost: min(left, .milliseconds(250)))
            // The bell may ring a moment before the commit it speaks of.
            try? await Task.sleep(for: .milliseconds(3))
        }
    }
}
