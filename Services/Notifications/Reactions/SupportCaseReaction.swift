import Domain
import EventLog

/// Not yet never stands alone: it calls for support, once for each judgment. A void takes the ground from the call.
struct SupportCaseReaction: Reaction {
    let consumer = "notifications.support"
    let source = "assessment"
    let types: Set<EventType> = [OutcomeNotYet.type, AssessmentVoided.type]

    let cases: SupportCases
    /// How long somebody has to take it up.
    let time: Duration

    func react(to event: EventEnvelope, in transaction: ReactionTransaction) async throws {
        switch event.type {
        case OutcomeNotYet.type: try await raise(event, in: transaction)
        case AssessmentVoided.type: try await void(event, in: transaction)
        default: break
        }
    }

    private func raise(_ event: EventEnvelope, in transaction: ReactionTransaction) async throws {
        let raised = SupportCaseState.raise(for: try event.decode(), recordedAt: event.recordedAt, within: time)
        try await transaction.change(raised.supportCase, of: cases.store, assuming: .absent) { state in
            state == nil ? [raised] : []
        }
    }

    private func void(_ event: EventEnvelope, in transaction: ReactionTransaction) async throws {
        let voided: AssessmentVoided = try event.decode()
        let raised = try await transaction.execute(SupportCases.raised(by: voided.assessment, of: voided.learner))
        let ids = try raised.decode(EntityID<SupportCase>.self)
        try await transaction.change(ids, of: cases.store) { _, state in state?.void(voided.reason).events ?? [] }
    }
}
