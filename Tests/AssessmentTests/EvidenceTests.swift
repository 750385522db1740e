import Domain
import Testing
@testable import Assessment

@Suite struct EvidenceTests {
    static func read(_ change: (inout SubmitEvidence) -> Void) throws -> SubmitEvidence {
        var command = Given.evidence()
        change(&command)
        return try command.read()
    }

    @Test(arguments: [
        (String(repeating: "0", count: 64), "none"), (String(repeating: "F", count: 64), "none"),
        (String(repeating: "0", count: 63), "sha256.format"), (String(repeating: "g", count: 64), "sha256.format"),
        (String(repeating: "0", count: 65), "sha256.format"), (String(repeating: "é", count: 32), "sha256.format"),
        ("", "sha256.format"),
    ])
    func `a hash is 64 hexadecimal digits`(sha256: String, expected: String) async {
        #expect(await rule { try Self.read { $0.sha256 = sha256 } } == expected)
    }

    @Test(arguments: [
        (-1, "size.range"), (0, "none"), (1 << 40, "none"), (1 << 40 + 1, "size.range"), (Int.max, "size.range"),
    ])
    func `a size is from nothing to a tebibyte`(size: Int, expected: String) async {
        #expect(await rule { try Self.read { $0.sizeBytes = size } } == expected)
    }

    @Test func `texts are bounded and the hash is kept in lower case`() async throws {
        #expect(try Self.read { _ in }.sha256 == String(repeating: "ab", count: 32))
        #expect(await [
            rule { try Self.read { $0.title = "" } }, rule { try Self.read { $0.title = "x\u{7}" } },
            rule { try Self.read { $0.kind = String(repeating: "k", count: 101) } },
            rule { try Self.read { $0.location = "  " } },
            rule { try Self.read { $0.location = String(repeating: "l", count: 2000) } },
            rule { try Self.read { $0.location = "s3://pieces/1" } },
            rule { try Self.read { $0.location = " JavaScript:alert(1)" } },
            rule { try Self.read { $0.location = "data:text/html,x" } },
        ] == [
            "text.length", "text.control", "text.length", "text.blank", "none", "none", "location.program",
            "location.program",
        ])
    }

    @Test func `an assessment takes 200 pieces, each under an id of its own beside the learner`() throws {
        var assessment = Given.assessment([])
        for _ in 0..<AssessmentState.evidenceMax {
            for event in try decide(assessment, Given.evidence(), now: Given.now).events { assessment.evolve(event) }
        }
        #expect(Set(assessment.evidence.map(\.evidence)).count == AssessmentState.evidenceMax)
        #expect(Set(assessment.evidence.map(\.evidence.partition)) == [Given.learner.partition])
        #expect(summary { try decide(assessment, Given.evidence(), now: Given.now) } == "refused: evidence.limit")
    }
}
