import CZeroMQ
import Glibc
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
        #expect(packet.hasRoom(for: 6) && !packet.isFull)
        added([[9]], to: packet)
        #expect(!packet.hasRoom(for: 6) && packet.isFull)
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

    @Test(arguments: [true, false])
    func `a client packs what it asks together, for a server that takes packets`(_ takes: Bool) async throws {
        let server = RawServer(takesPackets: takes)
        #expect(await server.letIn())
        let client = RequestClient(
            reactor: Mesh.reactor, service: "records",
            addresses: [ServerAddress(endpoint: server.endpoint, serverKey: Mesh.serverKeys.publicKey)],
            keys: Mesh.callerKeys, logger: Mesh.logger)
        while client.peers.first?.phase != .up { try await server.serve() }
        var wrong = 0
        // What comes while the thread is busy comes together; that it does is likely, not sure.
        for _ in 0..<50 where server.packets == 0 {
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
            wrong += await calls.value
        }
        #expect(wrong == 0 && (server.packets > 0) == takes)
        await client.close()
    }
}

/// A ROUTER of plain libzmq that answers PING, and echoes each request in a frame of its own.
private final class RawServer {
    private let socket: UnsafeMutableRawPointer
    private let takesPackets: Bool
    private let reader = MessageReader(isRouter: true)
    private let door = Door(allow: Mesh.allow)
    let endpoint: String
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
        endpoint = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { zmq_close(socket) }

    func letIn() async -> Bool {
        await Mesh.reactor.onThread { [door] in (try? Mesh.reactor.open(door)) != nil }
    }

    /// Takes what has come, or waits for a moment.
    func serve() async throws {
        var budget = 1000, isIdle = true
        while case .message = reader.next(from: socket, budget: &budget) {
            isIdle = false
            let message = try MessageView(reader.frame)
            switch message.kind {
            case .ping: answer(RawPeer.message(4, RawPeer.header { $0.put(.flags, UInt8(takesPackets ? 8 : 0)) }))
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
