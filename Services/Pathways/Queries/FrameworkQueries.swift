import Domain
import ServiceKit

struct GetFrameworkHandler: RequestHandler {
    let frameworks: FrameworkStore

    func handle(_ query: GetFramework, _ context: RequestContext) async throws(Fault) -> GetFramework.Reply {
        do {
            guard let (framework, at) = try await frameworks.read(query.framework) else {
                throw Fault.notFound(FrameworkState.noun)
            }
            try context.authorize(.none)
            return GetFramework.Reply(
                framework: framework.id, document: framework.document, version: framework.version,
                title: framework.title, creator: framework.creator, items: framework.items,
                associations: framework.associations, importedAt: at)
        } catch {
            throw Fault.internalError(error)
        }
    }
}

/// From the top of the tree down, children in their order.
struct ListFrameworkItemsHandler: RequestHandler {
    let frameworks: FrameworkStore

    func handle(_ query: ListFrameworkItems, _ context: RequestContext) async throws(Fault) -> Page<FrameworkItem> {
        let limit = try readLimit(query.limit)
        _ = try await frameworks.aggregates.load(query.framework)
        try context.authorize(.none)
        do {
            return try await frameworks.items(of: query.framework, after: query.cursor, limit: limit)
        } catch {
            throw Fault.internalError(error)
        }
    }
}
