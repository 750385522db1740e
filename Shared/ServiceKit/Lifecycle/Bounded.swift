import Synchronization

/// How a piece of work ended that was given only so long.
package enum Bounded<Value: Sendable>: Sendable {
    case finished(Value)
    case threw(any Error)
    case timedOut
    /// The caller was cancelled before any of the others.
    case cancelled
}

/// Runs `work` and answers at the latest after `limit`, even when the work ignores its cancellation; it is then left to
/// itself. A task group could not do that: it waits for its children.
package func bounded<Value: Sendable>(
    by limit: Duration, _ work: @escaping @Sendable () async throws -> Value
) async -> Bounded<Value> {
    let race = Race<Value>()
    return await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
            race.start(continuation)
            race.attach(Task {
                do { race.settle(.finished(try await work())) } catch { race.settle(.threw(error)) }
            })
            race.attach(Task {
                do { try await Task.sleep(for: limit) } catch { return }
                race.settle(.timedOut)
            })
        }
    } onCancel: {
        race.settle(.cancelled)
    }
}

/// The first outcome wins and cancels whatever still runs.
private final class Race<Value: Sendable>: Sendable {
    private struct State {
        var continuation: CheckedContinuation<Bounded<Value>, Never>?
        var outcome: Bounded<Value>?
        var tasks: [Task<Void, Never>] = []
    }

    private let state = Mutex(State())

    func start(_ continuation: CheckedContinuation<Bounded<Value>, Never>) {
        let settled: Bounded<Value>? = state.withLock {
            if $0.outcome == nil { $0.continuation = continuation }
            return $0.outcome
        }
        if let settled { continuation.resume(returning: settled) }
    }

    func attach(_ task: Task<Void, Never>) {
        let over = state.withLock {
            if $0.outcome == nil { $0.tasks.append(task) }
            return $0.outcome != nil
        }
        if over { task.cancel() }
    }

    func settle(_ outcome: Bounded<Value>) {
        let before: State? = state.withLock { state in
            guard state.outcome == nil else { return nil }
            defer { state = State(outcome: outcome) }
            return state
        }
        before?.continuation?.resume(returning: outcome)
        for task in before?.tasks ?? [] { task.cancel() }
    }
}
