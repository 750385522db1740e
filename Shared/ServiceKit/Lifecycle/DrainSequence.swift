import Logging

/// Steps that a process takes on its way out, one after the other in the order they were added. Each is bounded by its
/// own timeout and logged with its duration; one that fails or takes too long does not keep the next from its turn.
package struct DrainSequence: Sendable {
    /// How a step ended.
    package enum Outcome: String, Sendable {
        case done, failed
        case timedOut = "timed out"
        /// The process was out of time before the step began, or while it ran.
        case cutShort = "cut short"
    }

    private struct Step {
        var name: String
        var timeout: Duration
        var run: @Sendable () async throws -> Void
    }

    private var steps: [Step] = []

    package init() {}

    /// - Parameter timeout: part of the whole shutdown's bound (`ServiceRunner.shutdownLimit`); keep the sum below it.
    package mutating func add(
        _ name: String, timeout: Duration = .seconds(5), _ step: @escaping @Sendable () async throws -> Void
    ) {
        steps.append(Step(name: name, timeout: timeout, run: step))
    }

    /// Runs all steps and returns how each ended. When the caller is cancelled, what is left is cut short.
    @discardableResult
    package func run(logger: Logger) async -> [(name: String, outcome: Outcome)] {
        var outcomes: [(name: String, outcome: Outcome)] = []
        for step in steps {
            let began = ContinuousClock.now
            let end = Task.isCancelled ? .cancelled : await bounded(by: step.timeout, step.run)
            let milliseconds = Int((ContinuousClock.now - began) / .milliseconds(1))
            var metadata: Logger.Metadata = [
                "step": "\(step.name)", "duration_ms": .stringConvertible(milliseconds),
            ]
            let outcome: Outcome
            switch end {
            case .finished: outcome = .done
            case .timedOut: outcome = .timedOut
            case .cancelled: outcome = .cutShort
            case .threw(let error):
                outcome = .failed
                metadata["reason"] = "\(error)"
            }
            metadata["outcome"] = "\(outcome.rawValue)"
            logger.log(level: outcome == .done ? .info : .warning, "drain step ended", metadata: metadata)
            outcomes.append((step.name, outcome))
        }
        return outcomes
    }
}
