import Domain
import Foundation
import Support
import Testing
@testable import Credentials

/// Every sample of 1EdTech's validator, with what it must give here. `expected.json` beside the samples says what upstream
/// holds of each; a test sees that no sample of it is missing from this table.
enum ValidatorSamples {
    static let folder = "standards/openbadges-3.0/samples/1edtech-validator"

    /// The checks that fail, and the outcome of the proof. The issuer is unknown to us in all of them, and status lists are
    /// given only to the revoked one.
    static let table: [String: (failing: Set<Check.Name>, proof: Check.Outcome)] = [
        "simple.json": ([], .passed),
        "simple-json.png": ([], .passed),
        "simple-jwt.png": ([], .passed),
        "endorsement-valid.json": ([], .passed),
        "sd/derivedcredential.json": ([], .passed),
        "simple-did-web-method.json": ([], .passed),
        "simple-context-version.json": ([], .passed),
        "simple-eddsa-2022.json": ([], .passed),
        "simple_v1.json": ([], .passed),
        "simple-multiple-proofs.json": ([.semantics], .passed),
        "complete.json": ([.endorsements], .passed),
        "simple-noproof.json": ([.structure, .proof], .failed),
        "simple-err-issued.json": ([.structure, .validity], .passed),
        "credential-status-revoked.json": ([.status], .passed),
        "simple-err-proof-method.json": ([.proof], .failed),
        "simple-err-proof-method-unknown-did-method.json": ([.proof], .failed),
        "simple-err-proof-method-no-scheme.json": ([.proof], .failed),
        "simple-err-type.json": ([.structure, .semantics, .proof], .failed),
        "simple-err-issuer-type.json": ([.structure, .semantics, .proof], .failed),
        "simple-err-credential-subject-profile-type.json": ([.structure, .semantics, .proof], .failed),
        "simple-err-credential-subject-result-type.json": ([.structure, .semantics, .proof], .failed),
        "simple-err-credential-subject-achievement-result-description-type.json": ([.structure, .semantics, .proof], .failed),
        "simple-err-evidence-type.json": ([.structure, .semantics, .proof], .failed),
        "simple-err-issuer-otheridentifier-type.json": ([.structure, .semantics, .proof], .failed),
    ]

    static let invalid: Set<String> = ["invalid", "error-unknown-term"]

    static func expected() throws -> JSONObject {
        try #require(try JSONValue.parse(SharedFiles.bytes("\(folder)/expected.json")).object)
    }

    /// The revoked sample's issuer and list: made by us, since upstream's live on a server.
    static let host = "did:web:dc.1edtech.org:wellspring2022:wellspring-portal:org:da1e96e9-afcc-4eed-b9a2-2ddf7353214c"
    static let list = "https://dc.1edtech.org/wellspring2022/wellspring-portal/api/revocations/da1e96e9-afcc-4eed-b9a2-2ddf7353214c"
    static let revoked = Array("""
        {"id":"\(list)","issuer":"\(host)","revokedCredential":[{"id":"https://dc.1edtech.org/wellspring2022/wellspring-portal/credential/54418d3f-ec01-4652-800a-861c890a51a1","revoked":true,"revocationReason":"test"}]}
        """.utf8)
}

struct ValidatorSampleTests {
    @Test(.needsShared(ValidatorSamples.folder), arguments: ValidatorSamples.table.keys.sorted())
    func `a sample of the validator`(name: String) async throws {
        let expected = try #require(ValidatorSamples.table[name])
        let text = try CredentialFile.open(SharedFiles.bytes("\(ValidatorSamples.folder)/\(name)")).text
        let verifier = Verifier(documents: LocalDocuments([ValidatorSamples.list: ValidatorSamples.revoked]), now: Sample.now)
        let report = await verifier.verify(text)
        let failing = Set(report.checks.filter { $0.outcome == .failed }.map(\.name))
        #expect(failing == expected.failing, "\(report.checks.map { "\($0.name) \($0.outcome): \($0.reason)" }.joined(separator: "\n"))")
        #expect(report[.proof]?.outcome == expected.proof, "\(report[.proof]?.reason ?? "")")
        let verdict = try ValidatorSamples.expected()[name]?["expect"]?.text ?? ""
        #expect(ValidatorSamples.invalid.contains(verdict) ? !failing.isEmpty : verdict == "valid" || verdict == "warning" ? failing.isEmpty : true)
    }

    @Test(.needsShared(ValidatorSamples.folder)) func `the table has every sample`() throws {
        #expect(try Set(ValidatorSamples.expected().names) == Set(ValidatorSamples.table.keys))
    }

    @Test(.needsShared(ValidatorSamples.folder)) func `old contexts, old suites and services not asked are named`() async throws {
        func notes(_ name: String) async throws -> String {
            await Verifier(now: Sample.now).verify(try SharedFiles.bytes("\(ValidatorSamples.folder)/\(name)")).notes.joined(separator: "\n")
        }
        #expect(try await notes("simple_v1.json").contains("data model is 1.1"))
        #expect(try await notes("simple-eddsa-2022.json").contains("eddsa-2022"))
        #expect(try await notes("simple-context-version.json").contains("context-3.0.2.json is an older version"))
        #expect(try await notes("credential-status-revoked.json").contains("/api/refresh/"))
    }

    @Test(.needsShared("standards/w3c-vc/bitstring-status-list/1edtech-validator"),
          arguments: ["credential-status-revoked.json", "credential-status-revoked-blank-nodes.json"])
    func `a bit of a published list revokes`(name: String) async throws {
        let folder = "standards/w3c-vc/bitstring-status-list/1edtech-validator"
        let url = "https://raw.githubusercontent.com/1EdTech/digital-credentials-public-validator/refs/heads/main/inspector-vc/src/test/resources/ob30/bit-string-list/testlist"
        let credential = try SharedFiles.bytes("\(folder)/\(name)"), list = try SharedFiles.bytes("\(folder)/testlist")
        let with = await Verifier(documents: LocalDocuments([url: list]), now: Sample.now).verify(credential)
        let without = await Verifier(now: Sample.now).verify(credential)
        var forged = String(decoding: list, as: UTF8.self)
        forged.replace("2021-04-05", with: "2021-04-06")
        let tampered = await Verifier(documents: LocalDocuments([url: Array(forged.utf8)]), now: Sample.now).verify(credential)
        #expect(with[.status]?.rule == "status.revoked" && with[.proof]?.outcome == .passed, "\(with.checks)")
        #expect(without[.status]?.outcome == .unchecked && tampered[.status]?.outcome == .unchecked, "\(tampered.checks)")
    }
}

struct LearnerRecordSampleTests {
    static let folder = "standards/clr-2.0/samples"
    static let real = ["learncard/nd-student-transcript.json", "learncard/great-plains-full.json"]

    @Test(.needsShared(folder), arguments: real) func `a real transcript comes in without loss`(name: String) async throws {
        let bytes = try SharedFiles.bytes("\(Self.folder)/\(name)")
        let opened = try Opened(bytes)
        let again = try JSONValue.parse(JSONValue.object(opened.credential).serialized(), limits: .credential)
        let report = await Verifier(now: Sample.now).verify(bytes)
        #expect(try again == JSONValue.parse(bytes, limits: .credential))
        #expect(report[.structure]?.outcome == .passed && report[.semantics]?.outcome == .passed && report[.proof]?.rule == "proof.none"
            && !report.nested.isEmpty, "\(report.checks)")
    }

    @Test(.needsShared(folder), arguments: ["1edtech-validator/simple.json", "1edtech-validator/complex.json", "1edtech-validator/simple_v1.json"])
    func `a CLR of the validator is good`(name: String) async throws {
        let report = await Verifier(now: Sample.now).verify(try SharedFiles.bytes("\(Self.folder)/\(name)"))
        let failing = report.checks.filter { $0.outcome == .failed }
        #expect(failing.isEmpty && report[.proof]?.outcome == .passed, "\(report.checks)")
    }

    @Test(.needsShared(folder)) func `contexts in the wrong order are refused`() async throws {
        let report = await Verifier(now: Sample.now).verify(try SharedFiles.bytes("\(Self.folder)/learncard/competency-aligned.json"))
        #expect(report[.structure]?.rule == "structure.context")
    }

    @Test func `a transcript of ours shows levels and evidence, and ranks nobody`() async throws {
        let levels = [RubricLevel(id: "https://records.example.gov/l/1", name: "Emerging", points: "1"), RubricLevel(id: "https://records.example.gov/l/2", name: "Proficient")]
        var one = MasteryTranscript.Competency(
            id: "urn:uuid:0c000000-0000-4000-8000-000000000001", achievement: "https://records.example.gov/c/1", name: "Argues", description: "Argues.",
            criteria: .init(narrative: "Two works."), levels: levels, reached: levels[1].id, demonstrated: Sample.now)
        one.evidence = [Evidence(name: "Essay")]
        one.partOf = "https://records.example.gov/c/0"
        var transcript = MasteryTranscript(
            id: "urn:uuid:0c000000-0000-4000-8000-000000000009", name: "Transcript", issuer: Sample.issuer,
            issued: Timestamp("2026-06-01T00:00:00Z")!, learner: Sample.learner, competencies: [one])
        var foreign = try Sample.signed()
        foreign["x"] = nil
        transcript.foreign = [foreign]
        let unsigned = try transcript.unsigned { (badge) throws(CredentialError) in
            try DataIntegrity.add(Sample.options(.eddsaRDFC), to: badge, with: Sample.ed25519)
        }
        let signed = try DataIntegrity.add(Sample.options(.eddsaRDFC), to: unsigned, with: Sample.ed25519)
        let report = await Sample.verifier.verify(signed)
        let text = String(decoding: JSONValue.object(signed).serialized(), as: UTF8.self)
        #expect(report.open.isEmpty && report.nested.count == 2, "\(report.checks)")
        #expect(signed["credentialSubject"]?["verifiableCredential"]?.array?.last == .object(foreign)
            && !["GradePointAverage", "Percent", "points", "RawScore"].contains { text.contains($0) })
    }
}
