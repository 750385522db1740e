import Domain
import HTTPTypes
import Logging
import Messaging
import Metrics
import ServiceKit
import ServiceLifecycle

/// The whole way of a request: bounds, trace, route, token, rate, body, service, answer. It knows nothing of the server
/// that reads bytes, and keeps nothing that must survive.
struct Edge: Sendable {
    struct Limits: Sendable {
        var requestsPerSecond: Double = 200
        var burst: Double = 400
        /// Of clients; one client has a quarter of it, and strangers have as much again for tokens and pages.
        var inFlight = 512
        var streams = 512
        var streamsPerClient = 5
        var deadline: Duration = .seconds(10)
        /// From asking for a page of a feed to handing it to the partner's connection.
        var feedPage: Duration = .seconds(2)
    }

    private let routes: RouteTree
    private let pages: Pages
    private let backend: any Backend
    private let clients: ClientDirectory
    private let authority: TokenAuthority
    private let verified = VerifiedTokens()
    private let clientRate: RateLimit
    private let anonymousRate: RateLimit
    private let inFlight: Concurrency
    private let strangers: Concurrency
    private let streams: Concurrency
    private let limits: Limits
    private let issuer: String
    private let logger: Logger

    /// Precondition: `RouteTable.check` holds for the routes.
    init(
        routes: [Route] = RouteTable.all, issuer: String, backend: any Backend, clients: ClientDirectory,
        keys: SigningKeys, limits: Limits = Limits(), logger: Logger
    ) {
        RouteTable.check(routes)
        self.routes = RouteTree(routes)
        self.backend = backend
        self.clients = clients
        self.issuer = issuer
        self.limits = limits
        self.logger = logger
        authority = TokenAuthority(keys: keys, issuer: issuer)
        pages = Pages(routes: routes, issuer: issuer, authority: authority, clients: clients)
        clientRate = RateLimit(rate: limits.requestsPerSecond, burst: limits.burst)
        anonymousRate = RateLimit(rate: limits.requestsPerSecond, burst: limits.burst)
        let share = max(2, limits.inFlight / 4)
        inFlight = Concurrency(totalMax: limits.inFlight, eachMax: share)
        strangers = Concurrency(totalMax: share)
        streams = Concurrency(totalMax: limits.streams, eachMax: limits.streamsPerClient)
    }

    func respond(to request: EdgeRequest) async -> EdgeResponse {
        let start = ContinuousClock.now
        let parents = request.fields[values: .traceparent]
        let trace = (parents.count == 1 ? TraceContext(parents[0])?.child() : nil) ?? .start()
        var note = Note()
        var response: EdgeResponse
        do throws(Problem) {
            response = try await answer(request, trace, &note)
        } catch {
            response = error.response(traceID: trace.traceID, base: issuer)
        }
        response.fields[.traceparent] = trace.description
        response.fields[.xContentTypeOptions] = "nosniff"
        response.fields[.referrerPolicy] = "no-referrer"
        if response.fields[.cacheControl] == nil { response.fields[.cacheControl] = "no-store" }
        observe(note, response.status.code, start, trace)
        return response
    }

    /// What is known of a request by the time it is logged. Addresses hold ids of people, so the template stands for
    /// the path.
    private struct Note {
        var route = "none"
        var client = ""
    }

    private func answer(
        _ request: EdgeRequest, _ trace: TraceContext, _ note: inout Note
    ) async throws(Problem) -> EdgeResponse {
        try checkBounds(request)
        let match = routes.match(request.method.rawValue, request.path)
        guard case .found(let route, let values) = match else { return try other(request, match) }
        note.route = "\(route.method.rawValue) \(route.path)"
        switch route.action {
        case .page(let page):
            if let seconds = anonymousRate.take(request.peer) { throw .limited(seconds: seconds, "Too many requests.") }
            guard let place = strangers.enter() else { throw .busy }
            defer { withExtendedLifetime(place) {} }
            return try await pages.answer(page, request)
        case .stream(let contract), .forward(let contract):
            let token = try authenticate(request)
            note.client = token.client
            if let seconds = clientRate.take(token.client) {
                throw .limited(seconds: seconds, "This client sends too many requests. Wait.")
            }
            guard let place = inFlight.enter(token.client) else { throw .busy }
            defer { withExtendedLifetime(place) {} }
            let asking = Asking(request: request, contract: contract, values: values, token: token, trace: trace)
            return route.isStream ? try await stream(asking) : try await forward(asking)
        }
    }

    private struct Asking: Sendable {
        let request: EdgeRequest
        let contract: Contract
        let values: [String: String]
        let token: AccessToken
        let trace: TraceContext
    }

    private func checkBounds(_ request: EdgeRequest) throws(Problem) {
        guard request.fieldBytes <= EdgeLimits.fieldBytes else {
            throw Problem(Fault(.tooLarge, "The header is larger than 16 KiB."), status: .requestHeaderFieldsTooLarge)
        }
        guard request.target.utf8.count <= EdgeLimits.targetBytes else {
            throw Problem(Fault(.tooLarge, "The address is longer than 8 KiB."), status: .uriTooLong)
        }
    }

    /// A path that is not there, or not with this method.
    private func other(_ request: EdgeRequest, _ match: RouteTree.Match) throws(Problem) -> EdgeResponse {
        guard case .otherMethods(let methods) = match else { throw .noSuchResource }
        let allowed = (methods + ["OPTIONS"]).sorted().joined(separator: ", ")
        if request.method == .options { return EdgeResponse(status: .noContent, fields: [.allow: allowed]) }
        var problem = Problem(
            Fault(Fault.Code(rawValue: "method_not_allowed"), "This address answers to \(allowed)."),
            status: .methodNotAllowed)
        problem.fields[.allow] = allowed
        throw problem
    }

    /// The token in the one Authorization header. Nothing is looked for anywhere else.
    private func authenticate(_ request: EdgeRequest) throws(Problem) -> AccessToken {
        let headers = request.fields[values: .authorization]
        guard headers.count == 1, headers[0].prefix(7).lowercased() == "bearer " else { throw .unauthenticated }
        let now = Timestamp.now
        guard let token = verified.token(String(headers[0].dropFirst(7)), at: now, else: { authority.read($0, at: now) }),
              clients.admits(token.client) else { throw .unauthenticated }
        return token
    }

    private func forward(_ asking: Asking) async throws(Problem) -> EdgeResponse {
        try checkRole(asking)
        let key = asking.contract.isCommand ? try asking.request.idempotencyKey() : nil
        let (body, value) = try await asking.contract.read(asking.request, path: asking.values)
        do throws(Fault) {
            if asking.contract.name == ReadFeed.name {
                let (bytes, expires) = try await readFeed(asking, value)
                var response = asking.contract.response(bytes, to: asking.request, value)
                response.expires = expires
                return response
            }
            let bytes = try await ask(asking, key: key, body: body, deadline: limits.deadline)
            return asking.contract.response(bytes, to: asking.request, value)
        } catch { throw Problem(asking.contract.inBody(error)) }
    }

    /// What no role of the subject may ever do need not travel. Whether it may here is for the owner of the data.
    private func checkRole(_ asking: Asking) throws(Problem) {
        if case .deny(.role) = decide(asking.token.subject, asking.contract.name, .none) {
            throw Problem(Fault(.forbidden, "This subject may not make this request."))
        }
    }

    /// A page of a feed; with `waitSeconds`, once there is one or the wait is over.
    ///
    /// What the page discloses is held to be on its way until `expires`, and a withdrawal waits for that, so the page
    /// itself is asked for with a short deadline. The wait before it discloses nothing.
    private func readFeed(
        _ asking: Asking, _ value: JSONValue
    ) async throws(Fault) -> (page: [UInt8], expires: ContinuousClock.Instant) {
        let wait = value["waitSeconds"]?.number?.int64 ?? 0
        if wait != 0 {
            // Out of bounds is for the service to say.
            let news = try await ask(
                asking, body: asking.contract.canonical(value), deadline: .seconds(min(max(wait, 0), 25) + 5),
                waits: true)
            let answer = try? JSONValue.parse(news)
            if let head = answer?["head"]?.text, head == answer?["next"]?.text { return (news, .now + limits.feedPage) }
            // Much may have happened while it waited.
            guard clients.admits(asking.token.client), asking.token.expiresAt > Timestamp.now.microseconds / 1_000_000 else {
                throw Fault(.unauthenticated, "The token is no longer valid.")
            }
        }
        var body = value.object ?? [:]
        body["waitSeconds"] = .number(JSONNumber(Int64(0)))
        let expires = ContinuousClock.now + limits.feedPage
        return (try await ask(
            asking, body: asking.contract.canonical(.object(body)), deadline: limits.feedPage), expires)
    }

    /// - Parameter waits: for news, which must not hold up a shutdown.
    private func ask(
        _ asking: Asking, key: String? = nil, body: [UInt8], deadline: Duration, waits: Bool = false
    ) async throws(Fault) -> [UInt8] {
        let isCommand = asking.contract.isCommand
        let outgoing = OutgoingRequest(
            method: asking.contract.name.text, key: key, idempotent: !isCommand,
            deadline: deadline,
            subject: Wire.encode(asking.token.subject), traceparent: asking.trace.description, body: body)
        let service = asking.contract.name.service
        let backend = backend
        let outcome: Result<BackendReply, MessagingError>
        if waits {
            outcome = await cancelWhenGracefulShutdown { await Self.result(backend, service, outgoing) }
        } else {
            outcome = await Self.result(backend, service, outgoing)
        }
        switch outcome {
        case .failure(let error):
            logger.notice("call without reply", metadata: [
                "request": "\(asking.contract.name)", "error": "\(error)", "trace": "\(asking.trace.traceID)"])
            throw Fault(error, isCommand: isCommand)
        case .success(let reply) where reply.status == 0: return reply.body
        case .success(let reply):
            guard reply.status == 1, let fault: Fault = try? Wire.decode(from: reply.body) else {
                logger.error("reply not understood", metadata: [
                    "request": "\(asking.contract.name)", "trace": "\(asking.trace.traceID)"])
                throw Fault(.internal, "The service's answer was not understood.")
            }
            throw fault
        }
    }

    private static func result(
        _ backend: any Backend, _ service: String, _ request: OutgoingRequest
    ) async -> Result<BackendReply, MessagingError> {
        do throws(MessagingError) {
            return .success(try await backend.call(service, request))
        } catch { return .failure(error) }
    }

    private func stream(_ asking: Asking) async throws(Problem) -> EdgeResponse {
        try checkRole(asking)
        guard let place = streams.enter(asking.token.client) else {
            throw .limited(seconds: 10, "At most \(limits.streamsPerClient) streams at once for one client.")
        }
        let (_, value) = try await asking.contract.read(asking.request, path: asking.values, streams: true)
        guard let subscription = value["subscription"] else { throw .noSuchResource }
        let after = asking.request.fields[.lastEventID] ?? value["after"]?.text ?? "0"
        let read = { @Sendable (after: String, wait: Int) async throws(Fault) -> FeedPage in
            let body: JSONValue = [
                "subscription": subscription, "after": .string(after),
                "limit": .number(JSONNumber(Int64(FeedStream.batch))), "waitSeconds": .number(JSONNumber(Int64(wait))),
            ]
            let (bytes, expires) = try await readFeed(asking, body)
            guard let page = FeedPage(bytes, expires: expires) else {
                throw Fault(.internal, "The feed was not understood.")
            }
            return page
        }
        // The first read says whether there is a stream at all, while a status can still be chosen.
        let first: FeedPage
        do throws(Fault) { first = try await read(after, 0) } catch { throw Problem(error) }
        let token = asking.token, clients = clients
        let untilExpiry = Duration.seconds(token.expiresAt - Timestamp.now.microseconds / 1_000_000)
        let feed = FeedStream(
            read: { after, wait in
                do throws(Fault) { return try await read(after, wait) } catch { return nil }
            },
            first: first, ends: .now.advanced(by: min(FeedStream.lifetime, untilExpiry)),
            goesOn: { clients.admits(token.client) }, place: place)
        return EdgeResponse(
            status: .ok, fields: [.contentType: "text/event-stream"], body: .stream(feed))
    }

    private func observe(_ note: Note, _ status: Int, _ start: ContinuousClock.Instant, _ trace: TraceContext) {
        let duration = start.duration(to: .now)
        Metrics.Timer(label: "cairn_http_request_seconds", dimensions: [("route", note.route)])
            .recordSeconds(duration.seconds)
        Counter(label: "cairn_http_requests_total", dimensions: [("route", note.route), ("status", String(status))])
            .increment()
        logger.log(level: status >= 500 ? .warning : .debug, "request", metadata: [
            "route": "\(note.route)", "status": "\(status)", "client": "\(note.client)", "took": "\(duration)",
            "trace": "\(trace.traceID)",
        ])
    }
}
