import Domain
import EventLog
import ServiceKit

/// Puts a draft before its body; what it says is thereby fixed for this motion.
/// - Throws: `.notFound`, `.invalid`, `.refused` with `motion.pathway` or `motion.certified`.
struct TableMotionHandler: RequestHandler {
    let governance: GovernanceStore
    let pathways: PathwayStore

    func handle(_ command: TableMotion, _ context: RequestContext) async throws(Fault) -> TableMotion.Reply {
        let id = EntityID<Motion>.derived(
            from: TableMotion.name.text, caller: context.subject.id, key: context.key)
        return try await governance.motions.create(id, context) {
            let body = try await governance.bodies.load(command.body)
            try context.authorize(.body(body.id))
            let pathway = try await pathways.aggregates.find(command.pathway)
            return try decide(body, tabling: command, on: pathway, as: id)
        }
    }
}
