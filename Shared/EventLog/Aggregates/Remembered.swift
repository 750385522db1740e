import Synchronization

/// What was read or written and will soon be needed again, up to a bound: two generations, of which the older one goes
/// when the younger one is full. What is used in time moves to the younger one.
package final class Remembered<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private typealias Generation = [Key: (value: Value, bytes: Int)]

    private struct State {
        var young: Generation = [:]
        var old: Generation = [:]
        var youngBytes = 0
    }

    private let bytesMax: Int
    private let state = Mutex(State())

    /// - Parameter bytesMax: of the stored JSON, in both generations; the values take about three times as much.
    package init(bytesMax: Int) { self.bytesMax = bytesMax }

    package subscript(key: Key) -> Value? {
        state.withLock { state in
            if let found = state.young[key] { return found.value }
            guard let found = state.old.removeValue(forKey: key) else { return nil }
            keep(found.value, for: key, found.bytes, in: &state)
            return found.value
        }
    }

    /// - Parameter bytes: of its stored form; what takes more than half of the bound is not kept.
    package func remember(_ value: Value, for key: Key, bytes: Int) {
        state.withLock { state in
            drop(key, from: &state)
            keep(value, for: key, bytes, in: &state)
        }
    }

    package func forget(_ key: Key) { state.withLock { drop(key, from: &$0) } }

    private func drop(_ key: Key, from state: inout State) {
        state.old[key] = nil
        if let known = state.young.removeValue(forKey: key) { state.youngBytes -= known.bytes }
    }

    private func keep(_ value: Value, for key: Key, _ bytes: Int, in state: inout State) {
        guard bytes <= bytesMax / 2 else { return }
        if state.youngBytes + bytes > bytesMax / 2 {
            state = State(old: state.young)
        }
        state.young[key] = (value, bytes)
        state.youngBytes += bytes
    }
}
