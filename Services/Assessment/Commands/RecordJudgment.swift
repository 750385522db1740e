import Domain
import EventLog
import ServiceKit

/// Records a judgment under a license. Safe to repeat: the key gives the first answer again, a refusal included.
/// - Throws: `.invalid`, `.notFound`, `.conflict` with `assessment.met` or `assessment.void`, `.refused` with
///   `license.…` (which is on record), `evidence.missing`, `judgment.limit` or `assessment.full`.
struct RecordJudgmentHandler: RequestHandler {
    let assessments: AggregateStore<AssessmentState>
    let licenses: AggregateStore<LicenseState>
    let rubrics: RubricStore

    func handle(_ command: RecordJudgment, _ context: RequestContext) async throws(Fault) -> RecordJudgment.Reply {
        let command = try command.read()
        return try await assessments.update(command.assessment, context) { assessment, lookups in
            try context.authorize(.learner(assessment.owner).assessor(assessment.assessor))
            guard let rubric = try await rubrics.version(assessment.rubricVersion, of: assessment.rubric) else {
                throw Fault.notFound("rubric version")
            }
            guard let license = try await lookups.find(command.license, of: licenses) else {
                throw Fault.invalid("/license", "license.unknown", "There is no such license.")
            }
            return try decide(
                assessment, rubric, license, command, byFamily: context.subject.isFamily(of: assessment.owner),
                today: context.today, now: context.now)
        }
    }
}

extension Subject {
    /// Whether this is the learner or one of the guardians.
    fileprivate func isFamily(of learner: EntityID<Learner>) -> Bool {
        grants.contains { ($0.role == .learner || $0.role == .guardian) && $0.scope == learner.uuid }
    }
}
