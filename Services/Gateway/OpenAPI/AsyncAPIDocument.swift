import Domain

/// AsyncAPI 3.0 for what partners receive. Types, members and what is pairwise come from `EventCatalog`, the shapes from
/// the event types themselves: a member that the catalog does not disclose cannot get in here, as it cannot leave.
struct AsyncAPIDocument {
    /// The event types that can leave. A test holds them against the catalog.
    static let events: [any Event.Type] = [
        AttainmentRecorded.self, AttainmentVoided.self,
        LearnerEnrolled.self, ComponentFulfilled.self, ComponentFulfillmentWithdrawn.self, MilestoneReached.self,
        PathwayCompleted.self, EntitlementAccrued.self,
        AssessmentRequested.self, OutcomeMet.self, OutcomeNotYet.self, MoreEvidenceAsked.self, AssessmentVoided.self,
        SupportCaseRaised.self, SupportCaseResolved.self, SupportCaseVoided.self,
    ]

    private var schemas = JSONObject()
    private var messages = JSONObject()

    static func make() -> JSONValue {
        var document = AsyncAPIDocument()
        return document.whole()
    }

    private init() {}

    private mutating func whole() -> JSONValue {
        schemas["CloudEvent"] = Self.envelope
        schemas["LearnerCloudEvent"] = Self.learnerEnvelope
        for type in Self.events { add(type) }
        addFeedMessages()
        let names = messages.names.sorted()
        let list = JSONValue.object(JSONObject(names.map { ($0, Self.reference("messages", $0)) }))
        let named = schemas.members.sorted { $0.name < $1.name }.map { ($0.name, $0.value) }
        return [
            "asyncapi": "3.0.0",
            "info": [
                "title": "Cairn events", "version": "1", "description": .string(Self.introduction),
                "license": ["name": "Apache-2.0"],
            ],
            "defaultContentType": "application/cloudevents+json",
            "channels": [
                "webhook": [
                    "address": .null, "title": "A subscription's webhook", "description": .string(Self.webhook),
                    "messages": list,
                ],
                "feed": [
                    "address": "/v1/subscriptions/{subscription}/events", "title": "A subscription's feed",
                    "description": .string(Self.feed), "messages": list,
                    "parameters": ["subscription": ["description": "The subscription's id."]],
                ],
            ],
            "operations": [
                "deliverToWebhook": [
                    "action": "send", "channel": ["$ref": "#/channels/webhook"],
                    "summary": "Cairn posts one event to the address of the subscription.",
                ],
                "answerFromFeed": [
                    "action": "send", "channel": ["$ref": "#/channels/feed"],
                    "summary": "Cairn answers the events after a sequence, as `events` of a page or one by one on the stream.",
                ],
            ],
            "components": [
                "messages": .object(JSONObject(names.map { ($0, messages[$0] ?? [:]) })),
                "schemas": .object(JSONObject(named)),
            ],
        ]
    }

    // MARK: messages

    private mutating func add<E: Event>(_ type: E.Type) {
        guard let entry = EventCatalog[type.type] else { return }
        let members = SchemaRecorder.schema(of: type).members
        var properties = JSONObject()
        var required: [JSONValue] = []
        for name in entry.disclosed {
            guard let member = members.first(where: { $0.name == name }) else { continue }
            var schema = json(member.schema)
            if entry.pairwise.contains(name), case .object(var object) = schema {
                object["description"] = "Known to this partner alone."
                schema = .object(object)
            }
            properties[name] = schema
            if member.isRequired { required.append(.string(name)) }
        }
        var data: JSONObject = ["type": "object", "properties": .object(properties)]
        if !required.isEmpty { data["required"] = .array(required) }
        message(entry.type, entry.version, entry.summary, "LearnerCloudEvent", data: .object(data))
    }

    private mutating func addFeedMessages() {
        message("notifications.backfill_started", 1, "What happened before, and may leave now, follows.",
                "LearnerCloudEvent", data: ["type": "object"])
        message("notifications.backfill_completed", 1, "The past is complete.", "LearnerCloudEvent", data: [
            "type": "object", "required": ["count"],
            "properties": ["count": ["type": "integer", "description": "Events between the brackets."]],
        ])
        message("notifications.withheld", nil, "Something has this place that may not leave.", "CloudEvent", data: nil)
        let id: JSONValue = ["type": "string", "format": "uuid"]
        message("notifications.retraction", 1, "The learner took back what let these leave: a duty to forget.",
                "CloudEvent", attributes: Self.learnerMembers(["subject", "partitionkey", "time", "datacontenttype", "dataschema"]),
                data: [
            "type": "object", "required": ["purpose", "events", "sequences"],
            "properties": [
                "purpose": ["type": "string"],
                "events": ["type": "array", "items": id, "description": "The `id` of each event that had left."],
                "sequences": ["type": "array", "items": json(Self.sequence), "description": "Their places in this feed."],
            ],
        ])
    }

    /// - Parameter version: the end of `dataschema`; nil for what has no data.
    private mutating func message(
        _ type: EventType, _ version: Int?, _ summary: String, _ envelope: String, attributes: JSONObject = [:],
        data: JSONValue?
    ) {
        var properties: JSONObject = ["type": ["const": .string(type.text)]]
        for member in attributes.members { properties[member.name] = member.value }
        if let version {
            properties["dataschema"] = [
                "type": "string", "format": "uri", "pattern": .string("/schemas/\(type)/\(version)$".replacing(".", with: "\\.")),
            ]
        }
        properties["data"] = data
        let required = ["type"] + attributes.names + (data == nil ? [] : ["data"])
        messages[type.text] = [
            "name": .string(type.text), "title": .string(type.text), "summary": .string(summary),
            "contentType": "application/cloudevents+json",
            "payload": ["allOf": [
                Self.reference("schemas", envelope),
                ["type": "object", "properties": .object(properties), "required": .array(required.map { .string($0) })],
            ]],
        ]
    }

    // MARK: shapes

    private mutating func json(_ schema: Schema) -> JSONValue {
        switch schema {
        case .string(let format, let pattern):
            var object: JSONObject = ["type": "string"]
            object["format"] = format.map { .string($0) }
            object["pattern"] = pattern.map { .string($0) }
            return .object(object)
        case .integer: return ["type": "integer"]
        case .number: return ["type": "number"]
        case .boolean: return ["type": "boolean"]
        case .array(let element): return ["type": "array", "items": json(element)]
        case .enumeration(let words): return ["type": "string", "enum": .array(words.map { .string($0) })]
        case .object(let object):
            let properties = object.members.map { ($0.name, json($0.schema)) }
            let required = object.members.filter(\.isRequired).map { JSONValue.string($0.name) }
            schemas[object.name] = [
                "type": "object", "properties": .object(JSONObject(properties)), "required": .array(required),
            ]
            return Self.reference("schemas", object.name)
        case .named(let name, let definitions):
            for (name, definition) in definitions { schemas[name] = definition }
            return Self.reference("schemas", name)
        case .anything: return [:]
        }
    }

    private static func reference(_ kind: String, _ name: String) -> JSONValue {
        ["$ref": .string("#/components/\(kind)/\(name)")]
    }
}
