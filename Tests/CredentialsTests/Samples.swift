import Domain
import Foundation
import Support
@testable import Credentials

/// Credentials of our own for tests: nobody's data is in them.
enum Sample {
    static let now = Timestamp("2026-11-22T00:00:00Z")!
    static let issuerID = "did:web:records.example.gov"
    static let learner = "urn:uuid:0c000000-0000-4000-8000-00000000002a"
    /// From the seed 1, 1, 1, …: signatures of tests are the same every time.
    static let ed25519 = SigningKey.ed25519(try! .init(rawRepresentation: [UInt8](repeating: 1, count: 32)))
    static let p256 = SigningKey.p256(try! .init(rawRepresentation: [UInt8](repeating: 1, count: 32)))
    static let document = ControllerDocument(id: issuerID, methods: [
        VerificationMethod(id: issuerID + "#ed", controller: issuerID, key: ed25519.publicKey),
        VerificationMethod(id: issuerID + "#p256", controller: issuerID, key: p256.publicKey),
    ])
    static var issuer: Profile { Profile(id: issuerID, name: "Example Department of Education", url: "https://records.example.gov") }

    static var verifier: Verifier {
        Verifier(keys: LocalKeys([document]), knownIssuers: [issuerID], now: now)
    }

    static func achievement(_ number: Int = 1) -> Achievement {
        let id = "https://records.example.gov/achievements/\(number)"
        var achievement = Achievement(
            id: id, type: "Competency", name: "Argues from evidence", description: "Makes a claim and supports it with evidence.",
            criteria: .init(narrative: "Shown in three pieces of work, judged by two assessors."))
        var result = ResultDescription(id: id + "#result", name: "Level", type: "RubricCriterionLevel")
        result.levels = [
            RubricLevel(id: id + "#emerging", name: "Emerging", level: "1"),
            RubricLevel(id: id + "#proficient", name: "Proficient", level: "2", description: "Does so unaided."),
        ]
        result.requiredLevel = id + "#proficient"
        achievement.resultDescriptions = [result]
        achievement.alignments = [
            Alignment(.caseItem, url: "https://frameworks.example.gov/CFItems/1", name: "W.9.1", code: "W.9.1", framework: "Example standards"),
            Alignment(.ctdl, url: "https://credentialengineregistry.org/resources/ce-00000000-0000-4000-8000-000000000001", name: "Writing"),
        ]
        achievement.tags = ["writing"]
        return achievement
    }

    static func badge(_ number: Int = 1) -> OpenBadgeCredential {
        let achievement = achievement(number)
        var badge = OpenBadgeCredential(
            id: "urn:uuid:0c000000-0000-4000-8000-\(String(format: "%012d", number))", name: "Argues from evidence", issuer: issuer,
            validFrom: Timestamp("2026-01-15T08:00:00Z")!,
            subject: AchievementSubject(
                id: learner, identifiers: [IdentityObject("a@example.org", type: "emailAddress", salt: "Kosher")], achievement: achievement,
                results: [AchievementResult(description: achievement.resultDescriptions[0].id, achievedLevel: achievement.id + "#proficient")]))
        badge.validUntil = Timestamp("2036-01-15T08:00:00Z")
        badge.awarded = Timestamp("2026-01-14T08:00:00Z")
        badge.evidence = [Evidence(id: "https://records.example.gov/evidence/1", name: "Essay", narrative: "On the water supply of the town.", genre: "Essay")]
        return badge
    }

    static func options(_ suite: Cryptosuite, id: String? = nil, previous: [String] = []) -> ProofOptions {
        ProofOptions(suite, verificationMethod: issuerID + "#ed", created: Timestamp("2026-01-15T08:00:01Z"), id: id, previousProof: previous)
    }

    static func signed(_ suite: Cryptosuite = .eddsaRDFC) throws -> JSONObject {
        try DataIntegrity.add(options(suite), to: badge().unsigned(), with: ed25519)
    }
}

extension VerificationReport {
    /// Names of the checks that did not pass, with a star for those that could not be made.
    var open: [String] {
        checks.filter { $0.outcome != .passed }.map { $0.name.rawValue + ($0.outcome == .unchecked ? "*" : "") }
    }
}
