import Synchronization

/// Tells every waiter of this process that the log has grown. A hint: whoever misses one asks again within a second.
package final class FeedNews: Sendable {
    private struct Waiter {
        let continuation: CheckedContinuation<Void, Never>
        let end: ContinuousClock.Instant
    }

    private struct State {
        var count: UInt64 = 0
        var next = 0
        var waiting: [Int: Waiter] = [:]
        /// When the timer looks after those whose time is up. It outlives announcements: most waits end before their time,
        /// and a timer for each would cost more than the waits.
        var timer: ContinuousClock.Instant?
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
        for waiter in waiting.values { waiter.continuation.resume() }
    }

    /// Returns when something was announced after `count` was taken, when the time is up, or on cancellation.
    package func wait(after count: UInt64, atMost duration: Duration) async {
        let end = ContinuousClock.now + duration
        let ticket = state.withLock { state in
            state.next += 1
            return state.next
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (now, needsTimer) = state.withLock { state in
                    if state.count != count || Task.isCancelled { return (true, false) }
                    state.waiting[ticket] = Waiter(continuation: continuation, end: end)
                    if let timer = state.timer, timer <= end { return (false, false) }
                    state.timer = end
                    return (false, true)
                }
                if now { continuation.resume() }
                if needsTimer { watch(until: end) }
            }
        } onCancel: {
            release(ticket)
        }
    }

    /// Ends waits whose time is up, until nobody waits or another timer is due sooner.
    private func watch(until end: ContinuousClock.Instant) {
        Task { [weak self] in
            var end: ContinuousClock.Instant? = end
            while let moment = end {
                try? await Task.sleep(until: moment, clock: .continuous)
                end = self?.expire(at: moment)
            }
        }
    }

    /// - Returns: when to look again; nil when another timer does.
    private func expire(at moment: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        let (due, next) = state.withLock { state in
            let due = state.waiting.filter { $0.value.end <= moment }
            for ticket in due.keys { state.waiting[ticket] = nil }
            guard state.timer == moment else { return (due, ContinuousClock.Instant?.none) }
            state.timer = state.waiting.values.map(\.end).min()
            return (due, state.timer)
        }
        for waiter in due.values { waiter.continuation.resume() }
        return next
    }

    private func release(_ ticket: Int) {
        state.withLock { $0.waiting.removeValue(forKey: ticket) }?.continuation.resume()
    }
}
