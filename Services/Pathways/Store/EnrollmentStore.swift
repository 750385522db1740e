import Domain
import EventLog
import PathwayEngine
import Storage

/// Enrollments, what follows for them, and the entitlements that accrued.
struct EnrollmentStore: Sendable {
    static let consumer = "pathways.attainments"
    static let source = "records"

    let aggregates: AggregateStore<EnrollmentState>
    let pathways: PathwayStore
    private let log: EventLog
    private let targets = TargetNames()
    private let compiled = CompiledPathways()

    init(_ log: EventLog, pathways: PathwayStore) {
        self.log = log
        self.pathways = pathways
        aggregates = AggregateStore(log)
    }

    // MARK: Evaluation

    /// Where an enrollment stands on a day by these attainments, with the document that it is pinned to, its targets by the
    /// names that they go by now.
    func standing(
        of enrollment: EnrollmentState, by held: [HeldAttainment], on day: CalendarDate, _ statements: any Statements
    ) async throws -> (PathwayDocument, PathwayStanding) {
        let document = try await pathways.certifiedDocument(enrollment.pathway, enrollment.version, statements)
        let read = document.targetsRead
        let names = try await targets.settled(read.union(held.map(\.target)), statements)
        let compiled = try compiled.compiled(
            .init(pathway: enrollment.pathway, version: enrollment.version), document, names.filter { read.contains($0.key) })
        let settled = !compiled.isRenamed ? held : held.map { attainment in
            var attainment = attainment
            attainment.target = names[attainment.target] ?? attainment.target
            return attainment
        }
        return (compiled.pathway.document, compiled.pathway.evaluate(LearnerFacts(settled), on: day))
    }

    /// Evaluates an enrollment and says what follows; entitlements that are new are kept here and now. To be called under
    /// `Lock.learner`, in the transaction that keeps the events.
    func progress(
        of enrollment: EnrollmentState, by held: [HeldAttainment], because: EntityID<Attainment>?, at now: Timestamp,
        on day: CalendarDate, _ statements: any Statements
    ) async throws -> [any Event] {
        let (document, standing) = try await standing(of: enrollment, by: held, on: day, statements)
        let progress = Progress(of: enrollment, to: standing, in: document, because: because, on: day)
        guard !progress.earned.isEmpty else { return progress.events }
        let rows = try await statements.rows(Self.accruing(progress.earned, of: enrollment, at: now))
        let new = Set<String>(try rows.map { row in try row.decode(String.self) })
        return progress.events + progress.earned.filter { new.contains($0.key) }
    }

    /// Answers the keys that were not there.
    private static func accruing(
        _ earned: [EntitlementAccrued], of enrollment: EnrollmentState, at now: Timestamp
    ) -> SQL {
        """
        INSERT INTO entitlement (partition, learner, pathway, key, id, enrollment, kind, title, obligor, accrued_at,
                                 until)
        SELECT \(enrollment.owner.partition), \(enrollment.owner), \(enrollment.pathway), u.key, u.id,
               \(enrollment.id), u.kind, u.title, u.obligor, \(now), u.until
          FROM unnest(\(earned.map(\.key)), \(earned.map(\.entitlement)), \(earned.map(\.kind)),
                      \(earned.map(\.title)), \(earned.map(\.obligor)), \(earned.map(\.until)))
               u(key, id, kind, title, obligor, until)
        ON CONFLICT (partition, learner, pathway, key) DO NOTHING
        RETURNING key
        """
    }

    // MARK: Reading

    /// All of a learner, in the order in which their streams are locked.
    static func all(of learner: EntityID<Learner>) -> SQL {
        """
        SELECT version, body FROM aggregate
         WHERE partition = \(learner.partition) AND learner = \(learner) AND kind = \(EnrollmentState.kind)
         ORDER BY id
        """
    }

    /// - Parameter rows: of `all(of:)`.
    static func states(_ rows: Rows) throws -> [(version: Int64, state: EnrollmentState)] {
        try rows.map { row in
            let (version, body) = try row.decode(Int64.self, PostgresJSON.self)
            return (version, try Wire.decode(EnrollmentState.self, from: body.bytes))
        }
    }

    struct Dated {
        var enrollment: EnrollmentState
        var enrolledAt: Timestamp
        var completedAt: Timestamp?
    }

    func find(_ id: EntityID<Enrollment>) async throws -> Dated? {
        try await dated("a.id = \(id)", in: id.partition, limit: 1).first
    }

    func page(
        of learner: EntityID<Learner>, after: EntityID<Enrollment>?, limit: Int
    ) async throws -> [Dated] {
        try await dated("a.learner = \(learner) AND (\(after) IS NULL OR a.id > \(after))", in: learner.partition,
                        limit: limit)
    }

    private func dated(_ condition: SQL, in partition: Partition, limit: Int) async throws -> [Dated] {
        try await log.reader.query("""
            SELECT a.body, a.created_at,
                   (SELECT e.effective_at FROM event e
                     WHERE e.partition = a.partition AND e.stream = a.id AND e.type = \(PathwayCompleted.type)
                     ORDER BY e.stream_version LIMIT 1)
              FROM aggregate a
             WHERE a.partition = \(partition) AND a.kind = \(EnrollmentState.kind) AND \(condition)
             ORDER BY a.id LIMIT \(limit)
            """).map { row in
            let (body, enrolled, completed) = try row.decode(PostgresJSON.self, Timestamp.self, Timestamp?.self)
            return Dated(
                enrollment: try Wire.decode(EnrollmentState.self, from: body.bytes), enrolledAt: enrolled,
                completedAt: completed)
        }
    }

    /// Those that accrued through an enrollment, the earliest first.
    func entitlements(of enrollment: EntityID<Enrollment>) async throws -> [EntitlementEntry] {
        try await log.reader.query("""
            SELECT id, key, kind, title, obligor, accrued_at, until FROM entitlement
             WHERE partition = \(enrollment.partition) AND enrollment = \(enrollment)
             ORDER BY accrued_at, key
            """).map { row in
            let (id, key, kind, title, obligor, at, until) = try row.decode(
                EntityID<Entitlement>.self, String.self, String.self, String.self, EntityID<Organization>.self,
                Timestamp.self, CalendarDate.self)
            return EntitlementEntry(
                entitlement: id, key: key, kind: kind, title: title, obligor: obligor, accruedAt: at, until: until)
        }
    }

    /// Up to where the feed of records was heard, for the partition of a learner.
    private func heard(_ learner: EntityID<Learner>) async throws -> Int64 {
        try await log.reader.query("""
            SELECT pos FROM cursor
             WHERE consumer = \(Self.consumer) AND source = \(Self.source) AND partition = \(learner.partition)
            """).first?.decode(Int64.self) ?? 0
    }

    /// Enrollments of one learner as they stand today, with reasons.
    func entries(
        _ enrollments: [Dated], of learner: EntityID<Learner>, on day: CalendarDate
    ) async throws -> [EnrollmentEntry] {
        // First the position, then the attainments: they may be newer than it says, never older.
        let position = try await heard(learner)
        let held = try AttainmentCopy.held(await log.reader.query(AttainmentCopy.held(by: learner)))
        var entries: [EnrollmentEntry] = []
        for dated in enrollments {
            let enrollment = dated.enrollment
            let (document, standing) = try await standing(of: enrollment, by: held, on: day, log.reader)
            let entitlements = try await entitlements(of: enrollment.id)
            entries.append(EnrollmentEntry(
                enrollment: enrollment.id, learner: enrollment.owner, pathway: enrollment.pathway,
                version: enrollment.version, title: enrollment.title,
                status: enrollment.isCompleted ? .completed : .active, enrolledAt: dated.enrolledAt,
                completedAt: dated.completedAt, components: document.entries(standing),
                milestones: enrollment.milestones.sorted(), entitlements: entitlements,
                recordsPosition: String(position)))
        }
        return entries
    }
}

extension PathwayDocument {
    /// Every component with its state and one sentence of why, in the order of the document.
    fileprivate func entries(_ standing: PathwayStanding) -> [ComponentStanding] {
        let sentences = FulfillmentSentences(self)
        return components.compactMap { component in
            guard let fulfillment = standing.components[component.id] else { return nil }
            return ComponentStanding(
                component: component.id, title: component.title, state: fulfillment.state,
                reason: sentences.sentence(for: component.id, fulfillment),
                attainments: standing.attainments(behind: component.id))
        }
    }
}
