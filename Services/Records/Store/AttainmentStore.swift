import Domain
import EventLog
import ServiceKit
import Storage

extension AttainmentBasis: PostgresRepresentable {}

/// Attainments: each an aggregate of its own, and a row of the bitemporal table that records are read from.
struct AttainmentStore: Sendable {
    /// Lines read for one reply, which holds about a thousand.
    static let pageMax = 1500

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
    /// - Parameters:
    ///   - knownAt: nil for all that is known.
    ///   - cursor: of the last line that was read; nil from the beginning.
    /// - Returns: as many lines as fit one reply, and the cursor of the last one when there are more.
    func record(
        of learner: EntityID<Learner>, asOf: CalendarDate, knownAt: Timestamp?, after cursor: PageCursor? = nil
    ) async throws -> (lines: [AttainmentEntry], next: PageCursor?) {
        let rest: SQL = cursor.map { "AND (recorded_at, id) > (\($0.at), \($0.id))" } ?? ""
        let rows = try await log.reader.query("""
            SELECT id, target, level, basis, effective_from, effective_until, recorded_at, source, actor, authority,
                   reference, voided_at, voided_by, void_reason
              FROM attainment
             WHERE partition = \(learner.partition) AND learner = \(learner)
               AND effective_from <= \(asOf) AND (effective_until IS NULL OR effective_until >= \(asOf))
               AND (\(knownAt) IS NULL OR recorded_at <= \(knownAt)) \(rest)
             ORDER BY recorded_at, id LIMIT \(Self.pageMax)
            """)
        let found = try rows.map { try AttainmentEntry($0, knownAt: knownAt) }
        let lines = ReplyPage.fitting(found) { $0.bytes }
        let isWhole = lines.count == found.count && found.count < Self.pageMax
        return (lines, isWhole ? nil : lines.last.map { PageCursor(at: $0.recordedAt, id: $0.attainment.uuid) })
    }
}

extension AttainmentEntry {
    /// About what it takes in a reply.
    fileprivate var bytes: Int {
        450 + target.utf8.count + provenance.source.utf8.count + provenance.actor.utf8.count
            + provenance.authority.utf8.count + provenance.reference.utf8.count
            + (voided.map { 80 + $0.by.utf8.count + $0.reason.utf8.count } ?? 0)
    }

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
