import ArgumentParser
import Domain
import Foundation
import ServiceKit

struct DeploymentOptions: ParsableArguments {
    @Option(help: ArgumentHelp(
        "The deployment's folder: keys, settings, clients, logs. CAIRN_DIRECTORY changes the default.",
        valueName: "folder"))
    var directory = folder(in: ProcessInfo.processInfo.environment)

    /// What `ops/run` was told is also what its reader's next commands mean.
    static func folder(in environment: [String: String]) -> String {
        environment["CAIRN_DIRECTORY"].flatMap { $0.isEmpty ? nil : $0 } ?? ".cairn"
    }

    var deployment: Deployment { Deployment(directory) }

    /// A deployment that `cairn setup` has made.
    func existing() throws -> Deployment {
        let deployment = deployment
        guard FileManager.default.fileExists(atPath: deployment.environmentFile) else {
            throw CommandProblem(
                "There is no deployment in \(deployment.root).",
                next: "cairn setup --directory \(directory), or name the right folder with --directory")
        }
        return deployment
    }
}

/// The folder of one deployment on this machine. Everything below it belongs to its owner alone, but the folder may be
/// passed through, since the database's files may lie below it too.
struct Deployment: Sendable {
    static let services = Mesh.services
    static let roles = Mesh.services + ["gateway"]

    let root: String

    init(_ path: String) {
        root = URL(fileURLWithPath: path).standardizedFileURL.path
    }

    var environmentFile: String { "\(root)/cairn.env" }
    var peersFile: String { "\(root)/peers" }
    var clientsFile: String { "\(root)/clients.json" }
    var processesFile: String { "\(root)/run/processes.json" }
    /// Ids of what `cairn sample load` made.
    var sampleFile: String { "\(root)/sample.json" }
    func keyFile(_ role: String) -> String { "\(root)/keys/\(role).key" }
    func secretFile(_ client: String) -> String { "\(root)/clients/\(client).secret" }
    func logFile(_ process: String) -> String { "\(root)/logs/\(process).log" }

    func settings() throws -> Settings {
        try Settings(environment: ProcessInfo.processInfo.environment, file: environmentFile)
    }

    func listen(_ service: String) throws -> ListenAddress {
        try settings().address(Self.listenKey(service))
    }

    /// Where the API answers on this machine.
    func apiAddress() throws -> String {
        let listen = try listen("gateway")
        let host = ["0.0.0.0", "::"].contains(listen.host) ? "127.0.0.1" : listen.host
        return "http://\(ListenAddress(host: host, port: listen.port))"
    }

    /// Ports of the first replica; those of health and metrics are two above (one above at the gateway).
    static func port(_ service: String) -> Int {
        Mesh.services.firstIndex(of: service).map { 7110 + 10 * $0 } ?? 8080
    }

    static func listenKey(_ service: String) -> ConfigurationKey {
        .address("\(service).listen", default: "127.0.0.1:\(port(service))", purpose: "where \(service) takes requests")
    }

    static func opsKey(_ service: String) -> ConfigurationKey {
        OpsServer.key(service: service, defaultPort: port(service) + (service == "gateway" ? 1 : 2))
    }

    /// The folder that this command's own program is in; the services' programs lie beside it.
    static func programFolder() throws -> String {
        guard let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
            throw CommandProblem("Cannot tell where this program lies.")
        }
        return URL(fileURLWithPath: path).deletingLastPathComponent().path
    }

    static func program(of service: String) throws -> String {
        let path = "\(try programFolder())/cairn-\(service)"
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw CommandProblem("\(path) is missing.", next: "build it: swift build -c release --product cairn-\(service)")
        }
        return path
    }
}

/// Small files of a deployment, written whole or not at all.
enum PrivateFile {
    static func makeFolder(_ path: String, mode: Int) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    /// Replaces the file in one step, mode 0600.
    static func write(_ bytes: some Collection<UInt8>, to path: String) throws {
        let beside = "\(path).\(getpid()).new"
        unlink(beside)
        guard FileManager.default.createFile(
            atPath: beside, contents: Data(bytes), attributes: [.posixPermissions: 0o600]),
            rename(beside, path) == 0
        else {
            unlink(beside)
            throw CommandProblem("\(path) cannot be written: \(String(cString: strerror(errno)))")
        }
    }

    /// nil when there is none. At most 16 MiB.
    static func read(_ path: String) throws -> [UInt8]? {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else { return nil }
        guard let size = attributes[.size] as? Int, size <= 16 << 20,
              let data = FileManager.default.contents(atPath: path)
        else { throw CommandProblem("\(path) cannot be read, or is larger than 16 MiB.") }
        return Array(data)
    }
}

/// One process at a time, as long as this value lives. The lock goes with the process, however it ends.
final class FolderLock: Sendable {
    private let descriptor: Int32

    /// nil when somebody else has it and `waiting` is false.
    init?(_ path: String, waiting: Bool) throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CommandProblem("\(path) cannot be opened: \(String(cString: strerror(errno)))")
        }
        while flock(descriptor, LOCK_EX | (waiting ? 0 : LOCK_NB)) != 0 {
            if errno == EINTR { continue }
            close(descriptor)
            return nil
        }
    }

    deinit { close(descriptor) }
}
