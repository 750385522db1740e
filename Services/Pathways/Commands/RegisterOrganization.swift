import Domain
import EventLog
import ServiceKit

/// Registers an organization, under the id it has already where the caller names one.
/// - Throws: `.invalid`, `.conflict` with `organization.exists`.
struct RegisterOrganizationHandler: RequestHandler {
    let governance: GovernanceStore

    func handle(
        _ command: RegisterOrganization, _ context: RequestContext
    ) async throws(Fault) -> RegisterOrganization.Reply {
        let command = try command.read()
        let id = command.id ?? .derived(
            from: RegisterOrganization.name.text, caller: context.subject.id, key: context.key)
        return try await governance.organizations.change(id, context) { organization in
            try context.authorize(.none)
            return try decide(organization, command, as: id)
        }
    }
}
