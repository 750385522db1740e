import Domain
import ServiceKit

/// How the sends ended, by the sender that opened them. The first word counts.
struct SettleDisclosuresHandler: RequestHandler {
    let disclosures: DisclosureStore

    func handle(_ command: SettleDisclosures, _ context: RequestContext) async throws(Fault) -> Done {
        try context.authorize(.none)
        try command.read()
        do { try await disclosures.settle(command.items, sender: command.sender) } catch {
            throw Fault.internalError(error)
        }
        return Done()
    }
}
