import Domain
import ServiceKit

/// Which of these may leave, decided at the moment of sending. Idempotent by the disclosures' own ids, so it keeps no
/// answer under its key.
struct AuthorizeDisclosuresHandler: RequestHandler {
    let disclosures: DisclosureStore

    func handle(
        _ command: AuthorizeDisclosures, _ context: RequestContext
    ) async throws(Fault) -> AuthorizeDisclosures.Reply {
        try context.authorize(.none)
        let items = try command.read()
        do {
            return AuthorizeDisclosures.Reply(
                verdicts: try await disclosures.authorize(items, sender: command.sender, today: context.today))
        } catch {
            throw Fault.internalError(error)
        }
    }
}
