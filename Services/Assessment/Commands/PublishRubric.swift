import Domain
import EventLog
import ServiceKit

/// Publishes a rubric's first version.
/// - Throws: `.invalid`.
struct PublishRubricHandler: RequestHandler {
    let rubrics: RubricStore

    func handle(_ command: PublishRubric, _ context: RequestContext) async throws(Fault) -> PublishRubric.Reply {
        let version = try RubricVersion(reading: command.title, command.criteria)
        let id = EntityID<Rubric>.derived(from: PublishRubric.name.text, caller: context.subject.id, key: context.key)
        return try await rubrics.aggregates.create(id, context) {
            try context.authorize(.none)
            return decide(publishing: version, as: id)
        }
    }
}
