import Domain
import EventLog
import ServiceKit

/// Replaces a draft, or opens the version after the last certified one. A replaced draft starts over: recognitions and
/// motions were about its earlier text.
/// - Throws: `.notFound`, `.invalid` with what the check refuses, `.conflict` with `pathway.version`, `.versionMismatch`.
struct RevisePathwayHandler: RequestHandler {
    let governance: GovernanceStore
    let pathways: PathwayStore

    func handle(_ command: RevisePathway, _ context: RequestContext) async throws(Fault) -> RevisePathway.Reply {
        try await pathways.aggregates.update(command.pathway, context) { pathway in
            try context.authorize(.none)
            return try decide(
                pathway, command, unregistered: try await governance.unregistered(command.document.obligors))
        }
    }
}
