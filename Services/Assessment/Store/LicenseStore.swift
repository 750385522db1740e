import Domain
import EventLog
import ServiceKit
import Storage

/// Licenses: aggregates, read afresh for every judgment.
struct LicenseStore: Sendable {
    static let rememberedBytesMax = 4 << 20

    let aggregates: AggregateStore<LicenseState>
    private let log: EventLog
    private let remembered = Remembered<EntityID<License>, Reading>(bytesMax: rememberedBytesMax)

    private struct Reading: Sendable {
        var version: Int64
        var license: LicenseState
    }

    init(_ log: EventLog) {
        self.log = log
        aggregates = AggregateStore(log)
    }

    /// The license as it is now; nil when there is none. The database is asked each time, but sends and we decode the
    /// whole of it only when it is another version than the one read last.
    func current(_ id: EntityID<License>) async throws(Fault) -> LicenseState? {
        let known = remembered[id]
        do {
            let rows = try await log.reader.query("""
                SELECT version, CASE WHEN version = \(known?.version) THEN NULL ELSE body END
                  FROM aggregate
                 WHERE partition = \(id.partition) AND id = \(id) AND kind = \(LicenseState.kind)
                """)
            guard let row = rows.first else { return nil }
            let (version, body) = try row.decode(Int64.self, PostgresJSON?.self)
            guard let body else { return known?.license }
            let license = try Wire.decode(LicenseState.self, from: body.bytes)
            remembered.remember(Reading(version: version, license: license), for: id, bytes: body.bytes.count)
            return license
        } catch {
            throw Fault.internalError(error)
        }
    }
}
