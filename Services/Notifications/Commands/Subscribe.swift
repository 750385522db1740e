import Domain
import ServiceKit

/// Opens a subscription. Its past is filled in by a loop, learner by learner.
struct SubscribeHandler: RequestHandler {
    let subscriptions: Subscriptions
    let loopbackAllowed: Bool

    func handle(_ command: Subscribe, _ context: RequestContext) async throws(Fault) -> Subscribe.Reply {
        let partner = try await subscriptions.partners.load(command.partner)
        try context.authorize(.partner(partner.id))
        let id = EntityID<Subscription>.derived(
            from: Subscribe.name.text, caller: context.subject.id, key: context.key)
        return try await subscriptions.store.create(id, context) {
            try SubscriptionState.open(id, command, loopbackAllowed: loopbackAllowed)
        }
    }
}

struct EndSubscriptionHandler: RequestHandler {
    let subscriptions: Subscriptions
    let work: WorkStore

    func handle(_ command: EndSubscription, _ context: RequestContext) async throws(Fault) -> Done {
        let reply: Done = try await subscriptions.store.update(command.subscription, context) { subscription in
            try context.authorize(subscription.facts)
            return subscription.end()
        }
        // No sender looks at it any more; what stays behind is only untidy.
        try? await work.forget(command.subscription)
        return reply
    }
}
