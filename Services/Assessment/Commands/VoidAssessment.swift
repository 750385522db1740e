import Domain
import EventLog
import ServiceKit

/// Marks an assessment as never having been. What followed from it is taken back by those who hold it.
/// - Throws: `.invalid`, `.notFound`, `.conflict` with `assessment.void`.
struct VoidAssessmentHandler: RequestHandler {
    let assessments: AggregateStore<AssessmentState>

    func handle(_ command: VoidAssessment, _ context: RequestContext) async throws(Fault) -> Done {
        try await assessments.update(command.assessment, context) { assessment in
            try context.authorize(.learner(assessment.owner, custodian: assessment.organization))
            return try decide(voiding: assessment, reason: command.reason)
        }
    }
}
