import Domain

/// The state that a decision is made on. It follows from its events alone: `init` from the first, `evolve` by the rest.
package protocol Aggregate: Codable, Sendable {
    associatedtype Entity
    /// Names the aggregate in the table; never changes.
    static var kind: String { get }
    /// What a caller would call it: "There is no such <noun>."
    static var noun: String { get }
    /// Whose it is; nil for what concerns no single learner. Its id then shares the learner's partition.
    var learner: EntityID<Learner>? { get }
    /// Nil when the event does not begin such an aggregate.
    init?(_ event: any Event)
    mutating func evolve(_ event: any Event)
}

extension Aggregate {
    package var learner: EntityID<Learner>? { nil }
    package static var noun: String { kind.replacing("_", with: " ") }
}

/// What a decision says: what happened, and what the caller hears.
package struct Decision<Reply: Codable & Sendable>: Sendable {
    package let events: [any Event]
    package let answer: Result<Reply, Fault>

    /// - Parameter events: none when nothing changes; the answer is then kept under the key all the same.
    package init(_ events: [any Event], reply: Reply) {
        self.events = events
        answer = .success(reply)
    }

    /// A refusal that is itself on record: the events are kept, the caller hears the fault, now and on every repeat.
    package init(_ events: [any Event], refusal: Fault) {
        self.events = events
        answer = .failure(refusal)
    }
}

extension Decision where Reply == Done {
    package init(_ events: [any Event]) { self.init(events, reply: Done()) }
}
