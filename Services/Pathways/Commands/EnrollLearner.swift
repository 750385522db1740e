import Domain
import EventLog
import ServiceKit

/// Enrolls a learner in a certified version and says at once what the learner's record meets of it.
/// - Throws: `.notFound`, `.refused` with `enrollment.version`, `.conflict` with `enrollment.active` or
///   `enrollment.completed`.
struct EnrollLearnerHandler: RequestHandler {
    let enrollments: EnrollmentStore

    func handle(_ command: EnrollLearner, _ context: RequestContext) async throws(Fault) -> EnrollLearner.Reply {
        try context.authorize(.learner(command.learner))
        let pathway = try await enrollments.pathways.aggregates.load(command.pathway)
        let id = EntityID<Enrollment>.derived(
            from: EnrollLearner.name.text, caller: context.subject.id, key: context.key,
            alongside: command.learner.uuid)
        return try await enrollments.aggregates.change(id, context, holding: Lock.learner(command.learner)) {
            existing, connection in
            if existing != nil { throw Fault.conflict("enrollment.active", "The learner is enrolled already.") }
            let version = try pathway.enrollable(command.version)
            let rows = try connection.execute(
                batch: [EnrollmentStore.all(of: command.learner), AttainmentCopy.held(by: command.learner)])
            let others = try EnrollmentStore.states(rows[0]).map(\.state)
            let enrolled = try decide(
                enrolling: command.learner, in: version, of: pathway.id, as: id, beside: others)
            guard let enrollment = EnrollmentState(enrolled) else { throw Fault.notFound("enrollment") }
            let held = try AttainmentCopy.held(rows[1])
            let progress = try await enrollments.progress(
                of: enrollment, by: held, because: nil, at: context.now, on: context.today, connection)
            return Decision(
                [enrolled] + progress,
                reply: EnrollLearner.Reply(enrollment: id, version: version.number))
        }
    }
}
