import Domain
import Messaging
import ServiceKit

/// Where a consumer reads from: another service over the wire, or this process's own log.
package protocol FeedSource: Sendable {
    /// - Throws: when the source cannot be reached; the consumer tries again.
    func fetch(_ request: FeedRequest) async throws -> FeedReply
}

/// Another service's feed. The request waits at one replica; a bell from any replica cuts the wait short.
package struct RemoteFeed: FeedSource {
    /// The replica that keeps our request needs this long to answer by itself after a bell of its own.
    static let grace = Duration.milliseconds(3)

    private let service: String
    private let client: RequestClient
    private let bells: FeedNews

    package init(service: String, client: RequestClient, bells: FeedNews) {
        self.service = service
        self.client = client
        self.bells = bells
    }

    package func fetch(_ request: FeedRequest) async throws -> FeedReply {
        if client.peers.count <= 1 { return try await ask(request) }
        let known = bells.count
        return try await withThrowingTaskGroup(of: FeedReply?.self) { group in
            group.addTask { try await ask(request) }
            group.addTask {
                await bells.wait(after: known, atMost: request.wait + .seconds(30))
                try await Task.sleep(for: Self.grace)
                return nil
            }
            defer { group.cancelAll() }
            if let first = try await group.next(), let reply = first { return reply }
            group.cancelAll()
            var atOnce = request
            atOnce.wait = .zero
            return try await ask(atOnce)
        }
    }

    private func ask(_ request: FeedRequest) async throws -> FeedReply {
        let reply = try await client.call(OutgoingRequest(
            method: "\(service).fetch_events", key: nil, idempotent: true, deadline: request.wait + .seconds(5),
            subject: [], traceparent: "", body: FeedWire.encode(request)))
        if reply.status == 0 { return try FeedWire.reply(reply.body) }
        throw (try? Wire.decode(Fault.self, from: reply.body))
            ?? Fault(.internal, "The feed gave an answer that makes no sense.")
    }
}

/// This process's own log, for reactions of a service to its own events.
package struct LocalFeed: FeedSource {
    private let server: FeedServer

    package init(_ log: EventLog) { server = FeedServer(log) }

    package func fetch(_ request: FeedRequest) async throws -> FeedReply { try await server.read(request) }
}
