import Domain
import EventLog
import ServiceKit

/// Adds something shown, fixed by its hash.
/// - Throws: `.invalid`, `.notFound`, `.conflict` with `assessment.met` or `assessment.void`, `.refused` with
///   `evidence.limit` or `assessment.full`.
struct SubmitEvidenceHandler: RequestHandler {
    let assessments: AggregateStore<AssessmentState>

    func handle(_ command: SubmitEvidence, _ context: RequestContext) async throws(Fault) -> SubmitEvidence.Reply {
        let command = try command.read()
        return try await assessments.update(command.assessment, context) { assessment, _ in
            try context.authorize(.learner(assessment.owner, custodian: assessment.organization))
            return try decide(assessment, command, now: context.now)
        }
    }
}
