import CZeroMQ
import Glibc

/// Takes messages off a socket frame by frame and keeps at most `Wire.maxFrames` frames and
/// `Wire.maxMessageBytes` bytes of one; the rest of a longer message is read and thrown away, over several turns if
/// it is long, so no message can hold the thread or the memory of this process.
///
/// What it cannot bound: libzmq 4.3.4 hands over a multipart message only when its last frame has come, and counts
/// only whole messages against RCVHWM. A peer with a *listed key* can therefore make libzmq itself hold an unfinished
/// message; the process needs a memory limit of its own against that. Strangers get no further than the handshake.
final class FrameReader {
    enum Outcome {
        /// `count` frames are readable through `frame(_:)`, until the next call.
        case message
        /// Over a bound; the frames kept, the first ones, are readable, too.
        case oversize
        case empty
        /// The turn's frames are used up in the middle of a message.
        case paused
    }

    private let frames: UnsafeMutablePointer<zmq_msg_t>
    private(set) var count = 0
    private var discarding = false
    private var scrap = zmq_msg_t()

    init() {
        frames = .allocate(capacity: Wire.maxFrames)
        frames.initialize(repeating: zmq_msg_t(), count: Wire.maxFrames)
        for index in 0..<Wire.maxFrames { zmq_msg_init(frames + index) }
        zmq_msg_init(&scrap)
    }

    deinit {
        for index in 0..<Wire.maxFrames { zmq_msg_close(frames + index) }
        zmq_msg_close(&scrap)
        frames.deallocate()
    }

    func frame(_ index: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: zmq_msg_data(frames + index), count: zmq_msg_size(frames + index))
    }

    /// A connection property (`User-Id`) of the last frame kept: in 4.3.4 the first frame may lack them.
    func property(_ name: StaticString) -> UnsafePointer<CChar>? {
        guard count > 0 else { return nil }
        return name.utf8Start.withMemoryRebound(to: CChar.self, capacity: name.utf8CodeUnitCount + 1) {
            zmq_msg_gets(frames + (count - 1), $0)
        }
    }

    /// The next message. `budget` counts frames; collecting one message may overdraw it by `Wire.maxFrames`.
    func next(from socket: UnsafeMutableRawPointer, budget: inout Int) -> Outcome {
        if !discarding {
            guard budget > 0 else { return .paused }
            count = 0
            var bytes = 0
            var more = true
            while more {
                let size = zmq_msg_recv(frames + count, socket, ZMQ_DONTWAIT)
                // A message once begun is whole in the queue: this is its first frame, or the socket is closing.
                guard size >= 0 else { count = 0; return .empty }
                budget -= 1
                bytes += Int(size)
                more = zmq_msg_more(frames + count) != 0
                count += 1
                if more, count == Wire.maxFrames || bytes > Wire.maxMessageBytes { break }
            }
            if !more { return bytes > Wire.maxMessageBytes ? .oversize : .message }
            discarding = true
        }
        while budget > 0 {
            guard zmq_msg_recv(&scrap, socket, ZMQ_DONTWAIT) >= 0 else { return .empty }
            budget -= 1
            if zmq_msg_more(&scrap) == 0 {
                discarding = false
                return .oversize
            }
        }
        return .paused
    }
}
