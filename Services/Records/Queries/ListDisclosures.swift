import Domain
import ServiceKit

/// What left and what was refused, newest first. Reading it is itself a line in it (DOMAIN, invariant 12), so this
/// query writes; repeating it writes again.
struct ListDisclosuresHandler: RequestHandler {
    let disclosures: DisclosureStore

    func handle(_ query: ListDisclosures, _ context: RequestContext) async throws(Fault) -> Page<DisclosureEntry> {
        let limit = try readLimit(query.limit)
        let cursor = try query.cursor.map { text throws(Fault) in try PageCursor(reading: text) }
        try context.authorize(.learner(query.learner))
        do {
            return try await disclosures.page(
                of: query.learner, after: cursor, limit: limit, reader: context.subject.id)
        } catch {
            throw Fault.internalError(error)
        }
    }
}
