import CZeroMQ
import Glibc

/// Takes messages off a socket. Ours are one frame, behind the routing id on a ROUTER. Of a longer one the first frame
/// is kept and the others are read and thrown away one by one, over several turns if they are many: no message can
/// hold the thread, nor more than two frames of this process's memory.
///
/// What it cannot bound: libzmq 4.3.4 hands over a multipart message only when its last frame has come, and counts
/// only whole messages against RCVHWM. A peer with a *listed key* can therefore make libzmq itself hold an unfinished
/// message; the process needs a memory limit of its own against that. Strangers get no further than the handshake.
final class MessageReader {
    enum Outcome {
        /// `frame` is one, whole, until the next call.
        case message
        /// More than one frame. `frame` is the first, until the next call, which throws the rest away.
        case multipart
        case empty
        /// The turn's frames are used up.
        case paused
    }

    private let isRouter: Bool
    /// Kept in place: libzmq stores a short frame inside its `zmq_msg_t`.
    private let memory = UnsafeMutablePointer<zmq_msg_t>.allocate(capacity: 2)
    private var current: UnsafeMutablePointer<zmq_msg_t> { memory }
    private var address: UnsafeMutablePointer<zmq_msg_t> { memory + 1 }
    private var isDiscarding = false

    init(isRouter: Bool) {
        self.isRouter = isRouter
        memory.initialize(repeating: zmq_msg_t(), count: 2)
        zmq_msg_init(current)
        zmq_msg_init(address)
    }

    deinit {
        zmq_msg_close(current)
        zmq_msg_close(address)
        memory.deallocate()
    }

    var frame: UnsafeRawBufferPointer { Self.bytes(current) }

    /// On a ROUTER: what libzmq, or the peer itself, calls the connection.
    var routingID: UnsafeRawBufferPointer { Self.bytes(address) }

    /// A connection property (`User-Id`). Read from `frame`, never from the routing id: in 4.3.4 a message's first
    /// frame may lack them.
    func property(_ name: StaticString) -> UnsafePointer<CChar>? {
        name.utf8Start.withMemoryRebound(to: CChar.self, capacity: name.utf8CodeUnitCount + 1) {
            zmq_msg_gets(current, $0)
        }
    }

    /// The next message. `budget` counts frames and may be overdrawn, by one frame or the messages of one packet.
    func next(from socket: UnsafeMutableRawPointer, budget: inout Int) -> Outcome {
        while isDiscarding {
            guard budget > 0 else { return .paused }
            guard receive(current, socket, &budget) else { return .empty }
            isDiscarding = zmq_msg_more(current) != 0
        }
        guard budget > 0 else { return .paused }
        if isRouter {
            guard receive(address, socket, &budget) else { return .empty }
            // A routing id alone does not come from libzmq; if it did, the frame must not be the message before.
            guard zmq_msg_more(address) != 0 else {
                zmq_msg_close(current)
                zmq_msg_init(current)
                return .message
            }
        }
        // A message once begun is whole in the queue: without its next frame the socket is closing.
        guard receive(current, socket, &budget) else { return .empty }
        isDiscarding = zmq_msg_more(current) != 0
        return isDiscarding ? .multipart : .message
    }

    private func receive(
        _ message: UnsafeMutablePointer<zmq_msg_t>, _ socket: UnsafeMutableRawPointer, _ budget: inout Int
    ) -> Bool {
        guard zmq_msg_recv(message, socket, ZMQ_DONTWAIT) >= 0 else { return false }
        budget -= 1
        return true
    }

    private static func bytes(_ message: UnsafeMutablePointer<zmq_msg_t>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: zmq_msg_data(message), count: zmq_msg_size(message))
    }
}
