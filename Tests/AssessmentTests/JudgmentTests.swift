import Domain
import EventLog
import Testing
@testable import Assessment

@Suite struct JudgmentTests {
    static func judge(
        _ command: RecordJudgment, on assessment: AssessmentState = Given.assessment(),
        by rubric: RubricVersion = Given.rubric, under license: LicenseState = Given.license()
    ) throws -> Decision<RecordJudgment.Reply> {
        try decide(assessment, rubric, license, try command.read(), today: Given.today, now: Given.now)
    }

    static let met = Given.judgment(["claim": 3, "source": 2])

    // MARK: The license

    @Test(arguments: [
        (Given.license(), "judgment_recorded outcome_met"),
        (Given.license(of: .following("another")), "judgment_refused refused: license.assessor /license"),
        (Given.license(targets: ["urn:x:a"]), "judgment_refused refused: license.scope /license"),
        (Given.license(targets: ["urn:x:b", "urn:x:c", "urn:x:a"]), "judgment_recorded outcome_met"),
        (Given.license(levelMax: 3), "judgment_recorded outcome_met"),
        (Given.license(levelMax: 2.5), "judgment_refused refused: license.level /license"),
        (Given.license(settings: [.school, .work]), "judgment_recorded outcome_met"),
        (Given.license(settings: [.school]), "judgment_refused refused: license.setting /license"),
        (Given.license(revokedFrom: day("2026-11-22")), "judgment_recorded outcome_met"),
        (Given.license(revokedFrom: day("2026-11-21")), "judgment_refused refused: license.revoked /license"),
    ])
    func `a license carries a judgment, or a rule forbids it and the attempt is on record`(
        license: LicenseState, expected: String
    ) {
        #expect(summary { try Self.judge(Self.met, under: license) } == expected)
    }

    @Test(arguments: [
        ("2026-08-31", "judgment_refused refused: license.term /license"),
        ("2026-09-01", "judgment_recorded outcome_met"),
        ("2027-06-30", "judgment_recorded outcome_met"),
        ("2027-07-01", "judgment_refused refused: license.term /license"),
    ])
    func `a term holds from its first to its last day`(today: String, expected: String) {
        #expect(summary {
            try decide(
                Given.assessment(), Given.rubric, Given.license(), Self.met, today: day(today), now: Given.now)
        } == expected)
    }

    @Test(arguments: [
        ("2026-08-31", "judgment_refused refused: license.term /license"),
        ("2026-09-01", "judgment_recorded outcome_met"),
        ("2026-11-21", "judgment_recorded outcome_met"),
        ("2026-11-22", "invalid: effective_on.future /effectiveOn"),
    ])
    func `the license must hold on the day of the judgment, which is never after today`(
        effectiveOn: String, expected: String
    ) {
        let command = Given.judgment(["claim": 3, "source": 2], on: day(effectiveOn))
        #expect(summary { try Self.judge(command) } == expected)
    }

    @Test func `an earlier day brings back no license that is expired or revoked by today`() {
        let command = Given.judgment(["claim": 3, "source": 2], on: day("2026-09-30"))
        #expect(summary { try Self.judge(command, under: Given.license(revokedFrom: day("2026-11-21"))) }
                == "judgment_refused refused: license.revoked /license")
        #expect(summary {
            try decide(
                Given.assessment(), Given.rubric, Given.license(), command, today: day("2027-07-01"), now: Given.now)
        } == "judgment_refused refused: license.term /license")
    }

    @Test func `nobody judges themselves, nor their child`() {
        #expect(summary {
            try decide(
                Given.assessment(), Given.rubric, Given.license(), Self.met, byFamily: true, today: Given.today,
                now: Given.now)
        } == "judgment_refused refused: license.conflict /license")
    }

    @Test func `asking for more evidence needs a license as a judgment does`() {
        let command = Given.judgment([:], moreEvidence: true)
        #expect(summary { try Self.judge(command, under: Given.license(targets: ["urn:x:a"])) }
                == "judgment_refused refused: license.scope /license")
    }

    @Test func `each rule of a license has a name and a sentence of its own`() {
        #expect(LicenseRule.allCases.map(\.rawValue) == [
            "license.assessor", "license.conflict", "license.term", "license.revoked", "license.scope", "license.level", "license.setting",
        ])
        #expect(Set(LicenseRule.allCases.map(\.message)).count == LicenseRule.allCases.count)
    }

    // MARK: The shape

    @Test(arguments: [
        (["claim": 3, "source": 2], "judgment_recorded outcome_met"),
        (["source": 4, "claim": 4], "judgment_recorded outcome_met"),
        (["claim": 3], "invalid: criterion.missing /criteria"),
        ([:], "invalid: criterion.missing /criteria, criterion.missing /criteria"),
        (["claim": 3, "claim": 3], "invalid: criterion.duplicate /criteria/1/criterion, criterion.missing /criteria"),
        (["claim": 3, "source": 2, "style": 1], "invalid: criterion.unknown /criteria/2/criterion"),
        (["claim": 3.5, "source": 0], "invalid: level.unknown /criteria/0/level, level.unknown /criteria/1/level"),
    ] as [(KeyValuePairs<String, Double>, String)])
    func `each criterion of the rubric version is judged exactly once, by one of its levels`(
        levels: KeyValuePairs<String, Double>, expected: String
    ) {
        #expect(summary { try Self.judge(Given.judgment(levels)) } == expected)
    }

    @Test(arguments: [
        (nil, "invalid: feedback.missing /criteria/0/feedback"),
        (" \n", "invalid: feedback.missing /criteria/0/feedback"),
        ("x", "judgment_recorded outcome_not_yet"),
        (String(repeating: "x", count: 4000), "judgment_recorded outcome_not_yet"),
        (String(repeating: "x", count: 4001), "invalid: text.length /criteria/0/feedback"),
        ("a\u{0}b", "invalid: text.control /criteria/0/feedback"),
    ])
    func `not yet demands feedback for what is unmet`(feedback: String?, expected: String) {
        #expect(summary { try Self.judge(Given.judgment(["claim": 2, "source": 2], feedback: feedback)) } == expected)
    }

    @Test func `a malformed judgment is not put on record as an attempt, even under a license that forbids it`() {
        #expect(summary { try Self.judge(Given.judgment(["claim": 3]), under: Given.license(targets: ["urn:x:c"])) }
                == "invalid: criterion.missing /criteria")
    }

    @Test(arguments: [
        (Given.assessment([]), Self.met, "refused: evidence.missing"),
        (Given.assessment([]), Given.judgment([:], moreEvidence: true), "judgment_recorded more_evidence_asked"),
        (Given.assessment(), Given.judgment(["claim": 1], feedback: nil, moreEvidence: true),
         "judgment_recorded more_evidence_asked"),
        (Given.assessment(), Given.judgment(["claim": 9], moreEvidence: true),
         "invalid: level.unknown /criteria/0/level"),
    ])
    func `one cannot judge what was not shown, but ask for it`(
        assessment: AssessmentState, command: RecordJudgment, expected: String
    ) {
        #expect(summary { try Self.judge(command, on: assessment) } == expected)
    }

    // MARK: The outcome

    @Test func `met says what was attained, each item once at the lowest level given for it`() throws {
        let rubric = RubricVersion(title: "Lab", criteria: [
            Given.criterion("plan", of: "urn:x:b", levels: [1, 2, 3], metAt: 2),
            Given.criterion("safety", of: "urn:x:a", levels: [0, 1], metAt: 1),
            Given.criterion("report", of: "urn:x:b", levels: [1, 2, 3], metAt: 2),
        ])
        let decision = try Self.judge(
            Given.judgment(["report": 2, "safety": 1, "plan": 3], feedback: nil, on: day("2026-11-20")), by: rubric)
        let reply = try decision.answer.get()
        let outcome = try #require(decision.events.last as? OutcomeMet)
        #expect(outcome.attained == [
            AttainedTarget(target: "urn:x:b", level: 2), AttainedTarget(target: "urn:x:a", level: 1),
        ])
        #expect(outcome.judgment.partition == Given.learner.partition)
        #expect(reply == RecordJudgment.Reply(judgment: outcome.judgment, outcome: .met, unmet: []))
        #expect((decision.events.first as? JudgmentRecorded)?.judgment == JudgmentEntry(
            judgment: outcome.judgment, license: Given.licenseID,
            criteria: [
                CriterionJudgment(criterion: "plan", level: 3), CriterionJudgment(criterion: "safety", level: 1),
                CriterionJudgment(criterion: "report", level: 2),
            ],
            outcome: .met, effectiveOn: day("2026-11-20"), recordedAt: Given.now))
    }

    @Test func `not yet says what is unmet and what comes next`() throws {
        let decision = try Self.judge(Given.judgment(["source": 1, "claim": 4], feedback: "Name a second source."))
        let outcome = try #require(decision.events.last as? OutcomeNotYet)
        #expect(outcome.unmet == [UnmetCriterion(
            criterion: "source", target: "urn:x:b", level: 1, metAt: 2, feedback: "Name a second source.")])
        #expect(outcome.organization == Given.school)
        #expect(try decision.answer.get()
                == RecordJudgment.Reply(judgment: outcome.judgment, outcome: .notYet, unmet: ["source"]))
    }

    @Test func `no outcome says that somebody failed`() {
        #expect(Outcome.allCases.map(\.rawValue) == ["met", "not_yet", "more_evidence_needed", "void"])
    }

    @Test(arguments: [
        ([], "judgment_recorded outcome_met", "evidence_submitted", "assessment_voided"),
        ([Given.judged(.notYet)], "judgment_recorded outcome_met", "evidence_submitted", "assessment_voided"),
        ([Given.judged(.moreEvidenceNeeded)], "judgment_recorded outcome_met", "evidence_submitted",
         "assessment_voided"),
        ([Given.judged(.met)], "conflict: assessment.met", "conflict: assessment.met", "assessment_voided"),
        ([Given.voided], "conflict: assessment.void", "conflict: assessment.void", "conflict: assessment.void"),
        ([Given.judged(.met), Given.voided], "conflict: assessment.void", "conflict: assessment.void",
         "conflict: assessment.void"),
    ] as [([any Event], String, String, String)])
    func `not yet closes nothing, met only leaves voiding, and void leaves nothing`(
        before: [any Event], judging: String, showing: String, voiding: String
    ) {
        let assessment = Given.assessment([Given.submitted] + before)
        #expect([
            summary { try Self.judge(Self.met, on: assessment) },
            summary { try decide(assessment, Given.evidence(), now: Given.now) },
            summary { try decide(voiding: assessment, reason: "Mixed up.") },
        ] == [judging, showing, voiding])
    }

    @Test func `the state follows from the events, and a refused attempt changes nothing`() throws {
        let start = Given.assessment()
        let outcomes: [(RecordJudgment, Outcome)] = [
            (Given.judgment(["claim": 1, "source": 1]), .notYet),
            (Given.judgment([:], moreEvidence: true), .moreEvidenceNeeded), (Self.met, .met),
        ]
        for (command, expected) in outcomes {
            var state = start
            for event in try Self.judge(command, on: state).events { state.evolve(event) }
            #expect(state.outcome == expected && state.judgments.map(\.outcome) == [expected])
        }
        var state = start
        for event in try Self.judge(Self.met, on: state, under: Given.license(targets: ["urn:x:c"])).events {
            state.evolve(event)
        }
        #expect(Wire.encode(state) == Wire.encode(start))
    }

    // MARK: Bounds

    @Test func `an assessment holds 200 judgments and 384 KiB`() {
        let many = (0..<AssessmentState.judgmentsMax).map { _ in Given.judged(.notYet) as any Event }
        #expect(summary { try Self.judge(Self.met, on: Given.assessment([Given.submitted] + many)) }
                == "refused: judgment.limit")

        var long = Given.judged(.notYet)
        long.judgment.criteria = (0..<49).map {
            CriterionJudgment(criterion: "c\($0)", level: 1, feedback: String(repeating: "é", count: 4000))
        }
        #expect(summary { try Self.judge(Self.met, on: Given.assessment([Given.submitted, long])) }
                == "refused: assessment.full")
        #expect(summary { try decide(Given.assessment([long]), Given.evidence(), now: Given.now) }
                == "refused: assessment.full")
    }
}
