import Domain
import EventLog
import ServiceKit

/// Another chance for parked deliveries, and for a suspended endpoint. What is freed is freed before the answer is
/// kept, so that a lost answer repeats both.
struct RetryDeliveryHandler: RequestHandler {
    let subscriptions: Subscriptions
    let work: WorkStore
    let bell: FeedNews

    func handle(_ command: RetryDelivery, _ context: RequestContext) async throws(Fault) -> Done {
        var sequence: Int64?
        if let text = command.sequence { sequence = try Limits.sequence(text, at: "/sequence") }
        let chosen = sequence
        let reply: Done = try await subscriptions.store.update(command.subscription, context) { subscription in
            try context.authorize(subscription.facts)
            let decision = try subscription.retry()
            guard try await work.retry(command.subscription, sequence: chosen) else {
                throw Fault.notFound("waiting delivery")
            }
            return decision
        }
        bell.announce()
        return reply
    }
}

/// Sends again what was sent, under the same ids: for a partner that lost what it had.
struct ReplayFeedHandler: RequestHandler {
    let subscriptions: Subscriptions
    let work: WorkStore
    let bell: FeedNews

    func handle(_ command: ReplayFeed, _ context: RequestContext) async throws(Fault) -> ReplayFeed.Reply {
        let after = try Limits.sequence(command.after, at: "/after")
        let reply: ReplayFeed.Reply = try await subscriptions.store.update(command.subscription, context) { state in
            try context.authorize(state.facts)
            guard state.status != .ended else { throw SubscriptionState.over }
            guard state.webhook != nil else {
                throw Fault.refused(
                    "replay.no_webhook", "This subscription has no webhook. Read its feed after that sequence instead.")
            }
            guard let queued = try await work.replay(state.id, after: after) else {
                throw Fault.refused(
                    "replay.range", "One replay takes at most \(WorkStore.replayMax) items. Begin later, or read the feed.",
                    at: "/after")
            }
            return Decision([], reply: ReplayFeed.Reply(queued: queued))
        }
        bell.announce()
        return reply
    }
}
