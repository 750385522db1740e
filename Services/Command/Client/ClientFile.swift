import Domain
import Foundation
import ServiceKit

/// The clients of the API as files of the deployment: the registry, and the secrets that were saved beside it.
struct ClientFile: Sendable {
    /// The gateway looks at the registry once a second.
    static let noticedAfter = Duration.milliseconds(1200)

    struct Wanted: Sendable, Hashable {
        var id: String
        var subject: String?
        var grants: [RoleGrant]
    }

    let deployment: Deployment

    func list() throws -> [ClientRecord] { try ClientRegistry.load(deployment.clientsFile).clients }

    /// - Returns: the new client's secret, which is kept nowhere unless `saving`.
    func add(_ client: Wanted, saving: Bool) throws -> String {
        try changing { registry in
            let secret = try registry.add(client.id, subject: client.subject, grants: client.grants)
            if saving { try PrivateFile.write(Array((secret + "\n").utf8), to: deployment.secretFile(client.id)) }
            return secret
        }
    }

    func revoke(_ id: String) throws {
        try changing { try $0.revoke(id) }
        unlink(deployment.secretFile(id))
    }

    /// Makes those that are missing, with saved secrets, and makes anew those whose grants differ. Revoked ones stay so.
    /// - Returns: whether anything changed; a running gateway then needs `noticedAfter`.
    func ensure(_ wanted: [Wanted]) throws -> Bool {
        let known = Dictionary(try list().map { ($0.id, $0) }) { first, _ in first }
        let stale = wanted.filter { client in
            guard let record = known[client.id], !record.isRevoked, (try? secret(of: client.id)) != nil else { return true }
            return record.grants != client.grants || record.subject != client.subject ?? "client:\(client.id)"
        }
        guard !stale.isEmpty else { return false }
        if let revoked = stale.first(where: { known[$0.id]?.isRevoked == true }) {
            throw CommandProblem(
                "The client \(revoked.id) was revoked, and the id of a revoked client is not used again.",
                next: "load the sample and run the journey in another deployment (--directory)")
        }
        try changing { registry in
            try Self.remove(Set(stale.map(\.id)), from: &registry)
            for client in stale {
                let secret = try registry.add(client.id, subject: client.subject, grants: client.grants)
                try PrivateFile.write(Array((secret + "\n").utf8), to: deployment.secretFile(client.id))
            }
        }
        return true
    }

    /// As if they had never been.
    func forget(_ ids: [String]) throws {
        try changing { try Self.remove(Set(ids), from: &$0) }
        for id in ids { unlink(deployment.secretFile(id)) }
    }

    func secret(of id: String) throws -> String {
        guard let bytes = try PrivateFile.read(deployment.secretFile(id)) else {
            throw CommandProblem(
                "The secret of the client \(id) is not saved here.",
                next: "cairn client add \(id) --role \(id == "operator" ? id : "…") --save")
        }
        return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func connect(_ id: String, secretFile: String? = nil) throws -> APIClient {
        let secret: String
        if let secretFile {
            guard let bytes = try PrivateFile.read(secretFile) else { throw CommandProblem("There is no file \(secretFile).") }
            secret = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        } else {
            secret = try self.secret(of: id)
        }
        return APIClient(id, secret: secret, api: API(base: try deployment.apiAddress()))
    }

    /// One command at a time reads, changes and writes.
    private func changing<R>(_ change: (inout ClientRegistry) throws -> R) throws -> R {
        let lock = try FolderLock("\(deployment.root)/clients.lock", waiting: true)
        defer { withExtendedLifetime(lock) {} }
        var registry = try ClientRegistry.load(deployment.clientsFile)
        let result = try change(&registry)
        try registry.write(to: deployment.clientsFile)
        return result
    }

    private static func remove(_ ids: Set<String>, from registry: inout ClientRegistry) throws {
        struct File: Encodable { var clients: [ClientRecord] }
        let left = registry.clients.filter { !ids.contains($0.id) }
        guard left.count < registry.clients.count else { return }
        registry = try ClientRegistry(json: Wire.encode(File(clients: left)), named: "clients.json")
    }
}
