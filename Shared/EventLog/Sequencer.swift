import Domain
import Logging
import Storage

/// The background sequencer: every replica runs one, none is leader. It numbers events that were left pending because
/// another process held their partition's lock, and where a synchronous standby must confirm positions, it confirms them.
final class Sequencer: Sendable {
    /// Between two looks while positions wait for a standby's confirmation or for whoever has their lock, and after a
    /// failure.
    static let interval = Duration.milliseconds(50)
    /// Between two attempts while there is no connection, at most.
    static let pauseMax = Duration.seconds(2)
    static let batchMax = 1000

    private let pool: ConnectionPool
    private let logger: Logger
    private let onPublish: @Sendable () -> Void
    private let work = FeedNews()
    private let rest: Duration

    init(
        pool: ConnectionPool, logger: Logger, rest: Duration, onPublish: @escaping @Sendable () -> Void
    ) {
        self.pool = pool
        self.rest = rest
        self.logger = logger
        self.onPublish = onPublish
    }

    /// Work is known to be there: do not wait for the next tick.
    func kick() { work.announce() }

    func run() async {
        var pause = Self.interval
        while !Task.isCancelled {
            let began = ContinuousClock.now
            do {
                try await pool.withConnection { connection in try await self.sequence(on: connection) }
            } catch {
                if Task.isCancelled { return }
                logger.warning("the sequencer lost its connection", metadata: ["error": "\(error)"])
                // A long outage must not fill the log.
                pause = .now - began > Self.pauseMax ? Self.interval : min(pause * 2, Self.pauseMax)
                try? await Task.sleep(for: pause)
            }
        }
    }

    /// Stays on one connection: what it has seen confirmed counts for this connection only.
    private func sequence(on connection: isolated LeasedConnection) async throws {
        var confirmed: [Int64]?
        var confirming = false
        while !Task.isCancelled {
            let known = work.count
            let rows = try connection.execute("""
                SELECT o_numbered, o_busy, o_seen
                  FROM number_pending(NULL, \(confirmed), \(Int32(Self.batchMax)))
                """)
            guard let row = rows.first else { throw StorageError.decoding("the sequencer answered no row") }
            let (numbered, busy, seen) = try row.decode(Int.self, Int.self, [Int64]?.self)
            // The statement returned clean, so its commit is confirmed, and so is all WAL before it.
            let advanced = seen != nil && seen != confirmed
            confirmed = seen
            // Where positions wait for a confirmation, this round has made readable what the one before has seen.
            if numbered > 0 || confirming { onPublish() }
            confirming = advanced
            if numbered == Self.batchMax || busy > 0 && numbered > 0 || advanced { continue }
            await work.wait(after: known, atMost: seen == nil && busy == 0 ? rest : Self.interval)
        }
    }
}
