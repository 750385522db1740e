import Domain
import EventLog
import Foundation
import ServiceKit
import Storage

struct GetSubscriptionHandler: RequestHandler {
    let subscriptions: Subscriptions
    let feeds: FeedStore

    func handle(_ query: GetSubscription, _ context: RequestContext) async throws(Fault) -> SubscriptionEntry {
        let state = try await subscriptions.store.load(query.subscription)
        try context.authorize(state.facts)
        do {
            let head = try await feeds.head(of: state.id)
            let backlog = try await feeds.backlog(of: state.id)
            return SubscriptionEntry(
                subscription: state.id, partner: state.partner, types: state.types, purpose: state.purpose,
                webhook: state.webhook, status: state.status, head: String(head), waiting: backlog.waiting,
                parked: backlog.parked)
        } catch { throw Fault.internalError(error) }
    }
}

struct GetSubscriptionSecretHandler: RequestHandler {
    let subscriptions: Subscriptions
    let signing: SigningKey

    func handle(
        _ query: GetSubscriptionSecret, _ context: RequestContext
    ) async throws(Fault) -> GetSubscriptionSecret.Reply {
        let state = try await subscriptions.store.load(query.subscription)
        try context.authorize(state.facts)
        return GetSubscriptionSecret.Reply(secret: signing.secret(of: state.id).text)
    }
}

/// Whether a sending process still holds its lock. Asked by records before it closes what that process had open.
struct CheckSenderHandler: RequestHandler {
    let log: EventLog

    func handle(_ query: CheckSender, _ context: RequestContext) async throws(Fault) -> CheckSender.Reply {
        try context.authorize(.none)
        do { return CheckSender.Reply(alive: try await Incarnation.isHeld(query.sender, in: log)) } catch {
            throw Fault.internalError(error)
        }
    }
}

/// A feed's items, newest first, with what became of each.
struct ListDeliveriesHandler: RequestHandler {
    let subscriptions: Subscriptions
    let log: EventLog

    func handle(_ query: ListDeliveries, _ context: RequestContext) async throws(Fault) -> Page<DeliveryEntry> {
        let state = try await subscriptions.store.load(query.subscription)
        try context.authorize(state.facts)
        let limit = try Limits.page(query.limit)
        var before = Int64.max
        if let cursor = query.cursor { before = try Cursor.open(cursor, as: Int64.self) }
        do {
            var entries = try await entries(of: state.id, before: before, limit: limit + 1)
            let more = entries.count > limit
            if more { entries.removeLast() }
            return Page(items: entries, next: more ? entries.last.flatMap { Int64($0.sequence) }.map(Cursor.seal) : nil)
        } catch { throw Fault.internalError(error) }
    }

    /// What is settled has no work left: then the last attempt says how it ended, or for a feed without webhook whether
    /// it was ever read. What has not left is not named: that it happened is the learner's, and records decides on it.
    private func entries(
        of subscription: EntityID<Subscription>, before: Int64, limit: Int
    ) async throws -> [DeliveryEntry] {
        try await log.reader.query("""
            SELECT i.seq, i.kind, COALESCE(i.covers, ''), w.seq IS NOT NULL, COALESCE(l.state = 'parked' AND w.first, false),
                   CASE WHEN w.first THEN l.not_before END, p.at, COALESCE(t.n, 0), a.outcome, a.status, a.error, a.ended_at
              FROM feed_item i
              LEFT JOIN LATERAL (
                SELECT w.seq, NOT EXISTS (
                         SELECT 1 FROM work o WHERE o.partition = w.partition AND o.learner = w.learner
                                                AND o.subscription = w.subscription AND o.seq < w.seq) AS first
                  FROM work w
                 WHERE w.partition = i.partition AND w.learner = i.learner AND w.subscription = i.subscription
                   AND w.seq = i.seq) w ON true
              LEFT JOIN line l ON l.partition = i.partition AND l.learner = i.learner
                              AND l.subscription = i.subscription
              LEFT JOIN pairwise p ON p.partition = i.partition AND p.learner = i.learner
                                  AND p.subscription = i.subscription AND p.seq = i.seq
              LEFT JOIN LATERAL (
                SELECT count(*) AS n FROM attempt t WHERE t.subscription = i.subscription AND t.seq = i.seq) t ON true
              LEFT JOIN LATERAL (
                SELECT a.outcome, a.status, a.error, a.ended_at FROM attempt a
                 WHERE a.subscription = i.subscription AND a.seq = i.seq
                 ORDER BY a.ended_at DESC LIMIT 1) a ON true
             WHERE i.subscription = \(subscription) AND i.seq < \(before)
             ORDER BY i.seq DESC LIMIT \(limit)
            """).map { row in
            let (sequence, kind, covers, owed, parked, next, read, attempts, outcome, status, error, ended) =
                try row.decode(
                    Int64.self, FeedItem.Kind.self, EventType.self, Bool.self, Bool.self, Timestamp?.self,
                    Timestamp?.self, Int.self, AttemptRecord.Outcome?.self, Int?.self, String?.self, Timestamp?.self)
            let delivered = outcome == .delivered ? ended : outcome == nil ? read : nil
            let state: DeliveryEntry.Status =
                parked ? .parked : owed ? .waiting : outcome == .withheld ? .withheld
                    : delivered == nil ? .waiting : .delivered
            let isNamed = read != nil || kind == .retraction
            return DeliveryEntry(
                sequence: String(sequence), type: isNamed ? kind.type(covers) : FeedMessage.withheld, status: state, attempts: attempts,
                lastStatus: status, lastError: error, nextAttemptAt: state == .waiting ? next : nil,
                deliveredAt: state == .delivered ? delivered : nil)
        }
    }
}

extension FeedItem.Kind {
    func type(_ covers: EventType) -> EventType {
        switch self {
        case .event: covers
        case .backfillStarted: FeedMessage.backfillStarted
        case .backfillCompleted: FeedMessage.backfillCompleted
        case .retraction: FeedMessage.retraction
        }
    }
}

struct ListSupportCasesHandler: RequestHandler {
    let cases: SupportCases

    func handle(_ query: ListSupportCases, _ context: RequestContext) async throws(Fault) -> Page<SupportCaseEntry> {
        try context.authorize(.organization(query.organization))
        let limit = try Limits.page(query.limit)
        var after: SupportCases.Place?
        if let cursor = query.cursor { after = try Cursor.open(cursor, as: SupportCases.Place.self) }
        do {
            let found = try await cases.list(
                query.organization, status: query.status, after: after, limit: limit + 1)
            // A case may tell of needs in some 400 KiB.
            let page = ReplyPage.fitting(found.prefix(limit)) { Wire.encode($0.entry).count }
            let next = page.count < found.count ? page.last.map { Cursor.seal($0.place) } : nil
            return Page(items: page.map(\.entry), next: next)
        } catch { throw Fault.internalError(error) }
    }
}

/// An opaque place in a list: the last key, as base64url of its JSON.
enum Cursor {
    static func seal(_ key: some Encodable) -> String {
        Data(Wire.encode(key)).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    static func open<Key: Decodable>(_ text: String, as _: Key.Type) throws(Fault) -> Key {
        var base64 = text.replacing("-", with: "+").replacing("_", with: "/")
        base64 += String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
        guard text.utf8.count <= 500, let data = Data(base64Encoded: base64),
              let key = try? Wire.decode(Key.self, from: Array(data))
        else { throw .invalid("/cursor", "cursor", "is none that this list gave out") }
        return key
    }
}
