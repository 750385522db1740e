import CZeroMQ
import Glibc

/// Whatever owns sockets or timers on the reactor's thread. Every member is called on that thread only.
protocol Resident: AnyObject {
    /// When `tick` wants to be called next; `.never` for not at all.
    var due: Moment { get }
    func tick(at now: Moment)
    /// Something may be read from (or, if asked for, written to) `socket`. At most `Reactor.messagesPerTurn`
    /// messages are taken; true means that more may be waiting.
    func ready(_ socket: Socket, at now: Moment) -> Bool
    /// A packet of that many messages could not be sent. Called in the middle of whatever else the owner does.
    func unsent(_ messages: Int, on socket: Socket, to routingID: UInt32?, _ outcome: Socket.Sent)
    /// The reactor ends: give up whatever waits. The sockets are closed for you.
    func reactorCloses()
}

extension Resident {
    /// Who never sends packed has nothing to do.
    func unsent(_ messages: Int, on socket: Socket, to routingID: UInt32?, _ outcome: Socket.Sent) {}
}

/// One ZeroMQ socket, touched by the reactor's thread alone.
final class Socket {
    enum Sent { case sent, full, unreachable }

    let handle: UnsafeMutableRawPointer
    unowned let owner: any Resident
    /// Wake up when it can be written, too.
    var wantsWrite = false
    /// The owner's own mark, to find what it keeps for this socket.
    var tag = -1
    /// Packets being filled, each for another peer.
    private var packets: [Packet] = []
    private var emptyPackets: [Packet] = []
    private static let maxPackets = 8
    /// The last look found something, so look again before asking `zmq_poll`.
    var hot = false
    private(set) var isOpen = true

    init(_ type: Int32, in context: UnsafeMutableRawPointer, owner: any Resident) throws(SetupError) {
        guard let handle = zmq_socket(context, type) else { throw .transport("socket: \(Self.reason())") }
        self.handle = handle
        self.owner = owner
        do {
            try set(ZMQ_LINGER, 0)          // what must survive is in PostgreSQL, never in a socket's queue
            try set(ZMQ_IMMEDIATE, 1)       // nothing queues for a peer that is not there: the send says so instead
        } catch {
            close()
            throw error
        }
    }

    static func reason() -> String { String(cString: zmq_strerror(zmq_errno())) }

    /// The options every TCP socket of the mesh has, each on purpose (`MESSAGING.md` §1).
    func setTransport(ipv6: Bool) throws(SetupError) {
        // 1 000 frames each way: twice the server's bound per peer (512 in flight), so that a reply, a PONG and
        // a bell always fit.
        try set(ZMQ_SNDHWM, 1000)
        try set(ZMQ_RCVHWM, 1000)
        // Off, against MESSAGING §1: in 4.3.4 the heartbeat timer aborts the process when it writes to a connection
        // that failed while its input was stopped (`!_io_error`, libzmq issue 4364); a peer with a listed key can
        // bring that about, and a test does. Our PING shows more, and the kernel finds dead connections: unanswered
        // data ends one after 4 s, silence after 10 s.
        try set(ZMQ_HEARTBEAT_IVL, 0)
        try set(ZMQ_TCP_MAXRT, 4000)
        try set(ZMQ_HANDSHAKE_IVL, 2000)    // ends slow-loris handshakes
        try set(ZMQ_RECONNECT_IVL, 100)
        try set(ZMQ_RECONNECT_IVL_MAX, 5000)
        try set(ZMQ_CONNECT_TIMEOUT, 2000)
        try set(ZMQ_IPV6, ipv6 ? 1 : 0)
        try set(ZMQ_TCP_KEEPALIVE, 1)
        try set(ZMQ_TCP_KEEPALIVE_IDLE, 4)
        try set(ZMQ_TCP_KEEPALIVE_INTVL, 2)
        try set(ZMQ_TCP_KEEPALIVE_CNT, 3)
        var size = Wire.maxFrameBytes
        try check(zmq_setsockopt(handle, ZMQ_MAXMSGSIZE, &size, MemoryLayout<Int64>.size), "MAXMSGSIZE")
    }

    func setServer(keys: CurveKeyPair, domain: String, enforced: Bool) throws(SetupError) {
        try set(ZMQ_ROUTER_MANDATORY, 1)    // a reply to nobody is an error we count, not silence
        try set(ZMQ_BACKLOG, 1024)          // a burst of connections is accepted late, not made to wait a second
        try set(ZMQ_ROUTER_HANDOVER, 0)     // nobody takes over another's connection by naming its routing id
        try set(ZMQ_CURVE_SERVER, 1)
        try set(ZMQ_CURVE_SECRETKEY, keys.secretKey.bytes)
        try set(ZMQ_ZAP_DOMAIN, Array(domain.utf8))
        try set(CAIRN_ZMQ_ZAP_ENFORCE_DOMAIN, enforced ? 1 : 0)
    }

    func setClient(keys: CurveKeyPair, serverKey: CurveKey) throws(SetupError) {
        try set(ZMQ_CURVE_SERVERKEY, serverKey.bytes)
        try set(ZMQ_CURVE_PUBLICKEY, keys.publicKey.bytes)
        try set(ZMQ_CURVE_SECRETKEY, keys.secretKey.bytes)
    }

    func set(_ option: Int32, _ value: Int32) throws(SetupError) {
        var value = value
        try check(zmq_setsockopt(handle, option, &value, MemoryLayout<Int32>.size), "option \(option)")
    }

    func set(_ option: Int32, _ value: [UInt8]) throws(SetupError) {
        try check(zmq_setsockopt(handle, option, value, value.count), "option \(option)")
    }

    func bind(_ endpoint: String) throws(SetupError) {
        guard zmq_bind(handle, endpoint) == 0 else { throw .address("\(endpoint): \(Self.reason())") }
    }

    func connect(_ endpoint: String) throws(SetupError) {
        guard zmq_connect(handle, endpoint) == 0 else { throw .address("\(endpoint): \(Self.reason())") }
    }

    /// The endpoint as bound, with the port the kernel chose for `tcp://…:*`.
    var lastEndpoint: String {
        var text = [CChar](repeating: 0, count: 256)
        var size = text.count
        return zmq_getsockopt(handle, ZMQ_LAST_ENDPOINT, &text, &size) == 0 ? Z85.text(text) : ""
    }

    /// For a DEALER with IMMEDIATE: whether its one peer is connected (or, if its queue is full, merely busy).
    var isWritable: Bool {
        var events: Int32 = 0
        var size = MemoryLayout<Int32>.size
        return zmq_getsockopt(handle, ZMQ_EVENTS, &events, &size) == 0 && events & ZMQ_POLLOUT != 0
    }

    /// Sends one message without ever waiting: what `head` holds, then `body`. `routingID` leads it on a ROUTER.
    /// Messages keep the order in which they were sent.
    ///
    /// - Parameter packed: It may go into a packet. `.sent` then means that it leaves at the end of the phase at the
    ///   latest; if the connection breaks before, it is lost as in libzmq's queue.
    func send(
        to routingID: UInt32? = nil, _ head: UnsafeRawBufferPointer, body: [UInt8] = [], packed: Bool = false
    ) -> Sent {
        let bytes = head.count + body.count
        guard packed, Packet.takes(bytes) else {
            flush()
            return sendNow(to: routingID, head, body: body)
        }
        if let index = packets.firstIndex(where: { $0.address == routingID }) {
            if packets[index].hasRoom(for: bytes) {
                packets[index].add(head, body)
                if packets[index].isFull { flush(index) }
                return .sent
            }
            flush(index)
        }
        // A DEALER's full queue shows here, before anything is promised: only we fill it.
        if routingID == nil, !isWritable { return .full }
        if packets.count == Self.maxPackets { flush(0) }
        let packet = emptyPackets.popLast() ?? Packet()
        packet.address = routingID
        packet.add(head, body)
        packets.append(packet)
        return .sent
    }

    /// Sends what waits in packets.
    func flush() {
        while !packets.isEmpty { flush(packets.count - 1) }
    }

    private func flush(_ index: Int) {
        let packet = packets.remove(at: index)
        let (messages, address) = (packet.messages, packet.address)
        let sent = sendNow(to: address, packet.frame)
        packet.clear()
        emptyPackets.append(packet)
        if sent != .sent { owner.unsent(messages, on: self, to: address, sent) }
    }

    /// The body is copied once. (Lending it to libzmq instead saves nothing: CURVE copies it again in any case, and
    /// the array would be released on libzmq's thread.)
    private func sendNow(to routingID: UInt32?, _ head: UnsafeRawBufferPointer, body: [UInt8] = []) -> Sent {
        var message = zmq_msg_t()
        guard zmq_msg_init_size(&message, head.count + body.count) == 0, let start = zmq_msg_data(&message),
              let source = head.baseAddress
        else { return .full }
        start.copyMemory(from: source, byteCount: head.count)
        body.withUnsafeBytes {
            if let source = $0.baseAddress { (start + head.count).copyMemory(from: source, byteCount: $0.count) }
        }
        if let routingID {
            let status = withUnsafeBytes(of: RoutingID.frame(routingID)) {
                zmq_send(handle, $0.baseAddress, $0.count, ZMQ_SNDMORE | ZMQ_DONTWAIT)
            }
            if status < 0 { return notSent(&message) }
        }
        return zmq_msg_send(&message, handle, ZMQ_DONTWAIT) < 0 ? notSent(&message) : .sent
    }

    private func notSent(_ message: inout zmq_msg_t) -> Sent {
        let isFull = zmq_errno() == EAGAIN
        zmq_msg_close(&message)
        return isFull ? .full : .unreachable
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        packets = []
        zmq_close(handle)
    }

    private func check(_ status: Int32, _ what: String) throws(SetupError) {
        guard status == 0 else { throw .transport("\(what): \(Self.reason())") }
    }
}

/// libzmq's own routing ids: a zero byte and four more. We refuse any other: an id chosen by a client is a claim.
enum RoutingID {
    static let byteCount = 5

    static func frame(_ id: UInt32) -> (UInt8, UInt8, UInt8, UInt8, UInt8) {
        (0, UInt8(truncatingIfNeeded: id >> 24), UInt8(truncatingIfNeeded: id >> 16),
         UInt8(truncatingIfNeeded: id >> 8), UInt8(truncatingIfNeeded: id))
    }

    static func parse(_ frame: UnsafeRawBufferPointer) -> UInt32? {
        guard frame.count == byteCount, frame[0] == 0 else { return nil }
        return UInt32(bigEndian: frame.loadUnaligned(fromByteOffset: 1, as: UInt32.self))
    }
}
