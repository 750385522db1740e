import Crypto
import Domain
import Foundation
@testable import Gateway
import HTTPTypes
import Logging
import Messaging
import ServiceKit
import Synchronization
import Support

/// Services that answer from a closure, and remember what they were asked.
final class FakeBackend: Backend {
    typealias Answer = @Sendable (OutgoingRequest) async throws(MessagingError) -> BackendReply

    private let answer: Answer
    private let log = Mutex<[OutgoingRequest]>([])

    init(_ answer: @escaping Answer = { _ in BackendReply(status: 0, body: Array("{}".utf8)) }) { self.answer = answer }

    /// Answers every request with this JSON.
    convenience init(json: String) {
        self.init { _ in BackendReply(status: 0, body: Array(json.utf8)) }
    }

    convenience init(fault: Fault) {
        self.init { _ in BackendReply(status: 1, body: Wire.encode(fault)) }
    }

    var asked: [OutgoingRequest] { log.withLock { $0 } }

    func call(_ service: String, _ request: OutgoingRequest) async throws(MessagingError) -> BackendReply {
        log.withLock { $0.append(request) }
        return try await answer(request)
    }
}

/// A gateway without a socket: real pipeline, keys and clients, fake services.
struct Fixture {
    static let issuer = "http://gateway.test"
    /// One client for every role; its scope, where it needs one, is `scope`.
    static let scope = UUID(uuidString: "0190f6a0-0000-7000-8000-000000000001")!
    static let key = P256.Signing.PrivateKey()
    static let previousKey = P256.Signing.PrivateKey()

    let edge: Edge
    let backend: FakeBackend
    let authority: TokenAuthority
    let clientsFile: String
    let secrets: [String: String]

    init(_ backend: FakeBackend = FakeBackend(), limits: Edge.Limits = Edge.Limits()) throws {
        self.backend = backend
        clientsFile = Scratch.path("clients.json")
        var registry = ClientRegistry()
        var secrets: [String: String] = [:]
        for role in Role.allCases where role != .service {
            let grant = RoleGrant(role, over: role.needsScope ? Self.scope : nil)
            secrets[role.rawValue] = try registry.add(role.rawValue, grants: [grant])
        }
        try registry.write(to: clientsFile)
        self.secrets = secrets
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let keys = SigningKeys(signing: Self.key, previous: [Self.previousKey.publicKey])
        authority = TokenAuthority(keys: keys, issuer: Self.issuer)
        edge = Edge(
            issuer: Self.issuer, backend: backend, clients: try ClientDirectory(path: clientsFile, logger: logger),
            keys: keys, limits: limits, logger: logger)
    }

    func token(_ role: Role, scope: UUID? = Fixture.scope) throws -> String {
        let subject = Subject(
            id: "client:\(role.rawValue)", grants: [RoleGrant(role, over: role.needsScope ? scope : nil)])
        return try required(authority.issue(to: role.rawValue, subject: subject, at: .now))
    }

    /// One request with a good token and key, unless `fields` says otherwise.
    func send(
        _ method: HTTPRequest.Method, _ target: String, as role: Role? = .operator, body: String? = nil,
        fields: HTTPFields = [:], key: String? = "key-1", type: String? = "application/json"
    ) async throws -> Answer {
        var all = fields
        if let role, all[.authorization] == nil { all[.authorization] = "Bearer \(try token(role))" }
        if method != .get, method != .head, let key { all[.idempotencyKey] = key }
        if let body {
            all[.contentLength] = String(body.utf8.count)
            if let type { all[.contentType] = type }
        }
        return await raw(method, target, fields: all, body: Array((body ?? "").utf8))
    }

    func raw(
        _ method: HTTPRequest.Method, _ target: String, fields: HTTPFields = [:], body: [UInt8] = []
    ) async -> Answer {
        let response = await edge.respond(to: EdgeRequest(
            method: method, target: target, fields: fields, peer: "192.0.2.1",
            body: { limit throws(Fault) in
                guard body.count <= limit else { throw Fault(.tooLarge, "too large") }
                return body
            }))
        return Answer(response)
    }
}

struct MissingValue: Error {}

func required<T>(_ value: T?) throws -> T {
    guard let value else { throw MissingValue() }
    return value
}

struct Answer {
    let response: EdgeResponse
    let bytes: [UInt8]

    init(_ response: EdgeResponse) {
        self.response = response
        if case .bytes(let bytes) = response.body { self.bytes = bytes } else { bytes = [] }
    }

    var status: Int { response.status.code }
    var text: String { String(decoding: bytes, as: UTF8.self) }
    var json: JSONValue { (try? JSONValue.parse(bytes)) ?? .null }
    var code: String? { json["code"]?.text }
    /// `pointer rule` of each error.
    var errors: [String] {
        (json["errors"]?.array ?? []).map { "\($0["pointer"]?.text ?? "?") \($0["rule"]?.text ?? "?")" }
    }

    subscript(name: HTTPField.Name) -> String? { response.fields[name] }

    /// Status, code and the rules of the errors, for one expectation on the whole.
    var outcome: Outcome { Outcome(status, code, errors) }

    struct Outcome: Equatable, CustomStringConvertible {
        let status: Int, code: String?, errors: [String]
        init(_ status: Int, _ code: String? = nil, _ errors: [String] = []) {
            self.status = status
            self.code = code
            self.errors = errors
        }
        var description: String { "\(status) \(code ?? "-") \(errors)" }
    }
}

let someID = "0190f6a0-0000-7000-8000-000000000001"
