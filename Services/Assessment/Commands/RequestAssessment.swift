import Domain
import EventLog
import ServiceKit

/// Opens an assessment by a rubric's newest version; for the learner, or an educator of the organization it names.
/// - Throws: `.invalid` with `rubric.unknown` or `assessor.unknown`, `.notFound`.
struct RequestAssessmentHandler: RequestHandler {
    let assessments: AggregateStore<AssessmentState>
    let rubrics: RubricStore
    let assessors: AggregateStore<AssessorState>

    func handle(
        _ command: RequestAssessment, _ context: RequestContext
    ) async throws(Fault) -> RequestAssessment.Reply {
        let id = EntityID<Assessment>.derived(
            from: RequestAssessment.name.text, caller: context.subject.id, key: context.key,
            alongside: command.learner.uuid)
        return try await assessments.create(id, context) { lookups in
            try context.authorize(.learner(command.learner, custodian: command.organization))
            guard let version = try await rubrics.newest(of: command.rubric) else {
                throw Fault.invalid("/rubric", "rubric.unknown", "There is no such rubric.")
            }
            guard try await lookups.find(command.assessor, of: assessors) != nil else { throw Fault.unknownAssessor }
            return decide(command, as: id, rubricVersion: version)
        }
    }
}
