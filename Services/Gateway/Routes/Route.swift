import Domain
import HTTPTypes

/// One row of the route table: an address, and what happens there.
struct Route: Sendable {
    enum Action: Sendable {
        /// The request of this contract goes to the service that owns it, its reply comes back.
        case forward(Contract)
        /// Reads a subscription's feed again and again and writes it as server-sent events.
        case stream(Contract)
        /// Answered here, without a token.
        case page(Page)
    }

    enum Page: String, Sendable, CaseIterable {
        case token, keys, metadata, openAPI, asyncAPI, docs
    }

    let method: HTTPRequest.Method
    let path: PathTemplate
    /// Heading in the documentation.
    let group: String
    /// One sentence in the imperative.
    let summary: String
    let action: Action

    var contract: Contract? {
        switch action {
        case .forward(let contract), .stream(let contract): contract
        case .page: nil
        }
    }

    var isStream: Bool { if case .stream = action { true } else { false } }

    /// As its GET. A feed does not: to read it is to disclose what it holds, and nothing would be handed over.
    var answersHead: Bool { method == .get && contract?.name != ReadFeed.name }
}

/// How one HTTP request becomes one request of Domain, and its reply an HTTP response.
struct Contract: Sendable {
    enum BodyForm: Sendable, Hashable {
        /// A query: members come from the path and the query string.
        case none
        /// The members that the path does not name.
        case members
        /// The whole body is this one member.
        case member(String)
        /// A CASE package as it is, or `{"upload": id}` for parts staged before.
        case framework
    }

    enum Success: Sendable, Hashable {
        case ok
        /// 204: the reply says nothing beyond "done".
        case done
        /// 201 with `Location`, whose parameters are members of the reply or of the request; nil where nothing can be
        /// read back.
        case created(at: String?)
        /// 201 when the named member of the reply is true, else 200; `Location` in both cases.
        case createdIf(member: String, at: String)
        /// 202 with `Location` when the member has this value, else 200.
        case acceptedWhile(member: String, is: String, at: String)
    }

    let name: RequestName
    let isCommand: Bool
    let body: BodyForm
    let success: Success
    /// The shape of the request with the path's members.
    let request: Schema
    let reply: Schema
    /// The request in its canonical bytes, after strict decoding. Nothing is forwarded that Domain cannot read.
    let canonical: @Sendable (JSONValue) throws(Fault) -> [UInt8]

    /// The member that arrives as a member of its own in the body but whose pointers begin below the body.
    var wholeMember: String? { if case .member(let name) = body { name } else { nil } }

    /// The reply is about one of several texts of the same thing, told as its `ETag`.
    var hasRevision: Bool {
        guard case .object(let reply) = reply else { return false }
        return reply.members.contains { $0.name == Self.revision }
    }

    /// The command may be about one of these texts only, told by `If-Match`.
    var takesRevision: Bool { isCommand && wholeMember != nil && request.members.contains { $0.name == Self.revision } }

    static let revision = "revision"

    func members(outside path: PathTemplate) -> [Schema.Member] {
        let taken = Set(path.parameters)
        return request.members.filter { !taken.contains($0.name) }
    }
}

extension Route {
    static func command<C: Command>(
        _: C.Type, _ method: HTTPRequest.Method, _ path: String, _ group: String, _ summary: String,
        as name: RequestName = C.name, body: Contract.BodyForm = .members, _ success: Contract.Success
    ) -> Route {
        Route(method, path, group, summary, .forward(contract(C.self, name, isCommand: true, body, success)))
    }

    /// - Parameter name: where every service answers the same request about itself.
    static func query<Q: Query>(
        _: Q.Type, _ path: String, _ group: String, _ summary: String, as name: RequestName = Q.name
    ) -> Route {
        Route(.get, path, group, summary, .forward(contract(Q.self, name, isCommand: false, .none, .ok)))
    }

    static func stream<Q: Query>(_: Q.Type, _ path: String, _ group: String, _ summary: String) -> Route {
        Route(.get, path, group, summary, .stream(contract(Q.self, Q.name, isCommand: false, .none, .ok)))
    }

    static func page(
        _ page: Page, _ method: HTTPRequest.Method, _ path: String, _ group: String, _ summary: String
    ) -> Route {
        Route(method, path, group, summary, .page(page))
    }

    private init(_ method: HTTPRequest.Method, _ path: String, _ group: String, _ summary: String, _ action: Action) {
        self.init(method: method, path: PathTemplate(path), group: group, summary: summary, action: action)
    }

    private static func contract<R: Domain.Request>(
        _: R.Type, _ name: RequestName, isCommand: Bool, _ body: Contract.BodyForm, _ success: Contract.Success
    ) -> Contract {
        Contract(
            name: name, isCommand: isCommand, body: body, success: success,
            request: SchemaRecorder.schema(of: R.self), reply: SchemaRecorder.schema(of: R.Reply.self),
            canonical: { value throws(Fault) in Wire.encode(try value.decode(R.self, unknownMembers: .refused)) })
    }
}
