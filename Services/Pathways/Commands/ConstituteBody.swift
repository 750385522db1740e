import Domain
import EventLog
import ServiceKit

/// Brings a governing body into being, without seats.
/// - Throws: `.invalid`.
struct ConstituteBodyHandler: RequestHandler {
    let governance: GovernanceStore

    func handle(_ command: ConstituteBody, _ context: RequestContext) async throws(Fault) -> ConstituteBody.Reply {
        let command = try command.read()
        let id = EntityID<GoverningBody>.derived(
            from: ConstituteBody.name.text, caller: context.subject.id, key: context.key)
        return try await governance.bodies.create(id, context) {
            try context.authorize(.none)
            return decide(command, as: id)
        }
    }
}
