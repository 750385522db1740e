import Crypto
import Domain
import Foundation

/// A program that may get access tokens, and what its tokens say.
package struct ClientRecord: Sendable, Hashable, Codable {
    /// 1...100 of `A-Z a-z 0-9 . _ -`.
    package var id: String
    /// `sha256:<salt>:<SHA-256 of salt and secret>`, both in hex.
    package var secretHash: String
    /// Who acts: the subject id in tokens, 1...200 bytes.
    package var subject: String
    /// At most 32: the subject travels in the header of every message.
    package var grants: [RoleGrant]
    package var revoked: Bool?

    package init(id: String, secretHash: String, subject: String, grants: [RoleGrant], revoked: Bool? = nil) {
        self.id = id
        self.secretHash = secretHash
        self.subject = subject
        self.grants = grants
        self.revoked = revoked
    }

    package var isRevoked: Bool { revoked == true }
}

package enum ClientRegistryError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Missing, unreadable, too large, or readable by others.
    case file(String)
    /// Not the documented form.
    case malformed(String)
    /// What was to be added breaks a rule.
    case refused(String)

    package var description: String {
        switch self {
        case .file(let text), .malformed(let text), .refused(let text): text
        }
    }
}

/// The clients file: `{"clients": [ClientRecord…]}`, at most 1 MiB, mode 0600.
///
/// Secrets are 256 random bits made here and never chosen by people, so there is nothing to guess word by word; one
/// salted SHA-256 is enough, and a slow password hash would only give the token endpoint a lever to be overloaded by.
package struct ClientRegistry: Sendable, Hashable {
    package private(set) var clients: [ClientRecord]

    package init() { clients = [] }

    /// - Throws: `.file`, `.malformed`.
    package static func load(_ path: String) throws(ClientRegistryError) -> ClientRegistry {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
              let mode = attributes[.posixPermissions] as? Int, let size = attributes[.size] as? Int
        else { throw .file("\(path): there is no such file") }
        guard mode & 0o077 == 0 else { throw .file("\(path): accessible by group or others; chmod 600 it") }
        guard size <= 1 << 20, let data = FileManager.default.contents(atPath: path) else {
            throw .file("\(path): unreadable or larger than 1 MiB")
        }
        return try ClientRegistry(json: Array(data), named: path)
    }

    package init(json: [UInt8], named name: String) throws(ClientRegistryError) {
        struct File: Decodable { var clients: [ClientRecord] }
        let file: File
        do {
            file = try JSONValue.parse(json).decode(File.self, unknownMembers: .refused)
        } catch {
            let fault = (error as? Fault) ?? (error as? JSONError)?.fault
            let place = fault?.violations.first.map { ": \($0.pointer) \($0.message)" } ?? ""
            throw .malformed("\(name): not a clients file\(place)")
        }
        var seen: Set<String> = []
        for client in file.clients {
            if let problem = Self.problem(of: client) { throw .malformed("\(name): client `\(client.id)`: \(problem)") }
            guard seen.insert(client.id).inserted else { throw .malformed("\(name): client `\(client.id)` comes twice") }
        }
        clients = file.clients
    }

    package subscript(id: String) -> ClientRecord? { clients.first { $0.id == id } }

    /// Adds a client and gives its secret, which is kept nowhere.
    /// - Parameter subject: `client:<id>` when nil.
    /// - Throws: `.refused` when the id is taken or a rule is broken.
    package mutating func add(
        _ id: String, subject: String? = nil, grants: [RoleGrant]
    ) throws(ClientRegistryError) -> String {
        guard self[id] == nil else { throw .refused("the client `\(id)` exists already") }
        let secret = Self.makeSecret()
        let client = ClientRecord(
            id: id, secretHash: Self.hash(secret), subject: subject ?? "client:\(id)", grants: grants)
        if let problem = Self.problem(of: client) { throw .refused("client `\(id)`: \(problem)") }
        clients.append(client)
        return secret
    }

    /// Its tokens stop being accepted within a second of the file being written.
    /// - Throws: `.refused` when there is no such client.
    package mutating func revoke(_ id: String) throws(ClientRegistryError) {
        guard let place = clients.firstIndex(where: { $0.id == id }) else { throw .refused("there is no client `\(id)`") }
        clients[place].revoked = true
    }

    /// Replaces the file in one step, readable by its owner only.
    package func write(to path: String) throws(ClientRegistryError) {
        struct File: Encodable { var clients: [ClientRecord] }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let beside = "\(path).\(UUID().text)"
        defer { unlink(beside) }
        guard let data = try? encoder.encode(File(clients: clients)) else { throw .file("\(path): cannot be encoded") }
        let file = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .file("\(beside): \(String(cString: strerror(errno)))") }
        let wrote = data.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        let isWhole = wrote == data.count && fsync(file) == 0
        close(file)
        guard isWhole, rename(beside, path) == 0 else { throw .file("\(path): could not be written whole") }
    }

    /// 256 random bits, in hex.
    package static func makeSecret() -> String { hex(randomBytes(32)) }

    package static func hash(_ secret: String) -> String {
        let salt = randomBytes(16)
        return "sha256:\(hex(salt)):\(hex(digest(salt, secret)))"
    }

    /// The client, if the secret is its own and it is not revoked. Takes as long for an unknown client, and compares
    /// without stopping at the first difference, so that time tells nothing.
    package func authenticate(_ id: String, secret: String) -> ClientRecord? {
        let client = self[id]
        let parts = (client?.secretHash ?? Self.decoy).split(separator: ":")
        guard let salt = Self.bytes(parts[1]), let expected = Self.bytes(parts[2]) else { return nil }
        let difference = zip(Self.digest(salt, secret), expected).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) }
        guard let client, difference == 0, expected.count == 32, !client.isRevoked else { return nil }
        return client
    }

    private static let decoy = hash(makeSecret())

    private static func problem(of client: ClientRecord) -> String? {
        guard (1...100).contains(client.id.utf8.count), client.id.utf8.allSatisfy(isPlain) else {
            return "an id is 1 to 100 of A-Z a-z 0-9 . _ -"
        }
        guard (1...200).contains(client.subject.utf8.count), !client.subject.hasPrefix("service:") else {
            return "a subject is 1 to 200 bytes and does not begin with `service:`"
        }
        let parts = client.secretHash.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "sha256", let salt = bytes(parts[1]), salt.count >= 16,
              bytes(parts[2])?.count == 32 else { return "secretHash is sha256:<salt hex>:<hash hex>" }
        guard client.grants.count <= 32 else { return "at most 32 grants" }
        for grant in client.grants {
            if grant.role == .service { return "the role `service` belongs to our own processes" }
            if grant.role.needsScope != (grant.scope != nil) {
                return "the role `\(grant.role.rawValue)` \(grant.role.needsScope ? "needs a" : "has no") scope"
            }
        }
        return nil
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122, UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }

    private static func digest(_ salt: [UInt8], _ secret: String) -> [UInt8] {
        Array(SHA256.hash(data: salt + Array(secret.utf8)))
    }

    private static func randomBytes(_ count: Int) -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private static func bytes(_ hex: Substring) -> [UInt8]? {
        guard hex.utf8.count.isMultiple(of: 2), hex.utf8.count <= 256 else { return nil }
        var bytes: [UInt8] = []
        var rest = hex[...]
        while !rest.isEmpty {
            guard let byte = UInt8(rest.prefix(2), radix: 16), rest.first != "+", rest.first != "-" else { return nil }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return bytes
    }
}
