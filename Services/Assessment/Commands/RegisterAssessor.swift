import Domain
import EventLog
import ServiceKit

/// Makes somebody known who may be given licenses.
/// - Throws: `.invalid`.
struct RegisterAssessorHandler: RequestHandler {
    let assessors: AggregateStore<AssessorState>

    func handle(_ command: RegisterAssessor, _ context: RequestContext) async throws(Fault) -> RegisterAssessor.Reply {
        let command = try command.read()
        let id = EntityID<Assessor>.derived(
            from: RegisterAssessor.name.text, caller: context.subject.id, key: context.key)
        return try await assessors.create(id, context) {
            try context.authorize(.organization(command.organization))
            return decide(command, as: id)
        }
    }
}
