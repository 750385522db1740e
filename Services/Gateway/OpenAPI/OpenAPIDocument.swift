import Domain

/// OpenAPI 3.1 for a route table. Everything in it comes from the table, the shapes of the Domain types and their
/// documentation comments (`DomainNotes`), so that it cannot tell of more or less than there is.
struct OpenAPIDocument {
    private let routes: [Route]
    private var schemas = JSONObject()

    static func make(_ routes: [Route]) -> JSONValue {
        var document = OpenAPIDocument(routes: routes)
        return document.whole()
    }

    private init(routes: [Route]) { self.routes = routes }

    private mutating func whole() -> JSONValue {
        var paths = JSONObject()
        for route in routes {
            var item = paths[route.path.description]?.object ?? JSONObject()
            item[route.method.rawValue.lowercased()] = operation(route)
            paths[route.path.description] = .object(item)
        }
        schemas["Problem"] = Self.problem
        schemas["TokenReply"] = Self.tokenReply
        schemas["TokenError"] = Self.tokenError
        let named = schemas.members.sorted { $0.name < $1.name }.map { ($0.name, $0.value) }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Cairn", "version": "1", "description": .string(Self.introduction),
                "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
            ],
            "servers": [["url": "/"]],
            "security": [["client": []]],
            "tags": .array(groups.map { ["name": .string($0)] }),
            "paths": .object(paths),
            "components": [
                "schemas": .object(JSONObject(named)),
                "parameters": [
                    "IdempotencyKey": Self.idempotencyKey, "If-Match": Self.ifMatch, "traceparent": Self.traceparent,
                ],
                "headers": [
                    "traceparent": Self.traceHeader, "Location": Self.location, "Link": Self.link, "ETag": Self.entityTag,
                ],
                "responses": ["Problem": Self.problemResponse],
                "securitySchemes": ["client": [
                    "type": "oauth2", "description": "Client credentials; what a client may do is fixed by its grants.",
                    "flows": ["clientCredentials": ["tokenUrl": "/oauth/token", "scopes": [:]]],
                ]],
            ],
        ]
    }

    private var groups: [String] {
        routes.reduce(into: []) { if !$0.contains($1.group) { $0.append($1.group) } }
    }

    private mutating func operation(_ route: Route) -> JSONValue {
        var operation: JSONObject = [
            "operationId": .string(route.operationID), "tags": [.string(route.group)], "summary": .string(route.summary),
        ]
        if let note = route.note { operation["description"] = .string(note) }
        guard let contract = route.contract else {
            operation["security"] = []
            if route.action.isToken { operation["requestBody"] = Self.tokenForm }
            operation["responses"] = route.action.isToken ? Self.tokenResponses : Self.pageResponse(route)
            return .object(operation)
        }
        operation["parameters"] = .array(parameters(route, contract))
        if contract.isCommand, let body = requestBody(route, contract) { operation["requestBody"] = body }
        operation["responses"] = responses(route, contract)
        return .object(operation)
    }

    private mutating func parameters(_ route: Route, _ contract: Contract) -> [JSONValue] {
        var parameters: [JSONValue] = []
        for name in route.path.parameters {
            guard let member = contract.request.members.first(where: { $0.name == name }) else { continue }
            parameters.append(parameter(member, "path", contract, isRequired: true))
        }
        if contract.isCommand {
            let matching = contract.takesRevision ? [Self.reference("parameters", "If-Match")] : []
            return parameters + [Self.reference("parameters", "IdempotencyKey")] + matching + [Self.tracing]
        }
        for member in route.queryMembers {
            parameters.append(parameter(member, "query", contract, isRequired: member.isRequired))
        }
        if route.isStream {
            parameters.append([
                "name": "Last-Event-ID", "in": "header", "schema": ["type": "string"],
                "description": "The `id` of the last event received; wins over `after`.",
            ])
        }
        return parameters + [Self.tracing]
    }

    private mutating func parameter(
        _ member: Schema.Member, _ place: String, _ contract: Contract, isRequired: Bool
    ) -> JSONValue {
        var parameter: JSONObject = [
            "name": .string(member.name), "in": .string(place), "required": .bool(isRequired), "schema": json(member.schema),
        ]
        if case .object(let request) = contract.request, let note = DomainNotes.text["\(request.name).\(member.name)"] {
            parameter["description"] = .string(note)
        }
        return .object(parameter)
    }

    private mutating func requestBody(_ route: Route, _ contract: Contract) -> JSONValue? {
        let schema: JSONValue, isRequired: Bool
        switch contract.body {
        case .none: return nil
        case .members:
            let members = contract.members(outside: route.path)
            guard !members.isEmpty, case .object(let request) = contract.request else { return nil }
            schema = register(request.name, members, isClosed: true)
            isRequired = members.contains { $0.isRequired }
        case .member(let name):
            guard let member = contract.request.members.first(where: { $0.name == name }) else { return nil }
            schema = json(member.schema, isClosed: true)
            isRequired = true
        case .framework:
            schema = ["oneOf": [
                ["type": "object", "title": "CASE package", "required": ["CFDocument"],
                 "description": "A CASE 1.0 or 1.1 package as it is."],
                ["type": "object", "title": "Upload", "properties": ["upload": ["type": "string", "format": "uuid"]],
                 "required": ["upload"], "additionalProperties": false,
                 "description": "The parts staged before under this id."],
            ]]
            isRequired = true
        }
        return ["required": .bool(isRequired), "content": ["application/json": ["schema": schema]]]
    }

    private mutating func responses(_ route: Route, _ contract: Contract) -> JSONValue {
        var responses = JSONObject()
        let content: JSONValue = route.isStream
            ? ["text/event-stream": ["schema": ["type": "string"]]]
            : ["application/json": ["schema": json(contract.reply)]]
        func answer(_ text: String, _ headers: [String], hasBody: Bool = true) -> JSONValue {
            var answer: JSONObject = ["description": .string(text)]
            let tag = contract.hasRevision ? ["ETag"] : []
            answer["headers"] = .object(JSONObject((headers + tag + ["traceparent"]).map {
                ($0, Self.reference("headers", $0))
            }))
            if hasBody { answer["content"] = content }
            return .object(answer)
        }
        let isPaged = !contract.isCommand && contract.request.members.contains { $0.name == "cursor" }
        switch contract.success {
        case .ok: responses["200"] = answer(route.isStream ? "Events, as they come." : "The answer.", isPaged ? ["Link"] : [])
        case .done: responses["204"] = answer("Done.", [], hasBody: false)
        case .created(let place): responses["201"] = answer("Created.", place == nil ? [] : ["Location"])
        case .createdIf:
            responses["200"] = answer("This very content was here already.", ["Location"])
            responses["201"] = answer("Created.", ["Location"])
        case .acceptedWhile(_, let value, _):
            responses["200"] = answer("Over and done.", [])
            responses["202"] = answer("Still `\(value)`: ask again at `Location`.", ["Location"])
        }
        let common = ["400", "401", "403", "404", "422", "429", "500", "503"]
        let errors = contract.isCommand ? common + ["409", "412", "413", "415"] : common
        for status in errors.sorted() { responses[status] = Self.reference("responses", "Problem") }
        return .object(responses)
    }

    // MARK: shapes

    private mutating func json(_ schema: Schema, isClosed: Bool = false) -> JSONValue {
        switch schema {
        case .string(let format, let pattern):
            var object: JSONObject = ["type": "string"]
            object["format"] = format.map { .string($0) }
            object["pattern"] = pattern.map { .string($0) }
            return .object(object)
        case .integer: return ["type": "integer"]
        case .number: return ["type": "number"]
        case .boolean: return ["type": "boolean"]
        case .array(let element): return ["type": "array", "items": json(element, isClosed: isClosed)]
        case .enumeration(let words): return ["type": "string", "enum": .array(words.map { .string($0) })]
        case .object(let object): return register(object.name, object.members, isClosed: isClosed)
        case .named(let name, let definitions):
            for (name, definition) in definitions { schemas[name] = definition }
            return Self.reference("schemas", name)
        case .anything: return [:]
        }
    }

    /// A shape that a caller sends is closed, because unknown members are refused; what we send may grow.
    private mutating func register(_ name: String, _ members: [Schema.Member], isClosed: Bool) -> JSONValue {
        var properties = JSONObject()
        for member in members {
            let schema = json(member.schema, isClosed: isClosed)
            guard let note = DomainNotes.text["\(name).\(member.name)"], case .object(var object) = schema else {
                properties[member.name] = schema
                continue
            }
            object["description"] = .string(note)
            properties[member.name] = .object(object)
        }
        var object: JSONObject = ["type": "object"]
        object["description"] = DomainNotes.text[name].map { .string($0) }
        object["properties"] = .object(properties)
        let required = members.filter(\.isRequired).map { JSONValue.string($0.name) }
        if !required.isEmpty { object["required"] = .array(required) }
        let isClosedAlready = schemas[name]?["additionalProperties"] == .bool(false)
        if isClosed || isClosedAlready { object["additionalProperties"] = false }
        schemas[name] = .object(object)
        return Self.reference("schemas", name)
    }

    static func reference(_ kind: String, _ name: String) -> JSONValue {
        ["$ref": .string("#/components/\(kind)/\(name)")]
    }
}
