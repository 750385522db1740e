import Domain
import Foundation
import Messaging
import ServiceKit
import Storage
import Support
import Synchronization
@testable import Command

/// The whole of Cairn as real processes on this machine: its own PostgreSQL, ports and keys. What an operator can do to
/// a process, a test can: kill, stop, continue, restart, replicate.
final class City: Sendable {
    static let roles = Mesh.services + ["gateway"]
    /// Below 32 768, from where Linux takes the ports of outgoing connections: one of those would stand in the way.
    private static let nextPort = Atomic(20_000 + Int(getpid()) % 100 * 100)

    let server: PostgresServer
    let folder: String
    let deployment: Deployment
    private let environment: [String: String]
    private let base: Int
    private let running = Mutex<[String: ChildProcess]>([:])

    /// - Parameters:
    ///   - extra: settings beyond what every suite needs.
    ///   - databaseRoles: each service under the role that `ops/lib.sh` makes for it, instead of all as the superuser.
    static func open(
        replicas: Int = 1, extra: [String: String] = [:], databaseRoles: Bool = false
    ) async throws -> City {
        let city = try await City(replicas: replicas, extra: extra, databaseRoles: databaseRoles)
        for service in Mesh.services { try await city.run("cairn-\(service)", ["migrate"]) }
        for role in roles {
            for replica in 1...(role == "gateway" ? 1 : replicas) { try city.start(role, replica) }
        }
        try await city.ready()
        return city
    }

    private init(replicas: Int, extra: [String: String], databaseRoles: Bool) async throws {
        server = try await PostgresServer.private()
        folder = NSTemporaryDirectory() + "cairn-suite-\(getpid())-\(UUID().text.prefix(8))"
        deployment = Deployment(folder)
        let base = Self.nextPort.wrappingAdd(100, ordering: .relaxed).oldValue
        self.base = base
        _ = try DeploymentSetup(deployment: deployment, databaseURL: "postgres://localhost/cairn", passfile: nil).apply()
        if databaseRoles {
            try await DatabaseRoles.make(on: server, passfile: folder + "/pgpass")
        } else {
            try await server.execute("CREATE DATABASE cairn")
        }
        var settings: [String: String] = [:]
        for line in try String(contentsOfFile: deployment.environmentFile, encoding: .utf8).split(separator: "\n") {
            let pair = line.split(separator: "=", maxSplits: 1).map(String.init)
            if pair.count == 2, !line.hasPrefix("#") { settings[pair[0]] = pair[1] }
        }
        let url = server.url(ofDatabase: "cairn")
        for service in Mesh.services {
            let name = "CAIRN_\(service.uppercased())"
            settings["\(name)_DATABASE_URL"] = databaseRoles ? DeploymentSetup.url(url, user: "cairn_\(service)") : url
            settings["\(name)_DATABASE_OWNER_URL"] = databaseRoles ? DeploymentSetup.url(url, user: "cairn_owner") : nil
            settings["\(name)_ADDRESSES"] = (1...replicas).map {
                "127.0.0.1:\(Self.port(base, service, $0))"
            }.joined(separator: ",")
        }
        settings["CAIRN_GATEWAY_RATE"] = "5000"
        settings["CAIRN_GATEWAY_BURST"] = "10000"
        settings["CAIRN_NOTIFICATIONS_RETRY_SCALE"] = "0.02"
        settings["CAIRN_LOG_LEVEL"] = "notice"
        settings.merge(extra) { _, new in new }
        environment = settings
        // The command's own tools read where the API is from the same file.
        let text = settings.merging([
            "CAIRN_GATEWAY_LISTEN": "127.0.0.1:\(Self.port(base, "gateway", 1))",
        ]) { _, new in new }.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)\n" }.joined()
        try PrivateFile.write(Array(text.utf8), to: deployment.environmentFile)
    }

    private static func port(_ base: Int, _ role: String, _ replica: Int) -> Int {
        base + 10 * (roles.firstIndex(of: role) ?? 0) + 3 * (replica - 1)
    }

    func opsPort(_ role: String, _ replica: Int = 1) -> Int { Self.port(base, role, replica) + 2 }
    func requestPort(_ role: String, _ replica: Int = 1) -> Int { Self.port(base, role, replica) }
    func logFile(_ role: String, _ replica: Int = 1) -> String { deployment.logFile("\(role)-\(replica)") }

    // MARK: Processes

    /// Where `swift build` puts programs: beside the test bundle.
    static let programs: String = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        #if DEBUG
        return root.appendingPathComponent(".build/debug").path
        #else
        return root.appendingPathComponent(".build/release").path
        #endif
    }()

    func start(_ role: String, _ replica: Int = 1) throws {
        let name = "\(role)-\(replica)"
        var variables = environment
        variables["CAIRN_\(role.uppercased())_LISTEN"] = "127.0.0.1:\(requestPort(role, replica))"
        variables["CAIRN_\(role.uppercased())_OPS_LISTEN"] = "127.0.0.1:\(opsPort(role, replica))"
        variables["PATH"] = ProcessInfo.processInfo.environment["PATH"]
        variables["LD_LIBRARY_PATH"] = ProcessInfo.processInfo.environment["LD_LIBRARY_PATH"]
        let child = try ChildProcess.spawn(
            "\(Self.programs)/cairn-\(role)", ["serve"], environment: variables, log: logFile(role, replica))
        running.withLock { $0[name] = child }
    }

    private func run(_ program: String, _ arguments: [String]) async throws {
        let child = try ChildProcess.spawn(
            "\(Self.programs)/\(program)", arguments, environment: environment, log: "\(folder)/logs/\(program).log")
        let status = await child.exit()
        if status != 0 {
            let log = (try? String(contentsOfFile: "\(folder)/logs/\(program).log", encoding: .utf8)) ?? ""
            throw Broken("\(program) \(arguments) ended with \(status): \(log.suffix(600))")
        }
    }

    func process(_ role: String, _ replica: Int = 1) -> ChildProcess? {
        running.withLock { $0["\(role)-\(replica)"] }
    }

    /// kill -9, and up again.
    func crash(_ role: String, _ replica: Int = 1) async throws {
        process(role, replica)?.signal(SIGKILL)
        _ = await process(role, replica)?.exit()
        try start(role, replica)
    }

    /// Starts whatever has ended, for as long as it takes.
    func revive() throws {
        let dead = running.withLock { $0.filter { !$0.value.isRunning }.keys }
        for name in dead {
            let parts = name.split(separator: "-")
            try start(String(parts[0]), Int(parts[1]) ?? 1)
        }
    }

    var names: [(role: String, replica: Int)] {
        running.withLock { $0.keys.sorted() }.map { name in
            let parts = name.split(separator: "-")
            return (String(parts[0]), Int(parts[1]) ?? 1)
        }
    }

    /// Waits until every process says it is ready.
    func ready(within limit: Duration = .seconds(60)) async throws {
        for (role, replica) in names {
            _ = try await awaited("\(role)-\(replica) to be ready (\(logFile(role, replica)))", within: limit, every: .milliseconds(50)) {
                try revive()
                let answer = try? await API(base: "http://127.0.0.1:\(opsPort(role, replica))")
                    .send("GET", "/health/ready", headers: [], body: nil, timeout: .seconds(2))
                return answer?.status == 200 ? true : nil
            }
        }
    }

    /// A metric of one process, summed over its labels; nil when the process does not answer.
    func metric(_ name: String, of role: String, _ replica: Int = 1) async -> Double? {
        guard let answer = try? await API(base: "http://127.0.0.1:\(opsPort(role, replica))")
            .send("GET", "/metrics", headers: [], body: nil, timeout: .seconds(2)), answer.status == 200
        else { return nil }
        return String(decoding: answer.body, as: UTF8.self).split(separator: "\n")
            .filter { $0.hasPrefix(name + " ") || $0.hasPrefix(name + "{") }
            .compactMap { Double($0.split(separator: " ").last ?? "") }.reduce(0, +)
    }

    func close() async throws {
        let all = running.withLock { running in
            defer { running = [:] }
            return running.values
        }
        for child in all { child.signal(SIGCONT) }
        for child in all { _ = await child.stop(within: .seconds(10)) }
        try await server.close()
        try? FileManager.default.removeItem(atPath: folder)
    }

    // MARK: Clients

    /// Makes a client with these grants and connects it.
    func client(_ id: String, _ grants: RoleGrant...) async throws -> APIClient {
        try await clients([(id, grants)])[0]
    }

    func clients(_ wanted: [(String, [RoleGrant])]) async throws -> [APIClient] {
        let file = ClientFile(deployment: deployment)
        _ = try file.ensure(wanted.map { ClientFile.Wanted(id: $0.0, subject: nil, grants: $0.1) })
        try await Task.sleep(for: ClientFile.noticedAfter)
        return try wanted.map { APIClient($0.0, secret: try file.secret(of: $0.0), api: api) }
    }

    var api: API { API(base: "http://127.0.0.1:\(requestPort("gateway"))") }

    struct Broken: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }
}

/// Asks until the answer is definite, under one key, whatever dies meanwhile.
func insist<R: Sendable>(
    _ what: String, within limit: Duration = .seconds(150), _ ask: () async throws -> R
) async throws -> R {
    let end = ContinuousClock.now + limit
    while true {
        do { return try await ask() } catch let problem as APIProblem where problem.status < 500 && problem.status != 429
            && !(problem.status == 409 && problem.detail.contains("same time")) {
            throw problem
        } catch {
            guard ContinuousClock.now < end else { throw City.Broken("\(what): no definite answer in time: \(error)") }
            try await Task.sleep(for: .milliseconds(150))
        }
    }
}
