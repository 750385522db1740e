/// A person who may judge, by license.
package enum Assessor {}
/// Scope, term and standing of one assessor.
package enum License {}
/// Criteria with levels, bound to framework items, in versions.
package enum Rubric {}
/// One run of an assessment for one learner.
package enum Assessment {}
/// A thing shown, fixed by its hash.
package enum Evidence {}
/// One assessor's levels per criterion, with feedback, under a license.
package enum Judgment {}

package struct RegisterAssessor: Command {
    package static let name: RequestName = "assessment.register_assessor"
    package var fullName: String
    package var organization: EntityID<Organization>

    package struct Reply: Codable, Sendable, Hashable {
        package var assessor: EntityID<Assessor>
        package init(assessor: EntityID<Assessor>) {
            self.assessor = assessor
        }
    }

    package init(fullName: String, organization: EntityID<Organization>) {
        self.fullName = fullName
        self.organization = organization
    }
}

package struct GrantLicense: Command {
    package static let name: RequestName = "assessment.grant_license"
    package var assessor: EntityID<Assessor>
    package var issuer: EntityID<Organization>
    package var scope: LicenseScope
    package var from: CalendarDate
    package var until: CalendarDate

    package struct Reply: Codable, Sendable, Hashable {
        package var license: EntityID<License>
        package init(license: EntityID<License>) {
            self.license = license
        }
    }

    package init(
        assessor: EntityID<Assessor>, issuer: EntityID<Organization>, scope: LicenseScope, from: CalendarDate,
        until: CalendarDate
    ) {
        self.assessor = assessor
        self.issuer = issuer
        self.scope = scope
        self.from = from
        self.until = until
    }
}

/// What a license allows to judge. An absent list allows all of its kind.
package struct LicenseScope: Codable, Sendable, Hashable {
    /// IRIs of framework items; 1...1000.
    package var targets: [String]
    /// Highest level that may be given; no bound when absent.
    package var levelMax: Double?
    package var settings: [LearningSetting]?
    package init(targets: [String], levelMax: Double? = nil, settings: [LearningSetting]? = nil) {
        self.targets = targets
        self.levelMax = levelMax
        self.settings = settings
    }
}

/// Where the learning was shown. All have equal standing (Q08).
package enum LearningSetting: String, Codable, Sendable, Hashable, CaseIterable {
    case school, college, work, community, online
    case afterSchool = "after_school"
    case project
}

package struct RevokeLicense: Command {
    package static let name: RequestName = "assessment.revoke_license"
    package typealias Reply = Done
    package var license: EntityID<License>
    package var effectiveFrom: CalendarDate
    package var reason: String
    package init(license: EntityID<License>, effectiveFrom: CalendarDate, reason: String) {
        self.license = license
        self.effectiveFrom = effectiveFrom
        self.reason = reason
    }
}

package struct GetLicense: Query {
    package static let name: RequestName = "assessment.get_license"
    package var license: EntityID<License>

    package struct Reply: Codable, Sendable, Hashable {
        /// Today. `expired` is after the last day, `revoked` wins over it.
        package enum Standing: String, Codable, Sendable, Hashable { case active, expired, revoked }

        package var license: EntityID<License>
        package var assessor: EntityID<Assessor>
        package var issuer: EntityID<Organization>
        package var scope: LicenseScope
        package var from: CalendarDate
        package var until: CalendarDate
        package var standing: Standing
        package var revokedFrom: CalendarDate?
        package init(
            license: EntityID<License>, assessor: EntityID<Assessor>, issuer: EntityID<Organization>,
            scope: LicenseScope, from: CalendarDate, until: CalendarDate, standing: Standing,
            revokedFrom: CalendarDate? = nil
        ) {
            self.license = license
            self.assessor = assessor
            self.issuer = issuer
            self.scope = scope
            self.from = from
            self.until = until
            self.standing = standing
            self.revokedFrom = revokedFrom
        }
    }

    package init(license: EntityID<License>) {
        self.license = license
    }
}

package struct PublishRubric: Command {
    package static let name: RequestName = "assessment.publish_rubric"
    package var title: String
    /// 1...50.
    package var criteria: [RubricCriterion]

    package struct Reply: Codable, Sendable, Hashable {
        package var rubric: EntityID<Rubric>
        package var version: Int
        package init(rubric: EntityID<Rubric>, version: Int) {
            self.rubric = rubric
            self.version = version
        }
    }

    package init(title: String, criteria: [RubricCriterion]) {
        self.title = title
        self.criteria = criteria
    }
}

/// Publishes the next version of a rubric; assessments opened before keep theirs.
package struct ReviseRubric: Command {
    package static let name: RequestName = "assessment.revise_rubric"
    package typealias Reply = PublishRubric.Reply
    package var rubric: EntityID<Rubric>
    package var title: String
    package var criteria: [RubricCriterion]
    package init(rubric: EntityID<Rubric>, title: String, criteria: [RubricCriterion]) {
        self.rubric = rubric
        self.title = title
        self.criteria = criteria
    }
}

package struct RubricCriterion: Codable, Sendable, Hashable {
    /// Short token, unique in the rubric: `[A-Za-z0-9._-]{1,64}`.
    package var id: String
    /// IRI of the framework item it is bound to.
    package var target: String
    package var description: String
    /// In rising order of `level`; 2...10.
    package var levels: [CriterionLevel]
    /// The lowest level at which the criterion is met; one of `levels`.
    package var metAt: Double
    package init(id: String, target: String, description: String, levels: [CriterionLevel], metAt: Double) {
        self.id = id
        self.target = target
        self.description = description
        self.levels = levels
        self.metAt = metAt
    }
}

package struct CriterionLevel: Codable, Sendable, Hashable {
    package var level: Double
    package var description: String
    package init(level: Double, description: String) {
        self.level = level
        self.description = description
    }
}

package struct GetRubric: Query {
    package static let name: RequestName = "assessment.get_rubric"
    package var rubric: EntityID<Rubric>
    /// The newest when absent.
    package var version: Int?

    package struct Reply: Codable, Sendable, Hashable {
        package var rubric: EntityID<Rubric>
        package var version: Int
        package var title: String
        package var criteria: [RubricCriterion]
        package init(rubric: EntityID<Rubric>, version: Int, title: String, criteria: [RubricCriterion]) {
            self.rubric = rubric
            self.version = version
            self.title = title
            self.criteria = criteria
        }
    }

    package init(rubric: EntityID<Rubric>, version: Int? = nil) {
        self.rubric = rubric
        self.version = version
    }
}

/// Opens an assessment of one learner by one rubric, which is fixed at its newest version.
package struct RequestAssessment: Command {
    package static let name: RequestName = "assessment.request_assessment"
    package var learner: EntityID<Learner>
    package var rubric: EntityID<Rubric>
    package var setting: LearningSetting
    /// The organization whose educators accompany it; it owns a support case that may follow. Of an educator it must be
    /// the learner's custodian; a learner may name any.
    package var organization: EntityID<Organization>
    /// Who is to judge; only this assessor may.
    package var assessor: EntityID<Assessor>

    package struct Reply: Codable, Sendable, Hashable {
        package var assessment: EntityID<Assessment>
        package var rubricVersion: Int
        package init(assessment: EntityID<Assessment>, rubricVersion: Int) {
            self.assessment = assessment
            self.rubricVersion = rubricVersion
        }
    }

    package init(
        learner: EntityID<Learner>, rubric: EntityID<Rubric>, setting: LearningSetting,
        organization: EntityID<Organization>, assessor: EntityID<Assessor>
    ) {
        self.learner = learner
        self.rubric = rubric
        self.setting = setting
        self.organization = organization
        self.assessor = assessor
    }
}

package struct SubmitEvidence: Command {
    package static let name: RequestName = "assessment.submit_evidence"
    package var assessment: EntityID<Assessment>
    package var title: String
    /// `video`, `document`, `observation`, `portfolio` … 1...100 characters.
    package var kind: String
    /// 64 hex digits over the content, which stays where it is.
    package var sha256: String
    package var sizeBytes: Int
    /// Where it is kept; not followed by us.
    package var location: String?

    package struct Reply: Codable, Sendable, Hashable {
        package var evidence: EntityID<Evidence>
        package init(evidence: EntityID<Evidence>) {
            self.evidence = evidence
        }
    }

    package init(
        assessment: EntityID<Assessment>, title: String, kind: String, sha256: String, sizeBytes: Int,
        location: String? = nil
    ) {
        self.assessment = assessment
        self.title = title
        self.kind = kind
        self.sha256 = sha256
        self.sizeBytes = sizeBytes
        self.location = location
    }
}

/// Records a judgment under a license. Refused attempts are recorded too (invariant 5).
package struct RecordJudgment: Command {
    package static let name: RequestName = "assessment.record_judgment"
    package var assessment: EntityID<Assessment>
    package var license: EntityID<License>
    /// One for each criterion of the rubric version.
    package var criteria: [CriterionJudgment]
    /// The assessor cannot tell yet: asks for more evidence instead of judging.
    package var moreEvidenceNeeded: Bool?
    /// The day the judgment was made; today when absent, never later.
    package var effectiveOn: CalendarDate?

    package struct Reply: Codable, Sendable, Hashable {
        package var judgment: EntityID<Judgment>
        package var outcome: Outcome
        /// Criteria that are not yet met.
        package var unmet: [String]
        package init(judgment: EntityID<Judgment>, outcome: Outcome, unmet: [String]) {
            self.judgment = judgment
            self.outcome = outcome
            self.unmet = unmet
        }
    }

    package init(
        assessment: EntityID<Assessment>, license: EntityID<License>, criteria: [CriterionJudgment],
        moreEvidenceNeeded: Bool? = nil, effectiveOn: CalendarDate? = nil
    ) {
        self.assessment = assessment
        self.license = license
        self.criteria = criteria
        self.moreEvidenceNeeded = moreEvidenceNeeded
        self.effectiveOn = effectiveOn
    }
}

package struct CriterionJudgment: Codable, Sendable, Hashable {
    package var criterion: String
    package var level: Double
    /// Demanded for each unmet criterion (invariant 6): what to do next. 1...4000 characters.
    package var feedback: String?
    package init(criterion: String, level: Double, feedback: String? = nil) {
        self.criterion = criterion
        self.level = level
        self.feedback = feedback
    }
}

/// There is no failing value (Q56).
package enum Outcome: String, Codable, Sendable, Hashable, CaseIterable {
    case met
    case notYet = "not_yet"
    case moreEvidenceNeeded = "more_evidence_needed"
    case void
}

package struct VoidAssessment: Command {
    package static let name: RequestName = "assessment.void_assessment"
    package typealias Reply = Done
    package var assessment: EntityID<Assessment>
    package var reason: String
    package init(assessment: EntityID<Assessment>, reason: String) {
        self.assessment = assessment
        self.reason = reason
    }
}

package struct GetAssessment: Query {
    package static let name: RequestName = "assessment.get_assessment"
    package var assessment: EntityID<Assessment>

    package struct Reply: Codable, Sendable, Hashable {
        package var assessment: EntityID<Assessment>
        package var learner: EntityID<Learner>
        package var rubric: EntityID<Rubric>
        package var rubricVersion: Int
        package var setting: LearningSetting
        package var assessor: EntityID<Assessor>
        /// Absent until judged.
        package var outcome: Outcome?
        package var evidence: [EvidenceEntry]
        package var judgments: [JudgmentEntry]
        package init(
            assessment: EntityID<Assessment>, learner: EntityID<Learner>, rubric: EntityID<Rubric>,
            rubricVersion: Int, setting: LearningSetting, assessor: EntityID<Assessor>,
            outcome: Outcome? = nil, evidence: [EvidenceEntry], judgments: [JudgmentEntry]
        ) {
            self.assessment = assessment
            self.learner = learner
            self.rubric = rubric
            self.rubricVersion = rubricVersion
            self.setting = setting
            self.assessor = assessor
            self.outcome = outcome
            self.evidence = evidence
            self.judgments = judgments
        }
    }

    package init(assessment: EntityID<Assessment>) {
        self.assessment = assessment
    }
}

package struct EvidenceEntry: Codable, Sendable, Hashable {
    package var evidence: EntityID<Evidence>
    package var title: String
    package var kind: String
    package var sha256: String
    package var sizeBytes: Int
    package var location: String?
    package var submittedAt: Timestamp
    package init(
        evidence: EntityID<Evidence>, title: String, kind: String, sha256: String, sizeBytes: Int,
        location: String? = nil, submittedAt: Timestamp
    ) {
        self.evidence = evidence
        self.title = title
        self.kind = kind
        self.sha256 = sha256
        self.sizeBytes = sizeBytes
        self.location = location
        self.submittedAt = submittedAt
    }
}

package struct JudgmentEntry: Codable, Sendable, Hashable {
    package var judgment: EntityID<Judgment>
    package var license: EntityID<License>
    package var criteria: [CriterionJudgment]
    package var outcome: Outcome
    package var effectiveOn: CalendarDate
    package var recordedAt: Timestamp
    package init(
        judgment: EntityID<Judgment>, license: EntityID<License>, criteria: [CriterionJudgment],
        outcome: Outcome, effectiveOn: CalendarDate, recordedAt: Timestamp
    ) {
        self.judgment = judgment
        self.license = license
        self.criteria = criteria
        self.outcome = outcome
        self.effectiveOn = effectiveOn
        self.recordedAt = recordedAt
    }
}
