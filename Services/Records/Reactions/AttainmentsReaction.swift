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
        let attained = outcome.attained
            .map { (id: EntityID<Attainment>.following(outcome.judgment, $0.target, of: outcome.learner), target: $0) }
            .sorted { $0.id < $1.id }
        for (id, target) in attained {
            try await transaction.change(id, of: store) { attainment in
                decide(attainment, recording: target, from: outcome, actor: event.actor)
            }
        }
    }

    private func void(_ event: EventEnvelope, in transaction: ReactionTransaction) async throws {
        let voided: AssessmentVoided = try event.decode()
        let store = attainments.aggregates(actor: event.actor)
        let standing = try await transaction.execute(
            AttainmentStore.standing(from: voided.assessment, of: voided.learner))
        for id in try standing.map({ try $0.decode(EntityID<Attainment>.self) }) {
            try await transaction.change(id, of: store) { attainment in
                // A registrar may have been quicker.
                guard let attainment, !attainment.isVoided else { return [] }
                return [attainment.voided(voided.reason)]
            }
        }
    }
}
