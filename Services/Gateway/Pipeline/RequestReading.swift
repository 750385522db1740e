import Domain
import HTTPTypes

extension Contract {
    /// The request's canonical bytes from the three places that a caller fills: path, query and body.
    /// - Throws: 404 for a path that names nothing, 400 for what is no JSON, 422 with pointers into the body otherwise.
    func read(
        _ request: EdgeRequest, path values: [String: String], streams: Bool = false
    ) async throws(Problem) -> (canonical: [UInt8], value: JSONValue) {
        var members = try pathMembers(values)
        if !isCommand {
            let query = try queryMembers(request, taken: values, only: streams ? ["after"] : nil)
            return try canonical(of: .object(JSONObject(members.map { ($0.key, $0.value) })), with: query)
        }
        if let query = request.query, !query.isEmpty {
            throw .malformed("parameters.unknown", "A command takes no query parameters; put its members into the body.")
        }
        let body = try await readBody(request, path: members)
        if takesRevision, let revision = try request.revision() { members[Self.revision] = revision }
        return try canonical(of: wrap(body), with: members)
    }

    private func canonical(
        of value: JSONValue, with members: [String: JSONValue]
    ) throws(Problem) -> (canonical: [UInt8], value: JSONValue) {
        do throws(Fault) {
            let whole = try value.merging(members)
            return (try canonical(whole), whole)
        } catch { throw Problem(inBody(error)) }
    }

    /// A violation found below a member that is the whole body gets a pointer into the body that the caller sent.
    func inBody(_ fault: Fault) -> Fault {
        let prefix: String
        switch body {
        case .member(let name): prefix = "/\(name)"
        case .framework: prefix = "/package"
        case .members, .none: return fault
        }
        var fault = fault
        fault.violations = fault.violations.map { violation in
            guard violation.pointer == prefix || violation.pointer.hasPrefix(prefix + "/") else { return violation }
            return Fault.Violation(String(violation.pointer.dropFirst(prefix.count)), violation.rule, violation.message)
        }
        return fault
    }

    private func wrap(_ body: JSONValue) -> JSONValue {
        switch self.body {
        case .member(let name): .object([name: body])
        case .framework:
            body.object?.names == ["upload"] ? body : ["package": body]
        case .members, .none: body
        }
    }

    private func pathMembers(_ values: [String: String]) throws(Problem) -> [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        for (name, text) in values {
            guard let schema = request.members.first(where: { $0.name == name })?.schema,
                  let value = Self.pathValue(text, schema) else { throw .noSuchResource }
            members[name] = value
        }
        return members
    }

    /// One spelling for each address: a version is digits without a sign or leading zeros, an id a UUID.
    private static func pathValue(_ text: String, _ schema: Schema) -> JSONValue? {
        switch schema {
        case .integer:
            guard text.utf8.count <= 9, let number = Int(text), number >= 0, String(number) == text else { return nil }
            return .number(JSONNumber(Int64(number)))
        case .uuid: return EntityID<Learner>(text).map { .string($0.description) }
        default: return nil
        }
    }

    private func queryMembers(
        _ request: EdgeRequest, taken: [String: String], only: Set<String>?
    ) throws(Problem) -> [String: JSONValue] {
        if request.announcesBody {
            throw .malformed("body.unexpected", "This method takes no body; use query parameters.")
        }
        let form: FormParameters
        do throws(Fault) { form = try FormParameters(request.query ?? "") } catch { throw Problem(error) }
        var members: [String: JSONValue] = [:]
        var violations: [Fault.Violation] = []
        for (name, text) in form.pairs {
            let pointer = JSONPointer.appending(name, to: "")
            guard taken[name] == nil, only?.contains(name) ?? true,
                  let member = self.request.members.first(where: { $0.name == name }) else {
                violations.append(Fault.Violation(pointer, "member.unknown", "is not a query parameter here"))
                continue
            }
            guard let value = member.schema.value(of: text) else {
                violations.append(Fault.Violation(pointer, "member.type", "must be a whole number"))
                continue
            }
            members[name] = value
        }
        guard violations.isEmpty else {
            throw Problem(Fault(.invalid, "Correct the query parameters named in the violations.", violations: violations))
        }
        return members
    }

    private func readBody(_ request: EdgeRequest, path: [String: JSONValue]) async throws(Problem) -> JSONValue {
        let isOptional = body == .members
            && self.request.members.allSatisfy { !$0.isRequired || path[$0.name] != nil }
        guard request.announcesBody else {
            if isOptional { return [:] }
            throw .malformed("body.missing", "A JSON body is required.")
        }
        guard request.mediaType == "application/json" else {
            throw .malformed("body.media_type", "Send the body as application/json.", status: .unsupportedMediaType)
        }
        guard !request.isOtherCharset else {
            throw .malformed("body.charset", "Send the body in UTF-8.", status: .unsupportedMediaType)
        }
        guard request.fields[.contentEncoding] == nil else {
            throw .malformed("body.encoding", "Send the body without a content encoding.", status: .unsupportedMediaType)
        }
        do {
            let bytes = try await request.body(EdgeLimits.bodyBytes)
            if bytes.isEmpty, isOptional { return [:] }
            return try JSONValue.parse(bytes, limits: .edge)
        } catch let error as JSONError {
            throw Problem(error.fault)
        } catch {
            throw Problem(error as? Fault ?? Fault(.malformed, "The body broke off."))
        }
    }
}

extension EdgeRequest {
    /// What `If-Match` names: one entity tag as `ETag` gave it. Nil without it, and for `*`.
    fileprivate func revision() throws(Problem) -> JSONValue? {
        let tags = fields[values: .ifMatch]
        if tags.isEmpty || tags == ["*"] { return nil }
        let digits = tags[0].dropFirst().dropLast()
        guard tags.count == 1, tags[0].hasPrefix("\""), tags[0].hasSuffix("\""), digits.utf8.count <= 9,
              let number = Int64(digits), String(number) == digits, number > 0
        else {
            throw .malformed("if_match", "Send If-Match with one ETag as it was given, for example \"3\".")
        }
        return .number(JSONNumber(number))
    }

    /// 1 to 255 visible ASCII characters, given once.
    func idempotencyKey() throws(Problem) -> String {
        let keys = fields[values: .idempotencyKey]
        guard let key = keys.first else {
            throw .malformed("idempotency_key.missing", """
                Send an Idempotency-Key: a new one (a UUID, say) for a new command, the same one to repeat a command.
                """)
        }
        guard keys.count == 1 else {
            throw .malformed("idempotency_key.repeated", "Send exactly one Idempotency-Key.")
        }
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .malformed("idempotency_key.form", "An Idempotency-Key is 1 to 255 visible ASCII characters.")
        }
        return key
    }
}
