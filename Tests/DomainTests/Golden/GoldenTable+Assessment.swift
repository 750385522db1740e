import Domain

extension GoldenTable {
    mutating func addAssessmentRequests() {
        request(RegisterAssessor(fullName: "Noor Haddad", organization: id(2)),
            RegisterAssessor.Reply(assessor: id(1)))
        request(GrantLicense(assessor: id(1), issuer: id(2),
            scope: LicenseScope(targets: ["urn:uuid:10000000-0000-4000-8000-000000000001"], levelMax: 2.5,
            settings: [.school]), from: day, until: day), GrantLicense.Reply(license: id(3)))
        request(RevokeLicense(license: id(3), effectiveFrom: day, reason: "It was entered twice."), Done())
        request(GetLicense(license: id(3)), GetLicense.Reply(license: id(3), assessor: id(1), issuer: id(2),
            scope: LicenseScope(targets: ["urn:uuid:10000000-0000-4000-8000-000000000001"], levelMax: 2.5,
            settings: [.school]), from: day, until: day, standing: .active, revokedFrom: day))
        request(PublishRubric(title: "Reading the Land", criteria: [RubricCriterion(id: "reads-maps",
            target: "urn:uuid:10000000-0000-4000-8000-000000000001", description: "Reads contour lines on a map.",
            levels: [CriterionLevel(level: 2.5, description: "Reads contour lines on a map.")], metAt: 2.5)]),
            PublishRubric.Reply(rubric: id(4), version: 2))
        request(ReviseRubric(rubric: id(4), title: "Reading the Land", criteria: [RubricCriterion(id: "reads-maps",
            target: "urn:uuid:10000000-0000-4000-8000-000000000001", description: "Reads contour lines on a map.",
            levels: [CriterionLevel(level: 2.5, description: "Reads contour lines on a map.")], metAt: 2.5)]),
            PublishRubric.Reply(rubric: id(4), version: 2))
        request(GetRubric(rubric: id(4), version: 2), GetRubric.Reply(rubric: id(4), version: 2,
            title: "Reading the Land", criteria: [RubricCriterion(id: "reads-maps",
            target: "urn:uuid:10000000-0000-4000-8000-000000000001", description: "Reads contour lines on a map.",
            levels: [CriterionLevel(level: 2.5, description: "Reads contour lines on a map.")], metAt: 2.5)]))
        request(RequestAssessment(learner: id(6), rubric: id(4), setting: .school, organization: id(2),
            assessor: id(1)), RequestAssessment.Reply(assessment: id(5), rubricVersion: 2))
        request(SubmitEvidence(assessment: id(5), title: "Reading the Land", kind: "video",
            sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", sizeBytes: 1,
            location: "https://portfolio.example/ridge"), SubmitEvidence.Reply(evidence: id(7)))
        request(RecordJudgment(assessment: id(5), license: id(3),
            criteria: [CriterionJudgment(criterion: "reads-maps", level: 2.5,
            feedback: "Walk the ridge with a map once more.")], moreEvidenceNeeded: true, effectiveOn: day),
            RecordJudgment.Reply(judgment: id(8), outcome: .met, unmet: ["reads-maps"]))
        request(VoidAssessment(assessment: id(5), reason: "It was entered twice."), Done())
        request(GetAssessment(assessment: id(5)), GetAssessment.Reply(assessment: id(5), learner: id(6),
            rubric: id(4), rubricVersion: 2, setting: .school, assessor: id(1), outcome: .met,
            evidence: [EvidenceEntry(evidence: id(7), title: "Reading the Land", kind: "video",
            sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", sizeBytes: 1,
            location: "https://portfolio.example/ridge", submittedAt: moment)],
            judgments: [JudgmentEntry(judgment: id(8), license: id(3),
            criteria: [CriterionJudgment(criterion: "reads-maps", level: 2.5,
            feedback: "Walk the ridge with a map once more.")], outcome: .met, effectiveOn: day,
            recordedAt: moment)]))
    }

    mutating func addAssessmentEvents() {
        event(AssessorRegistered(assessor: id(1), fullName: "Noor Haddad", organization: id(2)))
        event(LicenseGranted(license: id(3), assessor: id(1), issuer: id(2),
            scope: LicenseScope(targets: ["urn:uuid:10000000-0000-4000-8000-000000000001"], levelMax: 2.5,
            settings: [.school]), from: day, until: day))
        event(LicenseRevoked(license: id(3), effectiveFrom: day, reason: "It was entered twice."))
        event(RubricPublished(rubric: id(4), rubricVersion: 2, title: "Reading the Land",
            criteria: [RubricCriterion(id: "reads-maps", target: "urn:uuid:10000000-0000-4000-8000-000000000001",
            description: "Reads contour lines on a map.", levels: [CriterionLevel(level: 2.5,
            description: "Reads contour lines on a map.")], metAt: 2.5)]))
        event(AssessmentRequested(assessment: id(5), learner: id(6), rubric: id(4), rubricVersion: 2,
            setting: .school, organization: id(2), assessor: id(1)))
        event(EvidenceSubmitted(assessment: id(5), learner: id(6), evidence: EvidenceEntry(evidence: id(7),
            title: "Reading the Land", kind: "video",
            sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", sizeBytes: 1,
            location: "https://portfolio.example/ridge", submittedAt: moment)))
        event(JudgmentRecorded(assessment: id(5), learner: id(6), judgment: JudgmentEntry(judgment: id(8),
            license: id(3), criteria: [CriterionJudgment(criterion: "reads-maps", level: 2.5,
            feedback: "Walk the ridge with a map once more.")], outcome: .met, effectiveOn: day,
            recordedAt: moment)))
        event(JudgmentRefused(assessment: id(5), learner: id(6), license: id(3), rule: "license.term"))
        event(OutcomeMet(assessment: id(5), learner: id(6), judgment: id(8), license: id(3), setting: .school,
            attained: [AttainedTarget(target: "urn:uuid:10000000-0000-4000-8000-000000000001", level: 2.5)],
            effectiveOn: day))
        event(OutcomeNotYet(assessment: id(5), learner: id(6), judgment: id(8), organization: id(2),
            unmet: [UnmetCriterion(criterion: "reads-maps", target: "urn:uuid:10000000-0000-4000-8000-000000000001",
            level: 2.5, metAt: 2.5, feedback: "Walk the ridge with a map once more.")]))
        event(MoreEvidenceAsked(assessment: id(5), learner: id(6), judgment: id(8)))
        event(AssessmentVoided(assessment: id(5), learner: id(6), reason: "It was entered twice."))
    }
}
