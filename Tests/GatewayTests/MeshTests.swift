import Domain
import Foundation
@testable import Gateway
import Logging
import Messaging
import ServiceKit
import Testing

/// The real way to a service: CURVE, frames, the service's dispatcher, and back.
@Suite(.timeLimit(.minutes(1))) struct `Over the mesh` {
    @Test func `a service knows who asks, and its refusal reaches the caller`() async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let gateway = CurveKeyPair.generate(), service = CurveKeyPair.generate()
        var dispatcher = Dispatcher(service: "notifications", zone: try required(StateZone(identifier: "America/Chicago")), logger: logger)
        dispatcher.register(Answering(GetPartner.self) { query, context in
            if query.partner.description.hasSuffix("3") { throw Fault.notFound("partner") }
            try context.authorize(.partner(query.partner))
            return GetPartner.Reply(
                partner: query.partner, organization: EntityID(Fixture.scope), title: context.trace.traceID)
        })
        let dispatch = dispatcher
        let here = Reactor(logger: logger), there = Reactor(logger: logger)
        let server = RequestServer(
            reactor: there, endpoint: "tcp://127.0.0.1:*", keys: service,
            allow: AllowList([gateway.publicKey: Peer(name: "gateway-1", role: "gateway")]), logger: logger,
            handler: { await dispatch.answer($0) })
        try await server.start()
        let client = RequestClient(
            reactor: here, service: "notifications",
            addresses: [ServerAddress(endpoint: server.boundEndpoint, serverKey: service.publicKey)], keys: gateway,
            logger: logger)
        let backend = ServiceBackend(clients: ["notifications": client])
        let fixture = try Fixture(FakeBackend { request throws(MessagingError) in
            try await backend.call("notifications", request)
        })
        let own = try await fixture.send(.get, "/v1/partners/\(someID)", as: .partner)
        let other = try await fixture.send(.get, "/v1/partners/\(someID.dropLast())2", as: .partner)
        let none = try await fixture.send(.get, "/v1/partners/\(someID.dropLast())3", as: .partner)
        let elsewhere = await { () async -> Bool in
            do throws(MessagingError) {
                _ = try await backend.call("records", OutgoingRequest(method: "records.x", deadline: .seconds(1), body: []))
                return false
            } catch { return error == .unavailable("records") }
        }()
        #expect(own.status == 200 && own.json["partner"]?.text == someID
            && own.json["title"]?.text == TraceContext(own[.traceparent] ?? "")?.traceID)
        #expect(other.outcome == Answer.Outcome(404, "not_found") && elsewhere && backend.missing == [])
        // Whom it does not concern must not learn whether there is such a thing at all.
        #expect(none.outcome == other.outcome && none.json["detail"] == other.json["detail"])
        await server.stop()
        await backend.close()
        await here.shutdown()
        await there.shutdown()
    }
}
