import Domain
import EventLog
import Storage

/// What records says of a learner's attainments is copied, and every enrollment of the learner is looked at again. A
/// voiding takes back what components owe to it; milestones, completion and entitlements stand (invariant 11).
struct AttainmentsReaction: Reaction {
    let consumer = EnrollmentStore.consumer
    let source = EnrollmentStore.source
    let types: Set<EventType> = [AttainmentRecorded.type, AttainmentVoided.type]

    let enrollments: EnrollmentStore
    let zone: StateZone

    func react(to event: EventEnvelope, in transaction: ReactionTransaction) async throws {
        switch event.type {
        case AttainmentRecorded.type:
            let recorded: AttainmentRecorded = try event.decode()
            try await copy(
                AttainmentCopy.recording(recorded, at: event.recordedAt), of: recorded.learner, because: nil,
                in: transaction)
        case AttainmentVoided.type:
            let voided: AttainmentVoided = try event.decode()
            try await copy(
                AttainmentCopy.voiding(voided, at: event.recordedAt), of: voided.learner, because: voided.attainment,
                in: transaction)
        default: break
        }
    }

    private func copy(
        _ change: SQL, of learner: EntityID<Learner>, because: EntityID<Attainment>?,
        in transaction: ReactionTransaction
    ) async throws {
        let rows = try await transaction.execute(batch: [
            Lock.learner(learner), change, EnrollmentStore.all(of: learner), AttainmentCopy.held(by: learner),
        ])
        let found = try EnrollmentStore.states(rows[2])
        if found.isEmpty { return }
        let held = try AttainmentCopy.held(rows[3])
        let today = zone.date(at: transaction.now)
        for (version, enrollment) in found {
            let events = try await enrollments.progress(
                of: enrollment, by: held, because: because, at: transaction.now, on: today, transaction)
            // Under the learner's lock nobody else changes it, so it is still what was evaluated.
            try await transaction.change(
                enrollment.id, of: enrollments.aggregates, assuming: .init(state: enrollment, version: StateVersion(version))
            ) { _ in events }
        }
    }
}
