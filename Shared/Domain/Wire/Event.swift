import Foundation

/// Something that happened, in the past tense. Types are dotted snake case, owner first
/// (`records.attainment_recorded`); a published type never changes its meaning, a new meaning is a new version.
package protocol Event: Codable, Sendable {
    static var type: EventType { get }
    /// Counts up when the shape changes in a way that an old reader would misread.
    static var version: Int { get }
    /// When it took effect, where that differs from when it was recorded.
    var effectiveAt: Timestamp? { get }
}

extension Event {
    package static var version: Int { 1 }
    package var effectiveAt: Timestamp? { nil }
}

package struct EventType: Hashable, Sendable, Codable, Comparable, ExpressibleByStringLiteral, CustomStringConvertible {
    package let text: String
    package init(_ text: String) { self.text = text }
    package init(stringLiteral text: String) { self.text = text }
    package var description: String { text }
    package var source: String { String(text.prefix { $0 != "." }) }

    package init(from decoder: any Decoder) throws {
        text = try decoder.singleValueContainer().decode(String.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    package static func < (one: Self, other: Self) -> Bool { one.text < other.text }
}

/// An event as the log keeps it and the feed carries it. The payload stays raw bytes until somebody needs it.
package struct EventEnvelope: Sendable, Hashable {
    package var id: UUID
    package var type: EventType
    package var version: Int
    package var partition: Partition
    /// Gapless within (source, partition), from 1; 0 while not yet read from the feed.
    package var position: Int64
    package var stream: UUID
    package var streamVersion: Int64
    /// The learner whose event this is; nil for what concerns no single learner.
    package var learner: EntityID<Learner>?
    package var effectiveAt: Timestamp
    package var recordedAt: Timestamp
    /// Who did it: a subject id, or `reaction:<consumer>`.
    package var actor: String
    /// The license, decision, grant or role under which it was done.
    package var authority: String
    package var causedBy: UUID?
    package var correlation: UUID?
    package var traceparent: String
    /// The data key that encrypts the payload; nil while payloads are plain (ARCHITECTURE §3.10).
    package var keyID: UUID?
    /// The event's JSON.
    package var payload: [UInt8]

    package init(
        id: UUID, type: EventType, version: Int, partition: Partition, position: Int64, stream: UUID,
        streamVersion: Int64, learner: EntityID<Learner>?, effectiveAt: Timestamp, recordedAt: Timestamp,
        actor: String, authority: String, causedBy: UUID?, correlation: UUID?, traceparent: String,
        keyID: UUID? = nil, payload: [UInt8]
    ) {
        self.id = id
        self.type = type
        self.version = version
        self.partition = partition
        self.position = position
        self.stream = stream
        self.streamVersion = streamVersion
        self.learner = learner
        self.effectiveAt = effectiveAt
        self.recordedAt = recordedAt
        self.actor = actor
        self.authority = authority
        self.causedBy = causedBy
        self.correlation = correlation
        self.traceparent = traceparent
        self.keyID = keyID
        self.payload = payload
    }

    /// The service whose log holds it.
    package var source: String { type.source }

    /// The event itself.
    /// - Throws: `DecodingError` when the payload is of another type or version.
    package func decode<E: Event>(_: E.Type = E.self) throws -> E { try Wire.decode(E.self, from: payload) }
}
