import ArgumentParser
import Domain
import Logging
import Messaging
import Metrics
import ServiceKit

@main
struct GatewayService: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cairn-gateway", abstract: "The HTTP edge of Cairn: tokens in, contracts out.",
        subcommands: [Serve.self], defaultSubcommand: Serve.self)

    struct Serve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Serve the API until SIGTERM.")

        @Option(name: .customLong("set"), help: "A setting as key=value, over the environment.")
        var overrides: [String] = []

        @Flag(help: "Print what can be set, and end.")
        var helpConfiguration = false

        func run() async {
            await ExitPath.guarding("cairn-gateway") {
                if helpConfiguration {
                    LineWriter(descriptor: 1).write(Array(Settings.describe(keys: GatewayConfiguration.keys).utf8))
                } else {
                    try await serve()
                }
            }
        }

        private func serve() async throws {
            let settings = try Settings.process(flags: overrides)
            let logger = try LoggingSetup.bootstrap(service: "gateway", settings: settings)
            let prometheus = PrometheusFactory()
            MetricsSystem.bootstrap(prometheus)
            let configuration = try GatewayConfiguration(settings)
            for warning in settings.warnings(service: "gateway", keys: GatewayConfiguration.keys) {
                logger.warning("\(warning)")
            }
            let mesh = try Mesh(role: "gateway", settings: settings, logger: logger)
            try await Gateway(configuration, mesh, settings, prometheus, logger).run()
        }
    }
}

/// The process: clients of the services, the pipeline, the listener, and the order in which they stop.
struct Gateway {
    private let configuration: GatewayConfiguration
    private let mesh: Mesh
    private let backend: ServiceBackend
    private let resolutions: [AddressResolution]
    private let edge: Edge
    private let prometheus: PrometheusFactory
    private let logger: Logger

    init(
        _ configuration: GatewayConfiguration, _ mesh: Mesh, _ settings: Settings, _ prometheus: PrometheusFactory,
        _ logger: Logger
    ) throws {
        self.configuration = configuration
        self.mesh = mesh
        self.prometheus = prometheus
        self.logger = logger
        let signing = try SigningKeys(pem: configuration.signingKey, previousFiles: configuration.previousKeyFiles)
        let directory = try ClientDirectory(path: configuration.clientsFile, logger: logger)
        var clients: [String: RequestClient] = [:]
        var resolutions: [AddressResolution] = []
        for service in Mesh.services {
            let client = try mesh.client(of: service)
            clients[service] = client
            let names = try settings.list(.meshAddresses(service)).compactMap(ListenAddress.init)
            guard let key = mesh.allow.key(of: service) else { continue }
            resolutions.append(AddressResolution(
                service: service, names: names, key: key, client: client, logger: logger))
        }
        backend = ServiceBackend(clients: clients)
        self.resolutions = resolutions
        edge = Edge(
            issuer: configuration.issuer, backend: backend, clients: directory, keys: signing,
            limits: configuration.limits, logger: logger)
    }

    /// Until SIGTERM; then readiness turns false, the listener stops accepting, what is in flight finishes.
    func run() async throws {
        let health = HealthState()
        health.register("services") { [backend] in
            let missing = backend.missing
            return missing.isEmpty ? .passing : .failing("no server of \(missing.joined(separator: ", ")) is up")
        }
        var runner = ServiceRunner(
            health: health,
            ops: OpsServer(
                address: configuration.ops, pages: OpsPages(health: health, metrics: prometheus), logger: logger),
            logger: logger, notice: configuration.drainNotice, limit: .seconds(12))
        runner.close.add("messaging") { [backend, reactor = mesh.reactor] in
            await backend.close()
            await reactor.shutdown()
        }
        for resolution in resolutions { runner.add("resolve \(resolution.service)") { try await resolution.run() } }
        runner.add("http", HTTPListener(
            address: configuration.listen, edge: edge, logger: logger,
            started: { [logger] port in logger.info("the API is served", metadata: ["port": "\(port)"]) }))
        try await runner.run()
    }
}
