import Domain
import EventLog
import Testing
@testable import Assessment

@Suite struct LicenseTests {
    static func grant(
        _ scope: LicenseScope = LicenseScope(targets: ["urn:x:a"]), from: String = "2026-09-01",
        until: String = "2027-06-30"
    ) -> GrantLicense {
        GrantLicense(assessor: Given.assessor, issuer: Given.board, scope: scope, from: day(from), until: day(until))
    }

    @Test(arguments: [
        (Self.grant(), "none"),
        (Self.grant(from: "2026-09-01", until: "2026-09-01"), "none"),
        (Self.grant(from: "2026-09-02", until: "2026-09-01"), "term.order"),
        (Self.grant(LicenseScope(targets: [])), "targets.count"),
        (Self.grant(LicenseScope(targets: (0..<1000).map { "urn:x:\($0)" })), "none"),
        (Self.grant(LicenseScope(targets: (0...1000).map { "urn:x:\($0)" })), "targets.count"),
        (Self.grant(LicenseScope(targets: (0..<600).map { "urn:x:\($0)" + String(repeating: "y", count: 480) })),
         "scope.size"),
        (Self.grant(LicenseScope(targets: ["urn:x:a", "urn:x:a"])), "target.duplicate"),
        (Self.grant(LicenseScope(targets: ["a"])), "iri.format"),
        (Self.grant(LicenseScope(targets: ["urn:x:a"], levelMax: 1e300)), "level.range"),
        (Self.grant(LicenseScope(targets: ["urn:x:a"], settings: [])), "settings"),
        (Self.grant(LicenseScope(targets: ["urn:x:a"], settings: [.work, .work])), "settings"),
        (Self.grant(LicenseScope(targets: ["urn:x:a"], levelMax: 3, settings: LearningSetting.allCases)), "none"),
    ])
    func `a license names what may be judged and from when until when`(
        command: GrantLicense, expected: String
    ) async {
        #expect(await rule { try command.read() } == expected)
    }

    @Test(arguments: [
        (nil, "2026-12-01", "license_revoked"), ("2026-12-01", "2026-12-01", "conflict: license.revoked"),
        ("2026-12-01", "2026-12-02", "conflict: license.revoked"), ("2026-12-01", "2026-11-30", "license_revoked"),
    ])
    func `a revocation may be brought forward, never put off`(before: String?, from: String, expected: String) {
        let license = Given.license(revokedFrom: before.map { day($0) })
        let command = RevokeLicense(license: Given.licenseID, effectiveFrom: day(from), reason: "Asked for it.")
        #expect(summary { try decide(license, command) } == expected)
    }
}
