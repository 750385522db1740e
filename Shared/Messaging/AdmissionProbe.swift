import CZeroMQ
import Glibc

/// The start-up test of a server's door, over its real endpoint: a stranger's key must be refused *by the server* (its
/// handshake error, not mere silence), and a key listed for the moment must get a PONG. Both within 2 s.
final class AdmissionProbe: Resident {
    enum Verdict: Sendable {
        case holds
        /// A stranger was let in.
        case broken(String)
        /// No proof either way in time: a starved machine, or a door that answers nobody.
        case undecided(String)
        case failed(SetupError)
    }

    static let guest = Peer(name: "start", role: "self-test")
    private static let patience: Int64 = 2000
    /// Several probes may run in one process; each monitor needs a name of its own. The reactor's thread only.
    nonisolated(unsafe) private static var count = 0

    private let reactor: Reactor
    private let door: Door
    private let endpoint: String
    private let serverKey: CurveKey
    private var finish: ((Verdict) -> Void)?
    private let member = CurveKeyPair.generate()
    private let reader = MessageReader(isRouter: false)
    private let writer = MessageWriter()
    private var sockets: [Socket] = []
    private var monitor: Socket?
    private var memberSocket: Socket?
    private var isStrangerRefused = false
    private var isMemberAdmitted = false
    private(set) var due = Moment.never

    init(
        reactor: Reactor, door: Door, endpoint: String, serverKey: CurveKey,
        finish: @escaping (Verdict) -> Void
    ) {
        self.reactor = reactor
        self.door = door
        self.endpoint = endpoint
        self.serverKey = serverKey
        self.finish = finish
    }

    func begin() {
        door.guests[member.publicKey] = Self.guest
        reactor.join(self)
        due = Moment.now().adding(milliseconds: Self.patience)
        do throws(SetupError) {
            let stranger = try open(ZMQ_DEALER)
            try stranger.setClient(keys: .generate(), serverKey: serverKey)
            Self.count += 1
            let name = "inproc://cairn-probe-\(Self.count)"
            let events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
            guard zmq_socket_monitor(stranger.handle, name, events) == 0 else { throw .transport("no monitor") }
            let monitor = try open(ZMQ_PAIR)
            try monitor.connect(name)
            self.monitor = monitor
            let admitted = try open(ZMQ_DEALER)
            try admitted.setClient(keys: member, serverKey: serverKey)
            admitted.wantsWrite = true
            memberSocket = admitted
            for socket in sockets { reactor.watch(socket) }
            try stranger.connect(endpoint)
            try admitted.connect(endpoint)
        } catch {
            end(.failed(error))
        }
    }

    private func open(_ type: Int32) throws(SetupError) -> Socket {
        let socket = try reactor.makeSocket(type, for: self)
        sockets.append(socket)
        if type == ZMQ_DEALER { try socket.setTransport(ipv6: endpoint.contains("[")) }
        return socket
    }

    func ready(_ socket: Socket, at now: Moment) -> Bool {
        if socket === monitor { readMonitor(socket) }
        if socket === memberSocket { readMember(socket) }
        return false
    }

    /// Each event is a frame of number (2 bytes) and value (4), then a frame with the address.
    private func readMonitor(_ socket: Socket) {
        var message = zmq_msg_t()
        zmq_msg_init(&message)
        defer { zmq_msg_close(&message) }
        for _ in 0..<Reactor.messagesPerTurn {
            guard socket.isOpen, zmq_msg_recv(&message, socket.handle, ZMQ_DONTWAIT) >= 0 else { return }
            guard zmq_msg_more(&message) != 0, zmq_msg_size(&message) >= 2 else { continue }
            switch Int32(UnsafeRawPointer(zmq_msg_data(&message)!).loadUnaligned(as: UInt16.self)) {
            case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
                return end(.broken("a stranger's key was admitted on \(endpoint)"))
            case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
                isStrangerRefused = true
                checkBoth()
            default: break
            }
        }
    }

    private func readMember(_ socket: Socket) {
        if socket.wantsWrite, socket.isWritable {
            socket.wantsWrite = false
            writer.begin(.ping)
            _ = socket.send(writer.head)
        }
        var frames = Reactor.framesPerTurn
        while socket.isOpen, case .message = reader.next(from: socket.handle, budget: &frames) {
            guard let message = try? MessageView(reader.frame), message.kind == .pong else { continue }
            isMemberAdmitted = true
            writer.begin(.bye)
            _ = socket.send(writer.head)
            return checkBoth()
        }
    }

    private func checkBoth() {
        if isStrangerRefused && isMemberAdmitted { end(.holds) }
    }

    func tick(at now: Moment) {
        if !isStrangerRefused {
            end(.undecided("a stranger's key was not refused within 2 s on \(endpoint)"))
        } else {
            end(.undecided("a listed key was not answered within 2 s on \(endpoint)"))
        }
    }

    func reactorCloses() { end(.failed(.transport("the reactor was shut down"))) }

    private func end(_ verdict: Verdict) {
        guard let finish else { return }
        self.finish = nil
        due = .never
        door.guests[member.publicKey] = nil
        for socket in sockets { reactor.close(socket) }
        reactor.leave(self)
        finish(verdict)
    }
}
