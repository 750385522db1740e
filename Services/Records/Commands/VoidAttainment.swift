import Domain
import EventLog
import ServiceKit

/// Marks an attainment as never having held; for a registrar of the learner's custodian.
/// - Throws: `.invalid`, `.notFound`, `.conflict` with `attainment.voided`.
struct VoidAttainmentHandler: RequestHandler {
    let attainments: AttainmentStore
    let learners: LearnerStore

    func handle(_ command: VoidAttainment, _ context: RequestContext) async throws(Fault) -> Done {
        let reason = try readText(command.reason, at: "/reason", limit: 1000, lines: true)
        let store = attainments.aggregates(actor: context.subject.id)
        return try await store.update(command.attainment, context) { attainment in
            try context.authorize(try await learners.facts(of: attainment.owner))
            return try decide(voiding: attainment, reason: reason)
        }
    }
}
