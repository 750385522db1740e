import Synchronization
import Testing
@testable import Messaging

@Suite(.timeLimit(.minutes(3)))
struct RequestReplyTests {
    @Test(arguments: [HandlerPlacement.reactor, .pool])
    func `a request reaches the handler whole, with the identity ZAP attests`(_ placement: HandlerPlacement) async throws {
        let seen = Mutex<IncomingRequest?>(nil)
        let server = try await Mesh.server(placement: placement) { request in
            seen.withLock { $0 = request }
            return OutgoingReply(status: 9, body: Array(request.body.reversed()))
        }
        let client = await Mesh.client([server])
        let reply = try await client.call(OutgoingRequest(
            method: "records.attest-and-more", key: "key-1", deadline: .seconds(4), subject: [1, 0, 2],
            traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", body: [1, 2, 3]))
        let request = try #require(seen.withLock { $0 })
        let left = request.deadline - .now
        #expect(reply == Reply(status: 9, body: [3, 2, 1]) && request.peer == Mesh.caller
            && request.method == "records.attest-and-more" && request.key == "key-1" && request.subject == [1, 0, 2]
            && request.traceparent == "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
            && request.body == [1, 2, 3] && left > .seconds(1) && left <= .seconds(4))
        await client.close()
        await server.stop()
    }

    @Test(arguments: [HandlerPlacement.reactor, .pool])
    func `ten thousand requests, 64 in flight, each get their own answer`(_ placement: HandlerPlacement) async throws {
        let server = try await Mesh.server(placement: placement)
        let client = await Mesh.client([server])
        let next = Counter()
        let wrong = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<64 {
                group.addTask {
                    var wrong = 0
                    while true {
                        let number = next.up()
                        if number > 10_000 { return wrong }
                        let body = Array("\(number)".utf8) + [UInt8](repeating: 7, count: number % 900)
                        let outcome = await client.outcome(OutgoingRequest(method: "echo", deadline: .seconds(20), body: body))
                        if outcome != .success(Reply(status: 0, body: body)) { wrong += 1 }
                    }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(wrong == 0 && server.stats.accepted == 10_000 && server.stats.inFlight == 0)
        await client.close()
        await server.stop()
    }

    @Test func `the largest body passes and one byte more is refused on either side`() async throws {
        let server = try await Mesh.server { OutgoingReply(body: $0.body + ($0.method == "grow" ? [0] : [])) }
        let client = await Mesh.client([server])
        let largest = [UInt8](repeating: 5, count: 1 << 20)
        let same = await client.outcome(OutgoingRequest(method: "echo", deadline: .seconds(10), body: largest))
        let grown = await client.outcome(OutgoingRequest(method: "grow", deadline: .seconds(10), body: largest))
        let over = await client.outcome(OutgoingRequest(method: "echo", deadline: .seconds(10), body: largest + [0]))
        let nameless = await client.outcome(OutgoingRequest(method: "", deadline: .seconds(10), body: []))
        // As large as a message can be: every field at its bound, too.
        let fullest = await client.outcome(OutgoingRequest(
            method: String(repeating: "m", count: 128), key: String(repeating: "k", count: 256), deadline: .seconds(10),
            subject: [UInt8](repeating: 6, count: 3072), traceparent: String(repeating: "t", count: 128), body: largest))
        #expect([same, fullest, grown, over, nameless]
            == [.success(Reply(status: 0, body: largest)), .success(Reply(status: 0, body: largest)), .failure(.tooLarge), .failure(.tooLarge), .failure(.tooLarge)])
        await client.close()
        await server.stop()
    }

    @Test func `a deadline ends the wait, and its late reply is dropped`() async throws {
        let gate = Gate()
        let server = try await Mesh.server { request in
            if request.method == "wait" { await gate.wait() }
            return OutgoingReply(body: request.body)
        }
        let client = await Mesh.client([server])
        _ = try await client.call(.echo())
        let start = ContinuousClock.now
        let late = await client.outcome(OutgoingRequest(method: "wait", deadline: .milliseconds(150), body: [1]))
        let took = ContinuousClock.now - start
        gate.open()
        let next = await client.outcome(.echo("next"))
        #expect(late == .failure(.timeout) && MessagingError.timeout.outcomeUnknown && took >= .milliseconds(150)
            && took < .seconds(3) && next == .success(Reply(status: 0, body: Array("next".utf8))))
        await client.close()
        await server.stop()
    }

    @Test func `a request whose deadline has passed is not run`() async throws {
        let server = try await Mesh.server()
        let raw = RawPeer(server.boundEndpoint)
        raw.send(RawPeer.message(1, RawPeer.header {
            $0.put(.requestID, UInt64(1))
            $0.put(.method, "echo")
            $0.put(.deadline, UInt32(0))
        }))
        #expect(await eventually { server.stats.expired == 1 } && server.stats.accepted == 0)
        await server.stop()
    }

    @Test func `beyond its bounds a server says BUSY at once, to one peer at half of them`() async throws {
        let gate = Gate()
        let server = try await Mesh.server(maxInFlight: 4) { request in
            await gate.wait()
            return OutgoingReply(body: request.body)
        }
        let one = await Mesh.client([server]), two = await Mesh.client([server], keys: Mesh.otherKeys)
        let held = Task { await withTaskGroup(of: Bool.self) { group in
            for client in [one, one, two, two] {
                group.addTask { if case .success = await client.outcome(.echo()) { true } else { false } }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        } }
        #expect(await eventually { gate.arrived == 4 })
        let third = await one.outcome(.echo(within: .seconds(30)))
        #expect(third == .failure(.busy) && !MessagingError.busy.outcomeUnknown && server.stats.busy == 1
            && server.stats.inFlight == 4)
        gate.open()
        #expect(await held.value == 4)
        await one.close()
        await two.close()
        await server.stop()
    }

    @Test func `one peer may not hold more than half, over however many connections`() async throws {
        let gate = Gate()
        let server = try await Mesh.server(maxInFlight: 4) { request in
            await gate.wait()
            return OutgoingReply(body: request.body)
        }
        let greedy = await [Mesh.client([server]), Mesh.client([server]), Mesh.client([server])]
        let modest = await Mesh.client([server], keys: Mesh.otherKeys)
        let outcomes = Task { await withTaskGroup(of: Result<Reply, MessagingError>.self) { group in
            for client in greedy { group.addTask { await client.outcome(.echo()) } }
            return await group.reduce(into: []) { $0.append($1) }
        } }
        #expect(await eventually { server.stats.busy == 1 })
        let other = Task { await modest.outcome(.echo()) }
        #expect(await eventually { gate.arrived == 3 })
        gate.open()
        let refused = await outcomes.value.filter { $0 == .failure(.busy) }.count
        let served = await other.value
        #expect(refused == 1 && served == .success(Reply(status: 0, body: Array("hello".utf8))))
        for client in greedy { await client.close() }
        await modest.close()
        await server.stop()
    }

    @Test func `without a server a call waits a second at most and knows that nothing was run`() async throws {
        let client = RequestClient(
            reactor: Mesh.reactor, service: "records",
            addresses: [ServerAddress(endpoint: "tcp://127.0.0.1:1", serverKey: Mesh.serverKeys.publicKey),
                        ServerAddress(endpoint: "ipc:///tmp/never", serverKey: Mesh.serverKeys.publicKey)],
            keys: Mesh.callerKeys, logger: Mesh.logger)
        let start = ContinuousClock.now
        let short = await client.outcome(.echo(within: .milliseconds(100)))
        let middle = ContinuousClock.now
        let long = await client.outcome(.echo(within: .seconds(30)))
        let end = ContinuousClock.now
        #expect([short, long] == [.failure(.unavailable("records")), .failure(.unavailable("records"))]
            && middle - start < .seconds(8) && end - middle < .seconds(15)
            && !MessagingError.unavailable("records").outcomeUnknown && client.peers.count == 1)
        await client.close()
    }

    @Test func `a cancelled call ends at once, before and after it is sent`() async throws {
        let gate = Gate()
        let server = try await Mesh.server { request in
            await gate.wait()
            return OutgoingReply(body: request.body)
        }
        let client = await Mesh.client([server])
        let sent = Task { await client.outcome(.echo(within: .seconds(60))) }
        #expect(await eventually { gate.arrived == 1 })
        sent.cancel()
        let before = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await client.outcome(.echo(within: .seconds(60)))
        }
        #expect(await [sent.value, before.value] == [.failure(.cancelled), .failure(.cancelled)])
        gate.open()
        await client.close()
        await server.stop()
    }

    @Test func `closing a client ends its calls`() async throws {
        let gate = Gate()
        let server = try await Mesh.server { request in
            await gate.wait()
            return OutgoingReply(body: request.body)
        }
        let client = await Mesh.client([server])
        let call = Task { await client.outcome(.echo(within: .seconds(60))) }
        #expect(await eventually { gate.arrived == 1 })
        await client.close()
        #expect(await [call.value, client.outcome(.echo())] == [.failure(.closed), .failure(.closed)])
        gate.open()
        await server.stop()
    }

    @Test func `bells reach those who listen, equal ones as one, and nobody else`() async throws {
        let server = try await Mesh.server()
        let heard = Mutex<[String: Int]>([:]), overheard = Counter()
        let listener = await Mesh.client([server], listens: true) { bell in
            heard.withLock { $0[String(decoding: bell, as: UTF8.self), default: 0] += 1 }
        }
        let other = await Mesh.client([server], keys: Mesh.otherKeys) { _ in overheard.up() }
        _ = try await listener.call(.echo())
        _ = try await other.call(.echo())
        #expect(await eventually {
            server.ring(source: "records")
            server.ring(source: "pathways")
            return heard.withLock { $0["records"] != nil && $0["pathways"] != nil }
        })
        let before = heard.withLock { $0["storm", default: 0] }
        for _ in 0..<5000 { server.ring(source: "storm") }
        server.ring([UInt8](repeating: 65, count: 65))
        server.ring(source: "end")
        #expect(await eventually { heard.withLock { $0["end"] != nil } })
        let storm = heard.withLock { $0["storm", default: 0] } - before
        // 5 000 rings are a few milliseconds' work: one bell for each millisecond at most.
        #expect(storm >= 1 && storm < 2500 && heard.withLock { $0.count } == 4 && overheard.value == 0)
        await listener.close()
        await other.close()
        await server.stop()
    }
}
