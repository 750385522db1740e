import Domain
import EventLog
import ServiceKit

/// Certifies a draft by a carried motion; for a clerk of the pathway's own body.
/// - Throws: `.notFound`, `.conflict` with `pathway.certified`, `.refused` with `certification.motion`,
///   `certification.decision` or `certification.recognitions`.
struct CertifyPathwayHandler: RequestHandler {
    let governance: GovernanceStore
    let pathways: PathwayStore

    func handle(_ command: CertifyPathway, _ context: RequestContext) async throws(Fault) -> Done {
        try await pathways.aggregates.update(command.pathway, context) { pathway in
            try context.authorize(.body(pathway.body))
            // A decided motion never changes, so it need not be read in the same breath.
            let motion = try await governance.motions.find(command.motion)
            return try decide(certifying: command.version, of: pathway, by: motion, on: context.today)
        }
    }
}
