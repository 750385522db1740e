import Domain
import EventLog
import Foundation
import Storage

/// One entry of a subscription's feed, with the event it stands for.
struct FeedItem: Sendable, Hashable {
    enum Kind: String, PostgresRepresentable {
        case event
        case backfillStarted = "backfill_started"
        case backfillCompleted = "backfill_completed"
        case retraction
    }

    var subscription: EntityID<Subscription>
    var sequence: Int64
    var kind: Kind
    var learner: EntityID<Learner>
    /// The event's own id, or one of the item's own; inside only.
    var id: UUID
    /// The type whose consent lets it leave; nil for a retraction.
    var covers: EventType?
    /// Of a completed backfill.
    var count: Int?
    /// A retraction took it back: it leaves no more, whatever was consented to since.
    var isRetracted: Bool
    var createdAt: Timestamp
    /// Nil for what is no learner's event.
    var event: LearnerEvent?
}

/// What of an event's envelope leaves with it, and its payload.
struct LearnerEvent: Sendable, Hashable {
    var type: EventType
    var version: Int
    var effectiveAt: Timestamp
    var recordedAt: Timestamp
    var payload: [UInt8]
}

extension FeedItem {
    /// `i` is feed_item, `e` learner_event, joined from the left.
    static let columns: SQL = """
        i.subscription, i.seq, i.kind, i.learner, i.event, i.covers, i.count, i.retracted_by IS NOT NULL, i.created_at,
        e.type, e.schema_version, e.effective_at, e.recorded_at, e.payload
        """
    static let event: SQL = """
        LEFT JOIN learner_event e ON i.kind = 'event' AND e.partition = i.partition AND e.event = i.event
        """

    /// - Parameter skipped: how many columns stand before these.
    init(_ row: Row, after skipped: Int = 0) throws {
        let (subscription, sequence, kind, learner, id, covers, count, retracted, created, type, version, effective,
             recorded, payload) = try row.part(
            after: skipped, EntityID<Subscription>.self, Int64.self, Kind.self, EntityID<Learner>.self, UUID.self,
            EventType?.self, Int?.self, Bool.self, Timestamp.self, EventType?.self, Int?.self, Timestamp?.self,
            Timestamp?.self, [UInt8]?.self)
        self.init(
            subscription: subscription, sequence: sequence, kind: kind, learner: learner, id: id, covers: covers,
            count: count, isRetracted: retracted, createdAt: created, event: nil)
        if let type, let version, let effective, let recorded, let payload {
            event = LearnerEvent(
                type: type, version: version, effectiveAt: effective, recordedAt: recorded, payload: payload)
        }
    }
}

/// Whom a feed is for, and what for: the two things that consent is about.
struct FeedTerms: Sendable, Hashable {
    var partner: EntityID<Partner>
    var purpose: String
}
