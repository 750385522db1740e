import Domain

/// What one try at an endpoint came to.
enum PostOutcome: Sendable, Hashable {
    case answered(status: Int, retryAfter: Duration?)
    /// Nothing left: a blocked address, no connection. The text is a class, never what a server said.
    case notSent(String)
    /// It may have left: a timeout, a connection lost on the way.
    case lost(String)

    var status: Int? { if case .answered(let status, _) = self { status } else { nil } }

    var error: String? {
        switch self {
        case .answered(let status, _): (200...299).contains(status) ? nil : "status \(status)"
        case .notSent(let reason), .lost(let reason): reason
        }
    }

    var isDelivered: Bool { if case .answered(200...299, _) = self { true } else { false } }
}

/// What follows from it for the learner's line.
enum NextStep: Sendable, Hashable {
    case settled
    /// - Parameter counts: whether it used up one try of the schedule; a partner that asks us to wait has not failed.
    case retry(after: Duration, counts: Bool)
    /// The schedule is used up: the line stands still until somebody asks for another try.
    case parked
    /// The endpoint takes nothing any more; the item stays due, for when it is back.
    case suspend(reason: String)
}

/// When a failed delivery is tried again (the schedule of Standard Webhooks), and when to stop.
struct RetrySchedule: Sendable {
    static let waits: [Duration] = [
        .seconds(5), .seconds(5 * 60), .seconds(30 * 60), .seconds(2 * 3600), .seconds(5 * 3600),
        .seconds(10 * 3600), .seconds(14 * 3600), .seconds(20 * 3600), .seconds(24 * 3600),
    ]
    static let jitter = 0.2
    static let retryAfterMax = Duration.seconds(3600)
    static let failingDays = Duration.seconds(5 * 24 * 3600)

    /// 1 outside of tests: everything shrinks (or grows) by it.
    var scale = 1.0

    /// How long an endpoint may take nothing at all, before scaling.
    var failing = failingDays

    var failingMax: Duration { scaled(failing) }

    /// - Parameters:
    ///   - failures: tries of this item that failed before this one.
    ///   - failingFor: how long the endpoint as a whole has taken nothing, this try included.
    ///   - spread: −1...1, random; what keeps the lines of one endpoint from knocking in step.
    func next(after outcome: PostOutcome, failures: Int, failingFor: Duration, spread: Double) -> NextStep {
        if outcome.isDelivered { return .settled }
        if outcome.status == 410 { return .suspend(reason: "the endpoint answered 410 Gone") }
        if failingFor >= failingMax { return .suspend(reason: "the endpoint took nothing for five days") }
        if case .answered(429, let wait?) = outcome { return .retry(after: bounded(wait), counts: false) }
        if case .answered(503, let wait?) = outcome { return .retry(after: bounded(wait), counts: false) }
        guard failures < Self.waits.count else { return .parked }
        return .retry(after: scaled(Self.waits[max(0, failures)], 1 + Self.jitter * spread), counts: true)
    }

    private func bounded(_ wait: Duration) -> Duration { max(scaled(.seconds(1)), min(wait, Self.retryAfterMax)) }

    /// To the microsecond, which is what the database keeps.
    private func scaled(_ wait: Duration, _ factor: Double = 1) -> Duration {
        .microseconds(Int64((wait.seconds * scale * factor * 1e6).rounded()))
    }
}
