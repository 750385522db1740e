import Crypto
import Domain
import Foundation
@testable import Gateway
import HTTPTypes
import JWTKit
import Support
import Testing

/// TESTPLAN §2.7: every forged, stale or strange token gets the same 401.
@Suite struct `Access tokens` {
    struct Forgery: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let make: @Sendable () throws -> String
        init(_ name: String, _ make: @escaping @Sendable () throws -> String) {
            testDescription = name
            self.make = make
        }
    }

    static func claims(_ changes: JSONObject = [:]) -> JSONObject {
        let now = Timestamp.now.microseconds / 1_000_000
        var claims: JSONObject = [
            "iss": .string(Fixture.issuer), "aud": "cairn", "sub": "client:operator", "client_id": "operator",
            "iat": .number(JSONNumber(now)), "nbf": .number(JSONNumber(now)), "exp": .number(JSONNumber(now + 600)),
            "jti": "1", "grants": [["role": "operator"]],
        ]
        for member in changes.members { claims[member.name] = member.value.isNull ? nil : member.value }
        return claims
    }

    static var header: JSONObject {
        ["alg": "ES256", "kid": .string(SigningKeys(signing: Fixture.key).keyID), "typ": "at+jwt"]
    }

    static func with(_ name: String, _ value: JSONValue?) -> JSONObject {
        var header = header
        header[name] = value
        return header
    }

    static func signed(
        _ header: JSONObject = header, _ claims: JSONObject = claims(), by key: P256.Signing.PrivateKey = Fixture.key
    ) throws -> String {
        let text = unsigned(header, claims)
        return "\(text).\(Base64URL.encode(try key.signature(for: Data(text.utf8)).rawRepresentation))"
    }

    static func unsigned(_ header: JSONObject, _ claims: JSONObject) -> String {
        [header, claims].map { Base64URL.encode(JSONValue.object($0).serialized()) }.joined(separator: ".")
    }

    static func seconds(_ offset: Int64) -> JSONValue { .number(JSONNumber(Timestamp.now.microseconds / 1_000_000 + offset)) }

    static let forgeries: [Forgery] = [
        Forgery("empty") { "" },
        Forgery("one part") { "abc" },
        Forgery("alg none, no signature") { unsigned(with("alg", "none"), claims()) + "." },
        Forgery("alg None") { unsigned(with("alg", "None"), claims()) + "." },
        Forgery("alg NONE, signed") { try signed(with("alg", "NONE")) },
        Forgery("HS256 with the public key") {
            let text = unsigned(with("alg", "HS256"), claims())
            let key = SymmetricKey(data: Data(Fixture.key.publicKey.pemRepresentation.utf8))
            return "\(text).\(Base64URL.encode(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: key)))"
        },
        Forgery("ES384 named") { try signed(with("alg", "ES384")) },
        Forgery("no kid") { try signed(with("kid", nil)) },
        Forgery("kid a path") { try signed(with("kid", "../../etc/passwd")) },
        Forgery("kid SQL") { try signed(with("kid", "' OR 1=1--")) },
        Forgery("kid a URL") { try signed(with("kid", "https://evil.example/key")) },
        Forgery("kid a number") { try signed(with("kid", 1)) },
        Forgery("kid twice") {
            let text = Base64URL.encode(Array(#"{"alg":"ES256","kid":"x","kid":"y","typ":"at+jwt"}"#.utf8))
                + "." + Base64URL.encode(JSONValue.object(claims()).serialized())
            return "\(text).\(Base64URL.encode(try Fixture.key.signature(for: Data(text.utf8)).rawRepresentation))"
        },
        Forgery("another key under our kid") { try signed(by: P256.Signing.PrivateKey()) },
        Forgery("a retired key") {
            let key = P256.Signing.PrivateKey()
            return try signed(with("kid", .string(SigningKeys(signing: key).keyID)), by: key)
        },
        Forgery("embedded jwk") { try signed(with("jwk", ["kty": "EC"])) },
        Forgery("jku") { try signed(with("jku", "https://evil.example/keys")) },
        Forgery("x5u") { try signed(with("x5u", "https://evil.example/cert")) },
        Forgery("crit") { try signed(with("crit", ["exp"])) },
        Forgery("zip") { try signed(with("zip", "DEF")) },
        Forgery("typ JWT, as an ID token has") { try signed(with("typ", "JWT")) },
        Forgery("no typ") { try signed(with("typ", nil)) },
        Forgery("signature cut short") { String(try signed().dropLast(4)) },
        Forgery("signature missing") { unsigned(header, claims()) + "." },
        Forgery("signature of zeros (r = s = 0)") { "\(unsigned(header, claims())).\(Base64URL.encode(Array(repeating: UInt8(0), count: 64)))" },
        Forgery("signature in DER") {
            let text = unsigned(header, claims())
            return "\(text).\(Base64URL.encode(try Fixture.key.signature(for: Data(text.utf8)).derRepresentation))"
        },
        Forgery("padding") { try signed() + "=" },
        Forgery("stray bits in the last character") {
            let token = try signed()
            let last = try required(token.last)
            let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
            let place = try required(alphabet.firstIndex(of: last))
            return String(token.dropLast()) + String(alphabet[place ^ 1])
        },
        Forgery("claims changed after signing") {
            let parts = try signed().split(separator: ".")
            let other = Base64URL.encode(JSONValue.object(claims(["sub": "client:other"])).serialized())
            return "\(parts[0]).\(other).\(parts[2])"
        },
        Forgery("expired by a second beyond the leeway") { try signed(claims: claims(["exp": seconds(-61)])) },
        Forgery("nbf in the future") { try signed(claims: claims(["nbf": seconds(62)])) },
        Forgery("iat in the future") { try signed(claims: claims(["iat": seconds(62)])) },
        Forgery("no exp") { try signed(claims: claims(["exp": .null])) },
        Forgery("no nbf") { try signed(claims: claims(["nbf": .null])) },
        Forgery("exp a string") { try signed(claims: claims(["exp": "9999999999"])) },
        Forgery("exp 2^63") { try signed(claims: claims(["exp": .number(try required(JSONNumber("9223372036854775808")))])) },
        Forgery("exp in ten years") { try signed(claims: claims(["exp": seconds(315_360_000)])) },
        Forgery("exp the least number") { try signed(claims: claims(["exp": .number(JSONNumber(Int64.min))])) },
        Forgery("nbf the greatest number") { try signed(claims: claims(["nbf": .number(JSONNumber(Int64.max))])) },
        Forgery("another issuer") { try signed(claims: claims(["iss": "http://evil.test"])) },
        Forgery("a similar issuer") { try signed(claims: claims(["iss": .string(Fixture.issuer + "/")])) },
        Forgery("another audience") { try signed(claims: claims(["aud": "elsewhere"])) },
        Forgery("audience a list") { try signed(claims: claims(["aud": ["cairn", "elsewhere"]])) },
        Forgery("no audience") { try signed(claims: claims(["aud": .null])) },
        Forgery("no subject") { try signed(claims: claims(["sub": ""])) },
        Forgery("an unknown client") { try signed(claims: claims(["client_id": "nobody"])) },
        Forgery("the service role") { try signed(claims: claims(["grants": [["role": "service"]]])) },
        Forgery("an unknown role") { try signed(claims: claims(["grants": [["role": "god"]]])) },
        Forgery("grants with an unknown member") { try signed(claims: claims(["grants": [["role": "operator", "x": 1]]])) },
        Forgery("claim twice") {
            let text = Base64URL.encode(JSONValue.object(header).serialized()) + "."
                + Base64URL.encode(Array(#"{"sub":"a","sub":"b"}"#.utf8))
            return "\(text).\(Base64URL.encode(try Fixture.key.signature(for: Data(text.utf8)).rawRepresentation))"
        },
        Forgery("larger than 8 KiB") { try signed(claims: claims(["pad": .string(String(repeating: "x", count: 8000))])) },
        Forgery("a JWE of five parts") { "eyJhbGciOiJQQkVTMi1IUzI1NitBMTI4S1ciLCJwMmMiOjIxNDc0ODM2NDh9.a.b.c.d" },
    ]

    static func signed(claims: JSONObject) throws -> String { try signed(header, claims) }

    @Test(arguments: forgeries) func `a token that does not hold gives the one 401`(_ forgery: Forgery) async throws {
        let fixture = try Fixture()
        let answer = await fixture.raw(
            .get, "/v1/partners/\(someID)", fields: [.authorization: "Bearer \(try forgery.make())"])
        let without = await fixture.raw(.get, "/v1/partners/\(someID)")
        #expect(Self.comparable(answer) == Self.comparable(without))
        #expect(answer.status == 401 && answer[.wwwAuthenticate] == "Bearer realm=\"cairn\"" && fixture.backend.asked.isEmpty)
    }

    /// Everything but what differs for each request.
    static func comparable(_ answer: Answer) -> String {
        var object = answer.json.object ?? [:]
        object["traceId"] = nil
        return "\(answer.status) \(String(decoding: JSONValue.object(object).serialized(), as: UTF8.self))"
    }

    @Test func `a token counts only in one Authorization header`() async throws {
        let fixture = try Fixture()
        let token = try fixture.token(.operator)
        var twice = HTTPFields()
        twice.append(HTTPField(name: .authorization, value: "Bearer \(token)"))
        twice.append(HTTPField(name: .authorization, value: "Bearer \(token)"))
        let path = "/v1/partners/\(someID)"
        let answers = [
            await fixture.raw(.get, path, fields: twice),
            await fixture.raw(.get, "\(path)?access_token=\(token)"),
            await fixture.raw(.get, path, fields: [.cookie: "access_token=\(token)"]),
            await fixture.raw(.get, path, fields: [.authorization: "Basic \(token)"]),
            await fixture.raw(.get, path, fields: [.authorization: "Bearer  \(token)"]),
            await fixture.raw(.get, path, fields: [.authorization: "Bearer \(token)"]),
        ]
        #expect(answers.map(\.status) == [401, 401, 401, 401, 401, 200])
    }

    @Test func `leeway lets clocks differ by a minute`() throws {
        let fixture = try Fixture()
        let read = { (claims: JSONObject) in fixture.authority.read(try Self.signed(claims: claims), at: .now) != nil }
        #expect(try [read(Self.claims(["exp": Self.seconds(-58)])), read(Self.claims(["nbf": Self.seconds(58)]))] == [true, true])
    }

    @Test func `a previous key goes on verifying`() throws {
        let fixture = try Fixture()
        let kid = SigningKeys(signing: Fixture.previousKey).keyID
        let token = try Self.signed(Self.with("kid", .string(kid)), by: Fixture.previousKey)
        #expect(fixture.authority.read(token, at: .now)?.client == "operator")
        #expect(fixture.authority.keySet["keys"]?.array?.map { $0["kid"]?.text } == [
            SigningKeys(signing: Fixture.key).keyID, kid,
        ])
    }

    @Test func `the key id is the thumbprint of RFC 7638`() throws {
        // Made independently: x and y of the key, in the canonical JSON, hashed.
        let raw = Array(Fixture.key.publicKey.rawRepresentation)
        let json = "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"\(Base64URL.encode(raw[..<32]))\",\"y\":\"\(Base64URL.encode(raw[32...]))\"}"
        #expect(SigningKeys(signing: Fixture.key).keyID == Base64URL.encode(SHA256.hash(data: Data(json.utf8))))
    }

    @Test func `a second cached use of an expired token fails as the first`() {
        let cache = VerifiedTokens()
        let now = Timestamp.now
        let token = AccessToken(
            subject: Subject(id: "s", grants: []), client: "c", issuedAt: 0, expiresAt: now.microseconds / 1_000_000 + 1)
        let later = now.advanced(by: .seconds(63))
        #expect(cache.token("t", at: now) { _ in token } == token)
        #expect(cache.token("t", at: now) { _ in nil } == token)
        #expect(cache.token("t", at: later) { _ in token } == nil)
    }

    @Test func `keys come from PEM, private or public, or not at all`() throws {
        let file = URL(fileURLWithPath: Scratch.path("previous.pem"))
        let signing = Array(Fixture.key.pemRepresentation.utf8)
        for pem in [Fixture.previousKey.pemRepresentation, Fixture.previousKey.publicKey.pemRepresentation] {
            try Data(pem.utf8).write(to: file)
            let keys = try SigningKeys(pem: signing, previousFiles: [file.path])
            #expect(keys.keyID == SigningKeys(signing: Fixture.key).keyID
                && keys.knows(SigningKeys(signing: Fixture.previousKey).keyID))
        }
        try Data("nothing".utf8).write(to: file)
        #expect(throws: GatewaySetupError.self) { try SigningKeys(pem: signing, previousFiles: [file.path]) }
        #expect(throws: GatewaySetupError.self) { try SigningKeys(pem: [1], previousFiles: []) }
    }

    struct Payload: JWTPayload {
        var iss: IssuerClaim, aud: AudienceClaim, sub: SubjectClaim, exp: ExpirationClaim, iat: IssuedAtClaim
        func verify(using _: some JWTAlgorithm) throws { try exp.verifyNotExpired() }
    }

    @Test func `another implementation reads our tokens by our key set`() async throws {
        let fixture = try Fixture()
        let keys = await fixture.raw(.get, "/.well-known/jwks.json")
        let collection = try await JWTKeyCollection().add(jwksJSON: keys.text)
        let payload = try await collection.verify(try fixture.token(.operator), as: Payload.self)
        #expect(payload.sub.value == "client:operator" && payload.iss.value == Fixture.issuer)
    }

    @Test func `base64url has one spelling for each value`() {
        for length in 0...40 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ length) }
            #expect(Base64URL.decode(Base64URL.encode(bytes)[...]) == bytes)
        }
        #expect(["A", "AB", "AAB", "A=", "A+", "A/", " AA", "AA\n"].allSatisfy { Base64URL.decode($0[...]) == nil })
    }
}
