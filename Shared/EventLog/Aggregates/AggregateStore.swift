import Domain
import Foundation
import ServiceKit
import Storage

/// Loads and changes the aggregates of one kind.
///
///     try await assessments.update(command.assessment, context) { assessment in
///         try decide(assessment, command, at: context.now)
///     }
package struct AggregateStore<State: Aggregate>: Sendable {
    /// How often a decision is made again after a lost race.
    package static var triesMax: Int { 4 }

    package typealias ID = EntityID<State.Entity>
    /// What else changes in the same transaction. Every statement must carry the condition `applied`.
    package typealias Projection = @Sendable (_ after: State, _ events: [any Event], _ applied: SQL) -> [SQL]

    /// What a constraint of the schema means to a caller, by the constraint's name; nil for one that must never be met.
    package typealias Refusal = @Sendable (_ constraint: String) -> Fault?

    let log: EventLog
    let project: Projection
    let onConstraint: Refusal

    /// - Parameter onConstraint: for what only the schema can know, such as a key that is unique over all streams. The
    ///   unit that met it changes nothing, and those that shared its commit are unharmed.
    package init(
        _ log: EventLog, project: @escaping Projection = { _, _, _ in [] },
        onConstraint: @escaping Refusal = { _ in nil }
    ) {
        self.log = log
        self.onConstraint = onConstraint
        self.project = project
    }

    /// - Throws: `.notFound` when there is none.
    package func load(_ id: ID) async throws(Fault) -> State {
        guard let state = try await find(id) else { throw .notFound(State.noun) }
        return state
    }

    package func find(_ id: ID) async throws(Fault) -> State? { try await read(id, caller: "", key: "").state }

    /// Begins a new aggregate. Its id comes from (caller, key), so a retry meets the first try's.
    package func create<Reply>(
        _ id: ID, _ context: RequestContext, decide: () async throws -> Decision<Reply>
    ) async throws(Fault) -> Reply {
        try await change(id, context) { state in
            if state != nil { throw Fault.conflict("exists", "It exists already.") }
            return try await decide()
        }
    }

    /// Changes an aggregate that is there.
    package func update<Reply>(
        _ id: ID, _ context: RequestContext, decide: (State) async throws -> Decision<Reply>
    ) async throws(Fault) -> Reply {
        try await change(id, context) { state in
            guard let state else { throw Fault.notFound(State.noun) }
            return try await decide(state)
        }
    }

    /// Load, decide, append, answer. A key that was answered before gets its answer again before anything is decided;
    /// a lost race loads and decides anew.
    package func change<Reply>(
        _ id: ID, _ context: RequestContext, decide: (State?) async throws -> Decision<Reply>
    ) async throws(Fault) -> Reply {
        for _ in 0..<Self.triesMax {
            let loaded = try await read(id, caller: context.subject.id, key: context.key)
            if let prior = loaded.prior {
                guard prior.digest == context.digest else { throw .keyReused }
                context.answeredBefore()
                return try prior.answer.open()
            }
            let decision: Decision<Reply>
            do { decision = try await decide(loaded.state) } catch { throw Fault.internalError(error) }
            let stamp = EventStamp(context)
            guard let unit = unit(for: decision, on: loaded, id: id, stamp: stamp, digest: context.digest) else {
                return try decision.answer.get()
            }
            switch try await log.append(unit, onConstraint: onConstraint) {
            case .applied: return try decision.answer.get()
            case .conflict: continue
            case .done(let answer): return try answer.open()
            case .mismatch: throw .keyReused
            }
        }
        throw Fault(.conflict, "Others change this at the same time. Try again.", retry: .withSameKey)
    }

    /// Nil when there is nothing to keep: a decision without events on something that does not exist.
    func unit<Reply>(
        for decision: Decision<Reply>, on loaded: Loaded, id: ID, stamp: EventStamp, digest: [UInt8]
    ) -> AppendUnit? {
        var state = loaded.state
        for event in decision.events {
            if state == nil { state = State(event) } else { state?.evolve(event) }
        }
        guard let after = state else {
            precondition(decision.events.isEmpty, "\(decision.events) do not begin a \(State.kind)")
            return nil
        }
        let answer: StoredAnswer = switch decision.answer {
        case .success(let reply): .reply(reply)
        case .failure(let fault): .fault(fault)
        }
        return AppendUnit(
            stream: id.uuid, kind: State.kind, learner: after.learner?.uuid, expectedVersion: loaded.version,
            body: Wire.encode(after), caller: stamp.caller, key: stamp.key, digest: digest, answer: answer,
            events: decision.events.enumerated().map { stamp.event($1, number: $0) },
            projections: { project(after, decision.events, $0) })
    }

    struct Loaded {
        var state: State?
        var version: Int64
        var prior: (digest: [UInt8], answer: StoredAnswer)?

        init(_ rows: Rows) throws {
            guard let row = rows.first else { throw StorageError.decoding("a load answered no row") }
            let (version, body, digest, answer) = try row.decode(
                Int64?.self, PostgresJSON?.self, [UInt8]?.self, [UInt8]?.self)
            state = try body.map { try Wire.decode(State.self, from: $0.bytes) }
            self.version = version ?? 0
            prior = digest.map { ($0, StoredAnswer(bytes: answer ?? [])) }
        }
    }

    static func loading(_ id: ID, caller: String, key: String, lock: Bool = false) -> SQL {
        """
        SELECT a.version, a.body, i.digest, i.answer
          FROM (SELECT 1) one
          LEFT JOIN LATERAL (
            SELECT a.version, a.body FROM aggregate a
             WHERE a.partition = \(id.partition) AND a.id = \(id) AND a.kind = \(State.kind)
             \(unescaped: lock ? "FOR UPDATE" : "")) a ON true
          LEFT JOIN idempotency i
            ON i.partition = \(id.partition) AND i.stream = \(id) AND i.caller = \(caller) AND i.key = \(key)
        """
    }

    private func read(_ id: ID, caller: String, key: String) async throws(Fault) -> Loaded {
        do { return try Loaded(try await log.reader.query(Self.loading(id, caller: caller, key: key))) } catch {
            throw Fault.internalError(error)
        }
    }
}

/// Who, under which key, in which trace: what every event of one change carries.
package struct EventStamp: Sendable {
    package var caller: String
    package var key: String
    package var actor: String
    package var authority: String
    package var now: Timestamp
    package var causedBy: UUID?
    package var correlation: UUID?
    package var traceparent: String
    /// Gives the events of a reaction the same ids on every try; nil for commands.
    package var idSeed: String?

    init(_ context: RequestContext) {
        caller = context.subject.id
        key = context.key
        actor = context.subject.id
        authority = context.authority ?? ""
        now = context.now
        traceparent = context.trace.description
    }

    init(consumer: String, cause: EventEnvelope, key: String, now: Timestamp) {
        caller = "reaction:\(consumer)"
        self.key = key
        actor = caller
        authority = cause.authority
        self.now = now
        causedBy = cause.id
        correlation = cause.correlation ?? cause.id
        traceparent = TraceContext(cause.traceparent)?.child().description ?? ""
        idSeed = "\(consumer)\u{1F}\(key)"
    }

    func event(_ event: any Event, number: Int) -> NewEvent {
        NewEvent(
            id: idSeed.map { .derived("event", $0, String(number)) } ?? .version7(at: now),
            type: type(of: event).type, version: type(of: event).version, effectiveAt: event.effectiveAt ?? now,
            actor: actor, authority: authority, causedBy: causedBy, correlation: correlation,
            traceparent: traceparent, payload: Wire.encode(event))
    }
}

extension Fault {
    static let keyReused = Fault(
        .keyReused, "This idempotency key was used here for another request. Take a new key.")
}
