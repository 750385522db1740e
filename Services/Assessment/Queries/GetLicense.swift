import Domain
import EventLog
import ServiceKit

/// For an operator and the assessor who holds it. It counts as revoked from the day on which that takes effect.
struct GetLicenseHandler: RequestHandler {
    let licenses: AggregateStore<LicenseState>

    func handle(_ query: GetLicense, _ context: RequestContext) async throws(Fault) -> GetLicense.Reply {
        let license = try await licenses.load(query.license)
        try context.authorize(.organization(license.issuer).assessor(license.assessor))
        let isRevoked = license.revokedFrom.map { $0 <= context.today } ?? false
        let standing: GetLicense.Reply.Standing = isRevoked ? .revoked : license.until < context.today ? .expired : .active
        return GetLicense.Reply(
            license: license.id, assessor: license.assessor, issuer: license.issuer, scope: license.scope,
            from: license.from, until: license.until, standing: standing,
            revokedFrom: license.revokedFrom)
    }
}
