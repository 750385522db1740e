import Dispatch
import Glibc
import Logging
import Messaging
import ServiceKit

/// Keeps a client's servers up to date with the names that stand for them: one name of a headless service is as many
/// servers as it has addresses at the moment. Names are asked again every five seconds; when the answer fails, the
/// servers known before stay.
struct AddressResolution: Sendable {
    static let interval: Duration = .seconds(5)
    private static let addressesMax = 64

    let service: String
    let names: [ListenAddress]
    let key: CurveKey
    let client: RequestClient
    let logger: Logger

    /// Until cancelled. Does nothing where all addresses are literal.
    func run() async throws {
        guard names.contains(where: { !Self.isLiteral($0.host) }) else {
            while true { try await Task.sleep(for: .seconds(3600)) }
        }
        var known: Set<ServerAddress> = []
        while true {
            if let found = await resolve(), !found.isEmpty, found != known {
                known = found
                logger.info("servers resolved", metadata: ["service": "\(service)", "servers": "\(found.count)"])
                client.update(addresses: found.sorted { $0.endpoint < $1.endpoint })
            }
            try await Task.sleep(for: Self.interval)
        }
    }

    /// Nil when any name brought no answer: half of the servers is not a reason to drop the other half.
    private func resolve() async -> Set<ServerAddress>? {
        var found: Set<ServerAddress> = []
        for name in names {
            guard let hosts = await Self.addresses(of: name.host) else {
                logger.warning("name not resolved", metadata: ["service": "\(service)", "name": "\(name.host)"])
                return nil
            }
            for host in hosts {
                found.insert(ServerAddress(
                    endpoint: "tcp://\(ListenAddress(host: host, port: name.port))", serverKey: key))
            }
        }
        // Sorted first, so that every round keeps the same ones.
        return Set(found.sorted { $0.endpoint < $1.endpoint }.prefix(Self.addressesMax))
    }

    private static func isLiteral(_ host: String) -> Bool {
        var v4 = in_addr(), v6 = in6_addr()
        return inet_pton(AF_INET, host, &v4) == 1 || inet_pton(AF_INET6, host, &v6) == 1
    }

    /// `getaddrinfo` blocks, so it runs on a queue of its own and never on the pool that requests run on.
    private static func addresses(of host: String) async -> [String]? {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: lookUp(host)) }
        }
    }

    private static let queue = DispatchQueue(label: "cairn.resolve")

    private static func lookUp(_ host: String) -> [String]? {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return nil }
        defer { freeaddrinfo(list) }
        var found: [String] = []
        var next = list
        while let entry = next?.pointee {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            if getnameinfo(entry.ai_addr, entry.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 {
                let host = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                if !found.contains(host) { found.append(host) }
            }
            next = entry.ai_next
        }
        return found
    }
}
