import Domain
import EventLog
import ServiceKit
import Storage

/// Consents: each an aggregate, and the row that senders lock at the moment of sending.
struct ConsentStore: Sendable {
    static let exists = Fault.conflict(
        "consent.exists", "A consent for this partner and purpose is in force. Withdraw it before granting another.")
    /// How often a withdrawal looks when no settling in this process wakes it: others settle elsewhere.
    static let drainPoll = Duration.milliseconds(50)

    private let log: EventLog
    /// Announced when disclosures were settled by this process.
    private let settled: FeedNews

    init(_ log: EventLog, settled: FeedNews) {
        self.log = log
        self.settled = settled
    }

    /// - Parameter today: the date in the state's zone, by which an older grant may have run out.
    func aggregates(today: CalendarDate) -> AggregateStore<ConsentState> {
        AggregateStore(
            log,
            project: { consent, events, applied in
                events.flatMap { event -> [SQL] in
                    switch event {
                    case is ConsentGranted: Self.granting(consent, today: today, applied)
                    case is ConsentWithdrawn: [Self.withdrawing(consent, applied)]
                    default: []
                    }
                }
            },
            onConstraint: { $0 == "consent_exists" ? Self.exists : nil })
    }

    private static func granting(_ consent: ConsentState, today: CalendarDate, _ applied: SQL) -> [SQL] {
        [
            """
            UPDATE consent SET status = 'expired'
             WHERE partition = \(consent.id.partition) AND learner = \(consent.owner) AND partner = \(consent.partner)
               AND purpose = \(consent.purpose) AND status = 'granted' AND until < \(today) AND \(applied)
            """,
            """
            INSERT INTO consent (partition, id, learner, partner, purpose, types, until, revision, status)
            SELECT \(consent.id.partition), \(consent.id), \(consent.owner), \(consent.partner), \(consent.purpose),
                   \(consent.types), \(consent.until), \(consent.contractRevision), 'granted'
             WHERE \(applied)
            """,
        ]
    }

    /// Waits for those who hold the row FOR SHARE: after it, whoever saw the grant has its open disclosure on record.
    private static func withdrawing(_ consent: ConsentState, _ applied: SQL) -> SQL {
        """
        UPDATE consent SET status = 'withdrawn', withdrawn_at = clock_timestamp()
         WHERE partition = \(consent.id.partition) AND id = \(consent.id) AND withdrawn_at IS NULL AND \(applied)
        """
    }

    /// Finds a grant in force early; the unique index decides.
    func refuseExisting(_ command: GrantConsent, today: CalendarDate) async throws {
        let found = try await log.reader.query("""
            SELECT 1 FROM consent
             WHERE partition = \(command.learner.partition) AND learner = \(command.learner)
               AND partner = \(command.partner) AND purpose = \(command.purpose) AND status = 'granted'
               AND (until IS NULL OR until >= \(today))
            """)
        if !found.isEmpty { throw Self.exists }
    }

    /// Waits until nothing that was opened for this learner, partner and purpose up to the withdrawal is still open.
    /// - Returns: false when it still is at `limit`.
    func drained(_ consent: EntityID<Consent>, by limit: ContinuousClock.Instant) async throws -> Bool {
        while true {
            let known = settled.count
            let open = try await log.reader.query("""
                SELECT 1 FROM consent c
                 WHERE c.partition = \(consent.partition) AND c.id = \(consent) AND \(Self.isOpen)
                """)
            if open.isEmpty { return true }
            let left = limit - .now
            if left <= .zero || Task.isCancelled { return false }
            await settled.wait(after: known, atMost: min(left, Self.drainPoll))
        }
    }

    /// Of consent `c`: is anything under way that it, or an earlier consent for the same partner and purpose, allowed?
    /// What a later one allowed is not its business.
    private static let isOpen: SQL = """
        EXISTS (SELECT 1 FROM disclosure d JOIN consent o ON o.partition = d.partition AND o.id = d.consent
                 WHERE d.partition = c.partition AND d.learner = c.learner AND d.partner = c.partner
                   AND d.purpose = c.purpose AND d.outcome = 'open' AND o.granted_at <= c.granted_at)
        """

    private static let entry: SQL = """
        SELECT c.id, c.learner, c.partner, c.purpose, c.types, c.until, c.revision, c.status, c.granted_at,
               c.withdrawn_at, c.status = 'withdrawn' AND \(isOpen)
          FROM consent c
        """

    func entry(_ consent: EntityID<Consent>, today: CalendarDate) async throws -> ConsentEntry? {
        try await log.reader.query("\(Self.entry) WHERE c.partition = \(consent.partition) AND c.id = \(consent)")
            .first.map { try ConsentEntry($0, today: today) }
    }

    /// Newest first.
    func page(
        of learner: EntityID<Learner>, after cursor: PageCursor?, limit: Int, today: CalendarDate
    ) async throws -> Page<ConsentEntry> {
        let rest: SQL = cursor.map { "AND (c.granted_at, c.id) < (\($0.at), \($0.id))" } ?? ""
        let rows = try await log.reader.query("""
            \(Self.entry)
             WHERE c.partition = \(learner.partition) AND c.learner = \(learner) \(rest)
             ORDER BY c.granted_at DESC, c.id DESC LIMIT \(limit + 1)
            """)
        return Page(try rows.map { try ConsentEntry($0, today: today) }, limit: limit) {
            PageCursor(at: $0.grantedAt, id: $0.consent.uuid)
        }
    }
}

extension ConsentEntry {
    fileprivate init(_ row: Row, today: CalendarDate) throws {
        let (id, learner, partner, purpose, types, until, revision, status, granted, withdrawn, open) = try row.decode(
            EntityID<Consent>.self, EntityID<Learner>.self, EntityID<Partner>.self, String.self, [EventType].self,
            CalendarDate?.self, String.self, String.self, Timestamp.self, Timestamp?.self, Bool.self)
        let current: ConsentStatus = switch status {
        case "withdrawn": open ? .draining : .effective
        case "expired": .expired
        default: until.map { $0 < today } == true ? .expired : .granted
        }
        self.init(
            consent: id, learner: learner, partner: partner, purpose: purpose, types: types, until: until,
            contractRevision: revision, status: current, grantedAt: granted, withdrawnAt: withdrawn)
    }
}
