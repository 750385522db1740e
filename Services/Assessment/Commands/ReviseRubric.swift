import Domain
import EventLog
import ServiceKit

/// Publishes a rubric's next version. Assessments opened before keep theirs.
/// - Throws: `.invalid`, `.notFound`, `.refused` with `rubric.versions`.
struct ReviseRubricHandler: RequestHandler {
    let rubrics: RubricStore

    func handle(_ command: ReviseRubric, _ context: RequestContext) async throws(Fault) -> ReviseRubric.Reply {
        let version = try RubricVersion(reading: command.title, command.criteria)
        return try await rubrics.aggregates.update(command.rubric, context) { rubric in
            try context.authorize(.none)
            return try decide(rubric, revisedTo: version)
        }
    }
}
