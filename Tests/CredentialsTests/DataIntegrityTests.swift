import Crypto
import Domain
import Foundation
import Support
import Testing
@testable import Credentials

/// The W3C vectors of VC-DI-EDDSA.
struct DataIntegrityVectorTests {
    static let folder = "standards/w3c-vc/vc-di-eddsa"

    private func json(_ name: String) throws -> JSONObject {
        try #require(try JSONValue.parse(SharedFiles.bytes("\(Self.folder)/\(name)"), limits: .file).object)
    }

    private func text(_ name: String) throws -> String {
        String(decoding: try SharedFiles.bytes("\(Self.folder)/\(name)"), as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    private var key: SigningKey {
        get throws { try SigningKey(secretMultikey: try #require(json("keyPair.json")["privateKeyMultibase"]?.text)) }
    }

    @Test(.needsShared(folder), arguments: [("eddsa-jcs-2022", "JCS", Cryptosuite.eddsaJCS), ("eddsa-rdfc-2022", "DataInt", .eddsaRDFC)])
    func `each step has the published value`(folder: String, suffix: String, suite: Cryptosuite) async throws {
        let unsigned = try json("unsigned.json"), expected = try json("\(folder)/signed\(suffix).json")
        let hashes = try [unsigned, json("\(folder)/proofConfig\(suffix).json")].map { Hex.encode(try Canonical.hash(of: $0, suite)) }
        let given = try ["docHash", "proofHash"].map { try text("\(folder)/\($0)\(suffix).txt") }
        #expect(hashes == given)
        let method = try #require(expected["proof"]?["verificationMethod"]?.text)
        let created = try #require(expected["proof"]?["created"]?.text.flatMap(Timestamp.init))
        let made = try DataIntegrity.add(ProofOptions(suite, verificationMethod: method, created: created), to: unsigned, with: key)
        let value = made["proof"]?.array?.first?["proofValue"]?.text, published = try text("\(folder)/sigBTC58\(suffix).txt")
        #expect(value == expected["proof"]?["proofValue"]?.text && value == published)
        let report = await Verifier(now: Sample.now).verify(expected)
        #expect(report[.proof]?.outcome == .passed, "\(report.checks)")
    }

    @Test(.needsShared(folder)) func `sets and chains with the published keys`() async throws {
        let pairs = try json("proof-set-chain/multiKeyPairs.json")
        let keys = try (1...4).map { try SigningKey(secretMultikey: try #require(pairs["keyPair\($0)"]?["privateKeyMultibase"]?.text)) }
        var document = try json("unsigned.json")
        func options(_ number: Int, previous: [Int]) -> ProofOptions {
            let did = DID(key: keys[number].publicKey)
            return ProofOptions(.eddsaRDFC, verificationMethod: "\(did)#\(did.identifier)", created: Sample.now, id: "urn:uuid:0000000\(number)-0000-4000-8000-000000000000",
                                previousProof: previous.map { "urn:uuid:0000000\($0)-0000-4000-8000-000000000000" })
        }
        document = try DataIntegrity.add(options(0, previous: []), to: document, with: keys[0])
        document = try DataIntegrity.add(options(1, previous: []), to: document, with: keys[1])
        document = try DataIntegrity.add(options(2, previous: [0, 1]), to: document, with: keys[2])
        document = try DataIntegrity.add(options(3, previous: [2]), to: document, with: keys[3])
        let whole = await Verifier(now: Sample.now).verify(document)
        #expect(whole[.proof]?.reason.contains("4 of 4") == true, "\(whole.checks)")
        // Without its first proof, or with that one altered, the chain hangs in the air.
        var listed = try #require(document["proof"]?.array)
        listed.removeFirst()
        var cut = document
        cut["proof"] = .array(listed)
        #expect(await Verifier(now: Sample.now).verify(cut)[.proof]?.reason.contains("1 of 3") == true)
    }
}

struct DataIntegrityTests {
    @Test(arguments: Cryptosuite.allCases) func `what we sign we find good`(suite: Cryptosuite) async throws {
        let signed = try Sample.signed(suite)
        let report = await Sample.verifier.verify(JSONValue.object(signed).serialized())
        #expect(report.open.isEmpty && report.combined == .passed, "\(report.checks)")
    }

    @Test(arguments: Cryptosuite.allCases) func `every value that is changed is noticed`(suite: Cryptosuite) async throws {
        let signed = try Sample.signed(suite)
        var places: [String] = []
        for path in Tampering.leaves(of: .object(signed)) {
            let changed = Tampering.changed(.object(signed), at: path)
            guard let object = changed.object else { continue }
            let report = await Sample.verifier.verify(object)
            if report[.proof]?.outcome == .passed { places.append(path.joined(separator: "/")) }
        }
        #expect(places.isEmpty)
    }

    @Test func `a second proof leaves the first alone, and one good proof is enough`() async throws {
        var signed = try Sample.signed()
        signed = try DataIntegrity.add(Sample.options(.eddsaJCS), to: signed, with: Sample.ed25519)
        let both = await Sample.verifier.verify(signed)
        var proofs = try #require(signed["proof"]?.array)
        proofs[0] = try #require(proofs[0].object.map { object in
            var object = object
            object["created"] = "2020-01-01T00:00:00Z"
            return JSONValue.object(object)
        })
        signed["proof"] = .array(proofs)
        let one = await Sample.verifier.verify(signed)
        #expect(both[.proof]?.reason.contains("2 of 2") == true && one[.proof]?.reason.contains("1 of 2") == true
            && one.notes.contains { $0.hasPrefix("another proof is not good") })
    }

    @Test func `keys that have run out, were revoked or serve another purpose do not count`() async throws {
        let signed = try Sample.signed()
        func outcome(expires: String? = nil, revoked: String? = nil, asserting: Set<String>? = nil) async -> String? {
            let method = VerificationMethod(
                id: Sample.issuerID + "#ed", controller: Sample.issuerID, key: Sample.ed25519.publicKey,
                expires: expires.flatMap(Timestamp.init), revoked: revoked.flatMap(Timestamp.init))
            let document = ControllerDocument(id: Sample.issuerID, methods: [method], asserting: asserting)
            let report = await Verifier(keys: LocalKeys([document]), now: Sample.now).verify(signed)
            return report[.proof]?.rule ?? report[.proof]?.outcome.rawValue
        }
        // A proof of before still counts after the key was replaced; nothing counts once it was revoked.
        #expect(await outcome(expires: "2026-06-01T00:00:00Z") == "passed")
        #expect(await outcome(expires: "2026-01-01T00:00:00Z") == "key.expired")
        #expect(await outcome(revoked: "2026-06-01T00:00:00Z") == "key.revoked")
        #expect(await outcome(asserting: []) == "key.purpose")
    }

    @Test func `a key that only the proof vouches for proves nothing about the issuer`() async throws {
        let forger = SigningKey.ed25519(.init())
        let options = ProofOptions(.eddsaRDFC, verificationMethod: "\(Sample.issuerID)#\(forger.publicKey.multikey)", created: Sample.now)
        let forged = try DataIntegrity.add(options, to: Sample.badge().unsigned(), with: forger)
        let unknown = await Verifier(knownIssuers: [Sample.issuerID], now: Sample.now).verify(forged)
        let known = await Sample.verifier.verify(forged)
        #expect(unknown.open == ["issuer*"] && known[.proof]?.rule == "key.not_listed")
        let own = DID(key: forger.publicKey)
        let other = try DataIntegrity.add(
            ProofOptions(.eddsaRDFC, verificationMethod: "\(own)#\(own.identifier)", created: Sample.now), to: Sample.badge().unsigned(), with: forger)
        #expect(await Sample.verifier.verify(other)[.issuer]?.rule == "issuer.key_not_listed")
    }
}

/// Changes of single values.
enum Tampering {
    /// Paths to every text, number and flag, except proof values' own names.
    static func leaves(of value: JSONValue) -> [[String]] {
        var found: [[String]] = [], open: [([String], JSONValue)] = [([], value)]
        while let (path, value) = open.popLast() {
            switch value {
            case .object(let object): for member in object.members { open.append((path + [member.name], member.value)) }
            case .array(let elements): for (place, element) in elements.enumerated() { open.append((path + ["\(place)"], element)) }
            default: found.append(path)
            }
        }
        return found
    }

    static func changed(_ value: JSONValue, at path: [String]) -> JSONValue {
        guard let first = path.first else { return leaf(value) }
        let rest = Array(path.dropFirst())
        switch value {
        case .object(var object):
            object[first] = changed(object[first] ?? .null, at: rest)
            return .object(object)
        case .array(var elements):
            let place = Int(first) ?? 0
            elements[place] = changed(elements[place], at: rest)
            return .array(elements)
        default: return value
        }
    }

    private static func leaf(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text):
            // A letter or digit in the middle becomes its neighbor, so that dates stay dates.
            var bytes = Array(text.utf8)
            let place = bytes.indices.last { (48...56).contains(bytes[$0]) || (97...121).contains(bytes[$0]) } ?? 0
            if bytes.isEmpty { return .string("x") }
            bytes[place] += 1
            return .string(String(decoding: bytes, as: UTF8.self))
        case .number(let number): return .number(JSONNumber((number.int64 ?? 0) + 1))
        case .bool(let flag): return .bool(!flag)
        default: return .string("x")
        }
    }
}
