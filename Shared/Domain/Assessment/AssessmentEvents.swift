package struct AssessorRegistered: Event {
    package static let type: EventType = "assessment.assessor_registered"
    package var assessor: EntityID<Assessor>
    package var fullName: String
    package var organization: EntityID<Organization>
    package init(assessor: EntityID<Assessor>, fullName: String, organization: EntityID<Organization>) {
        self.assessor = assessor
        self.fullName = fullName
        self.organization = organization
    }
}

package struct LicenseGranted: Event {
    package static let type: EventType = "assessment.license_granted"
    package var license: EntityID<License>
    package var assessor: EntityID<Assessor>
    package var issuer: EntityID<Organization>
    package var scope: LicenseScope
    package var from: CalendarDate
    package var until: CalendarDate
    package init(
        license: EntityID<License>, assessor: EntityID<Assessor>, issuer: EntityID<Organization>,
        scope: LicenseScope, from: CalendarDate, until: CalendarDate
    ) {
        self.license = license
        self.assessor = assessor
        self.issuer = issuer
        self.scope = scope
        self.from = from
        self.until = until
    }
}

package struct LicenseRevoked: Event {
    package static let type: EventType = "assessment.license_revoked"
    package var license: EntityID<License>
    package var effectiveFrom: CalendarDate
    package var reason: String
    package init(license: EntityID<License>, effectiveFrom: CalendarDate, reason: String) {
        self.license = license
        self.effectiveFrom = effectiveFrom
        self.reason = reason
    }
}

package struct RubricPublished: Event {
    package static let type: EventType = "assessment.rubric_published"
    package var rubric: EntityID<Rubric>
    package var rubricVersion: Int
    package var title: String
    package var criteria: [RubricCriterion]
    package init(rubric: EntityID<Rubric>, rubricVersion: Int, title: String, criteria: [RubricCriterion]) {
        self.rubric = rubric
        self.rubricVersion = rubricVersion
        self.title = title
        self.criteria = criteria
    }
}

package struct AssessmentRequested: Event {
    package static let type: EventType = "assessment.assessment_requested"
    package var assessment: EntityID<Assessment>
    package var learner: EntityID<Learner>
    package var rubric: EntityID<Rubric>
    package var rubricVersion: Int
    package var setting: LearningSetting
    package var organization: EntityID<Organization>
    package var assessor: EntityID<Assessor>
    package init(
        assessment: EntityID<Assessment>, learner: EntityID<Learner>, rubric: EntityID<Rubric>,
        rubricVersion: Int, setting: LearningSetting, organization: EntityID<Organization>,
        assessor: EntityID<Assessor>
    ) {
        self.assessment = assessment
        self.learner = learner
        self.rubric = rubric
        self.rubricVersion = rubricVersion
        self.setting = setting
        self.organization = organization
        self.assessor = assessor
    }
}

package struct EvidenceSubmitted: Event {
    package static let type: EventType = "assessment.evidence_submitted"
    package var assessment: EntityID<Assessment>
    package var learner: EntityID<Learner>
    package var evidence: EvidenceEntry
    package init(assessment: EntityID<Assessment>, learner: EntityID<Learner>, evidence: EvidenceEntry) {
        self.assessment = assessment
        self.learner = learner
        self.evidence = evidence
    }
}

package struct JudgmentRecorded: Event {
    package static let type: EventType = "assessment.judgment_recorded"
    package var assessment: EntityID<Assessment>
    package var learner: EntityID<Learner>
    package var judgment: JudgmentEntry
    package init(assessment: EntityID<Assessment>, learner: EntityID<Learner>, judgment: JudgmentEntry) {
        self.assessment = assessment
        self.learner = learner
        self.judgment = judgment
    }
}

/// A judgment that a rule forbade; kept because the attempt matters (invariant 5).
package struct JudgmentRefused: Event {
    package static let type: EventType = "assessment.judgment_refused"
    package var assessment: EntityID<Assessment>
    package var learner: EntityID<Learner>
    package var license: EntityID<License>
    /// `license.scope`, `license.term`, `license.revoked`, `license.setting`, `license.level`, `license.assessor`,
    /// `license.conflict`.
    package var rule: String
    package init(
        assessment: EntityID<Assessment>, learner: EntityID<Learner>, license: EntityID<License>, rule: String
    ) {
        self.assessment = assessment
        self.learner = learner
        self.license = license
        self.rule = rule
    }
}

package struct OutcomeMet: Event {
    package static let type: EventType = "assessment.outcome_met"
    package var assessment: EntityID<Assessment>
    package var learner: EntityID<Learner>
    package var judgment: EntityID<Judgment>
    package var license: EntityID<License>
    package var setting: LearningSetting
    /// One for each framework item that the rubric's criteria are bound to; the level is the lowest given for it.
    package var attained: [AttainedTarget]
    package var effectiveOn: CalendarDate
    package init(
        assessment: EntityID<Assessment>, learner: EntityID<Learner>, judgment: EntityID<Judgment>,
        license: EntityID<License>, setting: LearningSetting, attained: [AttainedTarget],
        effectiveOn: CalendarDate
    ) {
        self.assessment = assessment
        self.learner = learner
        self.judgment = judgment
        self.license = license
        self.setting = setting
        self.attained = attained
        self.effectiveOn = effectiveOn
    }
}

package struct AttainedTarget: Codable, Sendable, Hashable {
    package var target: String
    package var level: Double
    package init(target: String, level: Double) {
        self.target = target
        self.level = level
    }
}

package struct OutcomeNotYet: Event {
    package static let type: EventType = "assessment.outcome_not_yet"
    package var assessment: EntityID<Assessment>
    package var learner: EntityID<Learner>
    package var judgment: EntityID<Judgment>
    package var organization: EntityID<Organization>
    package var unmet: [UnmetCriterion]
    package init(
        assessment: EntityID<Assessment>, learner: EntityID<Learner>, judgment: EntityID<Judgment>,
        organization: EntityID<Organization>, unmet: [UnmetCriterion]
    ) {
        self.assessment = assessment
        self.learner = learner
        self.judgment = judgment
        self.organization = organization
        self.unmet = unmet
    }
}

package struct UnmetCriterion: Codable, Sendable, Hashable {
    package var criterion: String
    package var target: String
    package var level: Double
    package var metAt: Double
    package var feedback: String
    package init(criterion: String, target: String, level: Double, metAt: Double, feedback: String) {
        self.criterion = criterion
        self.target = target
        self.level = level
        self.metAt = metAt
        self.feedback = feedback
    }
}

package struct MoreEvidenceAsked: Event {
    package static let type: EventType = "assessment.more_evidence_asked"
    package var assessment: EntityID<Assessment>
    package var learner: EntityID<Learner>
    package var judgment: EntityID<Judgment>
    package init(assessment: EntityID<Assessment>, learner: EntityID<Learner>, judgment: EntityID<Judgment>) {
        self.assessment = assessment
        self.learner = learner
        self.judgment = judgment
    }
}

package struct AssessmentVoided: Event {
    package static let type: EventType = "assessment.assessment_voided"
    package var assessment: EntityID<Assessment>
    package var learner: EntityID<Learner>
    package var reason: String
    package init(assessment: EntityID<Assessment>, learner: EntityID<Learner>, reason: String) {
        self.assessment = assessment
        self.learner = learner
        self.reason = reason
    }
}
