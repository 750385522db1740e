import Domain
import EventLog
import ServiceKit

/// Begins a pathway with the draft of its first version.
/// - Throws: `.invalid` with what the check refuses, `.refused` with `pathway.body`.
struct DraftPathwayHandler: RequestHandler {
    let governance: GovernanceStore
    let pathways: PathwayStore

    func handle(_ command: DraftPathway, _ context: RequestContext) async throws(Fault) -> DraftPathway.Reply {
        let id = EntityID<Pathway>.derived(
            from: DraftPathway.name.text, caller: context.subject.id, key: context.key)
        return try await pathways.aggregates.create(id, context) {
            try context.authorize(.none)
            guard try await governance.bodies.find(command.body) != nil else {
                throw Fault.refused("pathway.body", "There is no such governing body.", at: "/body")
            }
            return try decide(
                command, as: id, unregistered: try await governance.unregistered(command.document.obligors))
        }
    }
}
