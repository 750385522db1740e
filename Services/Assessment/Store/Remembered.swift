import Synchronization

/// What was read and will soon be needed again, up to a bound; beyond it, it starts anew.
final class Remembered<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct State {
        var values: [Key: (value: Value, bytes: Int)] = [:]
        var bytes = 0
    }

    /// Of the stored JSON; the values take about three times as much.
    private let bytesMax: Int
    private let state = Mutex(State())

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    subscript(key: Key) -> Value? { state.withLock { $0.values[key]?.value } }

    func remember(_ value: Value, for key: Key, bytes: Int) {
        guard bytes <= bytesMax else { return }
        state.withLock { state in
            if let old = state.values.removeValue(forKey: key) { state.bytes -= old.bytes }
            if state.bytes + bytes > bytesMax { state = State() }
            state.values[key] = (value, bytes)
            state.bytes += bytes
        }
    }
}
