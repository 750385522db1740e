import Domain
import EventLog
import ServiceKit

/// Ends a consent at once, and answers `effective` as soon as nothing sent under it is under way any more. What still
/// is after 3 s, or half a second before the caller stops waiting, makes the answer `draining`; a repeat looks again,
/// also under the same key.
/// - Throws: `.notFound`.
struct WithdrawConsentHandler: RequestHandler {
    static let patience = Duration.seconds(3)
    static let reserve = Duration.milliseconds(500)

    let consents: ConsentStore
    /// False only in the test that shows why it is true.
    var waitsForSends = true

    func handle(_ command: WithdrawConsent, _ context: RequestContext) async throws(Fault) -> WithdrawConsent.Reply {
        var reply = try await consents.aggregates(today: context.today).update(command.consent, context) { consent in
            try context.authorize(.learner(consent.owner))
            return decide(withdrawing: consent)
        }
        let limit = min(.now + Self.patience, context.deadline - Self.reserve)
        do {
            let drained = waitsForSends ? try await consents.drained(command.consent, by: limit) : true
            reply.status = drained ? .effective : .draining
        } catch {
            throw Fault.internalError(error)
        }
        return reply
    }
}
