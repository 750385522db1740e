import Domain
import EventLog
import Storage

/// Outcomes of assessments become attainments; voiding the assessment voids them. It asks nothing about the learner:
/// who is not registered here yet finds the record waiting.
struct AttainmentsReaction: Reaction {
    let consumer = "records.attainments"
    let source = "assessment"
    let types: Set<EventType> = [OutcomeMet.type, AssessmentVoided.type]

    let attainments: AttainmentStore

    func react(to event: EventEnvelope, in transaction: ReactionTransaction) async throws {
        switch event.type {
        case OutcomeMet.type: try await record(event, in: transaction)
        case AssessmentVoided.type: try await void(event, in: transaction)
        default: break
        }
    }

    private func record(_ event: EventEnvelope, in transaction: ReactionTransaction) async throws {
        let outcome: OutcomeMet = try event.decode()
        let store = attainments.aggregates(actor: event.actor, assessment: outcome.assessment)
        let targets = Dictionary(outcome.attained.map {
            (EntityID<Attainment>.following(outcome.judgment, $0.target, of: outcome.learner), $0)
        }, uniquingKeysWith: { first, _ in first })
        try await transaction.change(targets.keys.sorted(), of: store, assuming: .absent) { id, attainment in
            targets[id].map { decide(attainment, recording: $0, from: outcome, actor: event.actor) } ?? []
        }
    }

    private func void(_ event: EventEnvelope, in transaction: ReactionTransaction) async throws {
        let voided: AssessmentVoided = try event.decode()
        let store = attainments.aggregates(actor: event.actor)
        let standing = try await transaction.execute(
            AttainmentStore.standing(from: voided.assessment, of: voided.learner))
        let ids: [EntityID<Attainment>] = try standing.map { row in try row.decode(EntityID<Attainment>.self) }
        try await transaction.change(ids.sorted(), of: store) { _, attainment in
            // A registrar may have been quicker.
            guard let attainment, !attainment.isVoided else { return [] }
            return [attainment.voided(voided.reason)]
        }
    }
}
