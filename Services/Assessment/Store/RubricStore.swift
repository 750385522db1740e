import Domain
import EventLog
import ServiceKit
import Storage

/// Rubrics: aggregates with all their versions. One version never changes, so it is read once and remembered.
struct RubricStore: Sendable {
    static let rememberedBytesMax = 8 << 20

    let aggregates: AggregateStore<RubricState>
    private let log: EventLog
    private let remembered = Remembered<Key, RubricVersion>(bytesMax: rememberedBytesMax)

    private struct Key: Hashable, Sendable {
        var rubric: EntityID<Rubric>
        var number: Int
    }

    init(_ log: EventLog) {
        self.log = log
        aggregates = AggregateStore(log)
    }

    /// How many versions there are, which is the number of the newest; nil when there is no such rubric.
    func newest(of rubric: EntityID<Rubric>) async throws(Fault) -> Int? {
        do {
            return try await log.reader.query("""
                SELECT jsonb_array_length(body->'versions')
                  FROM aggregate
                 WHERE partition = \(rubric.partition) AND id = \(rubric) AND kind = \(RubricState.kind)
                """).first.map { try $0.decode(Int.self) }
        } catch {
            throw Fault.internalError(error)
        }
    }

    /// - Parameter number: from 1.
    /// - Returns: nil when there is no such rubric or version.
    func version(_ number: Int, of rubric: EntityID<Rubric>) async throws(Fault) -> RubricVersion? {
        // A negative index would count from the end.
        guard (1...RubricState.versionsMax).contains(number) else { return nil }
        let key = Key(rubric: rubric, number: number)
        if let known = remembered[key] { return known }
        do {
            let rows = try await log.reader.query("""
                SELECT body->'versions'->\(Int32(number - 1))
                  FROM aggregate
                 WHERE partition = \(rubric.partition) AND id = \(rubric) AND kind = \(RubricState.kind)
                """)
            guard let row = rows.first else { return nil }
            let body: PostgresJSON? = try row.decode(PostgresJSON?.self)
            guard let body else { return nil }
            let version = try Wire.decode(RubricVersion.self, from: body.bytes)
            remembered.remember(version, for: key, bytes: body.bytes.count)
            return version
        } catch {
            throw Fault.internalError(error)
        }
    }
}
