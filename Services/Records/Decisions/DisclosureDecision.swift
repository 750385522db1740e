import Domain
import Foundation

/// What the locked consent row says, if there is one in force for the learner, partner and purpose.
struct LiveConsent: Sendable, Hashable {
    var id: EntityID<Consent>
    var types: Set<EventType>
    /// The last day.
    var until: CalendarDate?
}

/// Whether one thing may leave, before the pairwise ids are made.
enum DisclosureDecision: Sendable, Hashable {
    case allowed(EntityID<Consent>)
    /// What had left is taken back, which needs no consent.
    case retraction
    /// With the consent that did not reach far enough, if there is one.
    case refused(DisclosureRefusal, EntityID<Consent>? = nil)
}

/// The reasons, as they stand in verdicts and in the record of disclosures.
enum DisclosureRefusal: String, Sendable, Hashable {
    case none = "consent.none"
    case withdrawn = "consent.withdrawn"
    case expired = "consent.expired"
    case type = "consent.type"
    /// Nothing had left that could be taken back.
    case nothing = "disclosure.nothing"
    /// A member would leave that the catalog does not list for this type.
    case fields = "disclosure.fields"
    /// The same disclosure was settled before: what it allowed is over.
    case settled = "disclosure.settled"
}

/// - Parameters:
///   - live: the consent in force, locked.
///   - past: how the latest consent for the same partner and purpose ended, when none is in force.
///   - told: the partner may have heard of this learner for this purpose.
///   - today: the date in the state's own zone.
func decide(
    _ item: AuthorizeDisclosures.Item, live: LiveConsent?, past: DisclosureRefusal, told: Bool, today: CalendarDate
) -> DisclosureDecision {
    let disclosed = EventCatalog[item.type]?.disclosed ?? FeedMessage.disclosed[item.type]
    let fieldsAllowed = item.fields.allSatisfy { disclosed?.contains($0) == true }
    if item.type == FeedMessage.retraction {
        return !fieldsAllowed ? .refused(.fields) : told ? .retraction : .refused(.nothing)
    }
    guard let live else { return .refused(past) }
    if let until = live.until, until < today { return .refused(.expired, live.id) }
    let consented = FeedMessage.brackets.contains(item.type) ? item.covers : item.type
    guard let consented, live.types.contains(consented), disclosed != nil else { return .refused(.type, live.id) }
    guard fieldsAllowed else { return .refused(.fields, live.id) }
    return .allowed(live.id)
}

extension AuthorizeDisclosures {
    static let itemsMax = 256
    static let referencesMax = 16
    static let fieldsMax = 64

    func read() throws(Fault) -> [Item] {
        guard (1...Self.itemsMax).contains(items.count) else {
            throw .invalid("/items", "items.count", "Send 1 to \(Self.itemsMax) items.")
        }
        var seen: Set<EntityID<Disclosure>> = []
        var read: [Item] = []
        for (index, item) in items.enumerated() {
            let pointer = "/items/\(index)"
            guard seen.insert(item.disclosure).inserted else {
                throw .invalid("\(pointer)/disclosure", "disclosure.duplicate", "This disclosure is asked for twice.")
            }
            guard item.references.count <= Self.referencesMax else {
                throw .invalid("\(pointer)/references", "references.count", "At most \(Self.referencesMax).")
            }
            guard item.fields.count <= Self.fieldsMax else {
                throw .invalid("\(pointer)/fields", "fields.count", "At most \(Self.fieldsMax).")
            }
            var item = item
            item.purpose = try readText(item.purpose, at: "\(pointer)/purpose", limit: 100)
            item.type = EventType(try readText(item.type.text, at: "\(pointer)/type", limit: 100))
            if let covers = item.covers {
                item.covers = EventType(try readText(covers.text, at: "\(pointer)/covers", limit: 100))
            }
            for (number, field) in item.fields.enumerated() {
                item.fields[number] = try readText(field, at: "\(pointer)/fields/\(number)", limit: 100)
            }
            read.append(item)
        }
        return read
    }
}

extension SettleDisclosures {
    static let itemsMax = 256
    private static let endings: Set<DisclosureEntry.Outcome> = [.delivered, .failed, .unknown]

    func read() throws(Fault) {
        guard (1...Self.itemsMax).contains(items.count) else {
            throw .invalid("/items", "items.count", "Send 1 to \(Self.itemsMax) items.")
        }
        for (index, item) in items.enumerated() where !Self.endings.contains(item.outcome) {
            throw .invalid(
                "/items/\(index)/outcome", "disclosure.outcome", "A send ends as delivered, failed or unknown.")
        }
    }
}
