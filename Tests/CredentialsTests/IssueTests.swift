import Domain
import Foundation
import Testing
@testable import Credentials

struct IssueTests {
    @Test func `lists are arrays even of one, and what is absent is left out`() throws {
        let credential = try Sample.badge().unsigned()
        var nulls: [String] = [], empty: [String] = [], open: [(String, JSONValue)] = [("", .object(credential))]
        while let (path, value) = open.popLast() {
            switch value {
            case .null: nulls.append(path)
            case .array(let elements):
                if elements.isEmpty { empty.append(path) }
                open += elements.map { (path, $0) }
            case .object(let object): open += object.members.map { ("\(path)/\($0.name)", $0.value) }
            default: break
            }
        }
        #expect(nulls.isEmpty && empty.isEmpty)
        let contexts = [DataModel.v2.rawValue, CredentialContexts.openBadges]
        let counts = [credential["evidence"], credential["issuer"]?["type"], credential["credentialSubject"]?["identifier"]].map { $0?.array?.count }
        #expect(counts == [1, 1, 1] && credential["@context"]?.array?.compactMap(\.text) == contexts)
    }

    @Test func `what no verifier would take is not issued`() {
        func rule(_ change: (inout OpenBadgeCredential) -> Void) -> String? {
            var badge = Sample.badge()
            change(&badge)
            do { _ = try badge.unsigned() } catch { return error.rule }
            return nil
        }
        let rules = [
            rule { $0.subject.results[0].description = "urn:uuid:other" }, rule { $0.subject.results[0].achievedLevel = "urn:uuid:other" },
            rule { $0.subject.id = nil; $0.subject.identifiers = [] }, rule { $0.validUntil = Timestamp("2020-01-01T00:00:00Z") },
            rule { $0.subject.achievement.type = "Brilliance" }, rule { $0.subject.achievement.type = "ext:Brilliance" },
            rule { $0.subject.achievement.resultDescriptions[0].type = "Status" }, rule { $0.issuer.id = "us" },
        ]
        #expect(rules == [
            "structure.dangling", "structure.dangling", "structure.subject", "structure.period", "structure.kind", nil, "structure.status",
            "structure.address",
        ])
    }

    @Test func `an identity is hashed with its salt as the standard's example`() {
        let identity = IdentityObject("a@example.com", type: "emailAddress", salt: "Kosher")
        var upper = identity
        upper.hash = "sha256$" + upper.hash.dropFirst(7).uppercased()
        #expect(identity.hash.hasPrefix("sha256$b5809d8a") && identity.hash.hasSuffix("f399")
            && identity.match("a@example.com") == .same && upper.match("a@example.com") == .same && identity.match("b@example.com") == .other)
    }

    @Test func `who presents it is compared when that is asked`() async throws {
        let signed = try Sample.signed()
        var verifier = Sample.verifier
        var outcomes: [String?] = []
        for recipient in [nil, "a@example.org", Sample.learner, "b@example.org"] {
            verifier.recipient = recipient
            outcomes.append(await verifier.verify(signed)[.recipient]?.outcome.rawValue)
        }
        #expect(outcomes == [nil, "passed", "passed", "failed"])
    }

    @Test func `a status list of ours revokes, and an endorsement is judged for itself`() async throws {
        var generator = SystemRandomNumberGenerator()
        var list = StatusList(.revocation), badge = Sample.badge()
        let place = list.assign(using: &generator)!, url = "https://records.example.gov/status/1"
        badge.status = StatusEntry(.revocation, index: place, list: url)
        let endorsement = EndorsementCredential(
            id: "urn:uuid:0c000000-0000-4000-8000-00000000000e", name: "Endorsement", issuer: Sample.issuer, validFrom: badge.validFrom,
            endorsed: badge.subject.achievement.id, comment: "We recognize it.")
        badge.endorsements = [try DataIntegrity.add(Sample.options(.eddsaRDFC), to: endorsement.unsigned(), with: Sample.ed25519)]
        let signed = try DataIntegrity.add(Sample.options(.eddsaRDFC), to: badge.unsigned(), with: Sample.ed25519)
        func report() async throws -> VerificationReport {
            let credential = try DataIntegrity.add(
                Sample.options(.eddsaRDFC), to: list.credential(id: url, issuer: Sample.issuerID, validFrom: badge.validFrom, ttlSeconds: 300), with: Sample.ed25519)
            var verifier = Sample.verifier
            verifier.documents = LocalDocuments([url: JSONValue.object(credential).serialized()])
            return await verifier.verify(signed)
        }
        let before = try await report()
        try list.set(place, to: true)
        let after = try await report(), without = await Sample.verifier.verify(signed)
        #expect(before.open.isEmpty && before[.endorsements]?.outcome == .passed, "\(before.checks)")
        #expect(after.open == ["status"] && without.open == ["status*"])
    }
}

struct HostileTests {
    @Test(.timeLimit(.minutes(1)), arguments: [
        ("depth", "json.too_deep"), ("objects", "json.too_deep"), ("duplicate", "json.duplicate_member"), ("surrogate", "json.lone_surrogate"),
        ("number", "json.number_range"), ("large", "json.too_many_bytes"), ("array", "structure.kind"), ("empty", "json.syntax"),
        ("token", "jws.shape"), ("bytes", "json."),
    ])
    func `what was made to hurt is refused by name`(kind: String, rule: String) async {
        let bytes: [UInt8] = switch kind {
        case "depth": [UInt8](repeating: UInt8(ascii: "["), count: 100_000)
        case "objects": Array(String(repeating: #"{"a":"#, count: 100_000).utf8)
        case "duplicate": Array(#"{"id":"a:b","id":"a:c"}"#.utf8)
        case "surrogate": Array(#"{"id":"\ud800"}"#.utf8)
        case "number": Array(#"{"id":1e999}"#.utf8)
        case "large": Array(#"{"a":""#.utf8) + [UInt8](repeating: 97, count: 50 << 20) + Array(#""}"#.utf8)
        case "array": Array("[]".utf8)
        case "empty": []
        case "token": Array("eyJ.a.b.c".utf8)
        default: [0xFF, 0xFE, 0x00]
        }
        let check = await Verifier(now: Sample.now).verify(bytes)[.structure]
        #expect(check?.outcome == .failed && check?.rule?.hasPrefix(String(rule.prefix { $0 != "." })) == true, "\(check?.rule ?? "")")
        if ["depth", "duplicate", "array", "token"].contains(kind) { #expect(check?.rule == rule) }
    }

    @Test(.timeLimit(.minutes(1))) func `a context at an address is not fetched, and an own context cannot change what is signed`() async throws {
        var signed = try Sample.signed()
        var contexts = try #require(signed["@context"]?.array)
        contexts.append("https://evil.example/context.json")
        signed["@context"] = .array(contexts)
        let fetched = await Sample.verifier.verify(signed)
        contexts[contexts.count - 1] = ["name": "https://evil.example/name"]
        signed["@context"] = .array(contexts)
        let own = await Sample.verifier.verify(signed)
        #expect(fetched[.semantics]?.outcome == .failed && fetched[.proof]?.outcome == .failed && own[.proof]?.outcome == .failed)
    }

    @Test(.timeLimit(.minutes(1))) func `many blank nodes that look alike end by a limit, not by patience`() async throws {
        // A complete graph of nodes without names: every order of them is as good as another.
        var credential = try Sample.badge().unsigned()
        let nodes = (0..<24).map { one -> JSONValue in
            ["id": .string("_:n\(one)"), "type": ["Evidence"], "https://example.gov/knows": .array((0..<24).filter { $0 != one }.map { ["id": .string("_:n\($0)")] })]
        }
        credential["evidence"] = .array(nodes)
        credential["proof"] = try Sample.signed()["proof"]
        let report = await Sample.verifier.verify(credential)
        #expect(report[.semantics]?.outcome == .failed && report[.proof]?.outcome == .failed, "\(report.checks)")
    }

    @Test func `too many proofs, entries and endorsements are refused or named`() async throws {
        var signed = try Sample.signed()
        let proof = try #require(signed["proof"]?.array?.first)
        signed["proof"] = .array([JSONValue](repeating: proof, count: 17))
        let entry = StatusEntry(.revocation, index: 1, list: "https://records.example.gov/s").json
        signed["credentialStatus"] = .array([JSONValue](repeating: entry, count: 17))
        let report = await Sample.verifier.verify(signed)
        #expect(report[.proof]?.rule == "proof.too_many" && report[.status]?.rule == "status.too_many")
    }
}
