import Domain
import ServiceKit

struct GetConsentHandler: RequestHandler {
    let consents: ConsentStore

    func handle(_ query: GetConsent, _ context: RequestContext) async throws(Fault) -> ConsentEntry {
        do {
            guard let entry = try await consents.entry(query.consent, today: context.today) else {
                throw Fault.notFound(ConsentState.noun)
            }
            try context.authorize(.learner(entry.learner))
            return entry
        } catch {
            throw Fault.internalError(error)
        }
    }
}

struct ListConsentsHandler: RequestHandler {
    let consents: ConsentStore

    func handle(_ query: ListConsents, _ context: RequestContext) async throws(Fault) -> Page<ConsentEntry> {
        let limit = try readLimit(query.limit)
        let cursor = try query.cursor.map { text throws(Fault) in try PageCursor(reading: text) }
        try context.authorize(.learner(query.learner))
        do {
            return try await consents.page(of: query.learner, after: cursor, limit: limit, today: context.today)
        } catch {
            throw Fault.internalError(error)
        }
    }
}
