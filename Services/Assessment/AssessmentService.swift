import Domain
import EventLog
import ServiceKit
import Storage

/// Assessors and their licenses, rubrics in versions, and assessments from request to outcome. There is no failing one.
@main struct AssessmentService: DurableService {
    static let name = "assessment"
    static let port = 7130
    static let neighbors = ["records"]
    /// J for judgments: an A would sort before the event log's own steps, and steps are applied in the order of names.
    static let migrations = [
        Migration(name: "j0001_start", sql: String(decoding: PackageResources.j0001_start_sql, as: UTF8.self))
    ]

    /// `@main` does not look for one in another module's extension.
    static func main() async { await (Self.self as any DurableService.Type).main() }

    static func build(_ parts: ServiceParts) async throws -> ServiceDefinition {
        let assessors = AggregateStore<AssessorState>(parts.log)
        let licenses = AggregateStore<LicenseState>(parts.log)
        let rubrics = RubricStore(parts.log)
        let assessments = AggregateStore<AssessmentState>(parts.log)
        let records = parts.caller(of: "records")
        return ServiceDefinition(handlers: [
            RegisterAssessorHandler(assessors: assessors),
            GrantLicenseHandler(licenses: licenses, assessors: assessors),
            RevokeLicenseHandler(licenses: licenses),
            GetLicenseHandler(licenses: licenses),
            PublishRubricHandler(rubrics: rubrics),
            ReviseRubricHandler(rubrics: rubrics),
            GetRubricHandler(rubrics: rubrics),
            RequestAssessmentHandler(assessments: assessments, rubrics: rubrics, assessors: assessors) {
                learner, context async throws(Fault) in
                try await records.ask(
                    GetCustodian(learner: learner), deadline: .seconds(1), trace: context.trace.child()).organization
            },
            SubmitEvidenceHandler(assessments: assessments),
            RecordJudgmentHandler(assessments: assessments, licenses: licenses, rubrics: rubrics),
            VoidAssessmentHandler(assessments: assessments),
            GetAssessmentHandler(assessments: assessments),
        ])
    }
}
