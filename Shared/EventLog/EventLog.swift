import Domain
import Logging
import ServiceKit
import Storage

/// One service's durable side: its aggregates and events in PostgreSQL, behind three doors. `append` is the only way in.
package final class EventLog: Sendable {
    /// The service, which is also the schema and the source of its events.
    package let source: String
    /// Point and list reads, pipelined.
    package let reader: Reader
    /// Leased connections for work on several streams, reactions, imports and migrations.
    package let pool: ConnectionPool
    /// Wakes whoever waits for events of this process.
    package let news = FeedNews()
    let view = FeedView()
    /// Says here and on the wire that events of these partitions may be there.
    let published: @Sendable ([Partition]) -> Void
    /// The same of what a transaction of ours has committed: its applied units, and the answer of `AppendUnit.append`.
    let committed: @Sendable ([AppendUnit], Rows?) -> Void
    let sequencer: Sequencer
    let logger: Logger
    /// Groups under way at once. A partition always takes the same way, so they neither wait for one another's rows
    /// nor find each other's partitions being numbered. The second begins beside the first only when many wait.
    private let writers: [GroupWriter<AppendUnit>]
    private static let writersCount = 2

    /// - Parameters:
    ///   - onCommit: called after each commit that may have published events; must not block.
    ///   - sequencerRest: between two looks of the background sequencer, where no standby must confirm. Whoever leaves an
    ///     event pending kicks its own, so only what a dying process left is found by looking.
    package init(
        _ configuration: DatabaseConfiguration, source: String, leases: Int = 4, logger: Logger,
        sequencerRest: Duration = .milliseconds(500),
        onCommit: @escaping @Sendable () -> Void
    ) {
        self.source = source
        self.logger = logger
        reader = Reader(configuration, logger: logger)
        let pool = ConnectionPool(configuration, size: leases + 1, logger: logger)
        self.pool = pool
        let news = news, view = view
        let published: @Sendable ([Partition]) -> Void = { partitions in
            view.changed(partitions)
            news.announce()
            onCommit()
        }
        self.published = published
        let sequencer = Sequencer(pool: pool, logger: logger, rest: sequencerRest, onPublish: { published(Partition.all) })
        self.sequencer = sequencer
        let committed: @Sendable ([AppendUnit], Rows?) -> Void = { units, rows in
            guard let row = rows?.first, let appended = try? Appended(row) else { return published(units.map(\.partition)) }
            // Another process was numbering a partition of ours, so some events are pending.
            if appended.busy > 0 { sequencer.kick() }
            if appended.count == 0 { return }
            view.committed(appended, units)
            news.announce()
            onCommit()
        }
        self.committed = committed
        let turns = WriterTurns()
        writers = (0..<Self.writersCount).map { _ in
            GroupWriter(
                configuration, turns: turns, logger: logger, opening: AppendUnit.apply, closing: AppendUnit.append,
                afterCommit: { units, outcomes, appended in
                    committed(zip(units, outcomes).compactMap { unit, row in
                        if case .applied? = try? AppendOutcome(row) { unit } else { nil }
                    }, appended)
                })
        }
    }

    /// Commits one unit together with others that are under way.
    /// - Parameter onConstraint: what a violated constraint means to the caller, by its name; nil makes it internal.
    package func append(
        _ unit: AppendUnit, onConstraint: (String) -> Fault? = { _ in nil }
    ) async throws(Fault) -> AppendOutcome {
        do throws(StorageError) { return try AppendOutcome(try await writer(for: unit).submit(unit)) } catch {
            // The same request came by another replica at once and changed no version: its answer is there now.
            if case .constraint("idempotency_pkey", _, _) = error { return .conflict }
            if case .constraint(let name, _, _) = error, let refusal = onConstraint(name) { throw refusal }
            throw error.fault
        }
    }

    private func writer(for unit: AppendUnit) -> GroupWriter<AppendUnit> {
        writers[Int(unit.partition.number) % writers.count]
    }

    package var writerStatistics: GroupWriterStatistics { writers.map(\.stats).reduce(.init(), +) }

    /// Numbers what nobody else numbers; runs until cancelled or shut down.
    package func runSequencer() async { await sequencer.run() }

    /// Deletes what has been kept long enough; runs until cancelled.
    package func runSweeper() async { await Sweeper(pool: pool, logger: logger).run() }

    /// Ends the doors, in-flight work first.
    package func close() async {
        for writer in writers { await writer.close() }
        await reader.close()
        await pool.close()
    }

    /// The log's own migration, which comes before the service's.
    package static var migrations: [Migration] {
        [
            Migration(name: "e0001_event_log", sql: String(decoding: PackageResources.e0001_event_log_sql, as: UTF8.self)),
            Migration(
                name: "e0002_apply_units", sql: String(decoding: PackageResources.e0002_apply_units_sql, as: UTF8.self)),
            Migration(
                name: "e0003_quick_looks", sql: String(decoding: PackageResources.e0003_quick_looks_sql, as: UTF8.self)),
            Migration(
                name: "e0004_less_reading", sql: String(decoding: PackageResources.e0004_less_reading_sql, as: UTF8.self)),
            Migration(
                name: "e0005_audit_kept", sql: String(decoding: PackageResources.e0005_audit_kept_sql, as: UTF8.self)),
            Migration(
                name: "e0006_same_state", sql: String(decoding: PackageResources.e0006_same_state_sql, as: UTF8.self)),
        ]
    }
}
