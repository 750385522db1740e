import Logging
import Messaging

/// One process's place among the others: its own key, the list of everybody's, and where the services are.
///
/// All replicas of a service share one key pair. The list of peers is one file for the whole deployment, lines of
/// `<public key> <role> <name>`; the key listed with a service's role is the key its servers must prove to hold.
package struct Mesh: Sendable {
    package let reactor: Reactor
    package let keys: CurveKeyPair
    package let allow: AllowList
    private let settings: Settings
    private let logger: Logger

    package static let services = ["records", "pathways", "assessment", "notifications"]

    /// - Parameter role: the service's name, `gateway` or `operator`.
    package init(role: String, settings: Settings, logger: Logger) throws {
        keys = try CurveKeyPair(contentsOfFile: settings.string(.meshKey(role)))
        allow = try AllowList(contentsOfFile: settings.string(.meshPeers))
        reactor = Reactor(logger: logger)
        self.settings = settings
        self.logger = logger
    }

    /// A client of one service, at the addresses configured for it.
    /// - Parameter onBell: called on the reactor's thread; must only note the fact.
    package func client(
        of service: String, listensForBells: Bool = false, onBell: (@Sendable ([UInt8]) -> Void)? = nil
    ) throws -> RequestClient {
        let key = ConfigurationKey.meshAddresses(service)
        guard let serverKey = allow.key(of: service) else {
            throw ConfigurationError.malformed(.meshPeers, "lists no key with the role \(service)")
        }
        let addresses = try settings.list(key).map { text in
            guard let address = ListenAddress(text) else {
                throw ConfigurationError.malformed(key, "has \(text), which is not host:port")
            }
            return ServerAddress(endpoint: "tcp://\(address)", serverKey: serverKey)
        }
        return RequestClient(
            reactor: reactor, service: service, addresses: addresses, keys: keys,
            // One server alone answers a waiting request by itself.
            listensForBells: listensForBells && addresses.count > 1,
            logger: logger, onBell: onBell)
    }

    package static func keys(role: String, neighbors: [String]) -> [ConfigurationKey] {
        [.meshKey(role), .meshPeers] + neighbors.map(ConfigurationKey.meshAddresses)
    }
}

extension AllowList {
    /// The lowest key listed with this role, so that every process picks the same one.
    package func key(of role: String) -> CurveKey? {
        peers.filter { $0.value.role == role }.keys.min { $0.z85 < $1.z85 }
    }
}

extension ConfigurationKey {
    package static let meshPeers = text(
        "peers.file", purpose: "the list of all processes that may talk to each other: lines of "
            + "'<public key> <role> <name>'", example: "/run/cairn/peers")

    package static func meshKey(_ role: String) -> ConfigurationKey {
        .secretFile("\(role).key.file", purpose: "the key pair that proves to others that this process is \(role)",
                    example: "/run/secrets/cairn/\(role).key")
    }

    package static func meshAddresses(_ service: String) -> ConfigurationKey {
        let port = 7110 + 10 * (Mesh.services.firstIndex(of: service) ?? 0)
        return .list("\(service).addresses", default: ["127.0.0.1:\(port)"],
                     purpose: "where the replicas of \(service) take requests", example: "10.0.0.4:\(port),10.0.0.5:\(port)")
    }
}
