import CZeroMQ
import Glibc
import Synchronization

/// One server's door: who is admitted under its ZAP domain.
final class Door: @unchecked Sendable {
    let domain: String
    /// The reactor thread's own.
    var allow: AllowList
    /// Keys of the start-up test while it runs.
    var guests: [CurveKey: Peer] = [:]
    let refused = Atomic<Int>(0)

    private static let count = Atomic<Int>(0)

    init(allow: AllowList) {
        self.allow = allow
        domain = "cairn-\(Self.count.add(1, ordering: .relaxed).newValue)"
    }

    func peer(for key: CurveKey) -> Peer? { allow.peers[key] ?? guests[key] }
}

/// Answers ZAP (ZeroMQ RFC 27) for every server of the process: admits a CURVE handshake whose key is on the list of
/// the server's own domain, and nothing else. The identity it gives, `User-Id`, is the only one anybody may believe.
final class Doorkeeper: Resident {
    /// The connection property that carries the admitted key: removing the key from the list must find its sessions.
    static let keyProperty: StaticString = "Cairn-Key"

    private var doors: [String: Door] = [:]
    private var socket: Socket?

    init(_ reactor: Reactor) throws(SetupError) {
        let socket = try reactor.makeSocket(ZMQ_REP, for: self)
        do {
            try socket.bind("inproc://zeromq.zap.01")
        } catch {
            socket.close()
            throw error
        }
        self.socket = socket
        reactor.watch(socket)
    }

    func open(_ door: Door) { doors[door.domain] = door }
    func close(_ door: Door) { doors[door.domain] = nil }

    var due: Moment { .never }
    func tick(at now: Moment) {}
    func reactorCloses() {}

    func ready(_ socket: Socket, at now: Moment) -> Bool {
        for _ in 0..<Reactor.messagesPerTurn {
            guard let question = receive(socket) else { return false }
            answer(question, on: socket)
        }
        return true
    }

    /// The frames of one request; only libzmq itself in this process can send here, and it sends at most ten.
    private func receive(_ socket: Socket) -> [[UInt8]]? {
        var frames: [[UInt8]] = []
        var message = zmq_msg_t()
        zmq_msg_init(&message)
        defer { zmq_msg_close(&message) }
        repeat {
            guard zmq_msg_recv(&message, socket.handle, ZMQ_DONTWAIT) >= 0 else { return nil }
            if frames.count < 16 {
                let size = zmq_msg_size(&message)
                frames.append(Array(UnsafeRawBufferPointer(start: zmq_msg_data(&message), count: size)))
            }
        } while zmq_msg_more(&message) != 0
        return frames
    }

    /// Request: version, id, domain, address, routing id, mechanism, credentials.
    private func answer(_ question: [[UInt8]], on socket: Socket) {
        let id = question.count > 1 ? question[1] : []
        let door = question.count > 2 ? doors[String(decoding: question[2], as: UTF8.self)] : nil
        if let door, question.count == 7, question[0] == Array("1.0".utf8), question[5] == Array("CURVE".utf8),
           let key = CurveKey(bytes: question[6]), let peer = door.peer(for: key) {
            send([Array("1.0".utf8), id, Array("200".utf8), Array("OK".utf8), Array(peer.description.utf8),
                  Self.property(Self.keyProperty, key.z85)], on: socket)
        } else {
            door?.refused.add(1, ordering: .relaxed)
            send([Array("1.0".utf8), id, Array("400".utf8), Array("refused".utf8), [], []], on: socket)
        }
    }

    private func send(_ frames: [[UInt8]], on socket: Socket) {
        for (index, frame) in frames.enumerated() {
            let flags = index == frames.count - 1 ? ZMQ_DONTWAIT : ZMQ_DONTWAIT | ZMQ_SNDMORE
            if zmq_send(socket.handle, frame, frame.count, flags) < 0 { return }
        }
    }

    /// ZMTP metadata: name length (1 byte), name, value length (4 bytes, big-endian), value.
    private static func property(_ name: StaticString, _ value: String) -> [UInt8] {
        var bytes = [UInt8(name.utf8CodeUnitCount)]
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: UInt32(value.utf8.count).bigEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: value.utf8)
        return bytes
    }
}
