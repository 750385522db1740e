import Glibc
import Testing
@testable import Messaging

@Suite(.timeLimit(.minutes(3)))
struct FailoverTests {
    private func areUp(_ client: RequestClient, _ count: Int) -> Bool {
        client.peers.filter { $0.phase == .up }.count == count
    }

    @Test func `two servers share the load`() async throws {
        let (one, two) = (try await Mesh.server(), try await Mesh.server())
        let client = await Mesh.client([one, two])
        #expect(await eventually { areUp(client, 2) })
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<16 { group.addTask { for _ in 0..<50 { _ = await client.outcome(.echo()) } } }
        }
        let (a, b) = (one.stats.accepted, two.stats.accepted)
        #expect(a + b == 800 && min(a, b) > 200, "\(a) and \(b)")
        await client.close()
        await one.stop()
        await two.stop()
    }

    @Test func `a server drains and stops while another takes over, and no request fails`() async throws {
        let (old, new) = (try await Mesh.server(), try await Mesh.server())
        let client = await Mesh.client([old, new])
        #expect(await eventually { areUp(client, 2) })
        let stop = Counter()
        let work = Task { await withTaskGroup(of: (Int, Int).self) { group in
            for _ in 0..<32 {
                group.addTask {
                    var (good, bad) = (0, 0)
                    while stop.value == 0 {
                        // No key: a command that was run twice or lost would show.
                        if case .success = await client.outcome(.echo()) { good += 1 } else { bad += 1 }
                    }
                    return (good, bad)
                }
            }
            return await group.reduce((0, 0)) { ($0.0 + $1.0, $0.1 + $1.1) }
        } }
        #expect(await eventually { old.stats.accepted > 300 && new.stats.accepted > 300 })
        let start = ContinuousClock.now
        await old.drain()
        let took = ContinuousClock.now - start
        await old.stop()
        let (accepted, before) = (old.stats.accepted, new.stats.accepted)
        #expect(await eventually { new.stats.accepted > before + 500 })
        stop.up()
        let (good, bad) = await work.value
        #expect(bad == 0 && good == accepted + new.stats.accepted && accepted == old.stats.accepted && took < .milliseconds(1900),
                "\(bad) failed of \(good), drained in \(took)")
        await client.close()
        await new.stop()
    }

    @Test func `the last answer of a server that drains and stops is read`() async throws {
        for _ in 0..<20 {
            let gate = Gate()
            let server = try await Mesh.server { request in
                await gate.wait()
                return OutgoingReply(body: request.body)
            }
            let client = await Mesh.client([server])
            let call = Task { await client.outcome(.echo()) }
            #expect(await eventually { gate.arrived == 1 })
            async let drained: Void = server.drain()
            #expect(await eventually { client.peers.first?.phase == .draining })
            // The thread answers, and then looks at no socket for a while: not before the connection has ended, should
            // the server stop at once.
            Mesh.reactor.post(Errand {
                gate.open()
                Mesh.reactor.post(Errand {
                    usleep(20_000)
                    Mesh.reactor.post(Errand { usleep(20_000) })
                })
            })
            await drained
            await server.stop()
            #expect(await call.value == .success(Reply(status: 0, body: Array("hello".utf8))))
            await client.close()
        }
    }

    @Test func `draining waits for what is in flight`() async throws {
        let gate = Gate()
        let server = try await Mesh.server { request in
            await gate.wait()
            return OutgoingReply(body: request.body)
        }
        let client = await Mesh.client([server])
        let call = Task { await client.outcome(.echo()) }
        #expect(await eventually { gate.arrived == 1 })
        let drained = Counter()
        let drain = Task { await server.drain(); drained.up() }
        #expect(await eventually { client.peers.first?.phase == .draining })
        let refused = await client.outcome(.echo(within: .milliseconds(50)))
        #expect(refused == .failure(.unavailable("records")) && drained.value == 0)
        gate.open()
        await drain.value
        #expect(await call.value == .success(Reply(status: 0, body: Array("hello".utf8))))
        await server.stop()
        await client.close()
    }

    @Test func `a server that was killed is found again when it is back`() async throws {
        let first = try await Mesh.server()
        let endpoint = first.boundEndpoint
        let client = await Mesh.client([first])
        _ = try await client.call(.echo())
        await first.stop()
        let gone = await client.outcome(.echo(within: .milliseconds(200)))
        let second = try await Mesh.server(endpoint: endpoint)
        #expect(await eventually { areUp(client, 1) })
        let back = await client.outcome(.echo())
        guard case .failure = gone, case .success = back else {
            Issue.record("\(gone), \(back)")
            return
        }
        await client.close()
        await second.stop()
    }

    @Test(arguments: [(key: "k-1", idempotent: false), (key: nil, idempotent: true), (key: nil, idempotent: false)])
    func `a request lost with its server is repeated elsewhere only with a key or if it is a read`(
        _ kind: (key: String?, idempotent: Bool)
    ) async throws {
        let gate = Gate()
        let dying = try await Mesh.server { request in
            await gate.wait()
            return OutgoingReply(body: request.body)
        }
        let client = await Mesh.client([dying])
        let call = Task {
            await client.outcome(OutgoingRequest(method: "echo", key: kind.key, idempotent: kind.idempotent,
                                                 deadline: .seconds(8), body: [4]))
        }
        #expect(await eventually { gate.arrived == 1 })
        let other = try await Mesh.server()
        client.update(addresses: [Mesh.address(dying), Mesh.address(other)])
        #expect(await eventually { areUp(client, 2) })
        await dying.stop()
        let isRetryable = kind.key != nil || kind.idempotent
        #expect(await call.value == (isRetryable ? .success(Reply(status: 0, body: [4])) : .failure(.lost("records")))
            && other.stats.accepted == (isRetryable ? 1 : 0) && MessagingError.lost("records").outcomeUnknown)
        gate.open()
        await client.close()
        await other.stop()
    }

    @Test func `an address that is gone finishes what it has and gets no more`() async throws {
        let gate = Gate()
        let old = try await Mesh.server { request in
            await gate.wait()
            return OutgoingReply(body: [1])
        }
        let new = try await Mesh.server { _ in OutgoingReply(body: [2]) }
        let client = await Mesh.client([old])
        let held = Task { await client.outcome(.echo()) }
        #expect(await eventually { gate.arrived == 1 })
        client.update(addresses: [Mesh.address(new)])
        let next = await client.outcome(.echo())
        gate.open()
        #expect(await [held.value, next] == [.success(Reply(status: 0, body: [1])), .success(Reply(status: 0, body: [2]))])
        #expect(await eventually { client.peers.map(\.endpoint) == [new.boundEndpoint] })
        await client.close()
        await old.stop()
        await new.stop()
    }
}
