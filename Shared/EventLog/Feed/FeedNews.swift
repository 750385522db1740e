import Synchronization

/// Tells every waiter of this process that the log has grown. A hint: whoever misses one asks again within a second.
package final class FeedNews: Sendable {
    private struct State {
        var count: UInt64 = 0
        var next = 0
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    /// How often it was announced; taken before looking, and given to `wait`, nothing in between is missed.
    package var count: UInt64 { state.withLock { $0.count } }

    package func announce() {
        let waiting = state.withLock { state in
            state.count += 1
            defer { state.waiting.removeAll(keepingCapacity: true) }
            return state.waiting
        }
        for continuation in waiting.values { continuation.resume() }
    }

    /// Returns when something was announced after `count` was taken, when the time is up, or on cancellation.
    package func wait(after count: UInt64, atMost duration: Duration) async {
        let ticket = state.withLock { state in
            state.next += 1
            return state.next
        }
        await withTaskCancellationHandler {
            var timer: Task<Void, Never>?
            await withCheckedContinuation { continuation in
                let now = state.withLock { state in
                    if state.count != count || Task.isCancelled { return true }
                    state.waiting[ticket] = continuation
                    return false
                }
                if now { return continuation.resume() }
                // Not before: a timer that finds nobody waiting yet would let its waiter wait for ever.
                timer = Task { [weak self] in
                    try? await Task.sleep(for: duration)
                    self?.release(ticket)
                }
            }
            timer?.cancel()
        } onCancel: {
            release(ticket)
        }
    }

    private func release(_ ticket: Int) {
        state.withLock { $0.waiting.removeValue(forKey: ticket) }?.resume()
    }
}
