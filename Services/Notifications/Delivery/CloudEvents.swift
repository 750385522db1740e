import Domain
import Foundation

/// The form in which events leave (EDGE, wire form): CloudEvents 1.0 as JSON, members sorted by name, so that a webhook,
/// a page of the feed and a replay have the very same bytes. No attribute is null.
struct CloudEvents: Sendable {
    static let contentType = "application/cloudevents+json"

    /// Names this deployment in `source`.
    var deployment: String
    /// The API's address as partners know it, without a slash at the end; `dataschema` begins with it.
    var issuer: String

    /// A learner's event, or a bracket of a backfill, under the ids of one partner. Without its trace, by whose id two
    /// partners could join their learners.
    func allowed(_ item: FeedItem, _ content: DisclosedContent, subject: UUID, id: UUID, references: [UUID]) -> JSONValue {
        let type = item.wireType
        return sorted([
            "specversion": "1.0", "id": .string(id.text), "source": .string(source(of: type)), "type": .string(type.text),
            "subject": .string(subject.text), "partitionkey": .string(subject.text),
            "time": .string((item.event?.recordedAt ?? item.createdAt).description),
            "effectivetime": .string((item.event?.effectiveAt ?? item.createdAt).description),
            "datacontenttype": "application/json",
            "dataschema": .string("\(issuer)/schemas/\(type)/\(item.event?.version ?? 1)"),
            "sequence": .string(String(item.sequence)),
            "data": content.data(with: references),
        ])
    }

    /// Something is at this place that may not leave: its sequence, and nothing else.
    func withheld(_ item: FeedItem) -> (id: UUID, body: JSONValue) {
        let id = ownID("withheld", item)
        return (id, sorted([
            "specversion": "1.0", "id": .string(id.text), "source": .string(source(of: FeedMessage.withheld)),
            "type": .string(FeedMessage.withheld.text), "sequence": .string(String(item.sequence)),
        ]))
    }

    /// The learner took back what let these leave. It names ids that this partner has already, and no fact.
    func retraction(_ item: FeedItem, purpose: String, subject: UUID, gone: [Gone]) -> (id: UUID, body: JSONValue) {
        let id = ownID("retraction", item)
        let type = FeedMessage.retraction
        return (id, sorted([
            "specversion": "1.0", "id": .string(id.text), "source": .string(source(of: type)), "type": .string(type.text),
            "subject": .string(subject.text), "partitionkey": .string(subject.text),
            "time": .string(item.createdAt.description), "datacontenttype": "application/json",
            "dataschema": .string("\(issuer)/schemas/\(type)/1"), "sequence": .string(String(item.sequence)),
            "data": sorted([
                "purpose": .string(purpose),
                "events": .array(gone.map { .string($0.event.text) }),
                "sequences": .array(gone.map { .string(String($0.sequence)) }),
            ]),
        ]))
    }

    /// One item that had left.
    struct Gone: Sendable, Hashable {
        var sequence: Int64
        var event: UUID
    }

    private func source(of type: EventType) -> String { "/cairn/\(deployment)/\(type.source)" }

    /// The same on every try; says nothing that the feed's owner does not know.
    private func ownID(_ kind: String, _ item: FeedItem) -> UUID {
        .derived("notifications", kind, item.subscription.description, String(item.sequence))
    }

    private func sorted(_ members: [String: JSONValue]) -> JSONValue {
        .object(JSONObject(members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }))
    }
}

extension FeedItem {
    /// The type under which it leaves when it may.
    var wireType: EventType { kind.type(event?.type ?? covers ?? FeedMessage.withheld) }
}

/// The members of an event that may ever leave: what the catalog names, nothing else. Made before asking, so that
/// records is asked for exactly what would go.
struct DisclosedContent: Sendable, Hashable {
    static let referencesMax = 16

    private(set) var fields: [String] = []
    /// Ids that leave in pairwise form only, in the order of `fields`.
    private(set) var references: [UUID] = []
    private var members: [(name: String, value: JSONValue?)] = []

    /// - Throws: when the payload is not the JSON object it was when it was recorded.
    init(_ item: FeedItem) throws {
        guard let event = item.event else {
            if item.kind == .backfillCompleted, let count = item.count {
                fields = ["count"]
                members = [("count", .number(JSONNumber(Int64(count))))]
            }
            return
        }
        let payload = try JSONValue.parse(event.payload)
        guard let entry = EventCatalog[event.type], let object = payload.object else {
            throw Fault(.internal, "An event cannot be sent.").withDetail("\(event.type) has no object to disclose")
        }
        for name in entry.disclosed.sorted() {
            guard let value = object[name], !value.isNull else { continue }
            if entry.pairwise.contains(name) {
                // What should be an id and is none must not leave as it is.
                guard let id = value.text.flatMap({ UUID(text: $0) }), references.count < Self.referencesMax
                else { continue }
                references.append(id)
                members.append((name, nil))
            } else {
                members.append((name, value))
            }
            fields.append(name)
        }
    }

    /// - Parameter pairwise: as many as `references`, in their order.
    func data(with pairwise: [UUID]) -> JSONValue {
        var next = pairwise.makeIterator()
        var object = JSONObject()
        for (name, value) in members {
            if let value {
                object[name] = value.sortedByName
            } else if let id = next.next() {
                object[name] = .string(id.text)
            }
        }
        return .object(object)
    }

    static func == (one: Self, other: Self) -> Bool {
        one.fields == other.fields && one.references == other.references
            && one.members.elementsEqual(other.members) { $0.name == $1.name && $0.value == $1.value }
    }

    func hash(into hasher: inout Hasher) { hasher.combine(fields) }
}

extension JSONValue {
    /// The same value with the members of every object in the order of their names.
    var sortedByName: JSONValue {
        switch self {
        case .array(let elements): .array(elements.map(\.sortedByName))
        case .object(let object):
            .object(JSONObject(
                object.members.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
                    .map { ($0.name, $0.value.sortedByName) }))
        default: self
        }
    }
}
