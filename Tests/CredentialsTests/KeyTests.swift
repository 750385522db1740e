import Crypto
import Domain
import Foundation
import Support
import Testing
@testable import Credentials

/// Vectors of did:key and Multikey, from ../shared/standards/w3c-vc.
enum KeyVectors {
    static let folder = "standards/w3c-vc/did-key"

    static func load(_ name: String) -> JSONObject {
        (try? JSONValue.parse(SharedFiles.bytes("\(folder)/\(name)"), limits: .file).object) ?? [:]
    }

    static let curves = load("nist-curves.json").members.map(\.name)
    static let seeds = load("ed25519-x25519.json").members.map(\.name)
    static let rsa = load("rsa.json").members.map(\.name)
}

struct KeyTests {
    @Test(.needsShared(KeyVectors.folder), arguments: KeyVectors.seeds)
    func `a seed gives its did:key`(did: String) throws {
        let vector = try #require(KeyVectors.load("ed25519-x25519.json")[did])
        let seed = try #require(vector["seed"]?.text.flatMap(bytes(hex:)))
        let key = SigningKey.ed25519(try .init(rawRepresentation: seed))
        let old = ControllerDocument(id: did, methods: [])
        let published = try ControllerDocument(try #require(vector["didDocument"]), expected: did)
        #expect(DID(key: key.publicKey).description == did && old.id == did
            && DID(did)?.identifier == key.publicKey.multikey && published.methods.first?.key == key.publicKey)
    }

    @Test(.needsShared(KeyVectors.folder), arguments: KeyVectors.curves + KeyVectors.rsa)
    func `a JWK and its did:key are one key`(did: String) throws {
        let file = KeyVectors.curves.contains(did) ? "nist-curves.json" : "rsa.json"
        let vector = try #require(KeyVectors.load(file)[did])
        let jwk = try #require(vector["publicKeyJwk"] ?? vector["verificationMethod"]?["publicKeyJwk"])
        let key = try PublicKey(jwk: jwk)
        let read = try DID(did)?.key()
        #expect(DID(key: key).description == did && read == key && JSONValue.object(key.jwk) == jwk)
    }

    @Test(.needsShared(KeyVectors.folder)) func `secret JWKs of P-256 and RSA sign`() throws {
        for (file, did) in [("nist-curves.json", KeyVectors.curves[0]), ("rsa.json", KeyVectors.rsa[0])] {
            let vector = KeyVectors.load(file)[did]
            let jwk = try #require(vector?["privateKeyJwk"] ?? vector?["verificationMethod"]?["privateKeyJwk"])
            let key = try SigningKey(jwk: jwk)
            let signature = try key.signature(for: [1, 2, 3])
            #expect(key.publicKey.isValid(signature, for: [1, 2, 3]) && !key.publicKey.isValid(signature, for: [1, 2, 4]))
        }
    }

    @Test(arguments: SigningKey.Kind.allCases) func `a key's file reads back as the same key`(kind: SigningKey.Kind) throws {
        let key = try SigningKey.generate(kind)
        let again = try SigningKey(fileText: key.fileText)
        let signature = try again.signature(for: [7])
        let multikey = try PublicKey(multikey: key.publicKey.multikey), jwk = try PublicKey(jwk: .object(key.publicKey.jwk))
        #expect(again.publicKey == key.publicKey && key.publicKey.isValid(signature, for: [7])
            && multikey == key.publicKey && jwk == key.publicKey)
    }

    @Test func `the thumbprint is that of RFC 7638 and RFC 8037`() throws {
        let key = try PublicKey(jwk: ["kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"])
        #expect(key.thumbprint == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
    }

    @Test(arguments: [
        ("z6MkjZRsdasZv3aez3r18pB1RBFJR1kwUVJ5jHt92JmQwXbd5hwi", "key.unknown_kind"), ("", "key.malformed"),
        ("z", "key.unknown_kind"), ("m7QE", "key.malformed"), ("z6LShs9GGnqk85isEBzzshkuVWrVKsRp24GnDuHk8QWkARMW", "key.not_for_signing"),
        ("z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq", "key.secret"), (String(repeating: "z", count: 5000), "key.malformed"),
    ])
    func `a Multikey that is none is refused by name`(text: String, rule: String) {
        var refused: String?
        do { _ = try PublicKey(multikey: text) } catch { refused = error.rule }
        #expect(refused == rule)
    }

    @Test func `JWKs that carry a secret, a small RSA key or a foreign point are refused`() throws {
        func rule(_ jwk: JSONValue) -> String? {
            do { _ = try PublicKey(jwk: jwk) } catch { return error.rule }
            return nil
        }
        let small = JSONValue.string(Base64URL.encode([UInt8](repeating: 0xFF, count: 128)))
        let ones = JSONValue.string(Base64URL.encode([UInt8](repeating: 1, count: 32)))
        let x: JSONValue = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
        let rules: [String?] = [
            rule(["kty": "OKP", "crv": "Ed25519", "x": x, "d": "AA"]), rule(["kty": "EC", "crv": "P-256", "x": ones, "y": ones]),
            rule(["kty": "oct", "k": "AAAA"]), rule("text"),
        ]
        #expect(rules == ["key.secret", "key.malformed", "key.unknown_kind", "key.malformed"])
        #expect(rule(["kty": "RSA", "n": small, "e": "AQAB"]) != nil)
    }

    private func bytes(hex: String) -> [UInt8]? {
        stride(from: 0, to: hex.count, by: 2).map { UInt8(hex.dropFirst($0).prefix(2), radix: 16) ?? 0 }
    }
}

struct DIDTests {
    @Test(arguments: [
        ("did:web:example.com", "https://example.com/.well-known/did.json"),
        ("did:web:example.com%3A3000", "https://example.com:3000/.well-known/did.json"),
        ("did:web:w3c-ccg.github.io:user:alice", "https://w3c-ccg.github.io/user/alice/did.json"),
        ("did:web:example.com%3A3000:user:alice", "https://example.com:3000/user/alice/did.json"),
    ])
    func `did:web leads to one address`(did: String, address: String) throws {
        #expect(try DID(did)?.webAddress() == address)
    }

    @Test(arguments: [
        "did:web:127.0.0.1", "did:web:0x7f.1", "did:web:2130706433", "did:web:example.com%3A0", "did:web:example.com:..:x",
        "did:web:example.com:a%2Fb", "did:web:example.com:%2e%2e", "did:web:-a.example", "did:web:a..example", "did:web:example.com%3A99999",
        "did:web:exa mple.com", "did:web:example.com::a", "did:web:user%40example.com",
    ])
    func `did:web does not lead elsewhere`(did: String) {
        #expect((try? DID(did)?.webAddress()) == nil)
    }

    @Test func `our own document reads back, with an old key that still counts`() async throws {
        let did = try DID.web(host: "records.example.gov", path: ["issuers", "1"]).description
        let old = try SigningKey.generate(.ed25519), new = try SigningKey.generate(.p256), rsa = try SigningKey.generate(.rsa)
        let document = ControllerDocument(id: did, methods: [
            VerificationMethod(id: did + "#2025", controller: did, key: old.publicKey, expires: Timestamp("2026-01-01T00:00:00Z")),
            VerificationMethod(id: did + "#2026", controller: did, key: new.publicKey),
            VerificationMethod(id: did + "#rsa", controller: did, key: rsa.publicKey),
        ])
        let read = try ControllerDocument(try JSONValue.parse(document.json.serialized()), expected: did)
        #expect(did == "did:web:records.example.gov:issuers:1" && read.methods == document.methods && read.asserting == document.asserting)
    }

    @Test(arguments: [
        "../../etc/passwd", "/etc/passwd", "file:///etc/passwd", "#key-1", "key-1", "data:application/json,{}", "z6Mk", "javascript:1", "did:example:z6Mk#a",
        "did:key:z6MkjZRZv3aez3r18pB1RBFJR1kwUVJ5jHt92JmQwXbd5hwi#other",
    ])
    func `a key named by a path or an unknown scheme is refused`(name: String) async {
        guard case .refused = await LocalKeys().key(named: name) else {
            Issue.record("\(name) was not refused")
            return
        }
    }

    /// The thumbprint of an RSA key, as `cairn credential keygen` once made it: it begins with a z, and is no multibase.
    @Test(arguments: ["zbeLZGvSduURsSuiO_ZikxiKJ9VnooF5AYp-lj35IbY", "zone-7", "z"])
    func `a name that looks like a key is no forgery, only unknown`(fragment: String) async {
        guard case .unresolved = await LocalKeys().key(named: "did:web:records.example.gov#\(fragment)") else {
            Issue.record("\(fragment) was refused or found")
            return
        }
    }

    @Test func `a damaged key of a curve is refused, also as a name`() async {
        let keys: [PublicKey] = [
            .ed25519(Curve25519.Signing.PrivateKey().publicKey), .p256(P256.Signing.PrivateKey().publicKey),
            .p384(P384.Signing.PrivateKey().publicKey), .p521(P521.Signing.PrivateKey().publicKey),
        ]
        for key in keys {
            guard case .refused = await LocalKeys().key(named: "did:web:records.example.gov#\(key.multikey.dropLast())") else {
                Issue.record("\(key.multikey) without its last letter was not refused")
                continue
            }
        }
    }
}
