import Domain
import EventLog
import Foundation
import ServiceKit

/// A page of a feed, each item decided by records now; or, for a request that waits, only that there is one, as a head
/// beyond the place it read from.
///
/// What a page opened may be on its way until its request's deadline, because the gateway hands no page to a partner
/// after that. So records hears of the delivery then, and a withdrawal is not called effective before. A request that
/// waits would have a deadline too long for that: it asks again, without waiting.
///
/// Of a subscription that has ended only retractions are read: what a partner received it must still forget.
struct ReadFeedHandler: RequestHandler {
    static let waitMax = 25
    /// What the rest of an item weighs at most.
    static let envelopeBytes = 1500
    /// What a retraction weighs at most, with a thousand ids and their places.
    static let retractionBytes = 64 * 1024
    /// From the gateway's last look at its clock to the partner's socket.
    static let writing = Duration.milliseconds(500)
    /// Kept of the deadline of a request that waits, for its answer.
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
        do { return try await read(subscription, after: after, limit: limit, wait: wait, context) } catch {
            throw Fault.internalError(error)
        }
    }

    private func read(
        _ subscription: SubscriptionState, after: Int64, limit: Int, wait: Int, _ context: RequestContext
    ) async throws -> ReadFeed.Reply {
        if wait > 0 {
            let end = min(ContinuousClock.now + .seconds(wait), context.deadline - Self.reserve)
            try await news(of: subscription.id, after: after, until: end)
        }
        let ended = subscription.status == .ended
        // Where an empty page leads to: past what an ended subscription hides, and past nothing that comes after this look.
        let passed = ended ? try await feeds.head(of: subscription.id) : after
        // Cut so that the page fits one reply.
        let found = wait > 0 ? [] : ReplyPage.fitting(
            try await feeds.items(of: subscription.id, after: after, limit: limit, retractions: ended)
        ) { ($0.event?.payload.count ?? 0) + ($0.kind == .retraction ? Self.retractionBytes : Self.envelopeBytes) }
        // Read after the items: a head before them would be behind what it heads.
        let head = try await feeds.head(of: subscription.id)
        guard !found.isEmpty else {
            // Waiting there would pass over, in silence, what comes to stand before that place.
            guard after <= head else {
                throw Fault.refused(
                    "sequence.ahead", "This feed ends at \(head). A place beyond it means that an older state was restored "
                        + "here; read again after one that you trust, at most \(head).", at: "/after")
            }
            return ReadFeed.Reply(events: [], next: String(wait > 0 ? after : passed), head: String(head))
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
        }, after: max(.zero, context.deadline - .now) + Self.writing)
        guard incarnation.isCurrent(sender) else {
            throw Fault(.unavailable, "The feed cannot be read just now. Try again.")
        }
        return ReadFeed.Reply(
            events: opened.map(\.body), next: String(found.last?.sequence ?? after), head: String(head))
    }

    /// Returns when there is something after that place, or at `end`.
    private func news(
        of subscription: EntityID<Subscription>, after: Int64, until end: ContinuousClock.Instant
    ) async throws {
        while true {
            let known = bell.count
            // A place beyond the end is for the caller to refuse.
            if try await feeds.head(of: subscription) != after { return }
            let left = ContinuousClock.now.duration(to: end)
            if left <= .zero || Task.isCancelled { return }
            await bell.wait(after: known, atMost: min(left, .milliseconds(250)))
            // The bell may ring a moment before the commit it speaks of.
            try? await Task.sleep(for: .milliseconds(3))
        }
    }
}
