import Domain
import Egress
import EventLog

/// A partner's standing interest and how its endpoint fares.
struct SubscriptionState: Aggregate, Equatable {
    typealias Entity = Subscription
    static let kind = "subscription"

    var id: EntityID<Subscription>
    var partner: EntityID<Partner>
    var types: [EventType]
    var purpose: String
    var webhook: String?
    var status: SubscriptionEntry.Status

    init?(_ event: any Event) {
        guard let event = event as? SubscriptionAuthorized else { return nil }
        id = event.subscription
        partner = event.partner
        types = event.types
        purpose = event.purpose
        webhook = event.webhook
        status = .active
    }

    mutating func evolve(_ event: any Event) {
        switch event {
        case is SubscriptionSuspended: status = .suspended
        case is SubscriptionResumed: status = .active
        case is SubscriptionEnded: status = .ended
        default: break
        }
    }

    var facts: ResourceFacts { .partner(partner) }
}

extension SubscriptionState {
    static let typesMax = 50

    static func open(
        _ id: EntityID<Subscription>, _ command: Subscribe, loopbackAllowed: Bool
    ) throws(Fault) -> Decision<Subscribe.Reply> {
        guard (1...typesMax).contains(command.types.count) else {
            throw .invalid("/types", "count", "must name 1 to \(typesMax) event types")
        }
        for (place, type) in command.types.enumerated() {
            guard EventCatalog.subscribable.contains(type) else {
                throw .invalid(
                    "/types/\(place)", "subscription.type", "is not an event type that can leave to a partner")
            }
            guard !command.types[..<place].contains(type) else {
                throw .invalid("/types/\(place)", "duplicate", "is named twice")
            }
        }
        // Compared with the purposes of consents, which are read the same way.
        let purpose = try readText(command.purpose, at: "/purpose", limit: 100)
        var webhook: String?
        if let text = command.webhook {
            switch PublicURL.parse(text, loopbackAllowed: loopbackAllowed) {
            case .success(let url): webhook = url.text
            case .failure(let problem): throw .invalid("/webhook", "webhook.\(problem.rule)", problem.message)
            }
        }
        return Decision(
            [SubscriptionAuthorized(
                subscription: id, partner: command.partner, types: EventCatalog.corrected(command.types),
                purpose: purpose, webhook: webhook)],
            reply: Subscribe.Reply(subscription: id))
    }

    /// Nothing when it is not active: somebody suspended or ended it before us.
    func suspend(_ reason: String) -> Decision<Done> {
        status == .active ? Decision([SubscriptionSuspended(subscription: id, reason: reason)]) : Decision([])
    }

    func retry() throws(Fault) -> Decision<Done> {
        switch status {
        case .active: return Decision([])
        case .suspended: return Decision([SubscriptionResumed(subscription: id)])
        case .ended: throw Self.over
        }
    }

    /// Ending what has ended changes nothing.
    func end() -> Decision<Done> {
        status == .ended ? Decision([]) : Decision([SubscriptionEnded(subscription: id)])
    }

    static let over = Fault.refused("subscription.ended", "The subscription has ended. Open another one.")
}
