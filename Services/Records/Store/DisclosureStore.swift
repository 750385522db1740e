import Domain
import EventLog
import Foundation
import ServiceKit
import Storage

extension DisclosureEntry.Outcome: PostgresRepresentable {}

/// The record of disclosures, and the one place where it is decided that something may leave.
///
/// A withdrawal is safe by two things together. The lock: an authorization holds the consent rows FOR SHARE until its
/// open rows are committed, so once the withdrawal has changed its row, every send that saw the grant is on record as
/// open. The drain: the withdrawal is called effective only when none of those is open any more. Either alone lets
/// bytes leave afterwards; the race test turns each off and sees it.
struct DisclosureStore: Sendable {
    /// How often an authorization is done again because the same disclosures were being opened by a repeat of it.
    static let triesMax = 3

    private let log: EventLog
    private let pairwise: PairwiseIDs
    /// Wakes withdrawals that wait for the last send.
    private let settled: FeedNews
    /// False only in the test that shows why it is true.
    var locksConsents = true
    /// Runs between looking at the consents and opening the disclosures; a test widens the race here.
    var hesitation: (@Sendable () async -> Void)?

    init(_ log: EventLog, pairwise: PairwiseIDs, settled: FeedNews) {
        self.log = log
        self.pairwise = pairwise
        self.settled = settled
    }

    // MARK: Authorizing

    private typealias Item = AuthorizeDisclosures.Item

    /// Decides on each item under the lock of its consent, and opens or refuses its row, in one transaction. An item
    /// whose row is there already keeps its verdict, except that what was settled is not allowed again.
    /// - Parameter today: the date in the state's zone.
    func authorize(
        _ items: [AuthorizeDisclosures.Item], sender: UUID, today: CalendarDate
    ) async throws -> [DisclosureVerdict] {
        for _ in 0..<Self.triesMax {
            guard let decisions = try await decideOnce(items, sender: sender, today: today) else { continue }
            var partners: [EntityID<Partner>: PairwiseIDs.OfPartner] = [:]
            return zip(items, decisions).map { item, decision in
                let ids = partners[item.partner] ?? pairwise.of(item.partner)
                partners[item.partner] = ids
                return DisclosureVerdict(item, decision, ids)
            }
        }
        throw Fault(.unavailable, "The same disclosures are being authorized elsewhere. Try again.")
    }

    /// Nil when another transaction opened some of the rows meanwhile.
    private func decideOnce(
        _ items: [Item], sender: UUID, today: CalendarDate
    ) async throws -> [DisclosureDecision]? {
        let questions = Questions(items)
        return try await log.pool.withTransaction { connection in
            let answers = try connection.execute(batch: [
                questions.live(locked: locksConsents), questions.past, Self.known(items),
            ])
            let live = try LiveConsent.byQuestion(answers[0])
            let past = try answers[1].decode((String?, Bool).self)
            let known = try KnownDisclosure.byItem(answers[2])
            var fresh: [(Item, DisclosureDecision)] = []
            let decisions = try items.indices.map { index in
                let item = items[index]
                if let known = known[index] { return try known.decision(on: item, sender: sender) }
                let question = questions.of(index)
                let decision = decide(
                    item, live: live[question], past: DisclosureRefusal(past: past[question].0),
                    told: past[question].1, today: today)
                fresh.append((item, decision))
                return decision
            }
            await hesitation?()
            if fresh.isEmpty { return decisions }
            let opened = try connection.commit(with: [Self.opening(fresh, sender: sender)])
            return opened[0].count == fresh.count ? decisions : nil
        }
    }

    private static func known(_ items: [Item]) -> SQL {
        """
        SELECT u.item, d.sender, d.partner, d.purpose, d.type, d.event, d.consent, d.basis, d.outcome
          FROM unnest(\(items.map(\.learner.partition)), \(items.map(\.learner)), \(items.map(\.disclosure)))
               WITH ORDINALITY u(partition, learner, id, item)
          JOIN disclosure d ON d.partition = u.partition AND d.learner = u.learner AND d.id = u.id
        """
    }

    /// In the order of the key, so that two repeats wait for each other rather than deadlock. An allowed row is open, a
    /// refused one settled at once.
    private static func opening(_ decided: [(Item, DisclosureDecision)], sender: UUID) -> SQL {
        let items = decided.map(\.0), decisions = decided.map(\.1)
        // unnest takes no arrays of different lengths, and no field name holds a control character.
        let fields = items.map { $0.fields.joined(separator: "\u{1F}") }
        return """
            INSERT INTO disclosure (partition, learner, id, partner, consent, purpose, type, event, fields, basis,
                                    outcome, sender, opened_at, settled_at)
            SELECT u.partition, u.learner, u.id, u.partner, u.consent, u.purpose, u.type, u.event,
                   string_to_array(u.fields, E'\\x1f'), u.basis, CASE WHEN u.refused THEN 'refused' ELSE 'open' END,
                   \(sender), t.now, CASE WHEN u.refused THEN t.now END
              FROM unnest(\(items.map(\.learner.partition)), \(items.map(\.learner)), \(items.map(\.disclosure)),
                          \(items.map(\.partner)), \(decisions.map(\.consent)), \(items.map(\.purpose)),
                          \(items.map(\.type)), \(items.map(\.event)), \(fields), \(decisions.map(\.basis)),
                          \(decisions.map { $0.refusal != nil }))
                   u(partition, learner, id, partner, consent, purpose, type, event, fields, basis, refused),
                   (SELECT clock_timestamp() AS now) t
             ORDER BY u.partition, u.learner, u.id
            ON CONFLICT DO NOTHING
            RETURNING id
            """
    }

    // MARK: Settling

    /// Closes what this sender opened; rows that are settled, or not its own, stay as they are.
    func settle(_ items: [SettleDisclosures.Item], sender: UUID) async throws {
        _ = try await log.pool.withTransaction { connection in
            try connection.commit(with: ["""
                WITH mine AS (
                  SELECT d.partition, d.learner, d.id, u.outcome
                    FROM unnest(\(items.map(\.learner.partition)), \(items.map(\.learner)), \(items.map(\.disclosure)),
                                \(items.map(\.outcome))) u(partition, learner, id, outcome)
                    JOIN disclosure d ON d.partition = u.partition AND d.learner = u.learner AND d.id = u.id
                   WHERE d.outcome = 'open' AND d.sender = \(sender)
                   ORDER BY d.partition, d.learner, d.id FOR UPDATE OF d)
                UPDATE disclosure d SET outcome = m.outcome, settled_at = GREATEST(clock_timestamp(), d.opened_at)
                  FROM mine m
                 WHERE d.partition = m.partition AND d.learner = m.learner AND d.id = m.id AND d.outcome = 'open'
                """])
        }
        settled.announce()
    }

    // MARK: Looking after the open ones

    /// Senders with disclosures open for longer than this, those with the oldest first; at most 64.
    func senders(openFor age: Duration) async throws -> [UUID] {
        try await log.reader.query("""
            SELECT sender FROM disclosure
             WHERE outcome = 'open' AND opened_at < clock_timestamp() - make_interval(secs => \(age.seconds))
             GROUP BY sender ORDER BY min(opened_at) LIMIT 64
            """).map { try $0.decode(UUID.self) }
    }

    /// Closes what a dead sender left open for longer than this: it may have left. At most 1000 at a time.
    /// - Returns: how many.
    func abandon(openFor age: Duration, by sender: UUID) async throws -> Int {
        let closed = try await log.pool.withTransaction { connection in
            try connection.commit(with: ["""
                WITH dead AS (
                  SELECT partition, learner, id FROM disclosure
                   WHERE outcome = 'open' AND sender = \(sender)
                     AND opened_at < clock_timestamp() - make_interval(secs => \(age.seconds))
                   ORDER BY partition, learner, id LIMIT 1000 FOR UPDATE SKIP LOCKED)
                UPDATE disclosure d SET outcome = 'unknown', settled_at = clock_timestamp()
                  FROM dead m
                 WHERE d.partition = m.partition AND d.learner = m.learner AND d.id = m.id AND d.outcome = 'open'
                """])[0].affected
        }
        if closed > 0 { settled.announce() }
        return closed
    }

    /// How many are open, and for how many seconds the oldest has been.
    func open() async throws -> (count: Int, oldestSeconds: Double) {
        let rows = try await log.reader.query("""
            SELECT count(*), COALESCE(EXTRACT(epoch FROM clock_timestamp() - min(opened_at)), 0)::float8
              FROM disclosure WHERE outcome = 'open'
            """)
        guard let row = rows.first else { return (0, 0) }
        let (count, seconds) = try row.decode(Int.self, Double.self)
        return (count, max(0, seconds))
    }

    // MARK: Reading

    /// One page, newest first, after having put this very reading on record.
    /// - Parameter reader: the subject who reads.
    func page(
        of learner: EntityID<Learner>, after cursor: PageCursor?, limit: Int, reader: String
    ) async throws -> Page<DisclosureEntry> {
        let rest: SQL = cursor.map { "AND (opened_at, id) < (\($0.at), \($0.id))" } ?? ""
        let rows = try await log.pool.withTransaction { connection in
            try connection.commit(with: [
                """
                INSERT INTO disclosure (partition, learner, id, purpose, fields, basis, outcome, opened_at, settled_at)
                SELECT \(learner.partition), \(learner), \(UUID.version7()), 'inspection', '{}', \(reader), 'inspected',
                       t.now, t.now
                  FROM (SELECT clock_timestamp() AS now) t
                """,
                """
                SELECT id, partner, consent, type, fields, purpose, basis, outcome, opened_at, settled_at
                  FROM disclosure
                 WHERE partition = \(learner.partition) AND learner = \(learner) \(rest)
                 ORDER BY opened_at DESC, id DESC LIMIT \(limit + 1)
                """,
            ])[1]
        }
        return Page(try rows.map(DisclosureEntry.init), limit: limit) {
            PageCursor(at: $0.at, id: $0.disclosure.uuid)
        }
    }
}

/// The consents that a batch asks about, each once, in the order in which they first come up.
private struct Questions: Sendable {
    private struct Question: Hashable {
        var learner: EntityID<Learner>
        var partner: EntityID<Partner>
        var purpose: String
        var isRetraction: Bool
    }

    private var asked: [Question] = []
    private var byItem: [Int] = []

    init(_ items: [AuthorizeDisclosures.Item]) {
        var places: [Question: Int] = [:]
        for item in items {
            let question = Question(learner: item.learner, partner: item.partner, purpose: item.purpose,
                isRetraction: item.type == FeedMessage.retraction)
            let place = places[question] ?? asked.count
            if place == asked.count { asked.append(question) }
            places[question] = place
            byItem.append(place)
        }
    }

    /// Which question an item asks, from 0.
    func of(_ item: Int) -> Int { byItem[item] }

    private var rows: SQL {
        """
        unnest(\(asked.map(\.learner.partition)), \(asked.map(\.learner)), \(asked.map(\.partner)),
               \(asked.map(\.purpose)), \(asked.map(\.isRetraction)))
          WITH ORDINALITY u(partition, learner, partner, purpose, is_retraction, question)
        """
    }

    /// The consents in force, locked in the order in which the group writer changes them. PostgreSQL looks again at a
    /// row that it had to wait for: one that was withdrawn meanwhile is not answered.
    func live(locked: Bool) -> SQL {
        """
        SELECT u.question, c.id, c.types, c.until
          FROM \(rows)
          JOIN consent c ON c.partition = u.partition AND c.learner = u.learner AND c.partner = u.partner
                        AND c.purpose = u.purpose
         WHERE c.status = 'granted'
         ORDER BY c.partition, c.id
         \(unescaped: locked ? "FOR SHARE OF c" : "")
        """
    }

    /// How the latest consent that is no longer in force ended, and, where that matters, whether anything was sent to
    /// the partner about this learner; a send that failed may have been read. One row for each question.
    var past: SQL {
        """
        SELECT (SELECT c.status FROM consent c
                 WHERE c.partition = u.partition AND c.learner = u.learner AND c.partner = u.partner
                   AND c.purpose = u.purpose AND c.status <> 'granted'
                 ORDER BY c.granted_at DESC, c.id DESC LIMIT 1),
               u.is_retraction AND EXISTS (
                 SELECT 1 FROM disclosure d
                  WHERE d.partition = u.partition AND d.learner = u.learner AND d.partner = u.partner
                    AND d.purpose = u.purpose AND d.outcome IN ('open', 'delivered', 'failed', 'unknown'))
          FROM \(rows) ORDER BY u.question
        """
    }
}

extension LiveConsent {
    fileprivate static func byQuestion(_ rows: Rows) throws -> [Int: LiveConsent] {
        var found: [Int: LiveConsent] = [:]
        for row in rows {
            let (question, id, types, until) = try row.decode(
                Int.self, EntityID<Consent>.self, [EventType].self, CalendarDate?.self)
            found[question - 1] = LiveConsent(id: id, types: Set(types), until: until)
        }
        return found
    }
}

extension DisclosureRefusal {
    fileprivate init(past status: String?) {
        self = switch status {
        case "withdrawn": .withdrawn
        case "expired": .expired
        default: .none
        }
    }
}

extension DisclosureDecision {
    fileprivate var consent: EntityID<Consent>? {
        switch self {
        case .allowed(let consent): consent
        case .refused(_, let consent): consent
        case .retraction: nil
        }
    }

    fileprivate static let consentBasis = "consent", retractionBasis = "retraction"

    fileprivate var basis: String {
        switch self {
        case .allowed: Self.consentBasis
        case .retraction: Self.retractionBasis
        case .refused(let reason, _): reason.rawValue
        }
    }

    fileprivate var refusal: DisclosureRefusal? { if case .refused(let reason, _) = self { reason } else { nil } }
}

/// A row that was there before.
private struct KnownDisclosure {
    var sender: UUID?
    var partner: EntityID<Partner>?
    var purpose: String
    var type: EventType?
    var event: UUID?
    var consent: EntityID<Consent>?
    var basis: String
    var outcome: DisclosureEntry.Outcome

    /// By the item's index.
    static func byItem(_ rows: Rows) throws -> [Int: KnownDisclosure] {
        var found: [Int: KnownDisclosure] = [:]
        for row in rows {
            let (item, sender, partner, purpose, type, event, consent, basis, outcome) = try row.decode(
                Int.self, UUID?.self, EntityID<Partner>?.self, String.self, EventType?.self, UUID?.self,
                EntityID<Consent>?.self, String.self, DisclosureEntry.Outcome.self)
            found[item - 1] = KnownDisclosure(
                sender: sender, partner: partner, purpose: purpose, type: type, event: event, consent: consent,
                basis: basis, outcome: outcome)
        }
        return found
    }

    /// What was decided then. Only an open row still allows: a settled one no longer holds a withdrawal back.
    func decision(on item: AuthorizeDisclosures.Item, sender: UUID) throws(Fault) -> DisclosureDecision {
        guard self.sender == sender, partner == item.partner, purpose == item.purpose, type == item.type,
              event == item.event
        else {
            throw .conflict("disclosure.reused", "This disclosure's id was used for something else. Take a new one.")
        }
        if outcome == .open {
            if let consent { return .allowed(consent) }
            if basis == DisclosureDecision.retractionBasis { return .retraction }
        }
        return .refused(DisclosureRefusal(rawValue: basis) ?? .settled, consent)
    }
}

extension DisclosureVerdict {
    fileprivate init(
        _ item: AuthorizeDisclosures.Item, _ decision: DisclosureDecision, _ ids: PairwiseIDs.OfPartner
    ) {
        switch decision {
        case .allowed, .retraction:
            self.init(
                disclosure: item.disclosure, allowed: true, consent: decision.consent, learner: ids.learner(item.learner),
                event: ids.event(item.event), references: item.references.map(ids.reference))
        case .refused(let reason, let consent):
            self.init(disclosure: item.disclosure, allowed: false, reason: reason.rawValue, consent: consent)
        }
    }
}

extension DisclosureEntry {
    fileprivate init(_ row: Row) throws {
        let (id, partner, consent, type, fields, purpose, basis, outcome, opened, settled) = try row.decode(
            EntityID<Disclosure>.self, EntityID<Partner>?.self, EntityID<Consent>?.self, EventType?.self, [String].self,
            String.self, String.self, Outcome.self, Timestamp.self, Timestamp?.self)
        self.init(
            disclosure: id, partner: partner, consent: consent, type: type, fields: fields, purpose: purpose,
            basis: basis, outcome: outcome, at: opened, settledAt: settled)
    }
}
