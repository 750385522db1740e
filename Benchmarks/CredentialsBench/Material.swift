import Credentials
import Crypto
import Domain
import Foundation

/// One thing measured: the work, and the primitive it is compared with.
struct Measurement {
    var name: String
    var goal: String
    var work: () async throws -> Void
    var yardstick: () async throws -> Void
}

/// A badge with a rubric, alignment and evidence, and a record of a hundred of them.
struct Material {
    let issuer = "did:web:records.example.gov"
    let ed25519 = Curve25519.Signing.PrivateKey()
    let p256 = P256.Signing.PrivateKey()
    let badge: JSONObject
    let record: JSONObject

    init() throws {
        badge = try Self.badge(1)
        let credentials = try (1...100).map { try Self.badge($0) }
        record = try ClrCredential(
            id: "urn:uuid:0c000000-0000-4000-8000-00000000000c", name: "Record", issuer: Profile(id: issuer, name: "Example"),
            validFrom: Timestamp(microseconds: 1_768_464_000_000_000), learner: "urn:uuid:0c000000-0000-4000-8000-00000000002a", credentials: credentials
        ).unsigned()
    }

    private static func badge(_ number: Int) throws -> JSONObject {
        let id = "https://records.example.gov/achievements/\(number)"
        var achievement = Achievement(
            id: id, type: "Competency", name: "Argues from evidence", description: "Makes a claim and supports it with evidence.",
            criteria: .init(narrative: "Shown in three pieces of work, judged by two assessors."))
        var description = ResultDescription(id: id + "#result", name: "Level", type: "RubricCriterionLevel")
        description.levels = [RubricLevel(id: id + "#1", name: "Emerging"), RubricLevel(id: id + "#2", name: "Proficient")]
        achievement.resultDescriptions = [description]
        achievement.alignments = [Alignment(.caseItem, url: "https://frameworks.example.gov/CFItems/\(number)", name: "W.9.\(number)")]
        var badge = OpenBadgeCredential(
            id: "urn:uuid:0c000000-0000-4000-8000-\(String(format: "%012d", number))", name: "Argues from evidence",
            issuer: Profile(id: "did:web:records.example.gov", name: "Example Department of Education"),
            validFrom: Timestamp(microseconds: 1_768_464_000_000_000),
            subject: AchievementSubject(
                id: "urn:uuid:0c000000-0000-4000-8000-00000000002a", achievement: achievement,
                results: [AchievementResult(description: id + "#result", achievedLevel: id + "#2")]))
        badge.evidence = [Evidence(id: id + "/evidence", name: "Essay", narrative: "On the water supply of the town.")]
        return try badge.unsigned()
    }

    private var keys: LocalKeys {
        LocalKeys([ControllerDocument(id: issuer, methods: [
            VerificationMethod(id: issuer + "#ed", controller: issuer, key: .ed25519(ed25519.publicKey)),
            VerificationMethod(id: issuer + "#p256", controller: issuer, key: .p256(p256.publicKey)),
        ])])
    }

    private func options(_ suite: Cryptosuite) -> ProofOptions {
        ProofOptions(suite, verificationMethod: issuer + "#ed", created: Timestamp(microseconds: 1_768_464_001_000_000))
    }

    func measurements() throws -> [Measurement] {
        let signer = SigningKey.ed25519(ed25519), jwtSigner = SigningKey.p256(p256)
        let digest = [UInt8](repeating: 7, count: 64)
        let edSignature = Array(try ed25519.signature(for: digest)), ecSignature = try p256.signature(for: digest)
        let edSign = { [ed25519] in _ = try ed25519.signature(for: digest) }
        let edVerify = { [ed25519] in guard ed25519.publicKey.isValidSignature(edSignature, for: digest) else { throw CredentialError("bench", "not good") } }
        let ecSign = { [p256] in _ = try p256.signature(for: digest) }
        let ecVerify = { [p256] in guard p256.publicKey.isValidSignature(ecSignature, for: digest) else { throw CredentialError("bench", "not good") } }
        let verifier = Verifier(keys: keys, knownIssuers: [issuer], now: Timestamp(microseconds: 1_780_000_000_000_000))
        func verify(_ bytes: [UInt8]) -> () async throws -> Void {
            { guard await verifier.verify(bytes).combined == .passed else { throw CredentialError("bench", "not good") } }
        }
        var list: [Measurement] = []
        for (suite, name, issue, check) in [(Cryptosuite.eddsaRDFC, "rdfc", ">= 0.2", ">= 0.4"), (.eddsaJCS, "jcs", ">= 0.6", "-")] {
            let signed = JSONValue.object(try DataIntegrity.add(options(suite), to: badge, with: signer)).serialized()
            list.append(Measurement(name: "badge issued, \(name) / Ed25519 sign", goal: issue, work: { _ = try DataIntegrity.add(options(suite), to: badge, with: signer) }, yardstick: edSign))
            list.append(Measurement(name: "badge checked from bytes, \(name) / Ed25519 verify", goal: check, work: verify(signed), yardstick: edVerify))
        }
        let token = Array(try CredentialJWT.issue(badge, with: jwtSigner, keyID: issuer + "#p256").utf8)
        list.append(Measurement(name: "badge issued, JWT ES256 / P-256 sign", goal: ">= 0.5", work: { _ = try CredentialJWT.issue(badge, with: jwtSigner, keyID: issuer + "#p256") }, yardstick: ecSign))
        list.append(Measurement(name: "badge checked from bytes, JWT ES256 / P-256 verify", goal: "-", work: verify(token), yardstick: ecVerify))
        list.append(Measurement(name: "record of 100 issued, rdfc", goal: "<= 50 ms", work: { _ = try DataIntegrity.add(options(.eddsaRDFC), to: record, with: signer) }, yardstick: edSign))
        return list
    }

    /// The badge, and the secret key as a seed in hex.
    func write(to file: String) throws {
        let seed = ed25519.rawRepresentation.map { String(format: "%02x", $0) }.joined()
        let json: JSONValue = ["seed": .string(seed), "method": .string(issuer + "#ed"), "badge": .object(badge)]
        try Data(json.serialized()).write(to: URL(fileURLWithPath: file))
    }
}
