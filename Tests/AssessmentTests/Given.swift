import Domain
import EventLog
@testable import Assessment

/// What the tests begin with.
enum Given {
    static let today = day("2026-11-21")
    /// Of the license's term.
    static let first = day("2026-09-01"), last = day("2027-06-30")
    static let now = Timestamp("2026-11-21T18:00:00Z")!

    static let learner = EntityID<Learner>.following("learner")
    static let school = EntityID<Organization>.following("school")
    static let board = EntityID<Organization>.following("board")
    static let assessor = EntityID<Assessor>.following("assessor")
    static let licenseID = EntityID<License>.following("license")
    static let rubricID = EntityID<Rubric>.following("rubric")
    static let assessmentID = EntityID<Assessment>.following("assessment", alongside: learner.uuid)

    /// Two criteria, met at 3 and at 2.
    static let criteria = [
        criterion("claim", of: "urn:x:a", levels: [1, 2, 3, 4], metAt: 3),
        criterion("source", of: "urn:x:b", levels: [1, 2, 3, 4], metAt: 2),
    ]
    static let rubric = RubricVersion(title: "Argument", criteria: criteria)

    static func criterion(
        _ id: String, of target: String, levels: [Double], metAt: Double
    ) -> RubricCriterion {
        RubricCriterion(
            id: id, target: target, description: "Says what is claimed.",
            levels: levels.map { CriterionLevel(level: $0, description: "At \($0).") }, metAt: metAt)
    }

    static func license(
        targets: [String] = ["urn:x:a", "urn:x:b"], levelMax: Double? = nil, settings: [LearningSetting]? = nil,
        of assessor: EntityID<Assessor> = assessor, revokedFrom: CalendarDate? = nil
    ) -> LicenseState {
        var license = LicenseState(LicenseGranted(
            license: licenseID, assessor: assessor, issuer: board,
            scope: LicenseScope(targets: targets, levelMax: levelMax, settings: settings), from: first, until: last))!
        if let revokedFrom {
            license.evolve(LicenseRevoked(license: licenseID, effectiveFrom: revokedFrom, reason: "Asked for it."))
        }
        return license
    }

    static let requested = AssessmentRequested(
        assessment: assessmentID, learner: learner, rubric: rubricID, rubricVersion: 1, setting: .work,
        organization: school, assessor: assessor)

    static func assessment(_ more: [any Event] = [submitted]) -> AssessmentState {
        var state = AssessmentState(requested)!
        for event in more { state.evolve(event) }
        return state
    }

    static let submitted = EvidenceSubmitted(
        assessment: assessmentID, learner: learner,
        evidence: EvidenceEntry(
            evidence: .following("evidence"), title: "Draft", kind: "document",
            sha256: String(repeating: "0", count: 64), sizeBytes: 1, submittedAt: now))

    static func judged(_ outcome: Outcome) -> JudgmentRecorded {
        JudgmentRecorded(
            assessment: assessmentID, learner: learner,
            judgment: JudgmentEntry(
                judgment: .following("earlier"), license: licenseID, criteria: [], outcome: outcome, effectiveOn: today,
                recordedAt: now))
    }

    static let voided = AssessmentVoided(assessment: assessmentID, learner: learner, reason: "Mixed up.")

    static func evidence(
        _ title: String = "Essay", for assessment: EntityID<Assessment> = assessmentID
    ) -> SubmitEvidence {
        SubmitEvidence(
            assessment: assessment, title: title, kind: "document", sha256: String(repeating: "aB", count: 32),
            sizeBytes: 4096)
    }

    /// - Parameter levels: by criterion; each gets feedback unless `feedback` is nil.
    static func judgment(
        _ levels: KeyValuePairs<String, Double>, feedback: String? = "Name a second source.",
        moreEvidence: Bool? = nil, on day: CalendarDate? = nil
    ) -> RecordJudgment {
        RecordJudgment(
            assessment: assessmentID, license: licenseID,
            criteria: levels.map { CriterionJudgment(criterion: $0.key, level: $0.value, feedback: feedback) },
            moreEvidenceNeeded: moreEvidence, effectiveOn: day)
    }
}

func day(_ text: String) -> CalendarDate { CalendarDate(text)! }

/// What happened or was refused, in short: the types of the events, then the rule if there is one.
func summary<Reply>(of decide: () throws -> Decision<Reply>) -> String {
    do {
        let decision = try decide()
        var words = decision.events.map { type(of: $0).type.text.replacing("assessment.", with: "") }
        if case .failure(let fault) = decision.answer { words.append(fault.summary) }
        return words.joined(separator: " ")
    } catch {
        return (error as? Fault)?.summary ?? "\(error)"
    }
}

/// The first rule that stood against it, or "none".
func rule(of body: () async throws -> some Any) async -> String {
    do { _ = try await body() } catch let fault as Fault {
        return fault.violations.first?.rule ?? fault.code.rawValue
    } catch { return "\(error)" }
    return "none"
}

extension Fault {
    /// The code, and each broken rule with where.
    var summary: String {
        let rules = violations.map { $0.pointer.isEmpty ? $0.rule : "\($0.rule) \($0.pointer)" }
        return "\(code): " + rules.joined(separator: ", ")
    }
}
