import Domain
import EventLog
import ServiceKit

/// One version of a rubric, the newest unless another is asked for; for anybody.
struct GetRubricHandler: RequestHandler {
    let rubrics: RubricStore

    func handle(_ query: GetRubric, _ context: RequestContext) async throws(Fault) -> GetRubric.Reply {
        try context.authorize(.none)
        let newest = query.version == nil ? try await rubrics.newest(of: query.rubric) : query.version
        guard let number = newest, let version = try await rubrics.version(number, of: query.rubric) else {
            throw .notFound(query.version == nil ? RubricState.noun : "rubric version")
        }
        return GetRubric.Reply(rubric: query.rubric, version: number, title: version.title, criteria: version.criteria)
    }
}
