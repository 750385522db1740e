import Domain
import EventLog
import ServiceKit

/// Says that one more outside identifier means this learner.
/// - Throws: `.invalid`, `.notFound`, `.conflict` with `identifier.taken`, `.refused` with `identifier.limit`.
struct ClaimIdentifierHandler: RequestHandler {
    let learners: LearnerStore

    func handle(_ command: ClaimIdentifier, _ context: RequestContext) async throws(Fault) -> Done {
        let claim = try command.claim.read(at: "/claim")
        return try await learners.aggregates.update(command.learner, context) { learner in
            try context.authorize(.learner(learner.id, custodian: learner.organization))
            try await learners.refuseTaken([claim], for: learner.id)
            return try decide(learner, claim)
        }
    }
}
