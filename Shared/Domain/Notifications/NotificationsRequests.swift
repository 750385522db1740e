import Foundation

/// An organization in the role of receiving events under consent.
package enum Partner {}
/// A partner's standing interest: types, purpose, and where events go.
package enum Subscription {}
package enum SupportCase {}

package struct RegisterPartner: Command {
    package static let name: RequestName = "notifications.register_partner"
    package var organization: EntityID<Organization>
    package var title: String

    package struct Reply: Codable, Sendable, Hashable {
        package var partner: EntityID<Partner>
        package init(partner: EntityID<Partner>) {
            self.partner = partner
        }
    }

    package init(organization: EntityID<Organization>, title: String) {
        self.organization = organization
        self.title = title
    }
}

package struct GetPartner: Query {
    package static let name: RequestName = "notifications.get_partner"
    package var partner: EntityID<Partner>

    package struct Reply: Codable, Sendable, Hashable {
        package var partner: EntityID<Partner>
        package var organization: EntityID<Organization>
        package var title: String
        package init(partner: EntityID<Partner>, organization: EntityID<Organization>, title: String) {
            self.partner = partner
            self.organization = organization
            self.title = title
        }
    }

    package init(partner: EntityID<Partner>) {
        self.partner = partner
    }
}

/// Opens a subscription. Its feed begins with the events that consent already allows, between
/// `notifications.backfill_started` and `notifications.backfill_completed` for each learner.
package struct Subscribe: Command {
    package static let name: RequestName = "notifications.subscribe"
    package var partner: EntityID<Partner>
    /// 1...50 event types that can leave. A type that takes back what another one said, such as `records.attainment_voided`,
    /// comes with that one.
    package var types: [EventType]
    /// The purpose that consents must name.
    package var purpose: String
    /// Where webhooks go (https, port 443 or 8443). A subscription without one is read by its feed alone.
    package var webhook: String?

    package struct Reply: Codable, Sendable, Hashable {
        package var subscription: EntityID<Subscription>
        package init(subscription: EntityID<Subscription>) {
            self.subscription = subscription
        }
    }

    package init(partner: EntityID<Partner>, types: [EventType], purpose: String, webhook: String? = nil) {
        self.partner = partner
        self.types = types
        self.purpose = purpose
        self.webhook = webhook
    }
}

package struct GetSubscription: Query {
    package static let name: RequestName = "notifications.get_subscription"
    package typealias Reply = SubscriptionEntry
    package var subscription: EntityID<Subscription>
    package init(subscription: EntityID<Subscription>) {
        self.subscription = subscription
    }
}

package struct SubscriptionEntry: Codable, Sendable, Hashable {
    package enum Status: String, Codable, Sendable, Hashable {
        case active
        /// The endpoint failed for too long or answered 410; the backlog is kept.
        case suspended
        case ended
    }

    package var subscription: EntityID<Subscription>
    package var partner: EntityID<Partner>
    package var types: [EventType]
    package var purpose: String
    package var webhook: String?
    package var status: Status
    /// The newest `sequence` of the feed; a decimal string.
    package var head: String
    package var waiting: Int
    package var parked: Int
    package init(
        subscription: EntityID<Subscription>, partner: EntityID<Partner>, types: [EventType], purpose: String,
        webhook: String? = nil, status: Status, head: String, waiting: Int, parked: Int
    ) {
        self.subscription = subscription
        self.partner = partner
        self.types = types
        self.purpose = purpose
        self.webhook = webhook
        self.status = status
        self.head = head
        self.waiting = waiting
        self.parked = parked
    }
}

/// The key that signs this subscription's webhooks, as `whsec_…` (Standard Webhooks).
package struct GetSubscriptionSecret: Query {
    package static let name: RequestName = "notifications.get_subscription_secret"
    package var subscription: EntityID<Subscription>

    package struct Reply: Codable, Sendable, Hashable {
        package var secret: String
        package init(secret: String) {
            self.secret = secret
        }
    }

    package init(subscription: EntityID<Subscription>) {
        self.subscription = subscription
    }
}

package struct EndSubscription: Command {
    package static let name: RequestName = "notifications.end_subscription"
    package typealias Reply = Done
    package var subscription: EntityID<Subscription>
    package init(subscription: EntityID<Subscription>) {
        self.subscription = subscription
    }
}

/// Reads a subscription's own gapless feed after a position. Consent is decided now: an item that may not leave comes
/// as `notifications.withheld`, which carries its sequence and nothing else.
package struct ReadFeed: Query {
    package static let name: RequestName = "notifications.read_feed"
    package var subscription: EntityID<Subscription>
    /// A `sequence`; 0 for the beginning. A decimal string.
    package var after: String?
    /// 1...200.
    package var limit: Int?
    /// How long to wait for news when there is none, 0...25 seconds.
    package var waitSeconds: Int?

    package struct Reply: Codable, Sendable {
        /// CloudEvents, as webhooks carry them.
        package var events: [JSONValue]
        /// Where to go on; equal to `after` when nothing was there.
        package var next: String
        package var head: String
        package init(events: [JSONValue], next: String, head: String) {
            self.events = events
            self.next = next
            self.head = head
        }
    }

    package init(
        subscription: EntityID<Subscription>, after: String? = nil, limit: Int? = nil, waitSeconds: Int? = nil
    ) {
        self.subscription = subscription
        self.after = after
        self.limit = limit
        self.waitSeconds = waitSeconds
    }
}

package struct ListDeliveries: Query {
    package static let name: RequestName = "notifications.list_deliveries"
    package typealias Reply = Page<DeliveryEntry>
    package var subscription: EntityID<Subscription>
    package var limit: Int?
    package var cursor: String?
    package init(subscription: EntityID<Subscription>, limit: Int? = nil, cursor: String? = nil) {
        self.subscription = subscription
        self.limit = limit
        self.cursor = cursor
    }
}

package struct DeliveryEntry: Codable, Sendable, Hashable {
    package enum Status: String, Codable, Sendable, Hashable { case waiting, delivered, withheld, parked }

    /// A decimal string.
    package var sequence: String
    /// `notifications.withheld` as long as nothing of it has left.
    package var type: EventType
    package var status: Status
    package var attempts: Int
    package var lastStatus: Int?
    package var lastError: String?
    package var nextAttemptAt: Timestamp?
    package var deliveredAt: Timestamp?
    package init(
        sequence: String, type: EventType, status: Status, attempts: Int, lastStatus: Int? = nil,
        lastError: String? = nil, nextAttemptAt: Timestamp? = nil, deliveredAt: Timestamp? = nil
    ) {
        self.sequence = sequence
        self.type = type
        self.status = status
        self.attempts = attempts
        self.lastStatus = lastStatus
        self.lastError = lastError
        self.nextAttemptAt = nextAttemptAt
        self.deliveredAt = deliveredAt
    }
}

/// Sends everything after a sequence again, under the same webhook ids.
package struct ReplayFeed: Command {
    package static let name: RequestName = "notifications.replay_feed"
    package var subscription: EntityID<Subscription>
    package var after: String

    package struct Reply: Codable, Sendable, Hashable {
        package var queued: Int
        package init(queued: Int) {
            self.queued = queued
        }
    }

    package init(subscription: EntityID<Subscription>, after: String) {
        self.subscription = subscription
        self.after = after
    }
}

/// Tries a parked delivery (and those of the same learner queued behind it) again, or reactivates a suspended endpoint.
package struct RetryDelivery: Command {
    package static let name: RequestName = "notifications.retry_delivery"
    package typealias Reply = Done
    package var subscription: EntityID<Subscription>
    /// All parked ones when absent.
    package var sequence: String?
    package init(subscription: EntityID<Subscription>, sequence: String? = nil) {
        self.subscription = subscription
        self.sequence = sequence
    }
}

/// Asks whether the sending process of this incarnation still holds its lock.
package struct CheckSender: Query {
    package static let name: RequestName = "notifications.check_sender"
    package var sender: UUID

    package struct Reply: Codable, Sendable, Hashable {
        package var alive: Bool
        package init(alive: Bool) {
            self.alive = alive
        }
    }

    package init(sender: UUID) {
        self.sender = sender
    }
}

package struct ListSupportCases: Query {
    package static let name: RequestName = "notifications.list_support_cases"
    package typealias Reply = Page<SupportCaseEntry>
    package var organization: EntityID<Organization>
    package var status: SupportCaseStatus?
    package var limit: Int?
    package var cursor: String?
    package init(
        organization: EntityID<Organization>, status: SupportCaseStatus? = nil, limit: Int? = nil,
        cursor: String? = nil
    ) {
        self.organization = organization
        self.status = status
        self.limit = limit
        self.cursor = cursor
    }
}

package enum SupportCaseStatus: String, Codable, Sendable, Hashable, CaseIterable {
    case raised, acknowledged, planned, resolved, escalated, void
}

package struct SupportCaseEntry: Codable, Sendable, Hashable {
    package var supportCase: EntityID<SupportCase>
    package var learner: EntityID<Learner>
    /// The organization whose educators own it.
    package var organization: EntityID<Organization>
    package var trigger: String
    package var assessment: EntityID<Assessment>?
    package var status: SupportCaseStatus
    /// What the learner needs, from the assessor's feedback.
    package var needs: [String]
    package var plan: String?
    package var resolution: String?
    /// Why the outcome that raised it is void. The case is void with it, unless somebody had taken it up.
    package var voided: String?
    package var raisedAt: Timestamp
    /// When it climbs if nobody acknowledges it.
    package var dueAt: Timestamp
    package init(
        supportCase: EntityID<SupportCase>, learner: EntityID<Learner>, organization: EntityID<Organization>,
        trigger: String, assessment: EntityID<Assessment>? = nil, status: SupportCaseStatus, needs: [String],
        plan: String? = nil, resolution: String? = nil, voided: String? = nil, raisedAt: Timestamp, dueAt: Timestamp
    ) {
        self.supportCase = supportCase
        self.learner = learner
        self.organization = organization
        self.trigger = trigger
        self.assessment = assessment
        self.status = status
        self.needs = needs
        self.plan = plan
        self.resolution = resolution
        self.voided = voided
        self.raisedAt = raisedAt
        self.dueAt = dueAt
    }
}

package struct AcknowledgeSupportCase: Command {
    package static let name: RequestName = "notifications.acknowledge_support_case"
    package typealias Reply = Done
    package var supportCase: EntityID<SupportCase>
    package init(supportCase: EntityID<SupportCase>) {
        self.supportCase = supportCase
    }
}

package struct PlanSupportCase: Command {
    package static let name: RequestName = "notifications.plan_support_case"
    package typealias Reply = Done
    package var supportCase: EntityID<SupportCase>
    package var plan: String
    package init(supportCase: EntityID<SupportCase>, plan: String) {
        self.supportCase = supportCase
        self.plan = plan
    }
}

package struct ResolveSupportCase: Command {
    package static let name: RequestName = "notifications.resolve_support_case"
    package typealias Reply = Done
    package var supportCase: EntityID<SupportCase>
    package var resolution: String
    package init(supportCase: EntityID<SupportCase>, resolution: String) {
        self.supportCase = supportCase
        self.resolution = resolution
    }
}
