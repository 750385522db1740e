import ArgumentParser
import Credentials
import Domain
import Foundation
import Support
import Testing
@testable import Command

/// The verbs of `cairn credential`, run in this process on files of a folder of their own.
struct CredentialTests {
    /// The exit code that `cairn credential …` would end with.
    private func run(_ arguments: String...) async -> Int32 {
        do {
            var command = try Cairn.parseAsRoot(["credential"] + arguments)
            if var asynchronous = command as? any AsyncParsableCommand { try await asynchronous.run() } else { try command.run() }
            return 0
        } catch { return Cairn.exitCode(for: error).rawValue }
    }

    private func badge(status: JSONValue? = nil) throws -> [UInt8] {
        let achievement = Achievement(
            id: "https://records.example.gov/achievements/1", name: "Argues", description: "Argues from evidence.", criteria: .init(narrative: "Two works."))
        let badge = OpenBadgeCredential(
            id: "urn:uuid:0c000000-0000-4000-8000-000000000001", name: "Argues", issuer: Profile(id: "did:web:records.example.gov"),
            validFrom: Timestamp("2026-01-15T00:00:00Z")!,
            subject: AchievementSubject(id: "urn:uuid:0c000000-0000-4000-8000-00000000002a", achievement: achievement))
        var object = try badge.unsigned()
        object["credentialStatus"] = status
        return JSONValue.object(object).serialized()
    }

    @Test(arguments: ["ed25519", "p256", "rsa"]) func `from a key to a credential that verifies, and one that does not`(kind: String) async throws {
        let folder = try Scratch.Folder(), did = folder["did.json"], key = folder["k"], signed = folder["signed"]
        #expect(await run("keygen", "--kind", kind, "--issuer", "did:web:records.example.gov", "--document", did, "--out", key) == 0)
        #expect(await run("keygen", "--issuer", "did:web:records.example.gov", "--document", did, "--out", folder["k2"]) == 0)
        let mode = try FileManager.default.attributesOfItem(atPath: key)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        try folder.put("badge.json", badge())
        #expect(await run("issue", folder["badge.json"], "--key", key, "--document", did, "--out", signed) == 0)
        #expect(await run("verify", signed, "--issuer", did) == 0)
        #expect(await run("verify", signed, "--issuer", did, "--json", "--recipient", "urn:uuid:0c000000-0000-4000-8000-00000000002a") == 0)
        #expect(await run("verify", signed) == 2)
        #expect(await run("verify", signed, "--issuer", did, "--at", "2025-01-01T00:00:00Z") == 1)
        #expect(await run("verify", signed, "--issuer", did, "--recipient", "a@example.org") == 1)
        #expect(await run("verify", folder["absent"]) == 2)
        #expect(await run("inspect", signed) == 0)
        try folder.put("tampered", Array(try folder.text("signed").replacing(kind == "ed25519" ? "Two works" : "W", with: kind == "ed25519" ? "Ten works" : "X").utf8))
        #expect(await run("verify", folder["tampered"], "--issuer", did) == 1)
        // A key is never written over.
        #expect(await run("keygen", "--out", key) != 0)
    }

    @Test func `baked, checked and taken out again`() async throws {
        let folder = try Scratch.Folder(), key = folder["k"], signed = folder["signed.json"], did = folder["did.json"]
        #expect(await run("keygen", "--issuer", "did:web:records.example.gov", "--document", did, "--out", key) == 0)
        try folder.put("badge.json", badge())
        try folder.put("picture.svg", Array(#"<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>"#.utf8))
        #expect(await run("issue", folder["badge.json"], "--key", key, "--document", did, "--out", signed) == 0)
        #expect(await run("bake", signed, "--image", folder["picture.svg"], "--out", folder["baked.svg"]) == 0)
        #expect(await run("verify", folder["baked.svg"], "--issuer", did) == 0)
        #expect(await run("extract", folder["baked.svg"], "--out", folder["out.json"]) == 0)
        #expect(try folder.text("out.json") == folder.text("signed.json").trimmingCharacters(in: .whitespacesAndNewlines))
        #expect(await run("extract", folder["picture.svg"]) != 0)
    }

    @Test func `a credential of a list of ours is revoked for good`() async throws {
        let folder = try Scratch.Folder(), key = folder["k"], did = folder["did.json"], list = folder["list.json"]
        let address = "https://records.example.gov/status/1", issuer = "did:web:records.example.gov"
        #expect(await run("keygen", "--issuer", issuer, "--document", did, "--out", key) == 0)
        #expect(await run("status", "new", list) == 0)
        #expect(await run("status", "assign", list, "--address", address) == 0)
        let taken = try StatusList(try JSONValue.parse(Array(folder.text("list.json").utf8))).taken.setIndexes
        let index = try #require(taken.first)
        try folder.put("badge.json", badge(status: StatusEntry(.revocation, index: index, list: address).json))
        #expect(await run("issue", folder["badge.json"], "--key", key, "--document", did, "--out", folder["signed.json"]) == 0)
        func publishAndVerify() async -> Int32 {
            let published = await run("status", "publish", list, "--address", address, "--issuer", issuer, "--key", key, "--out", folder["public.json"])
            return published != 0 ? published : await run("verify", folder["signed.json"], "--issuer", did, "--status", "\(address)=\(folder["public.json"])")
        }
        #expect(await publishAndVerify() == 0)
        #expect(await run("verify", folder["signed.json"], "--issuer", did) == 2)
        #expect(await run("status", "set", list, "\(index)") == 0)
        #expect(await publishAndVerify() == 1)
        #expect(await run("status", "set", list, "\(index)", "--clear") != 0)
        #expect(await run("status", "show", folder["public.json"]) == 0)
    }

    @Test func `what no verifier would take is not signed`() async throws {
        let folder = try Scratch.Folder(), key = folder["k"]
        #expect(await run("keygen", "--out", key) == 0)
        try folder.put("bad.json", Array(String(decoding: try badge(), as: UTF8.self).replacing(#""criteria""#, with: #""kriteria""#).utf8))
        #expect(await run("issue", folder["bad.json"], "--key", key, "--out", folder["out"]) != 0)
        #expect(!FileManager.default.fileExists(atPath: folder["out"]))
    }
}
