import Domain
import EventLog
import ServiceKit

/// For the learner, the assessor, and educators of the organization that accompanies it.
struct GetAssessmentHandler: RequestHandler {
    let assessments: AggregateStore<AssessmentState>

    func handle(_ query: GetAssessment, _ context: RequestContext) async throws(Fault) -> GetAssessment.Reply {
        let assessment = try await assessments.load(query.assessment)
        try context.authorize(
            .learner(assessment.owner, custodian: assessment.organization).assessor(assessment.assessor))
        return GetAssessment.Reply(
            assessment: assessment.id, learner: assessment.owner, rubric: assessment.rubric,
            rubricVersion: assessment.rubricVersion, setting: assessment.setting, assessor: assessment.assessor,
            outcome: assessment.outcome, evidence: assessment.evidence, judgments: assessment.judgments)
    }
}
