import Glibc
import Logging
import Synchronization

/// The clients file as a running gateway sees it: read again when it changed, looked at most once a second. A new file
/// that cannot be read is logged, and the old one stays in force: a slip of the pen must not lock everybody out.
package final class ClientDirectory: Sendable {
    private struct State {
        var registry: [String: ClientRecord]
        var whole: ClientRegistry
        var stamp: Stamp?
        var lookedAt: ContinuousClock.Instant
    }

    private struct Stamp: Equatable {
        var seconds: Int, nanoseconds: Int, size: Int, node: UInt
    }

    private let path: String
    private let logger: Logger
    private let state: Mutex<State>

    /// - Throws: when the file cannot be read at the start.
    package init(path: String, logger: Logger) throws(ClientRegistryError) {
        self.path = path
        self.logger = logger
        let stamp = Self.stamp(path)
        let registry = try ClientRegistry.load(path)
        state = Mutex(State(
            registry: Self.index(registry), whole: registry, stamp: stamp, lookedAt: .now))
    }

    package func authenticate(_ id: String, secret: String, now: ContinuousClock.Instant = .now) -> ClientRecord? {
        current(now) { $0.whole }.authenticate(id, secret: secret)
    }

    /// Whether the client is there and not revoked: asked for every request, so that revoking does not wait for tokens
    /// to expire.
    package func admits(_ id: String, now: ContinuousClock.Instant = .now) -> Bool {
        current(now) { $0.registry[id] }.map { !$0.isRevoked } ?? false
    }

    private func current<T: Sendable>(_ now: ContinuousClock.Instant, _ read: (State) -> T) -> T {
        state.withLock { state in
            if now - state.lookedAt >= .seconds(1) {
                state.lookedAt = now
                let stamp = Self.stamp(path)
                if stamp != state.stamp {
                    // Noted first: a malformed file is reported once, not every second.
                    state.stamp = stamp
                    do throws(ClientRegistryError) {
                        let registry = try ClientRegistry.load(path)
                        state.whole = registry
                        state.registry = Self.index(registry)
                        logger.notice("clients reloaded", metadata: ["clients": "\(registry.clients.count)"])
                    } catch {
                        logger.error("clients file not reloaded; the old one stays", metadata: ["error": "\(error)"])
                    }
                }
            }
            return read(state)
        }
    }

    private static func index(_ registry: ClientRegistry) -> [String: ClientRecord] {
        Dictionary(registry.clients.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    private static func stamp(_ path: String) -> Stamp? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Stamp(seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec, size: Int(status.st_size),
                     node: UInt(status.st_ino))
    }
}
