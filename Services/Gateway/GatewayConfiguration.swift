import ServiceKit

/// What the gateway reads at its start. `cairn-gateway serve --help-configuration` prints the whole table.
struct GatewayConfiguration: Sendable {
    static let listenKey = ConfigurationKey.address(
        "gateway.listen", default: "127.0.0.1:8080", purpose: "where the API is served over plain HTTP; TLS ends before it")
    static let issuerKey = ConfigurationKey.text(
        "gateway.issuer", default: "http://127.0.0.1:8080",
        purpose: "the API's own address as callers know it, without a slash at the end; tokens name it as their issuer",
        example: "https://api.cairn.example.gov")
    static let signingKey = ConfigurationKey.secretFile(
        "gateway.signing.key.file", purpose: "the P-256 private key in PEM that signs access tokens",
        example: "/etc/cairn/gateway-signing.pem")
    static let previousKeys = ConfigurationKey.list(
        "gateway.previous.keys.files", default: [], limit: 8,
        purpose: "PEM files of keys whose tokens still hold, while they are rotated out", example: "/etc/cairn/old.pem")
    static let clientsKey = ConfigurationKey.text(
        "gateway.clients.file", purpose: "the clients and what their tokens say; read again when it changes, mode 0600",
        example: "/etc/cairn/clients.json")
    static let rateKey = ConfigurationKey.integer(
        "gateway.rate", default: 200, in: 1...100_000, unit: "requests a second",
        purpose: "how many requests one client may send in the long run")
    static let burstKey = ConfigurationKey.integer(
        "gateway.burst", default: 400, in: 1...100_000, unit: "requests",
        purpose: "how many requests one client may send at once")
    static let inFlightKey = ConfigurationKey.integer(
        "gateway.inflight", default: 512, in: 1...4096, unit: "requests",
        purpose: "how many requests may be on their way in all; more are answered 503")
    static let opsKey = OpsServer.key(service: "gateway", defaultPort: 8081)

    static let keys: [ConfigurationKey] = ConfigurationKey.common + [
        listenKey, issuerKey, signingKey, previousKeys, clientsKey, rateKey, burstKey, inFlightKey, opsKey,
    ] + Mesh.keys(role: "gateway", neighbors: Mesh.services)

    let listen: ListenAddress
    let ops: ListenAddress
    let issuer: String
    let signingKey: [UInt8]
    let previousKeyFiles: [String]
    let clientsFile: String
    let limits: Edge.Limits
    let drainNotice: Duration

    init(_ settings: Settings) throws {
        listen = try settings.address(Self.listenKey)
        ops = try settings.address(Self.opsKey)
        issuer = try settings.string(Self.issuerKey)
        guard issuer.hasPrefix("http://") || issuer.hasPrefix("https://"), !issuer.hasSuffix("/") else {
            throw ConfigurationError.malformed(Self.issuerKey, "is not http(s)://… without a slash at the end")
        }
        signingKey = try settings.secretFile(Self.signingKey)
        previousKeyFiles = try settings.list(Self.previousKeys)
        clientsFile = try settings.string(Self.clientsKey)
        var limits = Edge.Limits()
        limits.requestsPerSecond = Double(try settings.int(Self.rateKey))
        limits.burst = Double(try settings.int(Self.burstKey))
        limits.inFlight = try settings.int(Self.inFlightKey)
        self.limits = limits
        drainNotice = try settings.duration(.drainNotice)
    }
}
