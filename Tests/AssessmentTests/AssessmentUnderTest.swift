import Domain
import EventLog
import Foundation
import ServiceKit
import ServiceSupport
import Storage
import Support
@testable import Assessment

/// Assessment's own handlers over a real event log in a database of its own.
struct AssessmentUnderTest: ServiceUnderTest {
    static let today = Given.today

    let log: EventLog
    let licenses: AggregateStore<LicenseState>
    let rubrics: RubricStore

    var assessors: AggregateStore<AssessorState> { AggregateStore(log) }
    var assessments: AggregateStore<AssessmentState> { AggregateStore(log) }
    var judging: RecordJudgmentHandler {
        RecordJudgmentHandler(assessments: assessments, licenses: licenses, rubrics: rubrics)
    }

    init(log: EventLog) {
        self.log = log
        licenses = AggregateStore(log)
        rubrics = RubricStore(log)
    }

    /// An assessor with a license over the items, a rubric and an assessment, all through the handlers.
    func open(
        _ criteria: [RubricCriterion] = Given.criteria, targets: [String] = ["urn:x:a", "urn:x:b"], evidence: Int = 1
    ) async throws -> Opened {
        let assessor = try await ask(
            RegisterAssessorHandler(assessors: assessors),
            RegisterAssessor(fullName: "Mara Voss", organization: Given.school), as: .operator).assessor
        let license = try await ask(
            GrantLicenseHandler(licenses: licenses, assessors: assessors),
            GrantLicense(
                assessor: assessor, issuer: Given.board, scope: LicenseScope(targets: targets), from: Given.first,
                until: Given.last),
            as: .operator).license
        let rubric = try await ask(
            PublishRubricHandler(rubrics: rubrics), PublishRubric(title: "Argument", criteria: criteria), as: .operator
        ).rubric
        let request = RequestAssessment(
            learner: Given.learner, rubric: rubric, setting: .work, organization: Given.school, assessor: assessor)
        let assessment = try await ask(requesting, request, as: .learner(Given.learner)).assessment
        for number in 0..<evidence { _ = try await submit(to: assessment, "Draft \(number)") }
        return Opened(assessor: assessor, license: license, rubric: rubric, assessment: assessment)
    }

    struct Opened: Sendable {
        var assessor: EntityID<Assessor>
        var license: EntityID<License>
        var rubric: EntityID<Rubric>
        var assessment: EntityID<Assessment>

        func judgment(_ a: Double, _ b: Double, feedback: String? = "Show the counter-argument.") -> RecordJudgment {
            RecordJudgment(
                assessment: assessment, license: license,
                criteria: [
                    CriterionJudgment(criterion: "claim", level: a, feedback: feedback),
                    CriterionJudgment(criterion: "source", level: b, feedback: feedback),
                ])
        }
    }

    var requesting: RequestAssessmentHandler {
        requesting { $0 == Given.learner ? Given.school : nil }
    }

    /// As records answers about custody.
    func requesting(
        _ custodian: @escaping @Sendable (EntityID<Learner>) throws(Fault) -> EntityID<Organization>?
    ) -> RequestAssessmentHandler {
        RequestAssessmentHandler(assessments: assessments, rubrics: rubrics, assessors: assessors) {
            learner, _ throws(Fault) in try custodian(learner)
        }
    }

    func submit(to assessment: EntityID<Assessment>, _ title: String, key: String = UUID().text) async throws
        -> EntityID<Evidence> {
        try await ask(
            SubmitEvidenceHandler(assessments: assessments), Given.evidence(title, for: assessment),
            as: .learner(Given.learner), key: key).evidence
    }

    func events(of stream: UUID) async throws -> [String] {
        try await log.reader.query("""
            SELECT type FROM event WHERE partition = \(Partition(of: stream)) AND stream = \(stream)
             ORDER BY stream_version
            """).map { try $0.decode(String.self).replacing("assessment.", with: "") }
    }
}

func withAssessment<R: Sendable>(_ body: (AssessmentUnderTest) async throws -> R) async throws -> R {
    try await withTestDatabase { database in
        let configuration = database.configuration(schema: "assessment")
        try await Migrator(configuration, EventLog.migrations + AssessmentService.migrations).apply()
        let log = EventLog(configuration, source: "assessment", leases: 2, logger: quiet) {}
        let result: Result<R, any Error>
        do { result = .success(try await body(AssessmentUnderTest(log: log))) } catch { result = .failure(error) }
        await log.close()
        return try result.get()
    }
}

extension Subject {
    static let `operator` = Subject(id: "client:operator", grants: [RoleGrant(.operator)])

    static func learner(_ learner: EntityID<Learner>) -> Subject {
        Subject(id: "client:\(learner)", grants: [RoleGrant(.learner, over: learner.uuid)])
    }

    static func educator(_ organization: EntityID<Organization>) -> Subject {
        Subject(id: "client:educator", grants: [RoleGrant(.educator, over: organization.uuid)])
    }

    static func assessor(_ assessor: EntityID<Assessor>) -> Subject {
        Subject(id: "client:assessor", grants: [RoleGrant(.assessor, over: assessor.uuid)])
    }
}
