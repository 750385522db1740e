import Glibc
import Logging
import Synchronization
import Testing
@testable import Messaging

@Suite(.timeLimit(.minutes(2)))
struct ReactorTests {
    @Test func `a task that prefers the reactor runs on its thread, before and after awaiting another`() async {
        let threads = await Task(executorPreference: Mesh.reactor) {
            var threads = [Mesh.reactor.isCurrent]
            await Task.detached { _ = usleep(1000) }.value
            threads.append(Mesh.reactor.isCurrent)
            return threads
        }.value
        #expect(threads == [true, true])
    }

    @Test func `a handler starts on the reactor and comes back to it`() async throws {
        let seen = Mutex<[Bool]>([])
        let server = try await Mesh.server { request in
            let before = Mesh.reactor.isCurrent
            await Task.detached { _ = usleep(1000) }.value
            seen.withLock { $0 += [before, Mesh.reactor.isCurrent] }
            return OutgoingReply(body: request.body)
        }
        let client = await Mesh.client([server])
        _ = try await client.call(.echo())
        #expect(seen.withLock { $0 } == [true, true])
        await client.close()
        await server.stop()
    }

    @Test func `no wake-up is lost between many producers and the parked thread`() async {
        let opened = Counter()
        await withTaskGroup(of: Void.self) { group in
            for producer in 0..<8 {
                group.addTask {
                    for round in 0..<2000 {
                        await Mesh.reactor.onThread { _ = opened.up() }
                        if (round + producer) % 97 == 0 { try? await Task.sleep(for: .microseconds(300)) }
                    }
                }
            }
        }
        #expect(opened.value == 16_000)
    }

    /// A signal of a socket that was swallowed would show as a call that waits for the next timer, up to a second.
    @Test func `one call at a time never waits for a timer`() async throws {
        let one = try await Mesh.server(), two = try await Mesh.server(placement: .pool)
        let client = await Mesh.client([one, two])
        var slow = 0
        for _ in 0..<3000 {
            let start = ContinuousClock.now
            _ = try await client.call(.echo(within: .seconds(30)))
            if ContinuousClock.now - start > .milliseconds(200) { slow += 1 }
        }
        // A few for a machine that is busy with other things.
        #expect(slow < 10)
        await client.close()
        await one.stop()
        await two.stop()
    }

    @Test func `a signal that interrupts the wait does no harm`() async throws {
        signal(SIGUSR2) { _ in }
        let thread = await Mesh.reactor.onThread { UInt(pthread_self()) }
        let server = try await Mesh.server()
        let client = await Mesh.client([server])
        for _ in 0..<50 {
            pthread_kill(pthread_t(thread), SIGUSR2)
            #expect(await client.outcome(.echo()) == .success(Reply(status: 0, body: Array("hello".utf8))))
        }
        await client.close()
        await server.stop()
    }

    /// libzmq 4.3.4 aborts here if its own heartbeats are on: its timer writes to a connection that failed while its
    /// input was stopped at the high-water mark (libzmq issue 4364). In a process of its own, which would die of it.
    @Test func `a peer that floods a stalled server and vanishes does not end the process`() async {
        await #expect(processExitsWith: .success) {
            let reactor = Reactor(logger: Mesh.logger)
            let (keys, caller) = (CurveKeyPair.generate(), CurveKeyPair.generate())
            let server = RequestServer(
                reactor: reactor, endpoint: "tcp://127.0.0.1:*", keys: keys,
                allow: AllowList([caller.publicKey: Peer(name: "a", role: "b")]), logger: Mesh.logger) {
                    OutgoingReply(body: $0.body)
                }
            try await server.start()
            let started = Counter(), ended = Counter()
            do {
                let raw = RawPeer(server.boundEndpoint, keys: caller, serverKey: keys.publicKey, reactor: reactor)
                raw.send(RawPeer.request())
                let answer = await raw.receive(within: 20)
                precondition(answer != nil)
                reactor.post(Errand {
                    started.up()
                    usleep(4_000_000)
                    ended.up()
                })
                let isStalled = await eventually { started.value == 1 }
                precondition(isStalled)
                for _ in 0..<5000 { raw.send(RawPeer.request(1, [UInt8](repeating: 1, count: 1000))) }
                try await Task.sleep(for: .milliseconds(500))
            }
            let isOver = await eventually(within: 30) { ended.value == 1 }
            precondition(isOver)
            let client = RequestClient(
                reactor: reactor, service: "s", addresses: [ServerAddress(endpoint: server.boundEndpoint, serverKey: keys.publicKey)],
                keys: caller, logger: Mesh.logger)
            let isUp = await eventually(within: 30) { client.peers.first?.phase == .up }
            precondition(isUp)
        }
    }

    /// In a process of its own: a context is ended only where no other lives.
    @Test func `after a shutdown calls are closed, servers do not start, and tasks still run`() async {
        await #expect(processExitsWith: .success) {
            let logger = Mesh.logger
            let reactor = Reactor(logger: logger)
            let (keys, caller) = (CurveKeyPair.generate(), CurveKeyPair.generate())
            @Sendable func makeServer() -> RequestServer {
                RequestServer(reactor: reactor, endpoint: "tcp://127.0.0.1:*", keys: keys,
                              allow: AllowList([caller.publicKey: Peer(name: "a", role: "b")]), logger: logger) { request in
                    try? await Task.sleep(for: .seconds(60))
                    return OutgoingReply(body: request.body)
                }
            }
            let server = makeServer()
            try await server.start()
            let client = RequestClient(
                reactor: reactor, service: "s", addresses: [ServerAddress(endpoint: server.boundEndpoint, serverKey: keys.publicKey)],
                keys: caller, logger: logger)
            let held = Task { await client.outcome(.echo(within: .seconds(50))) }
            let arrived = await eventually { server.stats.inFlight == 1 }
            precondition(arrived)
            await reactor.shutdown()
            await reactor.shutdown()
            let (first, second) = (await held.value, await client.outcome(.echo()))
            precondition(first == .failure(.closed) && second == .failure(.closed))
            do throws(SetupError) { try await makeServer().start(); preconditionFailure("started") } catch {}
            let ran = await Task(executorPreference: reactor) { reactor.isCurrent }.value
            precondition(ran)
        }
    }
}
