import Dispatch
import Glibc
import ServiceKit
import Synchronization

/// Looks names up by the system's resolver, off the cooperative pool: `getaddrinfo` blocks, for as long as a hostile
/// name server likes. At most `underWayMax` lookups block at a time and each caller waits `limit`; a lookup given up on
/// keeps its place until the system returns.
package final class Resolver: Sendable {
    static let underWayMax = 8
    static let addressesMax = 16
    static let limit = Duration.seconds(5)

    package struct Failure: Error { package let reason: String }

    package init() {}

    private let underWay = Mutex(0)
    private let queue = DispatchQueue(label: "cairn.resolve", attributes: .concurrent)

    /// - Returns: 1...16 addresses, in the system's order.
    package func addresses(of host: String) async throws(Failure) -> [PublicAddress] {
        if let literal = PublicAddress(host) { return [literal] }
        let free = underWay.withLock { count in
            if count < Self.underWayMax { count += 1 }
            else { return false }
            return true
        }
        guard free else { throw Failure(reason: "name lookups are busy") }
        let end = await bounded(by: Self.limit) { [self] in await lookUp(host) }
        guard case .finished(let found) = end, let found, !found.isEmpty else {
            throw Failure(reason: "the name cannot be resolved")
        }
        return found
    }

    /// The first address, if all of them may be reached. One private among public ones is an attack, not a choice.
    package func reachable(_ url: PublicURL) async throws(Failure) -> PublicAddress {
        let found = try await addresses(of: url.host)
        let allowed = found.allSatisfy { url.isLoopback ? $0.isLoopback : $0.isGloballyRoutable }
        guard allowed, let first = found.first else { throw Failure(reason: "blocked address") }
        return first
    }

    private func lookUp(_ host: String) async -> [PublicAddress]? {
        await withCheckedContinuation { continuation in
            queue.async { [self] in
                let found = Self.ask(host)
                underWay.withLock { $0 -= 1 }
                continuation.resume(returning: found)
            }
        }
    }

    private static func ask(_ host: String) -> [PublicAddress]? {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return nil }
        defer { freeaddrinfo(list) }
        var found: [PublicAddress] = []
        var next = list
        while let entry = next, found.count < addressesMax {
            next = entry.pointee.ai_next
            guard let address = entry.pointee.ai_addr else { continue }
            let raw = UnsafeRawPointer(address)
            switch entry.pointee.ai_family {
            case AF_INET:
                let bytes = raw.loadUnaligned(as: sockaddr_in.self).sin_addr
                found.append(PublicAddress(bytes: withUnsafeBytes(of: bytes) { Array($0) }))
            case AF_INET6:
                let bytes = raw.loadUnaligned(as: sockaddr_in6.self).sin6_addr
                found.append(PublicAddress(bytes: withUnsafeBytes(of: bytes) { Array($0) }))
            default: break
            }
        }
        return found
    }
}
