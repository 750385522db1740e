import Domain
import Foundation
import Testing
@testable import Credentials

/// Files of our own in `Tests/Fixtures/credentials-corpus`: what the fuzzer begins with, and a guard that credentials of
/// former builds stay good. Written by `CAIRN_REGENERATE=1 swift test --filter CorpusTests`.
struct CorpusTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/credentials-corpus")

    @Test(arguments: ["badge.json", "badge-jcs.json", "badge.jwt", "badge.png", "badge.svg", "clr.json"])
    func `a credential of a former build is still good`(name: String) async throws {
        if ProcessInfo.processInfo.environment["CAIRN_REGENERATE"] == "1" { try Self.regenerate() }
        let report = await Sample.verifier.verify(file: Array(try Data(contentsOf: Self.folder.appendingPathComponent(name))))
        #expect(report.open.isEmpty, "\(report.checks)")
    }

    private static func regenerate() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        func put(_ name: String, _ bytes: [UInt8]) throws { try Data(bytes).write(to: folder.appendingPathComponent(name)) }
        let badge = JSONValue.object(try Sample.signed()).serialized()
        let token = Array(try CredentialJWT.issue(Sample.badge().unsigned(), with: Sample.p256, keyID: Sample.issuerID + "#p256").utf8)
        let clr = ClrCredential(
            id: "urn:uuid:0c000000-0000-4000-8000-00000000000c", name: "Record", issuer: Sample.issuer, validFrom: Sample.badge().validFrom,
            learner: Sample.learner, credentials: [try Sample.signed(), try Sample.badge(2).unsigned()])
        var list = StatusList(.revocation), generator = SystemRandomNumberGenerator()
        try list.set(list.assign(using: &generator)!, to: true)
        try put("badge.json", badge)
        try put("badge-jcs.json", JSONValue.object(try Sample.signed(.eddsaJCS)).serialized())
        try put("badge.jwt", token)
        try put("badge.png", PNG.bake(badge, into: BakingTests.pixel))
        try put("badge.svg", SVG.bake(token, into: BakingTests.drawing))
        try put("clr.json", JSONValue.object(try DataIntegrity.add(Sample.options(.eddsaRDFC), to: clr.unsigned(), with: Sample.ed25519)).serialized())
        try put("status-list.json", JSONValue.object(list.credential(id: "https://records.example.gov/status/1", issuer: Sample.issuerID, validFrom: Sample.now)).serialized())
        try put("did.json", Sample.document.json.serialized())
    }
}
