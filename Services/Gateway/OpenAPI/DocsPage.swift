import Domain

/// The API as one plain page for people, made from the same table as the OpenAPI document. No script, nothing loaded.
enum DocsPage {
    static func html(_ routes: [Route]) -> String {
        var groups: [(name: String, routes: [Route])] = []
        for route in routes {
            if let place = groups.firstIndex(where: { $0.name == route.group }) {
                groups[place].routes.append(route)
            } else {
                groups.append((route.group, [route]))
            }
        }
        let contents = groups.map { "<a href=\"#\(anchor($0.name))\">\(escaped($0.name))</a>" }.joined(separator: " · ")
        let sections = groups.map { group in
            "<h2 id=\"\(anchor(group.name))\">\(escaped(group.name))</h2>\n" + group.routes.map(section).joined()
        }.joined()
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>Cairn API</title>
            <meta name="viewport" content="width=device-width"><style>\(style)</style></head><body>
            <h1>Cairn API</h1>
            <p>\(prose(OpenAPIDocument.introduction))</p>
            <p>For programs: <a href="/openapi.json">openapi.json</a>.</p>
            <nav>\(contents) · <a href="#problems">Problems</a></nav>
            \(sections)
            <h2 id="problems">Problems</h2>
            \(problems)
            </body></html>

            """
    }

    private static func section(_ route: Route) -> String {
        var html = """
            <section id="\(route.operationID)"><h3><code>\(route.method.rawValue) \(escaped(route.path.description))</code></h3>
            <p>\(prose(route.summary))\(route.note.map { " " + prose($0) } ?? "")</p>

            """
        guard let contract = route.contract else { return html + "</section>\n" }
        if case .object(let request) = contract.request {
            let taken = Set(route.path.parameters)
            let body: [Schema.Member], title: String
            switch contract.body {
            case .none: (body, title) = (route.queryMembers, "Query parameters")
            case .members: (body, title) = (contract.members(outside: route.path), "Body")
            case .member(let name):
                (body, title) = (request.members.first { $0.name == name }?.schema.members ?? [], "Body")
            case .framework: (body, title) = ([], "Body")
            }
            html += table("Path", request.members.filter { taken.contains($0.name) }, of: request.name)
            html += table(title, body, of: contract.wholeMember.flatMap { name in
                if case .object(let object) = request.members.first(where: { $0.name == name })?.schema { object.name } else { nil }
            } ?? request.name)
        }
        if case .object(let reply) = contract.reply { html += table("Answer", reply.members, of: reply.name) }
        return html + "<p>Asks for <code>\(escaped(contract.name.text))</code>; allowed to: \(roles(contract.name)).</p></section>\n"
    }

    private static func roles(_ request: RequestName) -> String {
        let rules = AuthorizationMatrix.rules(for: request)
        if rules.count == Role.allCases.count { return "every client" }
        return rules.map { "\($0.role.rawValue)\($0.reach == .withinScope ? " (within its scope)" : "")" }
            .joined(separator: ", ")
    }

    private static func table(_ title: String, _ members: [Schema.Member], of type: String) -> String {
        guard !members.isEmpty else { return "" }
        let rows = members.map { member in
            "<tr><td><code>\(escaped(member.name))</code>\(member.isRequired ? "" : " <i>optional</i>")</td>"
                + "<td>\(escaped(name(member.schema)))</td>"
                + "<td>\(DomainNotes.text["\(type).\(member.name)"].map(prose) ?? "")</td></tr>\n"
        }
        return "<h4>\(title)</h4><table>\(rows.joined())</table>\n"
    }

    private static func name(_ schema: Schema) -> String {
        switch schema {
        case .string(let format, _): format ?? "string"
        case .integer: "integer"
        case .number: "number"
        case .boolean: "boolean"
        case .array(let element): "list of \(name(element))"
        case .enumeration(let words): words.joined(separator: " | ")
        case .object(let object): "\(object.name) { \(object.members.map { $0.name + ($0.isRequired ? "" : "?") }.joined(separator: ", ")) }"
        case .named(let name, _): name
        case .anything: "any JSON"
        }
    }

    private static var problems: String {
        let meanings: [(Fault.Code, String)] = [
            (.malformed, "Not JSON, not the media type, or a header is missing."), (.unauthenticated, "No token, or one that does not hold."),
            (.forbidden, "This client may never do this."), (.notFound, "Not there, or not there for this client."),
            (.conflict, "The thing is in a state that does not allow this."), (.versionMismatch, "Somebody else was first."),
            (.tooLarge, "More than the bound that the detail names."), (.invalid, "A member is missing, unknown, of the wrong type or breaks a rule."),
            (.refused, "A rule of the domain forbids this; the errors name it."), (.keyReused, "The Idempotency-Key was used with another body."),
            (.limited, "Too many requests; wait as long as Retry-After says."), (.internal, "A bug of ours; tell us the trace id."),
            (.unavailable, "A service cannot be reached or is busy; nothing was done."),
            (.outcomeUnknown, "The answer was lost: send the command again with the same key."),
        ]
        return "<table>" + meanings.map { code, text in
            "<tr id=\"problem-\(code)\"><td><code>\(code)</code></td><td>\(code.status.code)</td><td>\(text)</td></tr>\n"
        }.joined() + "</table>"
    }

    private static let style = """
        body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b}
        code{font-size:.95em;background:#f3f3f0;padding:.1em .3em}h2{margin-top:3rem;border-bottom:1px solid #ccc}
        table{border-collapse:collapse;width:100%;margin:.5rem 0}td{border:1px solid #ddd;padding:.3rem .5rem;vertical-align:top}
        """

    private static func anchor(_ text: String) -> String { "group-" + text.lowercased() }

    /// Backticks become code.
    private static func prose(_ text: String) -> String {
        escaped(text).split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .map { $0 % 2 == 1 ? "<code>\($1)</code>" : String($1) }.joined()
    }

    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;").replacing("'", with: "&#39;")
    }
}
