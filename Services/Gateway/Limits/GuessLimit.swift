import Synchronization

/// Slows down guessing: after three failures of one guesser (client and address) each further one doubles the wait,
/// 1 s up to 5 min. A success forgets. Remembers at most 10 000 guessers; beyond that the longest silent are forgotten.
final class GuessLimit: Sendable {
    static let freeFailures = 3
    static let waitMax: Duration = .seconds(300)
    private static let countMax = 10_000

    private struct Guesser {
        var failures: Int
        var lastFailure: ContinuousClock.Instant

        var wait: Duration {
            failures <= freeFailures ? .zero : min(waitMax, .seconds(1 << min(failures - freeFailures - 1, 9)))
        }
    }

    private let guessers = Mutex<[String: Guesser]>([:])

    /// Whole seconds to wait, 0 when an attempt is allowed.
    func waitSeconds(_ guesser: String, now: ContinuousClock.Instant = .now) -> Int {
        guessers.withLock { guessers in
            guard let known = guessers[guesser] else { return 0 }
            let remaining = known.lastFailure.advanced(by: known.wait) - now
            return remaining > .zero ? Int(remaining.components.seconds) + 1 : 0
        }
    }

    func failed(_ guesser: String, now: ContinuousClock.Instant = .now) {
        guessers.withLock { guessers in
            if guessers.count >= Self.countMax, guessers[guesser] == nil {
                guessers = guessers.filter { now - $0.value.lastFailure < Self.waitMax }
                if guessers.count >= Self.countMax { guessers.removeAll() }
            }
            let failures = guessers[guesser]?.failures ?? 0
            guessers[guesser] = Guesser(failures: min(failures + 1, 1000), lastFailure: now)
        }
    }

    func succeeded(_ guesser: String) { guessers.withLock { $0[guesser] = nil } }
}
