import CZeroMQ
import Glibc
import Logging
import Synchronization
import Testing
@testable import Messaging

/// What the tests of this target share: one reactor (one ZeroMQ context in a process), a key for a known caller, and
/// short ways to a server and a client over real TCP on 127.0.0.1.
enum Mesh {
    static let logger: Logger = {
        var logger = Logger(label: "messaging-tests")
        logger.logLevel = .critical
        return logger
    }()
    static let reactor = Reactor(logger: logger)
    static let serverKeys = CurveKeyPair.generate()
    static let callerKeys = CurveKeyPair.generate()
    static let otherKeys = CurveKeyPair.generate()
    static let caller = Peer(name: "gateway-1", role: "gateway")
    static let other = Peer(name: "records-1", role: "records")
    static let allow = AllowList([callerKeys.publicKey: caller, otherKeys.publicKey: other])

    static func server(
        endpoint: String = "tcp://127.0.0.1:*", maxInFlight: Int = 1024, placement: HandlerPlacement = .reactor,
        allow: AllowList = Mesh.allow,
        handler: @escaping @Sendable (IncomingRequest) async -> OutgoingReply = { OutgoingReply(body: $0.body) }
    ) async throws -> RequestServer {
        let server = RequestServer(reactor: reactor, endpoint: endpoint, keys: serverKeys, allow: allow,
                                   maxInFlight: maxInFlight, placement: placement, logger: logger, handler: handler)
        try await server.start()
        return server
    }

    /// A client that has not necessarily reached anybody.
    static func outsider(
        _ servers: [RequestServer], keys: CurveKeyPair = callerKeys, listens: Bool = false,
        onBell: (@Sendable ([UInt8]) -> Void)? = nil
    ) -> RequestClient {
        RequestClient(reactor: reactor, service: "records", addresses: servers.map(address), keys: keys,
                      listensForBells: listens, logger: logger, onBell: onBell)
    }

    /// A client to which all servers are up: on a busy machine a handshake can take longer than a call waits for one.
    static func client(
        _ servers: [RequestServer], keys: CurveKeyPair = callerKeys, listens: Bool = false,
        onBell: (@Sendable ([UInt8]) -> Void)? = nil
    ) async -> RequestClient {
        let client = outsider(servers, keys: keys, listens: listens, onBell: onBell)
        #expect(await eventually(within: 30) { client.peers.count == servers.count && client.peers.allSatisfy { $0.phase == .up } })
        return client
    }

    static func address(_ server: RequestServer) -> ServerAddress {
        ServerAddress(endpoint: server.boundEndpoint, serverKey: serverKeys.publicKey)
    }
}

/// Waits until `condition` holds, looking every 2 ms; false after `seconds`.
func eventually(within seconds: Double = 10, _ condition: @Sendable () -> Bool) async -> Bool {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
        if condition() { return true }
        try? await Task.sleep(for: .milliseconds(2))
    }
    return condition()
}

extension OutgoingRequest {
    static func echo(_ text: String = "hello", key: String? = nil, within deadline: Duration = .seconds(5)) -> OutgoingRequest {
        OutgoingRequest(method: "echo", key: key, deadline: deadline, body: Array(text.utf8))
    }
}

extension RequestClient {
    func outcome(_ request: OutgoingRequest) async -> Result<Reply, MessagingError> {
        do throws(MessagingError) { return .success(try await call(request)) } catch { return .failure(error) }
    }
}

/// A counter that tasks share.
final class Counter: Sendable {
    private let count = Atomic<Int>(0)
    var value: Int { count.load(ordering: .relaxed) }
    @discardableResult
    func up() -> Int { count.add(1, ordering: .relaxed).newValue }
}

/// A gate that handlers wait at.
final class Gate: Sendable {
    private let state = Mutex((isOpen: false, waiting: [CheckedContinuation<Void, Never>](), arrived: 0))

    var arrived: Int { state.withLock { $0.arrived } }

    func wait() async {
        await withCheckedContinuation { continuation in
            let pass = state.withLock { state in
                state.arrived += 1
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if pass { continuation.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}

/// A hand on the wire: a DEALER of plain libzmq that sends whatever a test wants, and queues `queue` messages of it
/// (0: any number). One task uses it at a time.
final class RawPeer: @unchecked Sendable {
    private let socket: UnsafeMutableRawPointer

    init(
        _ endpoint: String, keys: CurveKeyPair? = Mesh.callerKeys, serverKey: CurveKey = Mesh.serverKeys.publicKey,
        routingID: String? = nil, queue: Int32 = 0, reactor: Reactor = Mesh.reactor
    ) {
        socket = zmq_socket(reactor.context, ZMQ_DEALER)
        var zero: Int32 = 0
        zmq_setsockopt(socket, ZMQ_LINGER, &zero, 4)
        if let keys {
            zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, serverKey.bytes, 32)
            zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, keys.publicKey.bytes, 32)
            zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, keys.secretKey.bytes, 32)
        }
        var queue = queue
        zmq_setsockopt(socket, ZMQ_SNDHWM, &queue, 4)
        if let routingID { zmq_setsockopt(socket, ZMQ_ROUTING_ID, routingID, routingID.utf8.count) }
        zmq_connect(socket, endpoint)
    }

    deinit { zmq_close(socket) }

    @discardableResult
    func send(_ message: [UInt8]) -> Bool { send([message]) }

    @discardableResult
    func send(_ frames: [[UInt8]], unfinished: Bool = false) -> Bool {
        for (index, frame) in frames.enumerated() {
            let more = index < frames.count - 1 || unfinished
            if zmq_send(socket, frame, frame.count, more ? ZMQ_SNDMORE | ZMQ_DONTWAIT : ZMQ_DONTWAIT) < 0 { return false }
        }
        return true
    }

    /// What came, as a test compares it.
    struct Answer: Equatable {
        let kind: UInt8
        let body: [UInt8]
    }

    /// The next message, or nil if none comes in time, or one not of our wire.
    func receive(within seconds: Double = 3) async -> Answer? {
        let end = ContinuousClock.now + .seconds(seconds)
        repeat {
            if let frames = take() {
                return frames.count == 1 ? frames[0].withUnsafeBytes { raw in
                    (try? MessageView(raw)).map { Answer(kind: $0.kind.rawValue, body: Array($0.body)) }
                } : nil
            }
            try? await Task.sleep(for: .milliseconds(2))
        } while ContinuousClock.now < end
        return nil
    }

    private func take() -> [[UInt8]]? {
        var frames: [[UInt8]] = []
        var message = zmq_msg_t()
        zmq_msg_init(&message)
        defer { zmq_msg_close(&message) }
        repeat {
            guard zmq_msg_recv(&message, socket, ZMQ_DONTWAIT) >= 0 else { return nil }
            frames.append(Array(UnsafeRawBufferPointer(start: zmq_msg_data(&message), count: zmq_msg_size(&message))))
        } while zmq_msg_more(&message) != 0
        return frames
    }

    /// One message; `headerBytes` claims another length than the header has.
    static func message(_ kind: UInt8, _ header: [UInt8] = [], _ body: [UInt8] = [], headerBytes: Int? = nil) -> [UInt8] {
        let length = headerBytes ?? header.count
        return Array("C1".utf8) + [kind, UInt8(truncatingIfNeeded: length >> 8), UInt8(truncatingIfNeeded: length)]
            + header + body
    }

    static func packet(_ messages: [[UInt8]]) -> [UInt8] {
        message(8, [], messages.flatMap { message in
            withUnsafeBytes(of: UInt32(message.count).bigEndian) { Array($0) } + message
        })
    }

    static func header(_ fill: (MessageWriter) -> Void) -> [UInt8] {
        let writer = MessageWriter()
        fill(writer)
        return Array(writer.head.dropFirst(Wire.prefixBytes))
    }

    static func request(_ id: UInt64 = 7, _ body: [UInt8] = [1, 2, 3]) -> [UInt8] {
        message(1, header {
            $0.put(.requestID, id)
            $0.put(.method, "echo")
            $0.put(.deadline, UInt32(5000))
        }, body)
    }
}
