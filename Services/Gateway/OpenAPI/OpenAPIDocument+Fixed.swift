import Domain

/// The parts that are the same for every route.
extension OpenAPIDocument {
    static let introduction = """
        The learner record, pathways, assessment and notifications of a state's learner ecosystem. \
        Everything is JSON in UTF-8, at most 1 MiB a body; members that are not known are refused. \
        Times are RFC 3339 in UTC, dates are dates in the state's zone, positions are decimal strings. \
        Every command carries an `Idempotency-Key`: repeating it with the same key and body gives the first answer \
        again. Errors are `application/problem+json` (RFC 9457). To a caller, what it may not see does not exist (404).
        """

    static let tracing: JSONValue = ["$ref": "#/components/parameters/traceparent"]

    static let idempotencyKey: JSONValue = [
        "name": "Idempotency-Key", "in": "header", "required": true,
        "schema": ["type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"],
        "description": "A new one for a new command, the same one to repeat a command whose answer was lost.",
    ]

    static let ifMatch: JSONValue = [
        "name": "If-Match", "in": "header", "required": false, "schema": ["type": "string", "pattern": "^(\\*|\"[1-9][0-9]*\")$"],
        "description": "The `ETag` of the text that this one replaces: 412 when somebody else was first.",
    ]

    static let traceparent: JSONValue = [
        "name": "traceparent", "in": "header", "required": false, "schema": ["type": "string"],
        "description": "W3C Trace Context; the answer goes on in the same trace.",
    ]

    static let traceHeader: JSONValue = ["description": "W3C Trace Context of this request.", "schema": ["type": "string"]]
    static let location: JSONValue = [
        "description": "Where it can be read.", "schema": ["type": "string", "format": "uri-reference"],
    ]
    static let entityTag: JSONValue = [
        "description": "The `revision` of the text, in quotes. Send it back as `If-Match` to replace no other.",
        "schema": ["type": "string"],
    ]
    static let link: JSONValue = [
        "description": "`rel=\"next\"`: the next page; absent on the last.", "schema": ["type": "string"],
    ]

    static let problemResponse: JSONValue = [
        "description": "It did not work; `code` says why and `retry` whether to send it again.",
        "headers": [
            "traceparent": ["$ref": "#/components/headers/traceparent"],
            "Retry-After": ["description": "Seconds to wait, on 429 and 503.", "schema": ["type": "integer"]],
        ],
        "content": ["application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]],
    ]

    static let problem: JSONValue = [
        "type": "object", "description": "RFC 9457.",
        "properties": [
            "type": ["type": "string", "format": "uri-reference", "description": "Where this code is explained."],
            "title": ["type": "string"], "status": ["type": "integer"],
            "code": [
                "type": "string",
                "description": .string("One of these, or a newer one: "
                    + Fault.Code.documented.map { "`\($0)`" }.joined(separator: ", ") + ", `method_not_allowed`."),
            ],
            "detail": ["type": "string", "description": "One sentence that says what to do next."],
            "errors": [
                "type": "array", "maxItems": 50,
                "items": [
                    "type": "object", "required": ["pointer", "rule", "message"],
                    "properties": [
                        "pointer": ["type": "string", "description": "RFC 6901 pointer into the body, or `/` and a parameter."],
                        "rule": ["type": "string", "description": "Dotted snake case, stable: `member.unknown`."],
                        "message": ["type": "string"],
                    ],
                ],
            ],
            "traceId": ["type": "string"],
            "retry": [
                "type": "string", "enum": ["never", "with_same_key"],
                "description": "`with_same_key`: the same request with the same Idempotency-Key may be sent again.",
            ],
        ],
        "required": ["type", "title", "status", "code", "detail", "traceId", "retry"],
    ]

    static let tokenReply: JSONValue = [
        "type": "object",
        "properties": [
            "access_token": ["type": "string", "description": "A JWT as in RFC 9068."],
            "token_type": ["const": "Bearer"], "expires_in": ["type": "integer", "description": "Seconds."],
        ],
        "required": ["access_token", "token_type", "expires_in"],
    ]

    static let tokenError: JSONValue = [
        "type": "object", "description": "RFC 6749 §5.2.",
        "properties": ["error": ["type": "string"], "error_description": ["type": "string"]], "required": ["error"],
    ]

    static let tokenForm: JSONValue = [
        "required": true,
        "content": ["application/x-www-form-urlencoded": ["schema": [
            "type": "object",
            "properties": [
                "grant_type": ["const": "client_credentials"],
                "client_id": ["type": "string", "description": "Unless HTTP Basic carries it."],
                "client_secret": ["type": "string", "description": "Unless HTTP Basic carries it."],
            ],
            "required": ["grant_type"],
        ]]],
    ]

    static var tokenResponses: JSONValue {
        func answer(_ text: String, _ schema: String) -> JSONValue {
            ["description": .string(text),
             "content": ["application/json": ["schema": ["$ref": .string("#/components/schemas/\(schema)")]]]]
        }
        return [
            "200": answer("A token for ten minutes.", "TokenReply"),
            "400": answer("The request is not understood.", "TokenError"),
            "401": answer("The client is not known by this secret.", "TokenError"),
            "413": reference("responses", "Problem"),
            "429": [
                "description": "Too many failed attempts, or too many requests (a problem).",
                "content": [
                    "application/json": ["schema": reference("schemas", "TokenError")],
                    "application/problem+json": ["schema": reference("schemas", "Problem")],
                ],
            ],
            "500": answer("No token can be given now.", "TokenError"),
            "503": reference("responses", "Problem"),
        ]
    }

    static func pageResponse(_ route: Route) -> JSONValue {
        let type = route.path.description == "/docs" ? "text/html" : "application/json"
        let schema: JSONValue = type == "text/html" ? ["type": "string"] : ["type": "object"]
        let content: JSONObject = [type: ["schema": schema]]
        return [
            "200": ["description": "The document.", "content": .object(content)],
            "429": reference("responses", "Problem"), "503": reference("responses", "Problem"),
        ]
    }
}

extension Route.Action {
    var isToken: Bool { if case .page(.token) = self { true } else { false } }
}

extension Route {
    /// The members of a query that come in the query string.
    var queryMembers: [Schema.Member] {
        guard let contract, !contract.isCommand else { return [] }
        return contract.members(outside: path).filter { !isStream || $0.name == "after" }
    }

    /// What the documentation comment of the request says.
    var note: String? {
        guard let contract, case .object(let request) = contract.request else { return nil }
        return DomainNotes.text[request.name]
    }

    /// `records.register_learner` is `registerLearner`; what the path adds to tell two apart is appended.
    var operationID: String {
        guard let contract else {
            guard case .page(let page) = action else { return "" }
            return page == .token ? "issueToken" : "get" + page.rawValue.prefix(1).uppercased() + page.rawValue.dropFirst()
        }
        if isStream { return "streamFeed" }
        let words = contract.name.text.split(separator: ".").last.map { $0.split(separator: "_") } ?? []
        let base = words.enumerated().map { $0 == 0 ? String($1) : $1.capitalized }.joined()
        if path.description.hasPrefix("/v1/operations/") { return base + "Of" + contract.name.service.capitalized }
        return base + (contract.isCommand ? "" : path.parameters.dropFirst().map(\.capitalized).joined())
    }
}

extension StringProtocol {
    fileprivate var capitalized: String { prefix(1).uppercased() + dropFirst() }
}
