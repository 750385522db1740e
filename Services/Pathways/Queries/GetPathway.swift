import Domain
import ServiceKit

struct GetPathwayHandler: RequestHandler {
    let pathways: PathwayStore

    func handle(_ query: GetPathway, _ context: RequestContext) async throws(Fault) -> GetPathway.Reply {
        do {
            guard let found = try await pathways.read(query.pathway, version: query.version) else {
                throw Fault.notFound(query.version == nil ? PathwayState.noun : "version of this pathway")
            }
            try context.authorize(.none)
            return GetPathway.Reply(
                pathway: found.pathway.id, body: found.pathway.body, version: found.version.number,
                revision: found.version.revision,
                status: found.version.isCertified ? .certified : .draft, document: found.document,
                certifiedBy: found.version.certifiedBy, certifiedAt: found.certifiedAt,
                recognitions: found.version.recognitions)
        } catch {
            throw Fault.internalError(error)
        }
    }
}
