import Domain

/// The parts that are the same for every event: the envelope as `CloudEvents` of notifications writes it.
extension AsyncAPIDocument {
    static let introduction = """
        What a partner receives about learners who consented: CloudEvents 1.0 in structured JSON. Every subscription \
        has one feed, numbered without gaps by `sequence`; webhooks and the feed carry the very same bytes. Consent is \
        decided at the moment of sending. Ids of a learner's things are this partner's alone. No attribute is null. \
        New members may appear; a changed meaning gets a new version at the end of `dataschema`.
        """

    static let webhook = """
        The https address that the subscription names. One event in each POST, at least once, the events of one learner \
        in their order. Signed as Standard Webhooks say, in `webhook-id` (equal to `id`), `webhook-timestamp` and \
        `webhook-signature`. Answer 2xx once it is stored.
        """

    static let feed = """
        GET with `after`, `limit` and `waitSeconds`, or `/v1/subscriptions/{subscription}/stream` as server-sent events; \
        `/openapi.json` describes both. Read with a partner's token.
        """

    static let sequence = Schema.string(pattern: "^[0-9]+$")

    /// The attributes that every event has, `notifications.withheld` included.
    static let envelope: JSONValue = [
        "type": "object", "description": "CloudEvents 1.0.",
        "properties": [
            "specversion": ["const": "1.0"],
            "id": ["type": "string", "format": "uuid",
                   "description": "The same on every try, and this partner's alone; also the `webhook-id`."],
            "source": ["type": "string", "pattern": "^/cairn/[^/]+/[a-z]+$",
                       "description": "`/cairn/`, the deployment, and the service that said it."],
            "type": ["type": "string"],
            "sequence": ["type": "string", "pattern": "^[0-9]+$", "description": "The place in this feed."],
        ],
        "required": ["specversion", "id", "source", "type", "sequence"],
    ]

    /// What comes with it where a learner is named.
    static let learnerEnvelope: JSONValue = {
        let names = ["subject", "partitionkey", "time", "effectivetime", "datacontenttype", "dataschema"]
        return ["allOf": [
            ["$ref": "#/components/schemas/CloudEvent"],
            ["type": "object", "properties": .object(learnerMembers(names)), "required": .array(names.map { .string($0) })],
        ]]
    }()

    static func learnerMembers(_ names: [String]) -> JSONObject {
        let all: JSONObject = [
            "subject": ["type": "string", "format": "uuid", "description": "The learner, under an id of this partner's alone."],
            "partitionkey": ["type": "string", "format": "uuid", "description": "Equal to `subject`."],
            "time": ["type": "string", "format": "date-time", "description": "When it was recorded."],
            "effectivetime": ["type": "string", "format": "date-time", "description": "When it took effect."],
            "datacontenttype": ["const": "application/json"],
            "dataschema": ["type": "string", "format": "uri"],
        ]
        return JSONObject(names.compactMap { name in all[name].map { (name, $0) } })
    }
}
