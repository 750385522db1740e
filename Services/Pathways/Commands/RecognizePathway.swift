import Domain
import EventLog
import ServiceKit

/// An institution's statement, for its own organization.
/// - Throws: `.notFound`, `.invalid`, `.refused` with `recognition.organization`, `recognition.limit` or `recognition.size`.
struct RecognizePathwayHandler: RequestHandler {
    let governance: GovernanceStore
    let pathways: PathwayStore

    func handle(_ command: RecognizePathway, _ context: RequestContext) async throws(Fault) -> RecognizePathway.Reply {
        let recognition = EntityID<Recognition>.derived(
            from: RecognizePathway.name.text, caller: context.subject.id, key: context.key)
        return try await pathways.aggregates.update(command.pathway, context) { pathway in
            try context.authorize(.organization(command.organization))
            let organization = try await governance.organizations.find(command.organization)
            return try decide(pathway, command, by: organization, as: recognition)
        }
    }
}
