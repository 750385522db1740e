import Foundation

/// Asks, at the moment of sending, which of these may leave. Checks grant, basis and partner authority under lock,
/// opens a disclosure row for each that may, and answers for each a verdict. The sender settles them.
/// At most 256 items. Repeating it answers the same verdicts, by the disclosures' ids, as long as they are not settled.
package struct AuthorizeDisclosures: Command {
    package static let name: RequestName = "records.authorize_disclosures"

    /// The sending process's incarnation, on which it holds an advisory lock in notifications' database.
    package var sender: UUID
    package var items: [Item]

    package struct Item: Codable, Sendable, Hashable {
        /// The attempt's own id; becomes the disclosure's id.
        package var disclosure: EntityID<Disclosure>
        package var learner: EntityID<Learner>
        package var partner: EntityID<Partner>
        package var purpose: String
        /// What leaves: an event's type, or one of `FeedMessage`.
        package var type: EventType
        /// For a bracket, the type of the events that it surrounds, whose consent lets it leave.
        package var covers: EventType?
        package var event: UUID
        /// Names of the members of `data` that would leave.
        package var fields: [String]
        /// Ids of ours inside `data` that must leave only in pairwise form; at most 16.
        package var references: [UUID]

        package init(disclosure: EntityID<Disclosure>, learner: EntityID<Learner>, partner: EntityID<Partner>,
                     purpose: String, type: EventType, covers: EventType? = nil, event: UUID, fields: [String], references: [UUID]) {
            self.disclosure = disclosure
            self.learner = learner
            self.partner = partner
            self.purpose = purpose
            self.type = type
            self.covers = covers
            self.event = event
            self.fields = fields
            self.references = references
        }
    }

    package struct Reply: Codable, Sendable, Hashable {
        /// As many as items, in their order.
        package var verdicts: [DisclosureVerdict]
        package init(verdicts: [DisclosureVerdict]) { self.verdicts = verdicts }
    }

    package init(sender: UUID, items: [Item]) {
        self.sender = sender
        self.items = items
    }
}

package struct DisclosureVerdict: Codable, Sendable, Hashable {
    package var disclosure: EntityID<Disclosure>
    package var allowed: Bool
    /// Why, when not allowed: `consent.none`, `consent.withdrawn`, `consent.expired`, `consent.type`;
    /// `disclosure.nothing` for a retraction where nothing had left; `disclosure.fields` for a member that the catalog
    /// does not list as disclosed; `disclosure.settled` when this very
    /// disclosure was opened and settled before: what it allowed is over, take a new id.
    package var reason: String?
    package var consent: EntityID<Consent>?
    /// The learner's key for this partner alone (EDGE, pairwise ids). Present when allowed.
    package var learner: UUID?
    /// The event's id for this partner alone, so that partners cannot join learners by comparing event ids.
    package var event: UUID?
    /// Pairwise forms of `references`, in order.
    package var references: [UUID]

    package init(disclosure: EntityID<Disclosure>, allowed: Bool, reason: String? = nil,
                 consent: EntityID<Consent>? = nil, learner: UUID? = nil, event: UUID? = nil,
                 references: [UUID] = []) {
        self.disclosure = disclosure
        self.allowed = allowed
        self.reason = reason
        self.consent = consent
        self.learner = learner
        self.event = event
        self.references = references
    }
}

/// Says how the sends ended: `delivered`, `failed` or `unknown`. Settling twice is harmless: the first word counts, and
/// only the sender that opened a disclosure has a word.
package struct SettleDisclosures: Command {
    package static let name: RequestName = "records.settle_disclosures"
    package typealias Reply = Done
    package var sender: UUID
    /// At most 256.
    package var items: [Item]

    package struct Item: Codable, Sendable, Hashable {
        package var disclosure: EntityID<Disclosure>
        /// Carries the partition.
        package var learner: EntityID<Learner>
        package var outcome: DisclosureEntry.Outcome
        package init(disclosure: EntityID<Disclosure>, learner: EntityID<Learner>, outcome: DisclosureEntry.Outcome) {
            self.disclosure = disclosure
            self.learner = learner
            self.outcome = outcome
        }
    }

    package init(sender: UUID, items: [Item]) {
        self.sender = sender
        self.items = items
    }
}
