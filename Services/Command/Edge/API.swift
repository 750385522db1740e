import AsyncHTTPClient
import Domain
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// An answer of the API that is no success, as a person should read it.
struct APIProblem: Error, CustomStringConvertible {
    /// `POST /v1/learners`.
    var request: String
    var status: Int
    var code: String
    var detail: String
    var violations: [Fault.Violation]
    var traceID: String?

    var description: String {
        var lines = ["\(request) was answered \(status) \(code): \(Terminal.printable(detail))"]
        lines += violations.prefix(20).map {
            "  \($0.pointer.isEmpty ? "(whole)" : Terminal.printable($0.pointer)) [\($0.rule)] \(Terminal.printable($0.message))"
        }
        if violations.count > 20 { lines.append("  and \(violations.count - 20) more") }
        if status >= 500, let traceID { lines.append("  trace \(Terminal.printable(traceID)) finds it in the logs") }
        return lines.joined(separator: "\n")
    }
}

/// The HTTP API of one deployment.
struct API: Sendable {
    /// Lives as long as the process.
    static let http: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(5)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 32
        configuration.httpVersion = .http1Only
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()
    static let answerBytesMax = 16 << 20

    /// Without a slash at its end.
    let base: String

    struct Answer: Sendable {
        var status: Int
        var retryAfterSeconds: Int?
        var body: [UInt8]
    }

    func send(
        _ method: String, _ target: String, headers: [(String, String)], body: [UInt8]?, timeout: Duration
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: base + target)
        request.method = HTTPMethod(rawValue: method)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(body) }
        do {
            let response = try await Self.http.execute(request, timeout: .milliseconds(Int64(timeout.seconds * 1000)))
            let body = try await response.body.collect(upTo: Self.answerBytesMax)
            return Answer(
                status: Int(response.status.code),
                retryAfterSeconds: response.headers.first(name: "retry-after").flatMap { Int($0) },
                body: Array(body.readableBytesView))
        } catch where Self.isUnanswered(error) {
            throw CommandProblem("Nobody answers at \(base).", next: "cairn up starts the deployment; cairn status shows it")
        }
    }

    /// Whether an error says that no connection came about.
    static func isUnanswered(_ error: any Error) -> Bool {
        error as? HTTPClientError == .connectTimeout || error is NIOConnectionError
            || (error as? IOError)?.errnoCode == ECONNREFUSED
    }
}

/// The API as one of its clients sees it: with its token, fetched when needed, and with the patience that the API asks for.
final class APIClient: Sendable {
    let id: String
    let api: API
    private let tokens: TokenSource

    init(_ id: String, secret: String, api: API) {
        self.id = id
        self.api = api
        tokens = TokenSource(client: id, secret: secret, api: api)
    }

    func token() async throws -> String { try await tokens.token() }

    /// Makes a request of Domain at an address such as `POST /v1/learners/{learner}/consents`. Members that the address
    /// names go into it; the others into the body, or for a query into the query string.
    /// - Parameters:
    ///   - key: of a command; a new one when nil. Retries keep it.
    ///   - whole: the member that is the whole body, where the API says so.
    func ask<R: Domain.Request>(
        _ request: R, _ address: String, key: String? = nil, whole: String? = nil, timeout: Duration = .seconds(40)
    ) async throws -> R.Reply {
        let call = try Call(Wire.encode(request), address, whole: whole)
        let body = try await call.send(by: self, key: key, timeout: timeout)
        return try JSONValue.parse(body.isEmpty ? Array("{}".utf8) : body, limits: .file)
            .decode(R.Reply.self, unknownMembers: .ignored)
    }

    /// - Returns: the body of a success.
    /// - Throws: `APIProblem`. What the API asks to repeat is repeated, with the same key.
    func send(
        _ method: String, _ target: String, body: [UInt8]? = nil, key: String? = nil, timeout: Duration = .seconds(40),
        triesMax: Int = 8
    ) async throws -> [UInt8] {
        let key = method == "GET" ? nil : key ?? UUID().text
        var tries = 0
        while true {
            tries += 1
            var headers = [("Authorization", "Bearer \(try await token())"), ("Accept", "application/json")]
            if body != nil { headers.append(("Content-Type", "application/json")) }
            if let key { headers.append(("Idempotency-Key", key)) }
            let answer: API.Answer
            do {
                answer = try await api.send(method, target, headers: headers, body: body, timeout: timeout)
            } catch let error as HTTPClientError where tries < 3 {
                // The connection broke off; the key makes repeating safe.
                Terminal.remark("\(method) \(target) broke off (\(error.shortDescription)); sending it again.")
                try await Task.sleep(for: .milliseconds(200))
                continue
            }
            if (200..<300).contains(answer.status) { return answer.body }
            if answer.status == 401, tries == 1 {
                await tokens.forget()
                continue
            }
            guard answer.status == 429 || answer.status == 503, tries < triesMax else {
                throw APIProblem(request: "\(method) \(target)", answer)
            }
            try await Task.sleep(for: .seconds(Double(min(answer.retryAfterSeconds ?? 1, 5)) * .random(in: 0.5...1)))
        }
    }
}

/// One request as HTTP carries it.
struct Call: Hashable {
    var method: String
    var target: String
    var body: [UInt8]?

    init(_ request: [UInt8], _ address: String, whole: String?) throws {
        let parts = address.split(separator: " ")
        guard parts.count == 2, case .object(var members) = try JSONValue.parse(request, limits: .file) else {
            throw CommandProblem("\(address) is not an address of the API.")
        }
        method = String(parts[0])
        target = try parts[1].split(separator: "/").map { segment in
            guard segment.hasPrefix("{") else { return "/" + segment }
            let name = String(segment.dropFirst().dropLast())
            guard let value = members[name], let text = value.text ?? value.number?.text else {
                throw CommandProblem("\(address) needs \(name).")
            }
            members[name] = nil
            return "/" + text
        }.joined()
        if method == "GET" {
            let query = members.members.compactMap { member in
                (member.value.text ?? member.value.number?.text).map { "\(member.name)=\(Self.escaped($0))" }
            }
            if !query.isEmpty { target += "?" + query.joined(separator: "&") }
        } else if let whole {
            body = members[whole]?.serialized()
        } else if !members.isEmpty {
            body = JSONValue.object(members).serialized()
        }
    }

    func send(by client: APIClient, key: String?, timeout: Duration) async throws -> [UInt8] {
        try await client.send(method, target, body: body, key: key, timeout: timeout)
    }

    static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): String(UnicodeScalar(byte))
            default: String(format: "%%%02X", byte)
            }
        }.joined()
    }
}

/// One client's access token, asked for once however many requests wait for it, and again before it ends.
actor TokenSource {
    /// Tokens hold for ten minutes.
    private static let renewedAfter = Duration.seconds(480)

    private let client: String
    private let secret: String
    private let api: API
    private var current: (task: Task<String, any Error>, since: ContinuousClock.Instant)?

    init(client: String, secret: String, api: API) {
        self.client = client
        self.secret = secret
        self.api = api
    }

    func token() async throws -> String {
        if let current, current.since.duration(to: .now) < Self.renewedAfter { return try await current.task.value }
        let task = Task { try await fetch() }
        current = (task, .now)
        do { return try await task.value } catch {
            current = nil
            throw error
        }
    }

    func forget() { current = nil }

    private func fetch() async throws -> String {
        let form = "grant_type=client_credentials&client_id=\(Call.escaped(client))&client_secret=\(Call.escaped(secret))"
        for attempt in 1... {
            let answer = try await api.send(
                "POST", "/oauth/token", headers: [("Content-Type", "application/x-www-form-urlencoded")],
                body: Array(form.utf8), timeout: .seconds(15))
            let value = try? JSONValue.parse(answer.body)
            if answer.status == 200, let token = value?["access_token"]?.text { return token }
            if answer.status == 429 || answer.status == 503, attempt < 8 {
                try await Task.sleep(for: .seconds(min(answer.retryAfterSeconds ?? 1, 5)))
                continue
            }
            if answer.status == 401 {
                throw CommandProblem(
                    "The API does not know the client \(client) by this secret.",
                    next: "cairn client list shows the clients; cairn client add \(client) --role … --save makes one")
            }
            let why = value?["error_description"]?.text ?? value?["detail"]?.text ?? ""
            throw CommandProblem("No token for \(client): \(answer.status) \(Terminal.printable(why))")
        }
        throw CommandProblem("No token for \(client).")
    }
}

extension APIProblem {
    init(request: String, _ answer: API.Answer) {
        let value = try? JSONValue.parse(answer.body)
        self.request = request
        status = answer.status
        code = value?["code"]?.text ?? ""
        detail = value?["detail"]?.text ?? "no explanation"
        traceID = value?["traceId"]?.text
        violations = (value?["errors"]?.array ?? []).map {
            Fault.Violation($0["pointer"]?.text ?? "", $0["rule"]?.text ?? "", $0["message"]?.text ?? "")
        }
    }
}
