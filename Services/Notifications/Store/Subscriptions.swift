import Domain
import EventLog
import ServiceKit
import Storage

extension SubscriptionEntry.Status: PostgresRepresentable {}

/// Partners and subscriptions: the aggregates, and the tables that feeds join with.
struct Subscriptions: Sendable {
    let partners: AggregateStore<PartnerState>
    let store: AggregateStore<SubscriptionState>

    init(_ log: EventLog) {
        partners = AggregateStore(log) { after, _, applied in
            ["""
            INSERT INTO partner (id, organization, title)
            SELECT \(after.id), \(after.organization), \(after.title) WHERE \(applied)
            ON CONFLICT (id) DO NOTHING
            """]
        }
        store = AggregateStore(log) { after, events, applied in
            var statements: [SQL] = []
            if events.contains(where: { $0 is SubscriptionAuthorized }) {
                statements += [
                    """
                    INSERT INTO subscription (id, partner, types, purpose, webhook, status)
                    SELECT \(after.id), \(after.partner), \(after.types), \(after.purpose), \(after.webhook),
                           \(after.status)
                     WHERE \(applied)
                    """,
                    "INSERT INTO feed_head (subscription) SELECT \(after.id) WHERE \(applied)",
                    "INSERT INTO endpoint (subscription) SELECT \(after.id) WHERE \(applied)",
                    "INSERT INTO backfill (subscription) SELECT \(after.id) WHERE \(applied)",
                ]
            } else if !events.isEmpty {
                statements.append(
                    "UPDATE subscription SET status = \(after.status) WHERE id = \(after.id) AND \(applied)")
            }
            return statements
        }
    }

    /// Because of how its endpoint answered; nothing when it is suspended or ended already.
    func suspend(_ subscription: EntityID<Subscription>, reason: String, key: String) async throws(Fault) {
        let context = try RequestContext.ofThisService(key: "suspend/\(key)")
        _ = try await store.update(subscription, context) { $0.suspend(reason) }
    }
}
