import Domain
import Logging
import ServiceKit
import Storage

/// Deletes what is kept only so that a repeat is recognized: answers under their keys, and the inbox. It walks each table
/// once a day, a stretch of pages at a time, and so needs no index that every command would pay for. Every replica does;
/// the second one finds nothing.
struct Sweeper: Sendable {
    /// As the API promises for `Idempotency-Key`. Below it, an event that comes again after a fork is recognized.
    static let keptDays = 90
    static let interval = Duration.seconds(24 * 3600)
    /// The first pass waits for a random part of this.
    static let firstWithin = Duration.seconds(3600)
    static let stretchPages = 256
    static let pause = Duration.milliseconds(200)
    private static let pageBytes = 8192

    let pool: ConnectionPool
    let logger: Logger

    func run() async {
        var wait = Self.firstWithin * Double.random(in: 0..<1)
        while (try? await Task.sleep(for: wait)) != nil {
            wait = Self.interval
            do {
                let removed = try await pass()
                logger.info("swept", metadata: ["removed": "\(removed)"])
            } catch {
                if Task.isCancelled { return }
                logger.warning("the sweep was cut short", metadata: ["error": "\(error)"])
            }
        }
    }

    /// - Returns: how many rows were too old.
    func pass(stretchPages: Int = stretchPages, pause: Duration = pause) async throws -> Int {
        var removed = 0
        for (table, time) in [("idempotency", "at"), ("inbox", "handled_at")] as [(StaticString, StaticString)] {
            var first = 0, end = 1
            while first < end {
                let stretch = (from: "(\(first),0)", to: "(\(first + stretchPages),0)")
                let (count, bytes) = try await pool.withConnection { connection in
                    try connection.execute("""
                        WITH gone AS (
                          DELETE FROM \(unescaped: "\(table)")
                           WHERE ctid >= \(stretch.from)::text::tid AND ctid < \(stretch.to)::text::tid
                             AND \(unescaped: "\(time)") < now() - make_interval(days => \(Int32(Self.keptDays)))
                          RETURNING 1)
                        SELECT (SELECT count(*) FROM gone), pg_relation_size(\("\(table)")::text::regclass)
                        """)[0].decode(Int.self, Int.self)
                }
                removed += count
                first += stretchPages
                end = bytes / Self.pageBytes
                if first < end { try await Task.sleep(for: pause) }
            }
        }
        return removed
    }
}
