import Domain
import ServiceKit

struct GetLearnerHandler: RequestHandler {
    let learners: LearnerStore

    func handle(_ query: GetLearner, _ context: RequestContext) async throws(Fault) -> GetLearner.Reply {
        do {
            guard let (learner, at) = try await learners.registered(query.learner) else {
                throw Fault.notFound(LearnerState.noun)
            }
            try context.authorize(.learner(learner.id, custodian: learner.organization))
            return GetLearner.Reply(
                learner: learner.id, organization: learner.organization, givenName: learner.givenName,
                familyName: learner.familyName, birthDate: learner.birthDate, identifiers: learner.identifiers,
                registeredAt: at)
        } catch {
            throw Fault.internalError(error)
        }
    }
}

/// Who has a learner in custody. Asked by assessment, for an educator.
struct GetCustodianHandler: RequestHandler {
    let learners: LearnerStore

    func handle(_ query: GetCustodian, _ context: RequestContext) async throws(Fault) -> GetCustodian.Reply {
        try context.authorize(.none)
        return GetCustodian.Reply(organization: try await learners.aggregates.find(query.learner)?.organization)
    }
}

/// The record of one learner. What was recorded before the learner was registered here is in it.
struct GetLearnerRecordHandler: RequestHandler {
    let learners: LearnerStore
    let attainments: AttainmentStore

    func handle(_ query: GetLearnerRecord, _ context: RequestContext) async throws(Fault) -> GetLearnerRecord.Reply {
        let cursor = try query.cursor.map { text throws(Fault) in try PageCursor(reading: text) }
        try context.authorize(try await learners.facts(of: query.learner))
        do {
            let (lines, next) = try await attainments.record(
                of: query.learner, asOf: query.asOf ?? context.today, knownAt: query.knownAt, after: cursor)
            return GetLearnerRecord.Reply(learner: query.learner, attainments: lines, next: next?.text)
        } catch {
            throw Fault.internalError(error)
        }
    }
}
