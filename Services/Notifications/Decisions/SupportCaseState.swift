import Domain
import EventLog

/// A call for support for one learner, with an owner and a clock.
struct SupportCaseState: Aggregate, Equatable {
    typealias Entity = SupportCase
    static let kind = "support_case"

    var id: EntityID<SupportCase>
    var learnerID: EntityID<Learner>
    var organization: EntityID<Organization>
    var trigger: String
    var assessment: EntityID<Assessment>?
    var status: SupportCaseStatus
    var needs: [String]
    var plan: String?
    var resolution: String?
    /// Why the outcome that raised it is void.
    var voided: String?
    var dueAt: Timestamp

    var learner: EntityID<Learner>? { learnerID }

    init?(_ event: any Event) {
        guard let event = event as? SupportCaseRaised else { return nil }
        id = event.supportCase
        learnerID = event.learner
        organization = event.organization
        trigger = event.trigger
        assessment = event.assessment
        status = .raised
        needs = event.needs
        dueAt = event.dueAt
    }

    mutating func evolve(_ event: any Event) {
        switch event {
        case is SupportCaseAcknowledged: status = .acknowledged
        case let event as SupportCasePlanned:
            status = .planned
            plan = event.plan
        case let event as SupportCaseResolved:
            status = .resolved
            resolution = event.resolution
        case is SupportCaseEscalated: status = .escalated
        case let event as SupportCaseVoided:
            voided = event.reason
            if !isTakenUp { status = .void }
        default: break
        }
    }

    private var isTakenUp: Bool { status != .raised && status != .escalated }

    var facts: ResourceFacts { .learner(learnerID, custodian: organization) }

    func entry(raisedAt: Timestamp) -> SupportCaseEntry {
        SupportCaseEntry(
            supportCase: id, learner: learnerID, organization: organization, trigger: trigger,
            assessment: assessment, status: status, needs: needs, plan: plan, resolution: resolution,
            voided: voided, raisedAt: raisedAt, dueAt: dueAt)
    }
}

extension SupportCaseState {
    static let notYet = "not_yet"
    /// As many needs as a case carries; an assessment has at most as many criteria.
    static let needsMax = 100

    /// Not yet is a call for support: what is unmet, in the assessor's own words, for the organization that teaches.
    static func raise(
        for outcome: OutcomeNotYet, recordedAt: Timestamp, within time: Duration
    ) -> SupportCaseRaised {
        SupportCaseRaised(
            supportCase: .following("support_case", outcome.judgment.description, alongside: outcome.learner.uuid),
            learner: outcome.learner, organization: outcome.organization, trigger: notYet,
            assessment: outcome.assessment, needs: Array(outcome.unmet.map(\.feedback).prefix(needsMax)),
            dueAt: recordedAt.advanced(by: time))
    }

    func acknowledge() throws(Fault) -> Decision<Done> {
        guard status != .void else {
            throw .refused("support.void", "The outcome that raised this case is void, and the case with it.")
        }
        guard !isTakenUp else {
            throw .refused("support.acknowledged", "Somebody took this case up already; it is \(status.rawValue).")
        }
        return Decision([SupportCaseAcknowledged(supportCase: id, learner: learnerID)])
    }

    func plan(_ text: String) throws(Fault) -> Decision<Done> {
        guard status == .acknowledged else {
            throw .refused(
                "support.plan_order", "A case is planned once it is acknowledged; this one is \(status.rawValue).")
        }
        return Decision([SupportCasePlanned(supportCase: id, learner: learnerID, plan: text)])
    }

    func resolve(_ text: String) throws(Fault) -> Decision<Done> {
        guard status == .planned else {
            throw .refused(
                "support.resolve_order", "A case is resolved once it is planned; this one is \(status.rawValue).")
        }
        return Decision([SupportCaseResolved(supportCase: id, learner: learnerID, resolution: text)])
    }

    /// A case that nobody took up yet is void with the outcome it was raised for. One that somebody took up stays with
    /// them, who see why and end it as they find right: a plan for a learner is not taken away by a form.
    func void(_ reason: String) -> Decision<Done> {
        guard voided == nil, status != .resolved else { return Decision([]) }
        return Decision([SupportCaseVoided(supportCase: id, learner: learnerID, reason: reason)])
    }

    /// Nothing when somebody took it up in time, or it climbed before.
    func escalate(at now: Timestamp) -> Decision<Done> {
        guard status == .raised, dueAt <= now else { return Decision([]) }
        return Decision([SupportCaseEscalated(supportCase: id, learner: learnerID, dueAt: dueAt)])
    }
}
