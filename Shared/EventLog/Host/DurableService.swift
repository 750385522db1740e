import ArgumentParser
import Domain
import Foundation
import Logging
import Messaging
import ServiceKit
import Storage

/// A service with a database: what it is called, what it keeps, what it answers and what it reacts to. Everything else
/// about running it is the same for all and lives here.
///
///     @main struct RecordsService: DurableService { … }
package protocol DurableService: Sendable {
    /// Also its schema, its role among the peers, and the source of its events.
    static var name: String { get }
    /// Where it takes requests by default; health and metrics are two above.
    static var port: Int { get }
    /// Services it asks or whose feeds it reads.
    static var neighbors: [String] { get }
    /// Its own, after the event log's.
    static var migrations: [Migration] { get }
    static var configurationKeys: [ConfigurationKey] { get }
    static func build(_ parts: ServiceParts) async throws -> ServiceDefinition
}

extension DurableService {
    package static var configurationKeys: [ConfigurationKey] { [] }
    /// `@concurrent`, since a main function that stayed on its caller's actor would not be one to the compiler.
    @concurrent package static func main() async { await ServiceCommand<Self>.main() }
}

/// What a service is built from.
package struct ServiceParts: Sendable {
    package let settings: Settings
    package let logger: Logger
    package let zone: StateZone
    package let log: EventLog
    package let database: DatabaseConfiguration
    package let listen: ListenAddress
    let callers: [String: ServiceCaller]

    /// A neighbor, to ask.
    package func caller(of service: String) -> ServiceCaller {
        guard let caller = callers[service] else { preconditionFailure("\(service) is not among the neighbors") }
        return caller
    }
}

/// What a service does.
package struct ServiceDefinition: Sendable {
    package var handlers: [any RequestHandler]
    package var reactions: [any Reaction]
    package var loops: [ServiceLoop]
    package var gauges: @Sendable () -> [Sample]

    package init(
        handlers: [any RequestHandler], reactions: [any Reaction] = [], loops: [ServiceLoop] = [],
        gauges: @escaping @Sendable () -> [Sample] = { [] }
    ) {
        self.handlers = handlers
        self.reactions = reactions
        self.loops = loops
        self.gauges = gauges
    }
}

/// Background work that runs until it is cancelled.
package struct ServiceLoop: Sendable {
    package let name: String
    package let run: @Sendable () async throws -> Void

    package init(name: String, run: @escaping @Sendable () async throws -> Void) {
        self.name = name
        self.run = run
    }
}

/// `cairn-records serve` and `cairn-records migrate`.
struct ServiceCommand<S: DurableService>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "cairn-\(S.name)",
            abstract: "The \(S.name) service of Cairn.",
            discussion: "Configured by the environment (CAIRN_…), by the file that CAIRN_CONFIG_FILE names, or by "
                + "--set key=value. `settings` lists every key.",
            subcommands: [Serve<S>.self, Migrate<S>.self, ListSettings<S>.self], defaultSubcommand: Serve<S>.self)
    }

    static func main() async { await Self.main(nil) }
}

struct SettingFlags: ParsableArguments {
    @Option(name: .customLong("set"), help: "A setting, as key=value; before the environment and the file.")
    var flags: [String] = []
}

struct Serve<S: DurableService>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "serve", abstract: "Run the service until SIGTERM or Ctrl-C.")
    }

    @OptionGroup var setting: SettingFlags

    func run() async throws {
        await ExitPath.guarding("cairn-\(S.name)") {
            try await ServiceHost<S>(settings: .process(flags: setting.flags)).run()
        }
    }
}

struct Migrate<S: DurableService>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "migrate", abstract: "Bring this service's schema up to what this build needs.",
            discussion: "Forward only; safe to repeat and to run beside another one. Replicas that serve already go on.")
    }

    @OptionGroup var setting: SettingFlags

    func run() async throws {
        await ExitPath.guarding("cairn-\(S.name)") {
            let settings = try Settings.process(flags: setting.flags)
            let applied = try await S.migrator(settings, owner: true).apply()
            let lines = applied.isEmpty ? ["\(S.name): up to date"] : applied.map { "\(S.name): applied \($0)" }
            FileHandle.standardOutput.write(Data((lines.joined(separator: "\n") + "\n").utf8))
        }
    }
}

struct ListSettings<S: DurableService>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "settings", abstract: "List every setting with its meaning and default.")
    }

    func run() async throws {
        FileHandle.standardOutput.write(Data(Settings.describe(keys: S.keys).utf8))
    }
}

extension DurableService {
    /// Every key this service reads.
    static var keys: [ConfigurationKey] {
        ConfigurationKey.common
            + [.databaseURL(name), .databasePassfile(name), .migrationURL(name), .listen(name, port: port),
               OpsServer.key(service: name, defaultPort: port + 2), .stateZone]
            + Mesh.keys(role: name, neighbors: neighbors) + configurationKeys
    }

    /// - Parameter owner: connect as the role that owns the schema, where one is configured apart.
    static func database(_ settings: Settings, owner: Bool = false) throws -> DatabaseConfiguration {
        let url = owner ? try settings.string(ifSet: .migrationURL(name)) : nil
        return DatabaseConfiguration(
            url: try url ?? settings.string(.databaseURL(name)),
            passfile: try settings.string(ifSet: .databasePassfile(name)), schema: name,
            applicationName: "cairn-\(name)")
    }

    static func migrator(_ settings: Settings, owner: Bool = false) throws -> Migrator {
        Migrator(try database(settings, owner: owner), EventLog.migrations + migrations)
    }
}

extension ConfigurationKey {
    static func databaseURL(_ service: String) -> ConfigurationKey {
        .text("\(service).database.url", purpose: "where \(service) keeps its data: a PostgreSQL URL without a password",
              example: "postgres://cairn_\(service)@db.example/cairn?sslmode=verify-full")
    }

    static func migrationURL(_ service: String) -> ConfigurationKey {
        .text("\(service).database.owner.url", optional: true,
              purpose: "the same database as the role that owns the schema; only `migrate` uses it",
              example: "postgres://cairn_owner@db.example/cairn?sslmode=verify-full")
    }

    static func databasePassfile(_ service: String) -> ConfigurationKey {
        .text("\(service).database.passfile", optional: true,
              purpose: "the file with the database password, in libpq's format, readable by its owner only",
              example: "/run/secrets/cairn/pgpass")
    }

    static func listen(_ service: String, port: Int) -> ConfigurationKey {
        .address("\(service).listen", default: "127.0.0.1:\(port)", purpose: "where \(service) takes requests")
    }

    package static let stateZone = text(
        "state.zone", default: "America/Denver", purpose: "the state's time zone, in which a date begins and ends",
        example: "America/Boise")
}
