import Metrics
import Synchronization

/// One registered time series, or one histogram's worth of them.
protocol Instrument: AnyObject, Sendable {
    /// How many series Prometheus will count for it.
    var seriesCount: Int { get }
    func render(_ name: String, _ labels: String, to text: inout String)
}

/// Whole and fractional increments are summed apart: a double alone stops counting by ones at 2^53.
final class CounterInstrument: Instrument, CounterHandler, FloatingPointCounterHandler {
    private let whole = Atomic<UInt64>(0)
    private let fractions = Mutex<Double>(0)

    var seriesCount: Int { 1 }

    func increment(by amount: Int64) {
        guard amount > 0 else { return }
        whole.wrappingAdd(UInt64(amount), ordering: .relaxed)
    }

    func increment(by amount: Double) {
        guard amount.isFinite, amount > 0 else { return }
        fractions.withLock { $0 += amount }
    }

    func reset() {
        whole.store(0, ordering: .relaxed)
        fractions.withLock { $0 = 0 }
    }

    func render(_ name: String, _ labels: String, to text: inout String) {
        let whole = whole.load(ordering: .relaxed)
        let fraction = fractions.withLock { $0 }
        Exposition.line(
            name, labels, fraction == 0 ? "\(whole)" : Exposition.number(Double(whole) + fraction), to: &text)
    }
}

/// A value that goes up and down: swift-metrics' `Meter`, and its `Gauge`, which is a recorder that does not aggregate.
final class GaugeInstrument: Instrument, MeterHandler, RecorderHandler {
    private let value = Mutex<Double>(0)

    var seriesCount: Int { 1 }

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { self.value.withLock { $0 = value } }
    func increment(by amount: Double) { if amount.isFinite { value.withLock { $0 += amount } } }
    func decrement(by amount: Double) { if amount.isFinite { value.withLock { $0 -= amount } } }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }

    func render(_ name: String, _ labels: String, to text: inout String) {
        Exposition.line(name, labels, Exposition.number(value.withLock { $0 }), to: &text)
    }
}

/// Counts per bucket, cumulative only when rendered. Timers are in seconds.
final class HistogramInstrument: Instrument, RecorderHandler, TimerHandler {
    /// 100 µs … 10 s.
    static let seconds: [Double] = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]
    /// Sizes and counts: one … a billion.
    static let powersOfTen: [Double] = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]

    private struct State {
        var counts: [UInt64]
        var sum = 0.0
    }

    let bounds: [Double]
    private let state: Mutex<State>

    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    /// The buckets, the one without bound, the sum and the count.
    var seriesCount: Int { bounds.count + 3 }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        guard value.isFinite else { return }
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock {
            $0.counts[bucket] += 1
            $0.sum += value
        }
    }

    func render(_ name: String, _ labels: String, to text: inout String) {
        let state = state.withLock { $0 }
        let lead = labels.isEmpty ? "" : "\(labels),"
        var total: UInt64 = 0
        for (index, count) in state.counts.enumerated() {
            total += count
            let bound = index < bounds.count ? Exposition.number(bounds[index]) : "+Inf"
            Exposition.line("\(name)_bucket", "\(lead)le=\"\(bound)\"", "\(total)", to: &text)
        }
        Exposition.line("\(name)_sum", labels, Exposition.number(state.sum), to: &text)
        Exposition.line("\(name)_count", labels, "\(total)", to: &text)
    }
}
