import Domain
import Foundation
import Logging
import ServiceKit
import Synchronization

/// Closes the open disclosures of senders that died, so that a withdrawal does not wait for them for ever. A time
/// limit alone proves nothing, since a stopped process can wake up and write: notifications must have said that the
/// sender's lock is free, and a send it may have begun before must have had its whole time. Without an answer nothing
/// is closed.
final class DisclosureReaper: Sendable {
    struct Limits: Sendable {
        /// A send takes 15 s at most, and is authorized anew after that.
        var age = Duration.seconds(45)
        /// Between the first sight of a free lock and the closing.
        var sendTimeout = Duration.seconds(15)
        var interval = Duration.seconds(1)
    }

    private struct State {
        var firstSeenDead: [UUID: ContinuousClock.Instant] = [:]
        var open = 0
        var oldestSeconds = 0.0
        var abandoned = 0
    }

    private let disclosures: DisclosureStore
    private let limits: Limits
    private let isAlive: @Sendable (UUID) async throws -> Bool
    private let logger: Logger
    private let state = Mutex(State())

    /// - Parameter isAlive: asks notifications whether the sender still holds its lock.
    init(
        _ disclosures: DisclosureStore, limits: Limits = Limits(), logger: Logger,
        isAlive: @escaping @Sendable (UUID) async throws -> Bool
    ) {
        self.disclosures = disclosures
        self.limits = limits
        self.logger = logger
        self.isAlive = isAlive
    }

    /// Runs until cancelled. Every replica has one; closing twice is closing once.
    func run() async {
        while !Task.isCancelled {
            do { _ = try await round(at: .now) } catch {
                if Task.isCancelled { return }
                logger.warning("open disclosures cannot be looked after", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: limits.interval)
        }
    }

    /// - Returns: how many were closed.
    @discardableResult
    func round(at now: ContinuousClock.Instant) async throws -> Int {
        let open = try await disclosures.open()
        let suspects = try await disclosures.senders(openFor: limits.age)
        state.withLock { state in
            (state.open, state.oldestSeconds) = open
            state.firstSeenDead = state.firstSeenDead.filter { suspects.contains($0.key) }
        }
        var closed = 0
        for sender in suspects {
            guard let alive = try? await isAlive(sender) else { continue }
            let since = state.withLock { state -> ContinuousClock.Instant? in
                state.firstSeenDead[sender] = alive ? nil : state.firstSeenDead[sender] ?? now
                return state.firstSeenDead[sender]
            }
            guard let since, since.duration(to: now) >= limits.sendTimeout else { continue }
            let count = try await disclosures.abandon(openFor: limits.age, by: sender)
            logger.warning("a sender died; what it may have sent is closed as unknown", metadata: [
                "sender": "\(sender.text)", "disclosures": "\(count)"])
            closed += count
        }
        state.withLock { [closed] in $0.abandoned += closed }
        return closed
    }

    /// As of the last round.
    var samples: [Sample] {
        state.withLock { state in
            [
                Sample("cairn_records_open_disclosures", value: Double(state.open),
                       help: "Sends under way, whose end is not on record yet."),
                Sample("cairn_records_oldest_open_disclosure_seconds", value: state.oldestSeconds,
                       help: "For how long the oldest of them has been open; above 45 its sender is suspect."),
                Sample("cairn_records_abandoned_disclosures_total", .counter, value: Double(state.abandoned),
                       help: "Disclosures closed as unknown, because their sender died."),
            ]
        }
    }
}
