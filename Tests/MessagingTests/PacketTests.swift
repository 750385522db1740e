import CZeroMQ
import Glibc
import Synchronization
import Testing
@testable import Messaging

/// Several messages in one frame, between two ends that both know how.
@Suite(.timeLimit(.minutes(3)))
struct PacketTests {
    private func read(_ packet: [UInt8]) throws -> [[UInt8]] {
        try packet.withUnsafeBytes { raw in
            var view = PacketView(try MessageView(raw))
            var bodies: [[UInt8]] = []
            while let message = try view.next() { bodies.append(Array(message.body)) }
            return bodies
        }
    }

    private func added(_ bodies: [[UInt8]], to packet: Packet) {
        let writer = MessageWriter()
        writer.begin(.reply)
        for body in bodies { packet.add(writer.head, body) }
    }

    @Test func `messages come out as they went in, and a lone one is sent as it is`() throws {
        let packet = Packet()
        added([[1, 2], [], [3]], to: packet)
        #expect(Array(packet.frame) == [0x43, 0x31, 8, 0, 0]
            + [0, 0, 0, 7, 0x43, 0x31, 2, 0, 0, 1, 2] + [0, 0, 0, 5, 0x43, 0x31, 2, 0, 0]
            + [0, 0, 0, 6, 0x43, 0x31, 2, 0, 0, 3])
        #expect(try read(Array(packet.frame)) == [[1, 2], [], [3]])
        packet.clear()
        added([[4]], to: packet)
        #expect(Array(packet.frame) == [0x43, 0x31, 2, 0, 0, 4])
    }

    @Test func `it holds eight messages, and 16 KiB`() throws {
        let packet = Packet()
        added([[UInt8]](repeating: [9], count: 7), to: packet)
        #expect(!packet.isFull)
        added([[9]], to: packet)
        #expect(packet.isFull)
        packet.clear()
        let largest = Packet.maxBytes - Wire.prefixBytes - Packet.lengthBytes
        #expect(Packet.takes(largest) && !Packet.takes(largest + 1) && packet.hasRoom(for: largest))
        added([[UInt8](repeating: 7, count: largest - Wire.prefixBytes - 9)], to: packet)
        #expect(packet.hasRoom(for: 5) && !packet.hasRoom(for: 6))
        added([[]], to: packet)
        #expect(packet.frame.count == Packet.maxBytes && !packet.hasRoom(for: 5))
        #expect(try read(Array(packet.frame)).map(\.count) == [largest - Wire.prefixBytes - 9, 0])
    }

    @Test(arguments: [true, false])
    func `a server packs what it answers together, for a peer that takes packets`(_ takes: Bool) async throws {
        let server = try await Mesh.server()
        let raw = RawPeer(server.boundEndpoint)
        raw.send(RawPeer.message(3, RawPeer.header { $0.put(.flags, UInt8(takes ? 8 : 0)) }))
        #expect(await raw.receive()?.kind == 4)
        raw.send(RawPeer.packet((0..<20).map { RawPeer.request(UInt64($0), [UInt8($0)]) }))
        var frames: [[[UInt8]]] = []
        while frames.joined().count < 20, let answer = await raw.receive() {
            frames.append(answer.kind == 8 ? try read(RawPeer.message(8, [], answer.body)) : [answer.body])
        }
        #expect(frames.map(\.count) == (takes ? [8, 8, 4] : [Int](repeating: 1, count: 20)))
        #expect(frames.joined().map { $0 } == (0..<20).map { [UInt8($0)] })
        await server.stop()
    }

    @Test func `what is not packed waits for the packet before it`() async throws {
        let tower = Mutex<RequestServer?>(nil)
        let server = try await Mesh.server { request in
            if request.body == [2] { tower.withLock { $0 }?.ring(source: "records") }
            return OutgoingReply(body: request.body)
        }
        tower.withLock { $0 = server }
        let raw = RawPeer(server.boundEndpoint)
        raw.send(RawPeer.message(3, RawPeer.header { $0.put(.flags, UInt8(2 | 8)) }))
        #expect(await raw.receive()?.kind == 4)
        raw.send(RawPeer.packet((0..<5).map { RawPeer.request(UInt64($0), [UInt8($0)]) }))
        let answers = [await raw.receive(), await raw.receive(), await raw.receive()].compactMap { $0 }
        #expect(answers.map(\.kind) == [8, 6, 8])
        let packed = try answers.filter { $0.kind == 8 }.map { try read(RawPeer.message(8, [], $0.body)) }
        #expect(packed == [[[0], [1]], [[2], [3], [4]]] as [[[UInt8]]])
        tower.withLock { $0 = nil }
        await server.stop()
    }

    @Test func `two peers that are answered by turns have packets each`() async throws {
        let gate = Gate()
        let server = try await Mesh.server { request in
            await gate.wait()
            return OutgoingReply(body: request.body)
        }
        let peers = [RawPeer(server.boundEndpoint), RawPeer(server.boundEndpoint, keys: Mesh.otherKeys)]
        for raw in peers {
            raw.send(RawPeer.message(3, RawPeer.header { $0.put(.flags, UInt8(8)) }))
            #expect(await raw.receive()?.kind == 4)
        }
        for number in 0..<4 {
            for raw in peers { raw.send(RawPeer.request(UInt64(number), [UInt8(number)])) }
            #expect(await eventually { gate.arrived == 2 * number + 2 })
        }
        // All eight go on in one turn.
        Mesh.reactor.post(Errand { gate.open() })
        for raw in peers {
            let answer = try #require(await raw.receive())
            let packed = try read(RawPeer.message(8, [], answer.body))
            #expect(packed == [[0], [1], [2], [3]] as [[UInt8]])
        }
        await server.stop()
    }

    @Test(arguments: [true, false])
    func `a client packs what it asks together, for a server that takes packets`(_ takes: Bool) async throws {
        let server = RawServer(takesPackets: takes)
        let client = try await server.client()
        var wrong = 0
        // What comes while the thread is busy comes together; that it does is likely, not sure.
        for round in 0..<500 where server.packets == 0 && (takes || round < 20) { wrong += try await burst(client, server) }
        #expect(wrong == 0 && (server.packets > 0) == takes)
        await client.close()
    }

    @Test func `after a silence a client packs nothing until the server says again that it takes packets`() async throws {
        let server = RawServer(takesPackets: true)
        let client = try await server.client()
        server.answersPing = false
        try await Task.sleep(for: .milliseconds(60))
        let wrong = try await burst(client, server)
        #expect(wrong == 0 && server.packets == 0)
        await client.close()
    }

    /// How many of twenty calls at once, made while the reactor's thread was busy, got a wrong answer.
    private func burst(_ client: RequestClient, _ server: RawServer) async throws -> Int {
        Mesh.reactor.post(Errand { usleep(5000) })
        let calls = Task {
            await withTaskGroup(of: Bool.self) { group in
                for number in 0..<20 {
                    group.addTask { await client.outcome(.echo("\(number)")) != .success(Reply(status: 0, body: Array("\(number)".utf8))) }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
        }
        let served = server.requests
        while server.requests < served + 20 { try await server.serve() }
        return await calls.value
    }
}

/// A ROUTER of plain libzmq that answers PING, and echoes each request in a frame of its own.
private final class RawServer {
    private let socket: UnsafeMutableRawPointer
    private let takesPackets: Bool
    private let reader = MessageReader(isRouter: true)
    private let door = Door(allow: Mesh.allow)
    private let endpoint: String
    var answersPing = true
    private(set) var requests = 0
    private(set) var packets = 0

    init(takesPackets: Bool) {
        self.takesPackets = takesPackets
        socket = zmq_socket(Mesh.reactor.context, ZMQ_ROUTER)
        var (off, on) = (Int32(0), Int32(1))
        zmq_setsockopt(socket, ZMQ_LINGER, &off, 4)
        zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &on, 4)
        zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, Mesh.serverKeys.secretKey.bytes, 32)
        zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, door.domain, door.domain.utf8.count)
        zmq_bind(socket, "tcp://127.0.0.1:*")
        var text = [CChar](repeating: 0, count: 256)
        var size = text.count
        zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, &text, &size)
        endpoint = Z85.text(text)
    }

    deinit { zmq_close(socket) }

    /// One that is connected and has its PONG.
    func client() async throws -> RequestClient {
        let isOpen = await Mesh.reactor.onThread { [door] in (try? Mesh.reactor.open(door)) != nil }
        #expect(isOpen)
        let client = RequestClient(
            reactor: Mesh.reactor, service: "records",
            addresses: [ServerAddress(endpoint: endpoint, serverKey: Mesh.serverKeys.publicKey)],
            keys: Mesh.callerKeys, logger: Mesh.logger)
        while client.peers.first?.phase != .up { try await serve() }
        return client
    }

    /// Takes what has come, or waits for a moment.
    func serve() async throws {
        var budget = 1000, isIdle = true
        while case .message = reader.next(from: socket, budget: &budget) {
            isIdle = false
            let message = try MessageView(reader.frame)
            switch message.kind {
            case .ping where answersPing: answer(RawPeer.message(4, RawPeer.header { $0.put(.flags, UInt8(takesPackets ? 8 : 0)) }))
            case .request: echo(message)
            case .packet:
                packets += 1
                var packet = PacketView(message)
                while let request = try packet.next() { echo(request) }
            default: break
            }
        }
        if isIdle { try await Task.sleep(for: .milliseconds(1)) }
    }

    private func echo(_ request: MessageView) {
        requests += 1
        answer(RawPeer.message(2, RawPeer.header { $0.put(.requestID, request.header.requestID ?? 0) }, Array(request.body)))
    }

    private func answer(_ message: [UInt8]) {
        zmq_send(socket, reader.routingID.baseAddress, reader.routingID.count, ZMQ_SNDMORE)
        zmq_send(socket, message, message.count, 0)
    }
}
