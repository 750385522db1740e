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
    /// How often a decision is made on what was read, before those who are quicker have won.
    package static var triesMax: Int { 4 }
    /// Of the stored JSON of what one store remembers.
    package static var rememberedBytesMax: Int { 16 << 20 }

    package typealias ID = EntityID<State.Entity>
    /// What else changes in the same transaction. Every statement must carry the condition `applied`.
    package typealias Projection = @Sendable (_ after: State, _ events: [any Event], _ applied: SQL) -> [SQL]

    /// What a constraint of the schema means to a caller, by the constraint's name; nil for one that must never be met.
    package typealias Refusal = @Sendable (_ constraint: String) -> Fault?

    let log: EventLog
    let project: Projection?
    let onConstraint: Refusal
    /// What this process read or wrote last of each; only a commit that checks version and command may be decided on it.
    private let memory = Remembered<ID, Remembrance>(bytesMax: rememberedBytesMax)

    private struct Remembrance: Sendable {
        var version: StateVersion
        var state: State
    }

    /// - Parameter onConstraint: for what only the schema can know, such as a key that is unique over all streams. The
    ///   unit that met it changes nothing, and those that shared its commit are unharmed.
    package init(
        _ log: EventLog, project: Projection? = nil,
        onConstraint: @escaping Refusal = { _ in nil }
    ) {
        self.log = log
        self.onConstraint = onConstraint
        self.project = project
    }

    /// - Throws: `.notFound` when there is none.
    package func load(_ id: ID) async throws(Fault) -> State {
        try Self.require(try await find(id))
    }

    package func find(_ id: ID) async throws(Fault) -> State? { try await read(id).state }

    /// Begins a new aggregate. Its id comes from (caller, key), so a retry meets the first try's.
    package func create<Reply>(
        _ id: ID, _ context: RequestContext, decide: () async throws -> Decision<Reply>
    ) async throws(Fault) -> Reply {
        try await change(id, context) { state in
            try Self.refuse(state)
            return try await decide()
        }
    }

    /// Changes an aggregate that is there.
    package func update<Reply>(
        _ id: ID, _ context: RequestContext, decide: (State) async throws -> Decision<Reply>
    ) async throws(Fault) -> Reply {
        try await change(id, context) { state in
            try await decide(Self.require(state))
        }
    }

    /// Load, decide, append, answer. A key that was answered before gets its answer again before anything is decided;
    /// a lost race loads and decides anew.
    package func change<Reply>(
        _ id: ID, _ context: RequestContext, decide: (State?) async throws -> Decision<Reply>
    ) async throws(Fault) -> Reply {
        try await change(id, context, assuming: nil, remembering: false) { state, _ in try await decide(state) }
    }

    private static func refuse(_ state: State?) throws(Fault) {
        if state != nil { throw .conflict("exists", "It exists already.") }
    }

    private static func require(_ state: State?) throws(Fault) -> State {
        guard let state else { throw .notFound(State.noun) }
        return state
    }

    // MARK: Without reading first

    /// Begins a new aggregate as `create` does, on the assumption that it is not there and the key is fresh.
    /// - Parameter decide: without effects of its own, since what was decided on an assumption may be dropped. What it
    ///   needs of other aggregates it takes from the lookups.
    package func create<Reply>(
        _ id: ID, _ context: RequestContext, decide: (Lookups) async throws -> Decision<Reply>
    ) async throws(Fault) -> Reply {
        try await change(id, context, assuming: .absent, remembering: true) { state, lookups in
            try Self.refuse(state)
            return try await decide(lookups)
        }
    }

    /// Changes an aggregate as `update` does, on the assumption that it is as this process remembers it.
    /// - Parameter decide: as for `create`.
    package func update<Reply>(
        _ id: ID, _ context: RequestContext, decide: (State, Lookups) async throws -> Decision<Reply>
    ) async throws(Fault) -> Reply {
        try await change(id, context, assuming: remembered(id), remembering: true) { state, lookups in
            try await decide(Self.require(state), lookups)
        }
    }

    /// What is assumed need not be true: the commit refuses what was decided on another version, and answers a key that
    /// was answered before. A refusal, and a decision with nothing to commit, are made again on what was read.
    private func change<Reply>(
        _ id: ID, _ context: RequestContext, assuming assumed: Loaded?, remembering: Bool,
        decide: (State?, Lookups) async throws -> Decision<Reply>
    ) async throws(Fault) -> Reply {
        var assumed = assumed
        for _ in 0..<Self.triesMax + (assumed == nil ? 0 : 1) {
            let isAssumed = assumed != nil
            let loaded = if let assumed { assumed } else {
                try await read(id, caller: context.subject.id, key: context.key)
            }
            assumed = nil
            if let prior = loaded.prior {
                guard context.isAnswered(under: prior.digest) else { throw .keyReused }
                context.answeredBefore()
                return try prior.answer.open()
            }
            let lookups = Lookups(trustsMemory: isAssumed), decision: Decision<Reply>
            do { decision = try await decide(loaded.state, lookups) } catch {
                if isAssumed { continue }
                throw Fault.internalError(error)
            }
            guard let (unit, after) = unit(
                for: decision, on: loaded, id: id, stamp: EventStamp(context), digest: context.digest,
                relying: lookups.reliances)
            else {
                if isAssumed { continue }
                return try decision.answer.get()
            }
            switch try await log.append(unit, onConstraint: onConstraint) {
            case .applied:
                if remembering { remember(after, version: unit.version, bytes: unit.body.count, of: id) }
                return try decision.answer.get()
            // Of a key that was used, what was read next says for which command.
            case .conflict, .mismatch: memory.forget(id)
            case .done(let answer): return try answer.open()
            }
        }
        throw Fault(.conflict, "Others change this at the same time. Try again.", retry: .withSameKey)
    }

    /// Nil when there is nothing to keep: a decision without events on something that does not exist.
    func unit<Reply>(
        for decision: Decision<Reply>, on loaded: Loaded, id: ID, stamp: EventStamp, digest: [UInt8],
        relying reliances: [Reliance] = []
    ) -> (unit: AppendUnit, after: State)? {
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
        let unit = AppendUnit(
            stream: id.uuid, kind: State.kind, learner: after.learner?.uuid, expected: loaded.version,
            body: Wire.encode(after), reliances: reliances, caller: stamp.caller, key: stamp.key, digest: digest,
            answer: answer, events: decision.events.enumerated().map { stamp.event($1, number: $0) },
            projections: project.map { project in { project(after, decision.events, $0) } })
        return (unit, after)
    }

    /// An aggregate as it was read, or as it is assumed to be.
    package struct Loaded {
        var state: State?
        var version: StateVersion
        var prior: (digest: [UInt8], answer: StoredAnswer)?
        /// Of the stored JSON.
        var bytes = 0

        package init(state: State, version: StateVersion) {
            self.state = state
            self.version = version
        }

        /// Nothing of it is there.
        package static var absent: Loaded { Loaded() }

        private init() { version = StateVersion(0) }

        init(_ rows: Rows) throws {
            guard let row = rows.first else { throw StorageError.decoding("a load answered no row") }
            let (version, command, body, digest, answer) = try row.decode(
                Int64?.self, UUID?.self, PostgresJSON?.self, [UInt8]?.self, [UInt8]?.self)
            state = try body.map { try Wire.decode(State.self, from: $0.bytes) }
            self.version = StateVersion(version ?? 0, by: command)
            bytes = body?.bytes.count ?? 0
            prior = digest.map { ($0, StoredAnswer(bytes: answer ?? [])) }
        }
    }

    static func loading(_ id: ID, caller: String, key: String, lock: Bool = false) -> SQL {
        """
        SELECT a.version, a.command, a.body, i.digest, i.answer
          FROM (SELECT 1) one
          LEFT JOIN LATERAL (
            SELECT a.version, a.command, a.body FROM aggregate a
             WHERE a.partition = \(id.partition) AND a.id = \(id) AND a.kind = \(State.kind)
             \(unescaped: lock ? "FOR UPDATE" : "")) a ON true
          LEFT JOIN idempotency i
            ON i.partition = \(id.partition) AND i.stream = \(id) AND i.caller = \(caller) AND i.key = \(key)
        """
    }

    private func read(_ id: ID, caller: String = "", key: String = "") async throws(Fault) -> Loaded {
        do { return try Loaded(try await log.reader.query(Self.loading(id, caller: caller, key: key))) } catch {
            throw Fault.internalError(error)
        }
    }

    /// As a decision may assume it, or as it is now.
    func lookUp(_ id: ID, trustingMemory: Bool) async throws(Fault) -> Loaded {
        if trustingMemory, let known = remembered(id) { return known }
        // Whatever is remembered was not good enough; it may even be of a later version that a failover has lost.
        memory.forget(id)
        let loaded = try await read(id)
        if let state = loaded.state { remember(state, version: loaded.version, bytes: loaded.bytes, of: id) }
        return loaded
    }

    private func remembered(_ id: ID) -> Loaded? { memory[id].map { Loaded(state: $0.state, version: $0.version) } }

    private func remember(_ state: State, version: StateVersion, bytes: Int, of id: ID) {
        if let known = memory[id], known.version.number >= version.number { return }
        memory.remember(Remembrance(version: version, state: state), for: id, bytes: bytes)
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
