import Domain
import EventLog
import ServiceKit

/// Puts a learner on record. The identifiers must be nobody else's.
/// - Throws: `.invalid`, `.conflict` with `identifier.taken`.
struct RegisterLearnerHandler: RequestHandler {
    let learners: LearnerStore

    func handle(_ command: RegisterLearner, _ context: RequestContext) async throws(Fault) -> RegisterLearner.Reply {
        let command = try command.read(today: context.today)
        let id = EntityID<Learner>.derived(
            from: RegisterLearner.name.text, caller: context.subject.id, key: context.key)
        return try await learners.aggregates.create(id, context) {
            try context.authorize(.organization(command.organization))
            try await learners.refuseTaken(command.identifiers ?? [], for: id)
            return decide(command, as: id)
        }
    }
}
