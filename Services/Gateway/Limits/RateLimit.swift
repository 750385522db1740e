import Domain
import Synchronization

/// A token bucket for each client (or address): `rate` requests a second, `burst` at once. Holds at most 10 000
/// buckets; full ones are forgotten first, since a new bucket is full too.
final class RateLimit: Sendable {
    private static let countMax = 10_000

    private struct Bucket {
        var level: Double
        var at: ContinuousClock.Instant
    }

    private let rate: Double
    private let burst: Double
    private let buckets = Mutex<[String: Bucket]>([:])

    /// - Parameters:
    ///   - rate: requests a second, above 0.
    init(rate: Double, burst: Double) {
        precondition(rate > 0 && burst >= 1, "a rate limit lets something through")
        self.rate = rate
        self.burst = burst
    }

    /// Nil when the request may go on, else after how many whole seconds it may.
    func take(_ name: String, now: ContinuousClock.Instant = .now) -> Int? {
        buckets.withLock { buckets in
            var bucket = buckets[name] ?? Bucket(level: burst, at: now)
            bucket.level = level(bucket, now)
            bucket.at = now
            if buckets[name] == nil, buckets.count >= Self.countMax {
                buckets = buckets.filter { level($0.value, now) < burst }
                if buckets.count >= Self.countMax { buckets.removeAll() }
            }
            defer { buckets[name] = bucket }
            guard bucket.level >= 1 else { return max(1, Int(((1 - bucket.level) / rate).rounded(.up))) }
            bucket.level -= 1
            return nil
        }
    }

    private func level(_ bucket: Bucket, _ now: ContinuousClock.Instant) -> Double {
        min(burst, bucket.level + (now - bucket.at).seconds * rate)
    }
}

/// Counts what is going on at once, in all and for each name; `nil` from `enter` means there is no room.
final class Concurrency: Sendable {
    private struct State {
        var total = 0
        var byName: [String: Int] = [:]
    }

    private let totalMax: Int
    private let eachMax: Int
    private let state = Mutex(State())

    init(totalMax: Int, eachMax: Int = .max) {
        self.totalMax = totalMax
        self.eachMax = eachMax
    }

    var total: Int { state.withLock { $0.total } }

    /// A place, given back when the last reference to it is gone.
    func enter(_ name: String = "") -> Place? {
        state.withLock { state in
            guard state.total < totalMax, state.byName[name, default: 0] < eachMax else { return nil }
            state.total += 1
            state.byName[name, default: 0] += 1
            return Place(of: self, name)
        }
    }

    private func leave(_ name: String) {
        state.withLock { state in
            state.total -= 1
            let count = state.byName[name, default: 1] - 1
            state.byName[name] = count > 0 ? count : nil
        }
    }

    final class Place: Sendable {
        private let owner: Concurrency
        private let name: String

        fileprivate init(of owner: Concurrency, _ name: String) {
            self.owner = owner
            self.name = name
        }

        deinit { owner.leave(name) }
    }
}
