import CLinux
import Foundation
import Logging
import Storage
import Synchronization

/// A PostgreSQL server for tests: `CAIRN_TEST_DATABASE_URL` if set, else a private cluster in a temporary
/// folder, started once per test process, reached by its Unix socket only, with fsync on, gone when the
/// process ends.
///
/// Its programs come from `CAIRN_POSTGRES_BIN`, or the newest of Debian's folders, or the PATH. PostgreSQL
/// refuses to run as root, so under root the cluster belongs to the user `postgres`.
package final class PostgresServer: Sendable {
    package enum StopMode: String, Sendable {
        /// As after a crash: recovery on the next start.
        case immediate
        case fast
    }

    /// The server all tests share. Never stop this one: use `private()` for that.
    package static func shared() async throws -> PostgresServer { try await sharedStart.value }

    private static let sharedStart = Task.detached { () async throws -> PostgresServer in
        if let url = ProcessInfo.processInfo.environment["CAIRN_TEST_DATABASE_URL"], !url.isEmpty {
            return PostgresServer(url: url, folder: nil, pool: makePool(url))
        }
        return try await make()
    }

    /// A server of the caller's own, to crash and restart. `close()` it, or it lives until the process ends.
    package static func `private`() async throws -> PostgresServer { try await make() }

    /// Of the maintenance database, with the right to create others.
    package let url: String
    /// nil for a server that is not ours to stop.
    private let folder: String?
    package var isOurs: Bool { folder != nil }
    private let pool: ConnectionPool
    private static let counter = Atomic(0)

    private init(url: String, folder: String?, pool: ConnectionPool) {
        self.url = url
        self.folder = folder
        self.pool = pool
    }

    /// Where another database of this server is.
    package func url(ofDatabase name: String) -> String {
        guard let scheme = url.range(of: "://") else { return "\(url) dbname=\(name)" }
        let rest = url[scheme.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let query = rest.firstIndex(of: "?").map { String(rest[$0...]) } ?? ""
        return "\(url[..<scheme.upperBound])\(authority)/\(name)\(query)"
    }

    /// Runs statements in the maintenance database, each by itself.
    package func execute(_ statements: SQL...) async throws {
        try await pool.withConnection { connection in
            for sql in statements { _ = try connection.execute(sql) }
        }
    }

    /// Stops and starts the server. Returns when it accepts connections again.
    package func restart(mode: StopMode) async throws {
        try await stop(mode: mode)
        try await start()
    }

    package func stop(mode: StopMode) async throws {
        try await control("stop", "-w", "-m", mode.rawValue)
    }

    package func start() async throws {
        let settings = [
            "listen_addresses=", "unix_socket_directories=\(folder ?? "")", "max_connections=200", "fsync=on",
            "deadlock_timeout=200ms",
        ]
        try await control(
            "start", "-w", "-t", "60", "-l", path("log"), "-o", settings.map { "-c \($0)" }.joined(separator: " "))
    }

    /// Copies the cluster, for which it is stopped a moment: what an asynchronous standby has received.
    package func copyForStandby() async throws {
        try await stop(mode: .fast)
        try await Self.run(asOwner: "/bin/cp", ["-R", path("data"), path("standby")])
        try await start()
    }

    /// As when the primary dies and a standby is promoted in its place that has received nothing since `copyForStandby()`:
    /// what was committed after that is lost, and a new timeline begins.
    package func failOver() async throws {
        try await stop(mode: .immediate)
        try await Self.run(asOwner: "/bin/rm", ["-R", path("data")])
        try await Self.run(asOwner: "/bin/mv", [path("standby"), path("data")])
        try await Self.run(asOwner: "/usr/bin/touch", [path("data/standby.signal")])
        try await start()
        try await control("promote", "-w")
    }

    /// Ends every connection but our own, or those of one database.
    /// - Returns: how many.
    @discardableResult
    package func killBackends(database: String? = nil) async throws -> Int {
        try await pool.withConnection { connection in
            try connection.execute("""
                SELECT count(*) FROM (
                  SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
                     AND (\(database) IS NULL OR datname = \(database))) AS ended
                """).decode(Int.self)[0]
        }
    }

    package func close() async throws {
        await pool.close()
        guard let folder else { return }
        try await control("stop", "-w", "-m", "immediate")
        Self.folders.withLock { $0.removeAll { $0 == folder } }
        try? FileManager.default.removeItem(atPath: folder)
    }

    // MARK: The cluster

    private static func make() async throws -> PostgresServer {
        let folder = try await makeFolder()
        let url = "postgresql://cairn@/postgres?host=\(folder)"
        let server = PostgresServer(url: url, folder: folder, pool: makePool(url))
        try await run(asOwner: "/bin/cp", ["-R", "\(try await template.value)/data", "\(folder)/data"])
        try await server.start()
        return server
    }

    /// A cluster that is never started, because a copy of it is quicker made than a new one.
    private static let template = Task.detached { () async throws -> String in
        let folder = try await makeFolder()
        try await run(asOwner: program("initdb"), [
            "--pgdata", "\(folder)/data", "--username", "cairn", "--auth", "trust", "--no-sync",
            "--encoding", "UTF8", "--locale", "C",
        ])
        return folder
    }

    private static func makeFolder() async throws -> String {
        let folder = "/tmp/cairn-pg-\(getpid())-\(counter.add(1, ordering: .relaxed).newValue)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        folders.withLock { folders in
            if folders.isEmpty { atexit { PostgresServer.removeAll() } }
            folders.append(folder)
        }
        try await watch(folder)
        if geteuid() == 0 { try await run("/bin/chown", ["postgres", folder]) }
        return folder
    }

    private static func makePool(_ url: String) -> ConnectionPool {
        ConnectionPool(
            DatabaseConfiguration(
                url: url, schema: "public", applicationName: "tests", statementTimeout: .seconds(60)),
            size: 2, logger: Logger(label: "tests", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    private func path(_ name: String) -> String { "\(folder ?? "")/\(name)" }

    private func control(_ command: String, _ arguments: String...) async throws {
        guard folder != nil else { throw Failure("this server is not ours to \(command)") }
        try await Self.run(
            asOwner: Self.program("pg_ctl"), [command, "--pgdata", path("data"), "--silent"] + arguments)
    }

    // MARK: Processes

    package struct Failure: Error, CustomStringConvertible {
        package let description: String
        init(_ description: String) { self.description = description }
    }

    private static func program(_ name: String) -> String {
        if let folder = ProcessInfo.processInfo.environment["CAIRN_POSTGRES_BIN"] { return "\(folder)/\(name)" }
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        let newest = versions.compactMap { Int($0) }.max()
        return newest.map { "/usr/lib/postgresql/\($0)/bin/\(name)" } ?? name
    }

    private static func run(asOwner program: String, _ arguments: [String]) async throws {
        if geteuid() == 0 {
            try await run("/usr/sbin/runuser", ["-u", "postgres", "--", program] + arguments)
        } else {
            try await run("/usr/bin/env", [program] + arguments)
        }
    }

    private static func run(_ program: String, _ arguments: [String]) async throws {
        let pid = try spawn(program, arguments)
        let status = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var status: Int32 = 0
                while waitpid(pid, &status, 0) != pid {
                    guard errno == EINTR else {
                        status = -1
                        break
                    }
                }
                continuation.resume(returning: status)
            }
        }
        if status != 0 {
            throw Failure("\(program) \(arguments.joined(separator: " ")) ended with status \(status)")
        }
    }

    /// Not Foundation's `Process`: it takes a child for alive as long as a daemon the child left behind is.
    private static func spawn(_ program: String, _ arguments: [String]) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in Int32(0)...2 {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        cairn_spawn_close_others(&actions)
        // The cluster's owner may not enter our folder, and its programs want to come back to where they began.
        let words = (["sh", "-c", "cd /tmp && exec \"$0\" \"$@\"", program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var pid = pid_t()
        let failure = posix_spawn(&pid, "/bin/sh", &actions, nil, words, environ)
        if failure != 0 { throw Failure("cannot start \(program): \(String(cString: strerror(failure)))") }
        return pid
    }

    // MARK: The end

    private static let folders = Mutex<[String]>([])

    /// At exit nothing can be waited for politely: the postmaster is told to quit at once.
    private static func removeAll() {
        for folder in folders.withLock({ $0 }) {
            if let pid = postmaster(folder) { kill(pid, SIGQUIT) }
            try? FileManager.default.removeItem(atPath: folder)
        }
    }

    private static func postmaster(_ folder: String) -> pid_t? {
        let file = try? String(contentsOfFile: "\(folder)/data/postmaster.pid", encoding: .utf8)
        return file?.split(separator: "\n").first.flatMap { pid_t($0) }
    }

    /// A process that was killed runs no exit handler; a shell waits for its end instead. It is nobody's child: one that
    /// nobody waits for, once it has ended, is all that the monitor of exit tests sees from then on.
    private static func watch(_ folder: String) async throws {
        try await run("/bin/sh", ["-c", """
            (while kill -0 \(getpid()) 2>/dev/null && [ -d \(folder) ]; do sleep 2; done
            if [ -d \(folder) ]; then
              pid=$(head -n 1 \(folder)/data/postmaster.pid 2>/dev/null) && kill -QUIT "$pid" 2>/dev/null
              sleep 1
              rm -rf \(folder)
            fi) &
            """])
    }
}
