import Domain
import EventLog

/// One attainment: asserted once, voided at most once.
struct AttainmentState: Aggregate {
    typealias Entity = Attainment
    static let kind = "attainment"

    var id: EntityID<Attainment>
    var owner: EntityID<Learner>
    var target: String
    var level: Double?
    var basis: AttainmentBasis
    var effectiveFrom: CalendarDate
    var effectiveUntil: CalendarDate?
    var provenance: Provenance
    var isVoided: Bool

    var learner: EntityID<Learner>? { owner }

    init?(_ event: any Event) {
        guard let event = event as? AttainmentRecorded else { return nil }
        id = event.attainment
        owner = event.learner
        target = event.target
        level = event.level
        basis = event.basis
        effectiveFrom = event.effectiveFrom
        effectiveUntil = event.effectiveUntil
        provenance = event.provenance
        isVoided = false
    }

    mutating func evolve(_ event: any Event) {
        if event is AttainmentVoided { isVoided = true }
    }
}

extension EntityID<Attainment> {
    /// The same judgment and target are the same attainment, however often the outcome is heard.
    static func following(_ judgment: EntityID<Judgment>, _ target: String, of learner: EntityID<Learner>) -> Self {
        .following("attainment", judgment.description, target, alongside: learner.uuid)
    }
}

/// What an outcome says of one target. Nothing when it is on record already, voided or not.
/// - Parameter actor: who recorded the judgment.
func decide(
    _ attainment: AttainmentState?, recording attained: AttainedTarget, from outcome: OutcomeMet, actor: String
) -> [any Event] {
    guard attainment == nil else { return [] }
    return [AttainmentRecorded(
        attainment: .following(outcome.judgment, attained.target, of: outcome.learner), learner: outcome.learner,
        target: attained.target, level: attained.level, basis: .assessed, effectiveFrom: outcome.effectiveOn,
        effectiveUntil: nil,
        provenance: Provenance(
            source: OutcomeMet.type.source, actor: actor, authority: "license/\(outcome.license)",
            reference: outcome.judgment.description))]
}

func decide(voiding attainment: AttainmentState, reason: String) throws(Fault) -> Decision<Done> {
    guard !attainment.isVoided else { throw .conflict("attainment.voided", "This attainment is void already.") }
    return Decision([attainment.voided(reason)])
}

extension AttainmentState {
    func voided(_ reason: String) -> AttainmentVoided {
        AttainmentVoided(attainment: id, learner: owner, target: target, reason: reason)
    }
}
