import Domain
import Messaging

/// The services behind the gateway.
protocol Backend: Sendable {
    func call(_ service: String, _ request: OutgoingRequest) async throws(MessagingError) -> BackendReply
}

struct BackendReply: Sendable, Hashable {
    /// 0: the reply, 1: a `Fault`.
    var status: UInt8
    var body: [UInt8]
}

/// The real ones, over ZeroMQ: a client for each service.
struct ServiceBackend: Backend {
    let clients: [String: RequestClient]

    func call(_ service: String, _ request: OutgoingRequest) async throws(MessagingError) -> BackendReply {
        guard let client = clients[service] else { throw .unavailable(service) }
        let reply = try await client.call(request)
        return BackendReply(status: reply.status, body: reply.body)
    }

    /// The services without a server that is up; ready means none.
    var missing: [String] {
        clients.filter { !$0.value.peers.contains { $0.phase == .up } }.keys.sorted()
    }

    func close() async {
        for client in clients.values { await client.close() }
    }
}
