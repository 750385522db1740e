import Domain
import EventLog

struct OrganizationState: Aggregate {
    typealias Entity = Organization
    static let kind = "organization"

    var id: EntityID<Organization>
    var title: String
    var kinds: [OrganizationKind]
    var region: String

    init?(_ event: any Event) {
        guard let event = event as? OrganizationRegistered else { return nil }
        id = event.organization
        title = event.title
        kinds = event.kinds
        region = event.region
    }

    /// Registered once, never changed.
    mutating func evolve(_ event: any Event) {}
}

extension RegisterOrganization {
    /// The command as it may be decided on: kinds sorted, each once.
    func read() throws(Fault) -> RegisterOrganization {
        var command = self
        command.title = try readText(title, at: "/title", limit: 200)
        command.region = try readText(region, at: "/region", limit: 100)
        guard !kinds.isEmpty else {
            throw .invalid("/kinds", "organization.kinds", "Name at least one kind of organization.")
        }
        command.kinds = Set(kinds).sorted { $0.rawValue < $1.rawValue }
        return command
    }
}

/// Registering the same organization under its fixed id again changes nothing.
func decide(
    _ organization: OrganizationState?, _ command: RegisterOrganization, as id: EntityID<Organization>
) throws(Fault) -> Decision<RegisterOrganization.Reply> {
    let reply = RegisterOrganization.Reply(organization: id)
    guard let organization else {
        let registered = OrganizationRegistered(
            organization: id, title: command.title, kinds: command.kinds, region: command.region)
        return Decision([registered], reply: reply)
    }
    guard organization.title == command.title, organization.kinds == command.kinds,
          organization.region == command.region
    else { throw .conflict("organization.exists", "Another organization is registered under this id.") }
    return Decision([], reply: reply)
}
