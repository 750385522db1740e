import Foundation

/// Events that a consumer could not digest, and those of the same learner that wait behind them. Every service answers
/// this about itself, as `<service>.list_parked`.
package struct ListParked: Query {
    package static let name: RequestName = "any.list_parked"
    package typealias Reply = Page<ParkedEntry>
    package init() {}
}

package struct ParkedEntry: Codable, Sendable, Hashable {
    package var consumer: String
    package var event: EntityID<ParkedEntry>
    package var type: EventType
    /// The learner (or stream) that stands still.
    package var owner: EntityID<ParkedEntry>
    /// Why it could not be handled; `behind` for one that only waits.
    package var reason: String
    package var attempts: Int
    package var parkedAt: Timestamp

    package init(consumer: String, event: EntityID<ParkedEntry>, type: EventType, owner: EntityID<ParkedEntry>,
                 reason: String, attempts: Int, parkedAt: Timestamp) {
        self.consumer = consumer
        self.event = event
        self.type = type
        self.owner = owner
        self.reason = reason
        self.attempts = attempts
        self.parkedAt = parkedAt
    }
}

/// Tries a parked event (and those behind it) again, or skips it for good. Either is kept in an audit table.
package struct ReleaseParked: Command {
    package static let name: RequestName = "any.release_parked"
    package enum Action: String, Codable, CaseIterable, Sendable { case retry, skip }

    package var consumer: String
    package var event: EntityID<ParkedEntry>
    package var action: Action
    /// 1...1000 characters.
    package var reason: String

    package struct Reply: Codable, Sendable, Hashable {
        /// How many events were handled or skipped.
        package var released: Int
        package init(released: Int) { self.released = released }
    }

    package init(consumer: String, event: EntityID<ParkedEntry>, action: Action, reason: String) {
        self.consumer = consumer
        self.event = event
        self.action = action
        self.reason = reason
    }
}
