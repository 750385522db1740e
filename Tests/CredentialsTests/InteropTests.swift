import Domain
import Foundation
import Support
import Testing
@testable import Credentials

/// Other people's software over what we issue, and ours over what it issues: `Tests/Interop`.
struct InteropTests {
    /// Python with the packages that `ops/test` installs.
    private static let python = ProcessInfo.processInfo.environment["CAIRN_TEST_PYTHON"] ?? "python3"
    private static let scripts = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Interop").path

    private static func run(_ arguments: [String]) throws -> (status: Int32, output: [UInt8]) {
        let process = Process(), pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [python] + arguments
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, Array(output))
    }

    @Test(.needsShared("standards/openbadges-3.0/context"), .timeLimit(.minutes(5)))
    func `what we issue passes the schemas and verifies elsewhere, and tampered copies do not`() async throws {
        guard try Self.run(["-c", "import jsonschema, pyld, cryptography, joserfc"]).status == 0 else {
            try Test.cancel("needs Python with jsonschema, pyld, cryptography and joserfc (ops/test installs them)")
        }
        let folder = URL(fileURLWithPath: try Scratch.Folder().path)
        let here = try await Self.write(to: folder)
        let shared = try #require(SharedFiles.root)
        let result = try Self.run(["\(Self.scripts)/check_credentials.py", folder.path, shared.path])
        let lines = String(decoding: result.output, as: UTF8.self).split(separator: "\n")
        let wrong = lines.filter { !$0.contains(#""good": true, "expected": true"#) && !$0.contains(#""good": false, "expected": false"#) }
        #expect(result.status == 0 && wrong.isEmpty && lines.count > 60 && here.isEmpty, "\(here) \(wrong.joined(separator: "\n"))")
    }

    @Test func `what didkit issues we find good`() async throws {
        let result = try Self.run(["\(Self.scripts)/issue_with_didkit.py"])
        guard result.status != 3, !result.output.isEmpty else { try Test.cancel("needs Python with didkit (ops/test installs it where it loads)") }
        let report = await Verifier(now: Timestamp("2036-01-01T00:00:00Z")!).verify(result.output)
        #expect(report.open == ["issuer*"] && report[.issuer]?.reason.contains("no list of known issuers") == true, "\(report.checks)")
    }

    /// Writes everything there is to check. Gives the names of files about which we are not of the expected opinion ourselves.
    private static func write(to folder: URL) async throws -> [String] {
        var cases: [JSONValue] = [], disagree: [String] = []
        func put(_ name: String, _ bytes: [UInt8], proof: String, schema: String?, good: Bool) async throws {
            try Data(bytes).write(to: folder.appendingPathComponent(name))
            cases.append(["file": .string(name), "proof": .string(proof), "schema": schema.map(JSONValue.string) ?? .null, "good": .bool(good)])
            let passed = await Sample.verifier.verify(bytes)[.proof]?.outcome == .passed
            if passed != good { disagree.append(name) }
        }
        var clr = ClrCredential(
            id: "urn:uuid:0c000000-0000-4000-8000-00000000000c", name: "Record", issuer: Sample.issuer, validFrom: Sample.badge().validFrom,
            learner: Sample.learner, credentials: [try Sample.signed(), try Sample.badge(2).unsigned()])
        clr.associations = [ClrAssociation(.isRelatedTo, from: Sample.achievement(1).id, to: Sample.achievement(2).id)]
        let endorsement = EndorsementCredential(
            id: "urn:uuid:0c000000-0000-4000-8000-00000000000e", name: "Endorsement", issuer: Sample.issuer,
            validFrom: Sample.badge().validFrom, endorsed: Sample.achievement().id, comment: "We recognize it.")
        let unsigned: [(String, JSONObject)] = [("badge", try Sample.badge().unsigned()), ("clr", try clr.unsigned()), ("endorsement", try endorsement.unsigned())]
        for suite in Cryptosuite.allCases {
            for (schema, credential) in unsigned {
                let signed = JSONValue.object(try DataIntegrity.add(Sample.options(suite), to: credential, with: Sample.ed25519))
                try await put("\(schema)-\(suite.rawValue).json", signed.serialized(), proof: suite.rawValue, schema: schema, good: true)
                guard schema == "badge" else { continue }
                for (place, path) in Tampering.leaves(of: signed).enumerated() where path.last != "proofPurpose" && path.last != "verificationMethod" {
                    let changed = Tampering.changed(signed, at: path).serialized()
                    try await put("bad-\(place)-\(suite.rawValue).json", changed, proof: suite.rawValue, schema: nil, good: false)
                }
            }
        }
        let token = Array(try CredentialJWT.issue(Sample.badge().unsigned(), with: Sample.p256, keyID: Sample.issuerID + "#p256").utf8)
        try await put("badge.jwt", token, proof: "jwt", schema: nil, good: true)
        for place in stride(from: 0, to: token.count, by: 41) where token[place] != UInt8(ascii: ".") {
            var changed = token
            changed[place] = changed[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            try await put("bad-\(place).jwt", changed, proof: "jwt", schema: nil, good: false)
        }
        try Data(Sample.document.json.serialized()).write(to: folder.appendingPathComponent("did.json"))
        try Data(JSONValue.array(cases).serialized()).write(to: folder.appendingPathComponent("expected.json"))
        return disagree
    }
}
