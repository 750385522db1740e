import Domain
import EventLog
import Storage

/// Organizations, bodies and motions: aggregates, and nothing beside them.
struct GovernanceStore: Sendable {
    let organizations: AggregateStore<OrganizationState>
    let bodies: AggregateStore<BodyState>
    let motions: AggregateStore<MotionState>
    private let log: EventLog

    init(_ log: EventLog) {
        self.log = log
        organizations = AggregateStore(log)
        bodies = AggregateStore(log)
        motions = AggregateStore(log)
    }

    /// Those of them that are not registered here.
    func unregistered(_ organizations: Set<EntityID<Organization>>) async throws -> Set<EntityID<Organization>> {
        if organizations.isEmpty { return [] }
        let known = try await log.reader.query("""
            SELECT id FROM aggregate
             WHERE partition = ANY (\(organizations.map(\.partition))) AND id = ANY (\(Array(organizations)))
               AND kind = \(OrganizationState.kind)
            """).decode(EntityID<Organization>.self)
        return organizations.subtracting(known)
    }

    /// When a closed motion was decided.
    func decidedAt(_ motion: EntityID<Motion>) async throws -> Timestamp? {
        try await log.reader.query("""
            SELECT effective_at FROM event
             WHERE partition = \(motion.partition) AND stream = \(motion)
               AND type IN (\(DecisionCarried.type), \(DecisionFailed.type))
             ORDER BY stream_version LIMIT 1
            """).first?.decode(Timestamp.self)
    }
}
