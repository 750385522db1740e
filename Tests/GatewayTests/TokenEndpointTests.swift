import Domain
import Foundation
@testable import Gateway
import HTTPTypes
import Logging
import ServiceKit
import Support
import Testing

@Suite struct `The token endpoint` {
    static func form(_ fixture: Fixture, _ body: String, fields: HTTPFields = [:]) async -> Answer {
        var fields = fields
        fields[.contentType] = fields[.contentType] ?? "application/x-www-form-urlencoded"
        fields[.contentLength] = String(body.utf8.count)
        return await fixture.raw(.post, "/oauth/token", fields: fields, body: Array(body.utf8))
    }

    static func basic(_ id: String, _ secret: String) -> HTTPFields {
        [.authorization: "Basic \(Data("\(id):\(secret)".utf8).base64EncodedString())"]
    }

    @Test func `gives a token that works, by form or by Basic`() async throws {
        let fixture = try Fixture(FakeBackend(json: #"{"partner":"x"}"#))
        let secret = try required(fixture.secrets["operator"])
        for answer in [
            await Self.form(fixture, "grant_type=client_credentials&client_id=operator&client_secret=\(secret)"),
            await Self.form(fixture, "grant_type=client_credentials", fields: Self.basic("operator", secret)),
        ] {
            #expect(answer.status == 200 && answer[.cacheControl] == "no-store" && answer.json["expires_in"] == 600)
            let token = try required(answer.json["access_token"]?.text)
            let used = await fixture.raw(.get, "/v1/partners/\(someID)", fields: [.authorization: "Bearer \(token)"])
            #expect(used.status == 200)
        }
        let subject: Subject = try Wire.decode(from: try required(fixture.backend.asked.first).subject)
        #expect(subject == Subject(id: "client:operator", grants: [RoleGrant(.operator)]))
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let body: String, fields: HTTPFields, status: Int, error: String
        init(_ body: String, _ status: Int, _ error: String, _ fields: HTTPFields = [:]) {
            (self.body, self.fields, self.status, self.error) = (body, fields, status, error)
        }
        var testDescription: String { "\(body.prefix(60)) → \(error)" }
    }

    @Test(arguments: [
        Refusal("", 400, "invalid_request"),
        Refusal("grant_type=client_credentials", 400, "invalid_request"),
        Refusal("grant_type=client_credentials&client_id=operator", 400, "invalid_request"),
        Refusal("grant_type=password&username=a&password=b", 400, "unsupported_grant_type"),
        Refusal("grant_type=client_credentials&grant_type=client_credentials", 400, "invalid_request"),
        Refusal("grant_type=client_credentials&scope=all", 400, "invalid_scope", basic("operator", "x")),
        Refusal("grant_type=client_credentials&client_id=operator&client_secret=wrong", 401, "invalid_client"),
        Refusal("grant_type=client_credentials&client_id=nobody&client_secret=wrong", 401, "invalid_client"),
        Refusal("grant_type=client_credentials", 401, "invalid_client", basic("operator", "wrong")),
        Refusal("grant_type=client_credentials&client_secret=x", 400, "invalid_request", basic("operator", "x")),
        Refusal("grant_type=client_credentials", 400, "invalid_request", [.authorization: "Basic !!"]),
        Refusal("grant_type=client_credentials", 400, "invalid_request", [.contentType: "application/json"]),
        Refusal("grant_type=%ff", 400, "invalid_request"),
    ]) func `refuses in the words of RFC 6749`(_ refusal: Refusal) async throws {
        let answer = await Self.form(try Fixture(), refusal.body, fields: refusal.fields)
        #expect(answer.status == refusal.status && answer.json["error"]?.text == refusal.error
            && answer[.cacheControl] == "no-store")
        #expect((answer[.wwwAuthenticate] != nil) == (refusal.status == 401))
    }

    @Test func `slows down guessing, and forgets after a success`() async throws {
        let fixture = try Fixture()
        let wrong = "grant_type=client_credentials&client_id=operator&client_secret=wrong"
        var statuses: [Int] = []
        for _ in 0..<6 { statuses.append(await Self.form(fixture, wrong).status) }
        #expect(statuses == [401, 401, 401, 401, 429, 429])
        // Guessing at somebody's id must not lock that client out.
        let secret = try required(fixture.secrets["operator"])
        let right = await Self.form(fixture, wrong.replacing("secret=wrong", with: "secret=\(secret)"))
        #expect(right.status == 200)
        let other = await Self.form(fixture, wrong.replacing("operator", with: "partner"))
        #expect(other.status == 401)

        let limit = GuessLimit(), start = ContinuousClock.now
        for second in 0..<20 { limit.failed("a", now: start + .seconds(second * 1000)) }
        let last = start + .seconds(19_000)
        #expect(limit.waitSeconds("a", now: last) == 301 && limit.waitSeconds("a", now: last + .seconds(301)) == 0)
        limit.succeeded("a")
        #expect(limit.waitSeconds("a", now: last) == 0)
    }

    @Test func `a revoked client is out within a second, and a broken file changes nothing`() async throws {
        let fixture = try Fixture()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let directory = try ClientDirectory(path: fixture.clientsFile, logger: logger)
        let start = ContinuousClock.now
        #expect(directory.admits("operator", now: start))
        try Data("{".utf8).write(to: URL(filePath: fixture.clientsFile))
        #expect(directory.admits("operator", now: start + .seconds(2)))
        var registry = try ClientRegistry(json: Array(#"{"clients":[]}"#.utf8), named: "test")
        _ = try registry.add("operator", grants: [RoleGrant(.operator)])
        try registry.revoke("operator")
        try registry.write(to: fixture.clientsFile)
        #expect(directory.admits("operator", now: start + .seconds(2.5)))
        #expect(!directory.admits("operator", now: start + .seconds(4)))
    }

    @Test func `metadata names the endpoints`() async throws {
        let answer = await (try Fixture()).raw(.get, "/.well-known/oauth-authorization-server")
        #expect(answer.json["issuer"]?.text == Fixture.issuer
            && answer.json["token_endpoint"]?.text == "\(Fixture.issuer)/oauth/token")
    }
}

@Suite struct `The clients file` {
    @Test func `holds no secret, only its salted hash, and is for its owner alone`() throws {
        var registry = ClientRegistry()
        let secret = try registry.add("one", grants: [RoleGrant(.operator)])
        let path = Scratch.path("clients.json")
        try registry.write(to: path)
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(!text.contains(secret) && secret.count == 64 && mode == 0o600)
        let read = try ClientRegistry.load(path)
        #expect(read == registry && read.authenticate("one", secret: secret)?.id == "one")
        #expect(read.authenticate("one", secret: secret + "x") == nil && read.authenticate("two", secret: secret) == nil)
        chmod(path, 0o640)
        #expect(throws: ClientRegistryError.self) { try ClientRegistry.load(path) }
    }

    @Test func `refuses what would open a door`() {
        func attempt(_ id: String, _ grants: [RoleGrant], subject: String? = nil) -> Bool {
            var registry = ClientRegistry()
            return (try? registry.add(id, subject: subject, grants: grants)) != nil
        }
        let scope = Fixture.scope
        #expect([
            attempt("ok", [RoleGrant(.registrar, over: scope)]), attempt("", []), attempt("a b", []),
            attempt("a", [RoleGrant(.service)]), attempt("a", [RoleGrant(.registrar)]),
            attempt("a", [RoleGrant(.operator, over: scope)]), attempt("a", [], subject: "service:records"),
            attempt("a", Array(repeating: RoleGrant(.registrar, over: scope), count: 33)),
        ] == [true, false, false, false, false, false, false, false])
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"clients":[{"id":"a"}]}"#, #"{"clients":[],"more":1}"#,
        #"{"clients":[{"id":"a","secretHash":"md5:x","subject":"s","grants":[]}]}"#,
    ]) func `a file of another form is refused whole`(_ json: String) {
        #expect(throws: ClientRegistryError.self) { try ClientRegistry(json: Array(json.utf8), named: "test") }
    }
}
