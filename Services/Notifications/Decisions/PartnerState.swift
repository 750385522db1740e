import Domain
import EventLog

/// An organization in the role of receiving events under consent.
struct PartnerState: Aggregate, Equatable {
    typealias Entity = Partner
    static let kind = "partner"

    var id: EntityID<Partner>
    var organization: EntityID<Organization>
    var title: String

    init?(_ event: any Event) {
        guard let event = event as? PartnerRegistered else { return nil }
        id = event.partner
        organization = event.organization
        title = event.title
    }

    mutating func evolve(_ event: any Event) {}
}

extension PartnerState {
    static func register(
        _ id: EntityID<Partner>, _ command: RegisterPartner
    ) throws(Fault) -> Decision<RegisterPartner.Reply> {
        let title = try readText(command.title, at: "/title", limit: 200)
        return Decision(
            [PartnerRegistered(partner: id, organization: command.organization, title: title)],
            reply: RegisterPartner.Reply(partner: id))
    }
}
