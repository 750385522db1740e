import Domain
import Foundation
import Storage

/// One command's whole effect, as one conversation-free piece: new state guarded by the version it was decided on,
/// the row that makes repeating it harmless, the events, and what follows in other tables.
///
/// Many units share one commit (`GroupWriter`); a unit that lost its race changes nothing and harms no other.
package struct AppendUnit: GroupMember {
    package let partition: Partition
    package let stream: UUID
    package let kind: String
    package let learner: UUID?
    /// What the decision was made on.
    package let expected: StateVersion
    /// The state after the events, as JSON.
    package let body: [UInt8]
    /// Others that the decision relied on as they were; should one have changed, it is in conflict.
    let reliances: [Reliance]
    /// Whose key it is. A key's scope is caller + stream.
    package let caller: String
    package let key: String
    /// What tells the same command from another one under the same key.
    package let digest: [UInt8]
    package let answer: StoredAnswer
    package let events: [NewEvent]
    package let projections: [SQL]
    /// Names this very try, so that its events and projections follow only its own row.
    let command = UUID.version7()

    package init(
        stream: UUID, kind: String, learner: UUID?, expected: StateVersion, body: [UInt8],
        reliances: [Reliance] = [], caller: String, key: String, digest: [UInt8], answer: StoredAnswer,
        events: [NewEvent], projections: ((_ applied: SQL) -> [SQL])? = nil
    ) {
        self.partition = Partition(of: stream)
        self.stream = stream
        self.kind = kind
        self.learner = learner
        self.expected = expected
        self.body = body
        self.reliances = reliances
        self.caller = caller
        self.key = key
        self.digest = digest
        self.answer = answer
        self.events = events
        self.projections = projections?("applied(\(partition), \(stream), \(caller), \(key), \(command))") ?? []
    }

    /// What the stream is at once it is applied.
    var version: StateVersion {
        events.isEmpty ? expected : StateVersion(expected.number + Int64(events.count), by: command)
    }

    package var order: GroupOrder { GroupOrder(partition: partition.number, stream: stream) }

    package var statements: [SQL] { projections }

    package var size: Int {
        events.reduce(body.count + answer.bytes.count + 256) { $0 + $1.payload.count + 256 }
    }

    /// The first statement of every group: state and key of each unit, or neither. One row for each.
    package static func apply(_ units: [AppendUnit]) -> SQL {
        "SELECT outcome, answer FROM \(applying(units))"
    }

    /// Units in a transaction that goes on; what is not applied undoes it with `.serialization`. Their events come with
    /// `append`, the last statement before COMMIT.
    package static func expecting(_ units: [AppendUnit]) -> [SQL] {
        ["SELECT expect_applied(outcome) FROM \(applying(units))"] + units.flatMap(\.statements)
    }

    private static func applying(_ units: [AppendUnit]) -> SQL {
        let reliances = units.enumerated().flatMap { number, unit in unit.reliances.map { (Int32(number + 1), $0) } }
        return """
        apply_units(
          \(units.map(\.partition)), \(units.map(\.stream)), \(units.map(\.kind)), \(units.map(\.learner)),
          \(units.map(\.expected.number)), \(units.map { Int64($0.events.count) }),
          \(units.map { PostgresJSON(bytes: $0.body) }), \(units.map(\.caller)), \(units.map(\.key)),
          \(units.map(\.digest)), \(units.map(\.command)), \(units.map { $0.answer.bytes }), \(units.map(\.expected.command)),
          \(reliances.map { $0.0 }), \(reliances.map { $0.1.partition }), \(reliances.map { $0.1.id }),
          \(reliances.map { $0.1.version.number }), \(reliances.map { $0.1.version.command }))
        """
    }

    /// The last statement of every group: all events of all its applied units.
    package static func append(_ units: [AppendUnit]) -> SQL {
        var rows = EventColumns()
        for unit in units { rows.add(unit) }
        return rows.append
    }
}

/// What became of a unit.
package enum AppendOutcome: Sendable {
    case applied
    /// Another change came first: load and decide again.
    case conflict
    /// This key was answered before, for the same command.
    case done(StoredAnswer)
    /// This key was used for another command.
    case mismatch

    /// - Parameter row: a unit's of `AppendUnit.apply`.
    package init(_ row: Row) throws(StorageError) {
        let (word, answer) = try row.decode(String.self, [UInt8]?.self)
        switch word {
        case "applied": self = .applied
        case "conflict": self = .conflict
        case "done": self = .done(StoredAnswer(bytes: answer ?? []))
        default: self = .mismatch
        }
    }
}

/// An answer as it is kept for a repeated key: one byte that says reply (0) or fault (1), then its JSON.
package struct StoredAnswer: Sendable {
    package let bytes: [UInt8]

    init(bytes: [UInt8]) { self.bytes = bytes }

    package static func reply(_ reply: some Encodable) -> StoredAnswer { StoredAnswer(bytes: [0] + Wire.encode(reply)) }
    package static func fault(_ fault: Fault) -> StoredAnswer { StoredAnswer(bytes: [1] + Wire.encode(fault)) }

    /// - Throws: the fault that was answered the first time.
    package func open<Reply: Decodable>(_: Reply.Type = Reply.self) throws(Fault) -> Reply {
        let rest = Array(bytes.dropFirst())
        do {
            if bytes.first == 1 { throw try Wire.decode(Fault.self, from: rest) }
            return try Wire.decode(Reply.self, from: rest)
        } catch let fault as Fault { throw fault } catch {
            throw Fault(.internal, "The stored answer cannot be read.").withDetail(String(reflecting: error))
        }
    }
}

/// An event on its way into the log.
package struct NewEvent: Sendable {
    package var id: UUID
    package var type: EventType
    package var version: Int
    package var effectiveAt: Timestamp
    package var actor: String
    package var authority: String
    package var causedBy: UUID?
    package var correlation: UUID?
    package var traceparent: String
    package var payload: [UInt8]
}

/// The parallel arrays that `append` takes.
private struct EventColumns {
    private var partitions: [Partition] = [], streams: [UUID] = [], callers: [String] = [], keys: [String] = []
    private var commands: [UUID] = [], versions: [Int64] = [], ids: [UUID] = [], types: [String] = []
    private var schemas: [Int32] = [], learners: [UUID?] = [], effective: [Timestamp] = []
    private var actors: [String] = [], authorities: [String] = [], causes: [UUID?] = [], correlations: [UUID?] = []
    private var traces: [String] = [], payloads: [[UInt8]] = []

    mutating func add(_ unit: AppendUnit) {
        for (index, event) in unit.events.enumerated() {
            partitions.append(unit.partition)
            streams.append(unit.stream)
            callers.append(unit.caller)
            keys.append(unit.key)
            commands.append(unit.command)
            versions.append(unit.expected.number + Int64(index) + 1)
            ids.append(event.id)
            types.append(event.type.text)
            schemas.append(Int32(event.version))
            learners.append(unit.learner)
            effective.append(event.effectiveAt)
            actors.append(event.actor)
            authorities.append(event.authority)
            causes.append(event.causedBy)
            correlations.append(event.correlation)
            traces.append(event.traceparent)
            payloads.append(event.payload)
        }
    }

    var append: SQL {
        """
        SELECT o_appended, o_busy, o_recorded, o_partitions, o_epochs, o_positions, o_counts FROM append(
          \(partitions), \(streams), \(callers), \(keys), \(commands), \(versions), \(ids), \(types), \(schemas),
          \(learners), \(effective), \(actors), \(authorities), \(causes), \(correlations), \(traces), \(payloads),
          NULL)
        """
    }
}
