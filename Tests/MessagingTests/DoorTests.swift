import Logging
import Testing
@testable import Messaging

@Suite(.timeLimit(.minutes(3)))
struct DoorTests {
    @Test func `a stranger's key is refused`() async throws {
        let server = try await Mesh.server()
        let refusedBefore = server.stats.refusedByZAP
        let stranger = Mesh.outsider([server], keys: .generate())
        #expect(await stranger.outcome(.echo(within: .seconds(1))) == .failure(.unavailable("records")))
        #expect(refusedBefore == 1 && server.stats.refusedByZAP > refusedBefore && server.stats.accepted == 0)
        await stranger.close()
        await server.stop()
    }

    @Test func `a caller without CURVE is refused`() async throws {
        let server = try await Mesh.server()
        let plain = RawPeer(server.boundEndpoint, keys: nil)
        for _ in 0..<5 { plain.send(RawPeer.request()) }
        #expect(await plain.receive(within: 1) == nil && server.stats.accepted == 0 && server.stats.malformed == 0)
        await server.stop()
    }

    @Test func `a server with another key than the pinned one is not talked to`() async throws {
        let server = try await Mesh.server()
        let client = RequestClient(
            reactor: Mesh.reactor, service: "records",
            addresses: [ServerAddress(endpoint: server.boundEndpoint, serverKey: CurveKeyPair.generate().publicKey)],
            keys: Mesh.callerKeys, logger: Mesh.logger)
        #expect(await client.outcome(.echo(within: .milliseconds(500))) == .failure(.unavailable("records")))
        #expect(server.stats.accepted == 0)
        await client.close()
        await server.stop()
    }

    @Test func `each server admits by its own list`() async throws {
        let (open, closed) = (try await Mesh.server(), try await Mesh.server(allow: AllowList([:])))
        let client = await Mesh.client([open]), shut = Mesh.outsider([closed])
        let outcomes = await [client.outcome(.echo()), shut.outcome(.echo(within: .milliseconds(500)))]
        #expect(outcomes == [.success(Reply(status: 0, body: Array("hello".utf8))), .failure(.unavailable("records"))])
        await client.close()
        await shut.close()
        await open.stop()
        await closed.stop()
    }

    /// In a process of its own, because it needs a context without a doorkeeper.
    @Test func `a server whose door does not hold refuses to start`() async {
        await #expect(processExitsWith: .success) {
            let reactor = Reactor(logger: Logger(label: "no-door"), answersZAP: false)
            let server = RequestServer(
                reactor: reactor, endpoint: "tcp://127.0.0.1:*", keys: .generate(), allow: AllowList([:]),
                logger: Logger(label: "no-door")) { OutgoingReply(body: $0.body) }
            do throws(SetupError) {
                try await server.start()
            } catch {
                guard case .insecure(let text) = error, text.contains("stranger's key was admitted") else {
                    preconditionFailure("\(error)")
                }
                precondition(server.boundEndpoint.isEmpty)
                return
            }
            preconditionFailure("it started")
        }
    }

    @Test func `an endpoint that is taken or is not TCP is refused`() async throws {
        let server = try await Mesh.server()
        for endpoint in [server.boundEndpoint, "ipc:///tmp/cairn-test", "inproc://a", "tcp://nonsense", ""] {
            await #expect(throws: SetupError.self, "\(endpoint)") { try await Mesh.server(endpoint: endpoint) }
        }
        await server.stop()
    }

    @Test func `a routing id chosen by the client is refused, and takes nothing from anybody`() async throws {
        let server = try await Mesh.server { OutgoingReply(body: Array($0.peer.description.utf8)) }
        let honest = RawPeer(server.boundEndpoint, routingID: nil)
        honest.send(RawPeer.request())
        let first = await honest.receive()
        let thief = RawPeer(server.boundEndpoint, keys: Mesh.otherKeys, routingID: "gateway-1")
        for _ in 0..<4 { thief.send(RawPeer.request()) }
        #expect(await eventually { server.stats.malformed == 4 })
        let stolen = await thief.receive(within: 0.1)
        honest.send(RawPeer.request())
        let second = await honest.receive()
        #expect(first?.body == Array("gateway/gateway-1".utf8) && second == first && stolen == nil
            && server.stats.malformedByKind == ["routingID": 4] && server.stats.accepted == 2)
        await server.stop()
    }

    @Test func `an identity claimed in a message counts for nothing`() async throws {
        let server = try await Mesh.server { OutgoingReply(body: Array($0.peer.description.utf8)) }
        let raw = RawPeer(server.boundEndpoint, keys: Mesh.otherKeys)
        raw.send(RawPeer.message(1, RawPeer.header {
            $0.put(.requestID, UInt64(1))
            $0.put(.method, "echo")
            $0.put(.deadline, UInt32(5000))
        } + [77, 0, 17] + Array("gateway/gateway-1".utf8)))
        #expect(await raw.receive()?.body == Array("records/records-1".utf8))
        await server.stop()
    }

    @Test func `a key taken off the list ends the session it opened`() async throws {
        let server = try await Mesh.server()
        let raw = RawPeer(server.boundEndpoint)
        raw.send(RawPeer.request())
        let before = await raw.receive()
        server.update(allow: AllowList([Mesh.otherKeys.publicKey: Mesh.other]))
        let bye = await raw.receive()
        raw.send(RawPeer.request())
        #expect(before?.kind == 2 && bye?.kind == 7)
        #expect(await eventually { server.stats.ignored == 1 })
        #expect(await raw.receive(within: 0.1) == nil && server.stats.accepted == 1)
        let client = Mesh.outsider([server])
        #expect(await client.outcome(.echo(within: .milliseconds(500))) == .failure(.unavailable("records")))
        await client.close()
        await server.stop()
    }

    @Test func `a connection whose key was taken off the list opens no other session`() async throws {
        let server = try await Mesh.server()
        let raw = RawPeer(server.boundEndpoint)
        raw.send(RawPeer.request())
        let before = await raw.receive()
        raw.send(RawPeer.message(7))
        #expect(before?.kind == 2)
        #expect(await eventually { server.stats.sessions == 0 })
        server.update(allow: AllowList([Mesh.otherKeys.publicKey: Mesh.other]))
        raw.send(RawPeer.request())
        #expect(await eventually { server.stats.ignored == 1 })
        #expect(server.stats.accepted == 1 && server.stats.sessions == 0)
        await server.stop()
    }
}
