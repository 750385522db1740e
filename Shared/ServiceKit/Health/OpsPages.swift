/// What the ops server answers, apart from how it travels. Nothing here takes a body or a parameter.
package struct OpsPages: Sendable {
    package struct Answer: Sendable, Hashable {
        package var status: Int
        package var contentType: String
        package var body: String
    }

    package static let paths = ["/health/live", "/health/ready", "/metrics", "/status"]
    /// How long `/status` may take, and how large it may be.
    static let statusLimit: Duration = .seconds(1)
    static let statusLimitBytes = 1 << 20

    private let health: HealthState
    private let metrics: PrometheusFactory
    private let status: @Sendable () async -> String

    /// - Parameter status: a JSON document about the inside of the service, for operators; no personal data.
    package init(
        health: HealthState, metrics: PrometheusFactory, status: @escaping @Sendable () async -> String = { "{}" }
    ) {
        self.health = health
        self.metrics = metrics
        self.status = status
    }

    /// nil for any path but those in `paths`.
    package func answer(_ path: String) async -> Answer? {
        switch path {
        case "/health/live": Self.answer(await health.live())
        case "/health/ready": Self.answer(await health.ready())
        case "/metrics": Answer(status: 200, contentType: Exposition.contentType, body: metrics.render())
        case "/status": await statusAnswer()
        default: nil
        }
    }

    private static func answer(_ report: HealthReport) -> Answer {
        Answer(status: report.isHealthy ? 200 : 503, contentType: "application/json", body: report.json)
    }

    private func statusAnswer() async -> Answer {
        guard case .finished(let body) = await bounded(by: Self.statusLimit, status) else {
            return Answer(status: 503, contentType: "application/json", body: #"{"error":"no answer in time"}"#)
        }
        guard body.utf8.count <= Self.statusLimitBytes else {
            return Answer(status: 500, contentType: "application/json", body: #"{"error":"status too large"}"#)
        }
        return Answer(status: 200, contentType: "application/json", body: body)
    }
}
