import Domain
import ServiceKit

struct RegisterPartnerHandler: RequestHandler {
    let subscriptions: Subscriptions

    func handle(_ command: RegisterPartner, _ context: RequestContext) async throws(Fault) -> RegisterPartner.Reply {
        let id = EntityID<Partner>.derived(
            from: RegisterPartner.name.text, caller: context.subject.id, key: context.key)
        try context.authorize(.partner(id))
        return try await subscriptions.partners.create(id, context) { try PartnerState.register(id, command) }
    }
}

struct GetPartnerHandler: RequestHandler {
    let subscriptions: Subscriptions

    func handle(_ query: GetPartner, _ context: RequestContext) async throws(Fault) -> GetPartner.Reply {
        let partner = try await subscriptions.partners.load(query.partner)
        try context.authorize(.partner(partner.id))
        return GetPartner.Reply(partner: partner.id, organization: partner.organization, title: partner.title)
    }
}
