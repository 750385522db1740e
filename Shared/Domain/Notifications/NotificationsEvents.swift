package struct PartnerRegistered: Event {
    package static let type: EventType = "notifications.partner_registered"
    package var partner: EntityID<Partner>
    package var organization: EntityID<Organization>
    package var title: String
    package init(partner: EntityID<Partner>, organization: EntityID<Organization>, title: String) {
        self.partner = partner
        self.organization = organization
        self.title = title
    }
}

package struct SubscriptionAuthorized: Event {
    package static let type: EventType = "notifications.subscription_authorized"
    package var subscription: EntityID<Subscription>
    package var partner: EntityID<Partner>
    package var types: [EventType]
    package var purpose: String
    package var webhook: String?
    package init(
        subscription: EntityID<Subscription>, partner: EntityID<Partner>, types: [EventType], purpose: String,
        webhook: String? = nil
    ) {
        self.subscription = subscription
        self.partner = partner
        self.types = types
        self.purpose = purpose
        self.webhook = webhook
    }
}

package struct SubscriptionSuspended: Event {
    package static let type: EventType = "notifications.subscription_suspended"
    package var subscription: EntityID<Subscription>
    package var reason: String
    package init(subscription: EntityID<Subscription>, reason: String) {
        self.subscription = subscription
        self.reason = reason
    }
}

package struct SubscriptionResumed: Event {
    package static let type: EventType = "notifications.subscription_resumed"
    package var subscription: EntityID<Subscription>
    package init(subscription: EntityID<Subscription>) {
        self.subscription = subscription
    }
}

package struct SubscriptionEnded: Event {
    package static let type: EventType = "notifications.subscription_ended"
    package var subscription: EntityID<Subscription>
    package init(subscription: EntityID<Subscription>) {
        self.subscription = subscription
    }
}

package struct SupportCaseRaised: Event {
    package static let type: EventType = "notifications.support_case_raised"
    package var supportCase: EntityID<SupportCase>
    package var learner: EntityID<Learner>
    package var organization: EntityID<Organization>
    package var trigger: String
    package var assessment: EntityID<Assessment>?
    package var needs: [String]
    package var dueAt: Timestamp
    package init(
        supportCase: EntityID<SupportCase>, learner: EntityID<Learner>, organization: EntityID<Organization>,
        trigger: String, assessment: EntityID<Assessment>? = nil, needs: [String], dueAt: Timestamp
    ) {
        self.supportCase = supportCase
        self.learner = learner
        self.organization = organization
        self.trigger = trigger
        self.assessment = assessment
        self.needs = needs
        self.dueAt = dueAt
    }
}

package struct SupportCaseAcknowledged: Event {
    package static let type: EventType = "notifications.support_case_acknowledged"
    package var supportCase: EntityID<SupportCase>
    package var learner: EntityID<Learner>
    package init(supportCase: EntityID<SupportCase>, learner: EntityID<Learner>) {
        self.supportCase = supportCase
        self.learner = learner
    }
}

package struct SupportCasePlanned: Event {
    package static let type: EventType = "notifications.support_case_planned"
    package var supportCase: EntityID<SupportCase>
    package var learner: EntityID<Learner>
    package var plan: String
    package init(supportCase: EntityID<SupportCase>, learner: EntityID<Learner>, plan: String) {
        self.supportCase = supportCase
        self.learner = learner
        self.plan = plan
    }
}

package struct SupportCaseResolved: Event {
    package static let type: EventType = "notifications.support_case_resolved"
    package var supportCase: EntityID<SupportCase>
    package var learner: EntityID<Learner>
    package var resolution: String
    package init(supportCase: EntityID<SupportCase>, learner: EntityID<Learner>, resolution: String) {
        self.supportCase = supportCase
        self.learner = learner
        self.resolution = resolution
    }
}

/// The outcome that raised it is void. A case that nobody took up is void with it; who took one up still ends it.
package struct SupportCaseVoided: Event {
    package static let type: EventType = "notifications.support_case_voided"
    package var supportCase: EntityID<SupportCase>
    package var learner: EntityID<Learner>
    /// As given by who voided the assessment.
    package var reason: String
    package init(supportCase: EntityID<SupportCase>, learner: EntityID<Learner>, reason: String) {
        self.supportCase = supportCase
        self.learner = learner
        self.reason = reason
    }
}

/// Nobody acknowledged it in time: it climbs, and is counted.
package struct SupportCaseEscalated: Event {
    package static let type: EventType = "notifications.support_case_escalated"
    package var supportCase: EntityID<SupportCase>
    package var learner: EntityID<Learner>
    package var dueAt: Timestamp
    package init(supportCase: EntityID<SupportCase>, learner: EntityID<Learner>, dueAt: Timestamp) {
        self.supportCase = supportCase
        self.learner = learner
        self.dueAt = dueAt
    }
}
