import Domain
import EventLog
import ServiceKit

/// Opens an assessment by a rubric's newest version; for the learner, or an educator of the organization that it names,
/// which must be the learner's custodian. A learner may name any organization, and so let its educators accompany them.
/// - Throws: `.invalid` with `rubric.unknown` or `assessor.unknown`, `.notFound`; `.unavailable` to an educator when
///   records cannot be asked.
struct RequestAssessmentHandler: RequestHandler {
    let assessments: AggregateStore<AssessmentState>
    let rubrics: RubricStore
    let assessors: AggregateStore<AssessorState>
    /// As records has it.
    let custodian: @Sendable (EntityID<Learner>, RequestContext) async throws(Fault) -> EntityID<Organization>?

    func handle(
        _ command: RequestAssessment, _ context: RequestContext
    ) async throws(Fault) -> RequestAssessment.Reply {
        let id = EntityID<Assessment>.derived(
            from: RequestAssessment.name.text, caller: context.subject.id, key: context.key,
            alongside: command.learner.uuid)
        return try await assessments.create(id, context) { lookups in
            try await authorize(command, context)
            guard let version = try await rubrics.newest(of: command.rubric) else {
                throw Fault.invalid("/rubric", "rubric.unknown", "There is no such rubric.")
            }
            guard try await lookups.find(command.assessor, of: assessors) != nil else { throw Fault.unknownAssessor }
            return decide(command, as: id, rubricVersion: version)
        }
    }

    /// Records is asked only for somebody who would be let in if the learner were in that organization's custody.
    private func authorize(_ command: RequestAssessment, _ context: RequestContext) async throws(Fault) {
        let own = ResourceFacts.learner(command.learner)
        if (try? context.authorize(own)) != nil { return }
        try context.authorize(.learner(command.learner, custodian: command.organization))
        if try await custodian(command.learner, context) != command.organization { try context.authorize(own) }
    }
}
