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
        try Limits.text(command.title, 1...200, at: "/title")
        return Decision(
            [PartnerRegistered(partner: id, organization: command.organization, title: command.title)],
            reply: RegisterPartner.Reply(partner: id))
    }
}
