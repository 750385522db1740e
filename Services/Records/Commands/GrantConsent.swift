import Domain
import EventLog
import ServiceKit

/// Lets one partner receive some types for one purpose; one consent at a time for a partner and purpose.
/// - Throws: `.invalid`, `.notFound`, `.refused` with `consent.guardian_needed` or `consent.until_past`, `.conflict`
///   with
///   `consent.exists`.
struct GrantConsentHandler: RequestHandler {
    let consents: ConsentStore
    let learners: LearnerStore

    func handle(_ command: GrantConsent, _ context: RequestContext) async throws(Fault) -> GrantConsent.Reply {
        let command = try command.read()
        let id = EntityID<Consent>.derived(
            from: GrantConsent.name.text, caller: context.subject.id, key: context.key,
            alongside: command.learner.uuid)
        return try await consents.aggregates(today: context.today).create(id, context) {
            try context.authorize(.learner(command.learner))
            let learner = try await learners.aggregates.load(command.learner)
            let decision = try decide(command, as: id, by: learner, today: context.today)
            try await consents.refuseExisting(command, today: context.today)
            return decision
        }
    }
}
