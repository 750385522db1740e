import Domain
import Egress
import ServiceKit

/// What the service reads of its own at the start.
struct NotificationsConfiguration: Sendable {
    static let signingKey = ConfigurationKey.secretFile(
        "notifications.signing.key.file",
        purpose: "the file of the key, at least \(SigningKey.bytesMin) random bytes, from which every subscription's "
            + "webhook secret follows",
        example: "/run/secrets/cairn/webhook-signing-key")
    static let loopback = ConfigurationKey.flag(
        "notifications.allow.loopback.webhooks", default: false,
        purpose: "for development: webhooks may go to this machine's loopback addresses over plain HTTP")
    static let retryScale = ConfigurationKey.text(
        "notifications.retry.scale", default: "1.0",
        purpose: "for tests: a factor, 0.00001 to 10, on every wait of the retry schedule", example: "0.01")
    static let supportHours = ConfigurationKey.integer(
        "notifications.support.hours", default: 48, in: 1...8760, unit: "hours",
        purpose: "how long somebody has to take up a support case before it climbs")
    static let deployment = ConfigurationKey.text(
        "deployment", default: "local", purpose: "the name of this deployment in the source of events",
        example: "idaho")
    static let issuer = ConfigurationKey.text(
        "gateway.issuer", default: "http://127.0.0.1:8080",
        purpose: "the API's own address as callers know it, without a slash at the end; event schemas are named after it",
        example: "https://api.cairn.example")

    static let keys = [signingKey, loopback, retryScale, supportHours, deployment, issuer]

    var signing: SigningKey
    var loopbackAllowed: Bool
    var schedule: RetrySchedule
    var supportTime: Duration
    var events: CloudEvents

    /// - Parameter listen: where the service takes requests; development switches are for loopback alone.
    init(_ settings: Settings, listen: ListenAddress) throws(ConfigurationError) {
        let master = try settings.secretFile(Self.signingKey)
        guard master.count >= SigningKey.bytesMin else {
            throw .malformed(Self.signingKey, "names a key of \(master.count) bytes, fewer than \(SigningKey.bytesMin)")
        }
        signing = SigningKey(master)
        loopbackAllowed = try settings.bool(Self.loopback)
        if loopbackAllowed, listen.host != "localhost", PublicAddress(listen.host)?.isLoopback != true {
            throw .malformed(
                Self.loopback, "is on while the service listens on \(listen), which is not a loopback address")
        }
        let text = try settings.string(Self.retryScale)
        guard let scale = Double(text), (0.00001...10).contains(scale) else {
            throw .malformed(Self.retryScale, "is not a number from 0.00001 to 10")
        }
        schedule = RetrySchedule(scale: scale)
        supportTime = .seconds(try settings.int(Self.supportHours) * 3600)
        let deployment = try settings.string(Self.deployment)
        guard (1...63).contains(deployment.utf8.count),
              deployment.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 45 })
        else { throw .malformed(Self.deployment, "is not 1 to 63 lower-case letters, digits and hyphens") }
        let issuer = try settings.string(Self.issuer)
        guard issuer.hasPrefix("http://") || issuer.hasPrefix("https://"), !issuer.hasSuffix("/") else {
            throw .malformed(Self.issuer, "is not http(s)://… without a slash at the end")
        }
        events = CloudEvents(deployment: deployment, issuer: issuer)
    }
}
