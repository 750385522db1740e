import Domain
import EventLog
import PathwayEngine
import Storage

extension AttainmentBasis: PostgresRepresentable {}

/// What records said of learners, as it was last heard. Voided lines stay, so that hearing a recording again, after its
/// voiding, does not bring it back.
enum AttainmentCopy {
    static func recording(_ event: AttainmentRecorded, at recorded: Timestamp) -> SQL {
        """
        INSERT INTO attainment (partition, learner, id, target, level, basis, effective_from, effective_until,
                                recorded_at)
        VALUES (\(event.learner.partition), \(event.learner), \(event.attainment), \(event.target), \(event.level),
                \(event.basis), \(event.effectiveFrom), \(event.effectiveUntil), \(recorded))
        ON CONFLICT (partition, learner, id) DO NOTHING
        """
    }

    static func voiding(_ event: AttainmentVoided, at voided: Timestamp) -> SQL {
        """
        UPDATE attainment SET voided_at = \(voided)
         WHERE partition = \(event.learner.partition) AND learner = \(event.learner) AND id = \(event.attainment)
           AND voided_at IS NULL
        """
    }

    /// What a learner holds now.
    static func held(by learner: EntityID<Learner>) -> SQL {
        """
        SELECT id, target, level, basis, effective_from, effective_until FROM attainment
         WHERE partition = \(learner.partition) AND learner = \(learner) AND voided_at IS NULL
        """
    }

    /// - Parameter rows: of `held(by:)`.
    static func held(_ rows: Rows) throws -> [HeldAttainment] {
        try rows.map { row in
            let (id, target, level, basis, from, until) = try row.decode(
                EntityID<Attainment>.self, String.self, Double?.self, AttainmentBasis.self, CalendarDate.self,
                CalendarDate?.self)
            return HeldAttainment(
                id: id, target: target, level: level.map { .number($0) }, basis: basis, from: from, until: until)
        }
    }
}
