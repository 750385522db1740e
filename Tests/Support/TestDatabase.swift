import Foundation
import Logging
import Storage
import Synchronization

/// A database of one test, empty at first, gone afterwards.
package struct TestDatabase: Sendable {
    package let server: PostgresServer
    package let name: String
    package var url: String { server.url(ofDatabase: name) }

    /// For a door of Storage, with nothing but the schema's name to choose.
    package func configuration(
        schema: String = "public", statementTimeout: Duration = .seconds(5)
    ) -> DatabaseConfiguration {
        DatabaseConfiguration(
            url: url, schema: schema, applicationName: "tests", statementTimeout: statementTimeout)
    }

    /// Ends every connection to this database.
    package func killBackends() async throws { try await server.killBackends(database: name) }
}

/// Lends `body` the URL of a fresh, empty database. At most 6 tests at a time have one, so that a whole
/// suite running in parallel keeps within the server's connections; a nested call does not wait for a
/// second turn.
package func withDatabase<R>(_ body: (String) async throws -> R) async throws -> R {
    try await withTestDatabase { try await body($0.url) }
}

/// As `withDatabase`, with the means to disturb it.
package func withTestDatabase<R>(
    on server: PostgresServer? = nil, _ body: (TestDatabase) async throws -> R
) async throws -> R {
    guard !Turns.isMine else { return try await withFreshDatabase(server, body) }
    await Turns.shared.take()
    defer { Turns.shared.giveBack() }
    return try await Turns.$isMine.withValue(true) { try await withFreshDatabase(server, body) }
}

private func withFreshDatabase<R>(
    _ server: PostgresServer?, _ body: (TestDatabase) async throws -> R
) async throws -> R {
    let server = if let server { server } else { try await PostgresServer.shared() }
    let name = "test_" + UUID().uuidString.lowercased().replacing("-", with: "")
    try await server.execute("CREATE DATABASE \(identifier: name) TEMPLATE template0")
    do {
        let result = try await body(TestDatabase(server: server, name: name))
        try await drop(name, server)
        return result
    } catch {
        try? await drop(name, server)
        throw error
    }
}

/// Dropping costs a checkpoint each, and our own servers are thrown away whole.
private func drop(_ name: String, _ server: PostgresServer) async throws {
    if server.isOurs { return }
    try await server.execute("DROP DATABASE IF EXISTS \(identifier: name) WITH (FORCE)")
}

/// A logger for tests that provoke what would be logged.
package let quiet = Logger(label: "tests", factory: { _ in SwiftLogNoOpLogHandler() })

private final class Turns: Sendable {
    static let shared = Turns()
    @TaskLocal static var isMine = false

    private struct State {
        var free = 6
        var waiting: [CheckedContinuation<Void, Never>] = []
    }
    private let state = Mutex(State())

    func take() async {
        await withCheckedContinuation { continuation in
            let mine = state.withLock { state in
                if state.free == 0 { state.waiting.append(continuation) } else { state.free -= 1; return true }
                return false
            }
            if mine { continuation.resume() }
        }
    }

    func giveBack() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if state.waiting.isEmpty { state.free += 1; return nil }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}
