import Synchronization

/// What a check found. The reason is for operators: one short sentence without personal data or secrets.
package enum HealthCheckResult: Sendable, Hashable {
    case passing
    case failing(String)
}

/// What `/health/live` and `/health/ready` say: the phase of the process and the checks that were registered.
///
/// *Live* means that restarting would not help. *Ready* means that work may be sent here; it is false while starting
/// and from the first moment of draining on. A check gets one second and runs once at a time, however many ask.
package final class HealthState: Sendable {
    package enum Phase: String, Sendable {
        case starting, serving, draining
    }

    /// Which answer a check can turn.
    package enum Gate: Sendable {
        case readiness, liveness
    }

    package static let checkLimit: Duration = .seconds(1)
    private static let checkCountLimit = 64

    private struct Check {
        var name: String
        var gate: Gate
        var run: @Sendable () async -> HealthCheckResult
    }

    private struct State {
        var phase = Phase.starting
        var checks: [Check] = []
        var running: [String: Task<HealthCheckResult, Never>] = [:]
    }

    private let state = Mutex(State())
    private let limit: Duration

    package init(checkLimit: Duration = checkLimit) {
        limit = checkLimit
    }

    package var phase: Phase { state.withLock { $0.phase } }

    /// A name once only.
    package func register(
        _ name: String, _ gate: Gate = .readiness, check: @escaping @Sendable () async -> HealthCheckResult
    ) {
        state.withLock {
            precondition($0.checks.count < Self.checkCountLimit, "more than \(Self.checkCountLimit) health checks")
            precondition(!$0.checks.contains { $0.name == name }, "health check \(name) is registered twice")
            $0.checks.append(Check(name: name, gate: gate, run: check))
        }
    }

    /// `ServiceRunner` says both; there is no way back from draining.
    package func setServing() { state.withLock { if $0.phase == .starting { $0.phase = .serving } } }
    package func setDraining() { state.withLock { $0.phase = .draining } }

    package func live() async -> HealthReport {
        HealthReport(phase: phase, failing: await failing(.liveness), phaseMatters: false)
    }

    /// While draining no check is asked: the answer is known, and what the checks ask may be gone.
    package func ready() async -> HealthReport {
        let phase = phase
        let failing = phase == .draining ? [] : await failing(.readiness)
        return HealthReport(phase: self.phase, failing: failing, phaseMatters: true)
    }

    private func failing(_ gate: Gate) async -> [HealthReport.Failure] {
        let checks = state.withLock { $0.checks.filter { $0.gate == gate } }
        return await withTaskGroup(of: HealthReport.Failure?.self) { group in
            for check in checks {
                group.addTask {
                    guard case .failing(let reason) = await self.result(of: check) else { return nil }
                    return HealthReport.Failure(check: check.name, reason: reason)
                }
            }
            var failing: [HealthReport.Failure] = []
            for await failure in group { if let failure { failing.append(failure) } }
            return failing.sorted { $0.check < $1.check }
        }
    }

    private func result(of check: Check) async -> HealthCheckResult {
        // A check that hangs is waited for again, not started again: probes come every few seconds, for ever.
        let task = state.withLock { state in
            if let running = state.running[check.name] { return running }
            let task = Task {
                let result = await check.run()
                self.state.withLock { $0.running[check.name] = nil }
                return result
            }
            state.running[check.name] = task
            return task
        }
        switch await bounded(by: limit, { await task.value }) {
        case .finished(let result): return result
        case .threw, .timedOut: return .failing("no answer within \(DurationText.write(limit))")
        case .cancelled: return .failing("nobody waited for the answer")
        }
    }
}

/// One answer about health.
package struct HealthReport: Sendable, Hashable {
    package struct Failure: Sendable, Hashable {
        package var check: String
        package var reason: String
    }

    package var phase: HealthState.Phase
    package var failing: [Failure]
    package var isHealthy: Bool

    init(phase: HealthState.Phase, failing: [Failure], phaseMatters: Bool) {
        self.phase = phase
        self.failing = failing
        isHealthy = failing.isEmpty && (!phaseMatters || phase == .serving)
    }

    /// `{"status":"failing","phase":"serving","failing":[{"check":"storage","reason":"…"}]}`; a reason of 256 bytes at
    /// most.
    package var json: String {
        let list = failing.map {
            "{\"check\":\(EscapedText.quoted($0.check, limitBytes: 128)),"
                + "\"reason\":\(EscapedText.quoted($0.reason, limitBytes: 256))}"
        }
        return "{\"status\":\"\(isHealthy ? "ok" : "failing")\",\"phase\":\"\(phase.rawValue)\","
            + "\"failing\":[\(list.joined(separator: ","))]}"
    }
}
