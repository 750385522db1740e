import Crypto
import Domain
import Foundation
import Messaging
import ServiceKit

/// Makes what a deployment on one machine needs. Keys are made once and never replaced; settings that somebody edited
/// stay as they are.
struct DeploymentSetup {
    let deployment: Deployment
    /// Without a user and password; nil keeps what is set.
    var databaseURL: String?
    var passfile: String?

    /// - Returns: what was made by this call, in words.
    func apply() throws -> [String] {
        let isNew = !FileManager.default.fileExists(atPath: deployment.environmentFile)
        if isNew, databaseURL == nil {
            throw CommandProblem(
                "A new deployment needs to know its database.",
                next: "cairn setup --database-url 'postgres://db.example/cairn?sslmode=verify-full', without user and password")
        }
        try PrivateFile.makeFolder(deployment.root, mode: 0o711)
        for folder in ["keys", "clients", "logs", "run"] {
            try PrivateFile.makeFolder("\(deployment.root)/\(folder)", mode: 0o700)
        }
        var made: [String] = []
        var peers: [String] = []
        for role in Deployment.roles {
            let path = deployment.keyFile(role)
            if !FileManager.default.fileExists(atPath: path) {
                try CurveKeyPair.generate().write(to: path)
                made.append("keys/\(role).key")
            }
            peers.append("\(try CurveKeyPair(contentsOfFile: path).publicKey) \(role) \(role)-1")
        }
        try writePeers(peers, &made)
        let settings = try self.settings()
        for secret in Self.secrets where try !isElsewhere(secret, settings) {
            // Another pairwise key makes every learner a stranger to every partner.
            if !isNew, secret.isIrreplaceable, !FileManager.default.fileExists(atPath: "\(deployment.root)/\(secret.file)") {
                throw CommandProblem(
                    "\(secret.file) is missing, and a new one would not do: what partners have follows from it.",
                    next: "restore it from the backup, or point \(secret.setting) in cairn.env to where it lies")
            }
            try make(secret.file, &made, secret.content)
        }
        if !FileManager.default.fileExists(atPath: deployment.clientsFile) {
            try ClientRegistry().write(to: deployment.clientsFile)
            made.append("clients.json")
        }
        try writeSettings(isNew: isNew, &made)
        return made
    }

    private func make(_ name: String, _ made: inout [String], _ content: () -> [UInt8]) throws {
        let path = "\(deployment.root)/\(name)"
        guard !FileManager.default.fileExists(atPath: path) else { return }
        try PrivateFile.write(content(), to: path)
        made.append(name)
    }

    private struct Secret: Sendable {
        let setting: String
        let file: String
        var isIrreplaceable = true
        let content: @Sendable () -> [UInt8]
    }

    private static let secrets = [
        Secret(setting: "CAIRN_GATEWAY_SIGNING_KEY_FILE", file: "keys/gateway-signing.pem", isIrreplaceable: false) {
            Array(P256.Signing.PrivateKey().pemRepresentation.utf8)
        },
        Secret(setting: "CAIRN_RECORDS_PAIRWISE_KEY_FILE", file: "keys/records-pairwise.key", content: randomText),
        Secret(setting: "CAIRN_NOTIFICATIONS_SIGNING_KEY_FILE", file: "keys/notifications-signing.key", content: randomText),
    ]

    /// Whether somebody has put this secret in a place of their own, which stays as it is set. A path that ends as ours does
    /// is ours from before the folder moved.
    private func isElsewhere(_ secret: Secret, _ settings: SettingsText) throws -> Bool {
        guard let path = settings.value(of: secret.setting), path != "\(deployment.root)/\(secret.file)" else { return false }
        return !path.hasSuffix("/\(secret.file)")
    }

    private func settings() throws -> SettingsText {
        SettingsText(try PrivateFile.read(deployment.environmentFile).map { String(decoding: $0, as: UTF8.self) } ?? "")
    }

    /// 32 random bytes in hex: a file that an editor cannot spoil by a line end.
    private static func randomText() -> [UInt8] {
        Array(SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
            .map { String(format: "%02x", $0) }.joined().utf8)
    }

    /// One line for each of our roles, always with the key that lies beside; lines under other names stay.
    private func writePeers(_ ours: [String], _ made: inout [String]) throws {
        let path = deployment.peersFile
        let old = try PrivateFile.read(path).map { String(decoding: $0, as: UTF8.self) } ?? ""
        func name(_ line: some StringProtocol) -> String { line.split(separator: " ").dropFirst().joined(separator: " ") }
        let names = Set(ours.map(name))
        let others = old.split(whereSeparator: \.isNewline).map(String.init).filter { !names.contains(name($0)) }
        let heading = old.isEmpty ? ["# <public key> <role> <name>: every process that may talk to the others."] : []
        let new = (heading + others + ours).joined(separator: "\n") + "\n"
        guard new != old else { return }
        try PrivateFile.write(Array(new.utf8), to: path)
        made.append("peers")
    }

    private func writeSettings(isNew: Bool, _ made: inout [String]) throws {
        let old = try self.settings()
        let secrets = try Self.secrets.filter { try !isElsewhere($0, old) }
            .map { ($0.setting, "\(deployment.root)/\($0.file)") }
        let new = (old.text.isEmpty ? SettingsText(Self.heading) : old)
            .setting(places + secrets + database).adding(defaults).text
        guard new != old.text else { return }
        try PrivateFile.write(Array(new.utf8), to: deployment.environmentFile)
        made.append(isNew ? "cairn.env" : "cairn.env (brought up to date)")
    }

    private static let heading = """
        # Settings of this deployment. `cairn-records settings` (and so on for each service) explains every one of them.
        # `cairn setup` writes the paths, and the database's where it is told; everything else is yours to edit.

        """

    /// Follow the folder, wherever it goes.
    private var places: [(String, String)] {
        [("CAIRN_PEERS_FILE", deployment.peersFile)]
            + Deployment.roles.map { ("CAIRN_\($0.uppercased())_KEY_FILE", deployment.keyFile($0)) }
            + [("CAIRN_GATEWAY_CLIENTS_FILE", deployment.clientsFile)]
    }

    private var database: [(String, String)] {
        var settings: [(String, String)] = []
        for service in Deployment.services {
            let name = "CAIRN_\(service.uppercased())_DATABASE"
            if let databaseURL {
                settings.append(("\(name)_URL", Self.url(databaseURL, user: "cairn_\(service)")))
                settings.append(("\(name)_OWNER_URL", Self.url(databaseURL, user: "cairn_owner")))
            }
            if let passfile { settings.append(("\(name)_PASSFILE", URL(fileURLWithPath: passfile).standardizedFileURL.path)) }
        }
        return settings
    }

    /// Everything listens on this machine alone, so the switch for loopback webhooks is on: `cairn journey` uses it.
    private var defaults: [(String, String)] {
        Deployment.services.flatMap { service in
            let port = Deployment.port(service), name = "CAIRN_\(service.uppercased())"
            return [("\(name)_LISTEN", "127.0.0.1:\(port)"), ("\(name)_OPS_LISTEN", "127.0.0.1:\(port + 2)")]
        } + [
            ("CAIRN_GATEWAY_LISTEN", "127.0.0.1:8080"), ("CAIRN_GATEWAY_OPS_LISTEN", "127.0.0.1:8081"),
            ("CAIRN_GATEWAY_ISSUER", "http://127.0.0.1:8080"), ("CAIRN_STATE_ZONE", "America/Denver"),
            ("CAIRN_NOTIFICATIONS_ALLOW_LOOPBACK_WEBHOOKS", "true"),
        ]
    }

    /// The URL with this user in place of any other; conninfo strings are not taken.
    static func url(_ text: String, user: String) -> String {
        guard let scheme = text.range(of: "://") else { return text }
        let rest = text[scheme.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        return "\(text[..<scheme.upperBound])\(user)@\(host)\(rest[authority.endIndex...])"
    }
}

/// A file of `NAME=value` lines, edited without touching the rest of it.
struct SettingsText {
    private(set) var text: String

    init(_ text: String) { self.text = text.isEmpty || text.hasSuffix("\n") ? text : text + "\n" }

    /// Sets each, in place where it stands already.
    func setting(_ pairs: [(String, String)]) -> SettingsText {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        for (name, value) in pairs {
            if let place = lines.firstIndex(where: { Self.name(of: $0) == name }) {
                lines[place] = "\(name)=\(value)"
            } else {
                lines.insert("\(name)=\(value)", at: max(0, lines.count - 1))
            }
        }
        return SettingsText(lines.joined(separator: "\n"))
    }

    /// Adds those that nobody set.
    func adding(_ pairs: [(String, String)]) -> SettingsText {
        let known = Set(text.split(separator: "\n").compactMap(Self.name))
        return setting(pairs.filter { !known.contains($0.0) })
    }

    func value(of name: String) -> String? {
        guard let line = text.split(separator: "\n").last(where: { Self.name(of: $0) == name }),
              let equals = line.firstIndex(of: "=")
        else { return nil }
        return line[line.index(after: equals)...].trimmingCharacters(in: .whitespaces)
    }

    private static func name(of line: some StringProtocol) -> String? {
        let line = line.trimmingCharacters(in: .whitespaces)
        guard !line.hasPrefix("#"), let equals = line.firstIndex(of: "=") else { return nil }
        return line[..<equals].trimmingCharacters(in: .whitespaces)
    }
}
