import Domain
import EventLog

/// Not yet never stands alone: it calls for support, once for each judgment.
struct RaiseSupportCase: Reaction {
    let consumer = "notifications.support"
    let source = OutcomeNotYet.type.source
    let types: Set<EventType> = [OutcomeNotYet.type]

    let cases: SupportCases
    /// How long somebody has to take it up.
    let time: Duration

    func react(to event: EventEnvelope, in transaction: ReactionTransaction) async throws {
        let raised = SupportCaseState.raise(for: try event.decode(), recordedAt: event.recordedAt, within: time)
        try await transaction.change(raised.supportCase, of: cases.store, assuming: .absent) { state in
            state == nil ? [raised] : []
        }
    }
}
