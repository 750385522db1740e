import Domain
import EventLog
import ServiceKit

/// Ends a license from a day on. Judgments of earlier days stand.
/// - Throws: `.invalid`, `.notFound`, `.conflict` with `license.revoked`.
struct RevokeLicenseHandler: RequestHandler {
    let licenses: AggregateStore<LicenseState>

    func handle(_ command: RevokeLicense, _ context: RequestContext) async throws(Fault) -> Done {
        try await licenses.update(command.license, context) { license in
            try context.authorize(.organization(license.issuer).assessor(license.assessor))
            return try decide(license, command)
        }
    }
}
