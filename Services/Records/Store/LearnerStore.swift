import Domain
import EventLog
import ServiceKit
import Storage

/// Learners, and the one table in which an outside identifier means one of them.
struct LearnerStore: Sendable {
    static let taken = Fault.conflict("identifier.taken", "Another learner goes by this identifier already.")

    let aggregates: AggregateStore<LearnerState>
    private let log: EventLog

    init(_ log: EventLog) {
        self.log = log
        aggregates = AggregateStore(
            log,
            project: { learner, events, applied in
                let claims = events.compactMap { ($0 as? IdentifierClaimed)?.claim }
                return claims.isEmpty ? [] : [Self.claiming(claims, for: learner.id, applied)]
            },
            onConstraint: { $0 == "identifier_taken" ? Self.taken : nil })
    }

    /// Sorted, so that two learners with the same two identifiers wait for each other rather than deadlock.
    private static func claiming(_ claims: [IdentifierClaim], for learner: EntityID<Learner>, _ applied: SQL) -> SQL {
        """
        INSERT INTO identifier_claim (system, kind, value, partition, learner)
        SELECT u.system, u.kind, u.value, \(learner.partition), \(learner)
          FROM unnest(\(claims.map(\.system)), \(claims.map(\.kind)), \(claims.map(\.value))) u(system, kind, value)
         WHERE \(applied)
         ORDER BY u.system, u.kind, u.value
        """
    }

    /// Spares the group that the unit would travel in from being sent through one by one. The key of the table decides.
    func refuseTaken(_ claims: [IdentifierClaim], for learner: EntityID<Learner>) async throws {
        if claims.isEmpty { return }
        let others = try await log.reader.query("""
            SELECT 1 FROM identifier_claim c
              JOIN unnest(\(claims.map(\.system)), \(claims.map(\.kind)), \(claims.map(\.value))) u(system, kind, value)
                ON c.system = u.system AND c.kind = u.kind AND c.value = u.value
             WHERE c.learner <> \(learner) LIMIT 1
            """)
        if !others.isEmpty { throw Self.taken }
    }

    /// What access to a learner's record is decided on. A record may exist before its learner is registered here: the
    /// learner can read it then, and no registrar.
    func facts(of learner: EntityID<Learner>) async throws(Fault) -> ResourceFacts {
        .learner(learner, custodian: try await aggregates.find(learner)?.organization)
    }

    /// The learner with the moment of registration.
    func registered(_ learner: EntityID<Learner>) async throws -> (LearnerState, Timestamp)? {
        let rows = try await log.reader.query("""
            SELECT body, created_at FROM aggregate
             WHERE partition = \(learner.partition) AND id = \(learner) AND kind = \(LearnerState.kind)
            """)
        return try rows.first.map { row in
            let (body, at) = try row.decode(PostgresJSON.self, Timestamp.self)
            return (try Wire.decode(LearnerState.self, from: body.bytes), at)
        }
    }
}
