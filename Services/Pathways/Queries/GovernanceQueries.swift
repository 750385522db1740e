import Domain
import ServiceKit

struct GetOrganizationHandler: RequestHandler {
    let governance: GovernanceStore

    func handle(_ query: GetOrganization, _ context: RequestContext) async throws(Fault) -> GetOrganization.Reply {
        let organization = try await governance.organizations.load(query.organization)
        try context.authorize(.none)
        return GetOrganization.Reply(
            organization: organization.id, title: organization.title, kinds: organization.kinds,
            region: organization.region)
    }
}

struct GetBodyHandler: RequestHandler {
    let governance: GovernanceStore

    func handle(_ query: GetBody, _ context: RequestContext) async throws(Fault) -> GetBody.Reply {
        let body = try await governance.bodies.load(query.body)
        try context.authorize(.none)
        return GetBody.Reply(
            body: body.id, title: body.title, jurisdiction: body.jurisdiction,
            requiredSectors: body.requiredSectors, quorum: body.quorum, seats: body.seats)
    }
}

/// While a motion is open, its tally is what it would be if it were closed today.
struct GetMotionHandler: RequestHandler {
    let governance: GovernanceStore

    func handle(_ query: GetMotion, _ context: RequestContext) async throws(Fault) -> MotionEntry {
        do {
            let motion = try await governance.motions.load(query.motion)
            try context.authorize(.none)
            if let tally = motion.tally {
                return motion.entry(tally: tally, decidedAt: try await governance.decidedAt(motion.id))
            }
            let body = try await governance.bodies.load(motion.body)
            let tally = Tally(of: motion.ballots.mapValues(\.choice), seats: body.seats, on: context.today)
            return motion.entry(tally: tally, decidedAt: nil)
        } catch {
            throw Fault.internalError(error)
        }
    }
}
