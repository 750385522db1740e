import Crypto
import Domain
import Foundation
import Testing
@testable import Credentials

struct JWTTests {
    private let rsa = try! SigningKey.generate(.rsa)

    private func issued(_ key: SigningKey = Sample.p256) throws -> String {
        try CredentialJWT.issue(Sample.badge().unsigned(), with: key, keyID: Sample.issuerID + "#p256")
    }

    @Test func `ES256 and RS256 are issued with the claims of Open Badges, and verify`() async throws {
        for (key, algorithm) in [(Sample.p256, "ES256"), (rsa, "RS256")] {
            let token = try issued(key)
            let jws = try CompactJWS(Array(token.utf8))
            let claims = try JSONValue.parse(jws.payload)
            let document = ControllerDocument(id: Sample.issuerID, methods: [
                VerificationMethod(id: Sample.issuerID + "#p256", controller: Sample.issuerID, key: key.publicKey),
            ])
            let verifier = Verifier(keys: LocalKeys([document]), knownIssuers: [Sample.issuerID], now: Sample.now)
            let report = await verifier.verify(Array(token.utf8))
            let header: JSONObject = ["alg": .string(algorithm), "typ": "JWT", "kid": .string(Sample.issuerID + "#p256")]
            let expected: [JSONValue?] = [.string(Sample.issuerID), .string(Sample.learner), 1_768_464_000, 2_083_996_800, claims["id"]]
            #expect(jws.header == header && ["iss", "sub", "nbf", "exp", "jti"].map { claims[$0] } == expected)
            #expect(report.open.isEmpty, "\(report.checks)")
        }
    }

    @Test func `every byte of the token counts`() async throws {
        let token = Array(try issued().utf8)
        var places: [Int] = []
        for place in token.indices where token[place] != UInt8(ascii: ".") && place % 3 == 0 {
            var changed = token
            changed[place] = changed[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            if await Sample.verifier.verify(changed)[.proof]?.outcome == .passed { places.append(place) }
        }
        #expect(places.isEmpty)
    }

    @Test(arguments: [
        (#"{"alg":"none","kid":"did:web:records.example.gov#p256"}"#, "jwt.algorithm"),
        (#"{"alg":"HS256","kid":"did:web:records.example.gov#p256"}"#, "jwt.algorithm"),
        (#"{"alg":"RS256","kid":"did:web:records.example.gov#p256"}"#, "jwt.algorithm"),
        (#"{"alg":"ES256","kid":"../../etc/passwd"}"#, "key.name"),
        (#"{"alg":"ES256","kid":"file:///etc/passwd"}"#, "key.name"),
        (#"{"alg":"ES256"}"#, "jwt.no_key"),
        (#"{"alg":"ES256","kid":"did:web:records.example.gov#p256","jku":"https://evil.example/"}"#, "jwt.header"),
        (#"{"alg":"ES256","kid":"did:web:records.example.gov#p256","crit":["b64"],"b64":false}"#, "jwt.header"),
        (#"{"alg":"ES256","kid":"did:web:records.example.gov#p256","typ":"at+jwt"}"#, "jwt.header"),
        (#"{"alg":"ES256","kid":"did:web:records.example.gov#other"}"#, "key.not_listed"),
        (#"{"alg":"ES256","kid":"did:web:records.example.gov#ed"}"#, "jwt.algorithm"),
    ])
    func `a header that asks for something else is refused`(header: String, rule: String) async throws {
        let payload = JSONValue.object(try Sample.badge().unsigned()).serialized()
        let text = try CompactJWS.sign(header: try #require(try JSONValue.parse(Array(header.utf8)).object), payload: payload, with: Sample.p256)
        #expect(await Sample.verifier.verify(text)[.proof]?.rule == rule)
    }

    @Test(arguments: [("JWT", true), ("vc+jwt", true), (nil, true)]) func `three types are taken`(type: String?, isGood: Bool) async throws {
        var header: JSONObject = ["alg": "ES256", "kid": .string(Sample.issuerID + "#p256")]
        header.put("typ", type)
        let text = try CompactJWS.sign(header: header, payload: JSONValue.object(try Sample.badge().unsigned()).serialized(), with: Sample.p256)
        #expect(await Sample.verifier.verify(text)[.proof]?.outcome == .passed)
    }

    @Test(arguments: ["iss", "jti", "sub", "nbf", "exp"]) func `a claim must say what the credential says`(claim: String) async throws {
        var payload = try #require(try JSONValue.parse(CompactJWS(Array(issued().utf8)).payload).object)
        payload[claim] = claim == "nbf" || claim == "exp" ? 1_000_000_000 : "urn:uuid:00000000-0000-4000-8000-000000000000"
        let header: JSONObject = ["alg": "ES256", "kid": .string(Sample.issuerID + "#p256"), "typ": "JWT"]
        let text = try CompactJWS.sign(header: header, payload: JSONValue.object(payload).serialized(), with: Sample.p256)
        #expect(await Sample.verifier.verify(text)[.proof]?.rule == "jwt.claim")
    }

    @Test func `the claim vc is of the data model 1_1 only`() async throws {
        var old = try Sample.badge().unsigned()
        let header: JSONObject = ["alg": "ES256", "kid": .string(Sample.issuerID + "#p256"), "typ": "JWT"]
        func report(_ credential: JSONObject) async throws -> VerificationReport {
            let payload: JSONValue = ["vc": .object(credential), "iss": .string(Sample.issuerID), "sub": .string(Sample.learner), "nbf": 1_768_464_000]
            return await Sample.verifier.verify(try CompactJWS.sign(header: header, payload: payload.serialized(), with: Sample.p256))
        }
        let new = try await report(old)
        old["@context"] = [.string(DataModel.v1.rawValue), .string(CredentialContexts.openBadges)]
        for name in ["validFrom", "validUntil"] { old[name] = nil }
        let legacy = try await report(old)
        #expect(new[.structure]?.rule == "jwt.vc_claim" && legacy[.proof]?.outcome == .passed && legacy[.validity]?.outcome == .passed, "\(legacy.checks)")
    }

    @Test func `duplicate names in header and payload are refused`() async throws {
        for (header, payload) in [
            (#"{"alg":"ES256","alg":"none","kid":"did:web:records.example.gov#p256"}"#, "{}"),
            (#"{"alg":"ES256","kid":"did:web:records.example.gov#p256"}"#, #"{"id":"a:b","id":"c:d"}"#),
        ] {
            let text = Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(payload.utf8)) + ".AAAA"
            #expect(await Sample.verifier.verify(Array(text.utf8))[.structure]?.outcome == .failed)
        }
    }

    @Test func `an Ed25519 key and a subject without id cannot make a JWT`() throws {
        #expect(throws: CredentialError.self) {
            _ = try CredentialJWT.issue(Sample.badge().unsigned(), with: Sample.ed25519, keyID: "did:web:x.example#1")
        }
        var badge = Sample.badge()
        badge.subject.id = nil
        #expect(throws: CredentialError.self) {
            _ = try CredentialJWT.issue(badge.unsigned(), with: Sample.p256, keyID: "did:web:x.example#1")
        }
    }
}
