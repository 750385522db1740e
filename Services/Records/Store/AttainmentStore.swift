import Domain
import EventLog
import ServiceKit
import Storage

extension AttainmentBasis: PostgresRepresentable {}

/// Attainments: each an aggregate of its own, and a row of the bitemporal table that records are read from.
struct AttainmentStore: Sendable {
    /// A record longer than this is refused rather than cut: about 0.5 kB a line, and a reply is at most 1 MiB.
    static let recordMax = 1500

    private let log: EventLog

    init(_ log: EventLog) { self.log = log }

    /// - Parameters:
    ///   - actor: who makes the changes that go through this store.
    ///   - assessment: from which the attainments recorded through it follow.
    func aggregates(actor: String, assessment: EntityID<Assessment>? = nil) -> AggregateStore<AttainmentState> {
        AggregateStore(log, project: { attainment, events, applied in
            events.compactMap { event in
                switch event {
                case is AttainmentRecorded: Self.recording(attainment, assessment, applied)
                case let event as AttainmentVoided: Self.voiding(event, actor, applied)
                default: nil
                }
            }
        })
    }

    private static func recording(
        _ attainment: AttainmentState, _ assessment: EntityID<Assessment>?, _ applied: SQL
    ) -> SQL {
        """
        INSERT INTO attainment (partition, id, learner, target, level, basis, assessment, effective_from,
                                effective_until, source, actor, authority, reference)
        SELECT \(attainment.id.partition), \(attainment.id), \(attainment.owner), \(attainment.target),
               \(attainment.level), \(attainment.basis), \(assessment), \(attainment.effectiveFrom),
               \(attainment.effectiveUntil), \(attainment.provenance.source), \(attainment.provenance.actor),
               \(attainment.provenance.authority), \(attainment.provenance.reference)
         WHERE \(applied)
        """
    }

    /// A clock that was set back must not make a voiding precede what it voids.
    private static func voiding(_ event: AttainmentVoided, _ actor: String, _ applied: SQL) -> SQL {
        """
        UPDATE attainment
           SET voided_at = GREATEST(clock_timestamp(), recorded_at), voided_by = \(actor), void_reason = \(event.reason)
         WHERE partition = \(event.attainment.partition) AND id = \(event.attainment) AND voided_at IS NULL
           AND \(applied)
        """
    }

    /// What still stands of what followed from one assessment, in the order in which streams are locked.
    static func standing(from assessment: EntityID<Assessment>, of learner: EntityID<Learner>) -> SQL {
        """
        SELECT id FROM attainment
         WHERE partition = \(learner.partition) AND assessment = \(assessment) AND learner = \(learner)
           AND voided_at IS NULL
         ORDER BY id
        """
    }

    /// The record as it was known at a moment, of what holds on a day. Voided lines stay, marked if that was known.
    /// - Parameter knownAt: nil for all that is known.
    func record(
        of learner: EntityID<Learner>, asOf: CalendarDate, knownAt: Timestamp?
    ) async throws -> [AttainmentEntry] {
        let rows = try await log.reader.query("""
            SELECT id, target, level, basis, effective_from, effective_until, recorded_at, source, actor, authority,
                   reference, voided_at, voided_by, void_reason
              FROM attainment
             WHERE partition = \(learner.partition) AND learner = \(learner)
               AND effective_from <= \(asOf) AND (effective_until IS NULL OR effective_until >= \(asOf))
               AND (\(knownAt) IS NULL OR recorded_at <= \(knownAt))
             ORDER BY recorded_at, id LIMIT \(Self.recordMax + 1)
            """)
        guard rows.count <= Self.recordMax else {
            throw Fault(.tooLarge, "The record has more than \(Self.recordMax) lines that hold on this day.")
        }
        return try rows.map { try AttainmentEntry($0, knownAt: knownAt) }
    }
}

extension AttainmentEntry {
    fileprivate init(_ row: Row, knownAt: Timestamp?) throws {
        let (id, target, level, basis, from, until, recorded, source, actor, authority, reference, voidedAt, voidedBy,
             voidReason) = try row.decode(
            EntityID<Attainment>.self, String.self, Double?.self, AttainmentBasis.self, CalendarDate.self,
            CalendarDate?.self, Timestamp.self, String.self, String.self, String.self, String.self, Timestamp?.self,
            String?.self, String?.self)
        var voiding: Voiding?
        if let voidedAt, voidedAt <= knownAt ?? voidedAt {
            voiding = Voiding(at: voidedAt, by: voidedBy ?? "", reason: voidReason ?? "")
        }
        self.init(
            attainment: id, target: target, level: level, basis: basis, effectiveFrom: from, effectiveUntil: until,
            recordedAt: recorded,
            provenance: Provenance(source: source, actor: actor, authority: authority, reference: reference),
            voided: voiding)
    }
}
