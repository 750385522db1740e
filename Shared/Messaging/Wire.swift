/// The wire: four frames, `"C1"`, kind (1 byte), header (≤ 4 KiB), body (≤ 1 MiB, always present, may be empty).
enum Wire {
    static let magic: StaticString = "C1"
    static let maxHeaderBytes = 4096
    static let maxBodyBytes = 1 << 20
    /// A frame longer than this ends the connection inside libzmq. Above the largest body there must be room for
    /// CURVE's own 33 bytes; a body between the two bounds is answered as malformed instead of cutting the peer off.
    static let maxFrameBytes: Int64 = (1 << 20) + 4096
    /// Frames and bytes of one message that are kept; whatever follows is read and thrown away.
    static let maxFrames = 6
    static let maxMessageBytes = (1 << 20) + (1 << 20) / 10
    static let maxMethodBytes = 128
    static let maxKeyBytes = 256
    static let maxSubjectBytes = 3072
    static let maxTraceBytes = 128
    static let maxBellBytes = 64
    /// A reply status that only this layer writes: the handler's reply was over `maxBodyBytes`.
    static let statusReplyTooLarge: UInt8 = 255
}

/// Frame 2. Anything else is malformed.
enum MessageKind: UInt8 {
    case request = 1, reply = 2, ping = 3, pong = 4, busy = 5, bell = 6, bye = 7
}

struct HeaderFlags: OptionSet {
    let rawValue: UInt8
    /// In PONG and BUSY: the server takes no new requests.
    static let draining = HeaderFlags(rawValue: 1)
    /// In PING: send me bells.
    static let listens = HeaderFlags(rawValue: 2)
    /// In PING: I have seen that you drain, and send you no more requests. (Frames keep their order, so none follows.)
    static let leaving = HeaderFlags(rawValue: 4)
}

/// Fields of frame 3: tag (1 byte), length (2 bytes, big-endian), value; integers are big-endian. Unknown tags are
/// skipped, so that the header can grow; a known tag may occur once.
enum HeaderTag: UInt8 {
    case requestID = 1, method = 2, key = 3, deadline = 4, subject = 5, traceparent = 6, status = 7, load = 8, flags = 9
}

/// A parsed header whose byte fields point into the frame: valid only while the frame is.
struct HeaderView {
    private(set) var requestID: UInt64?
    /// Milliseconds that remained when the request was sent.
    private(set) var deadline: UInt32 = 0
    private(set) var status: UInt8 = 0
    private(set) var load: UInt16 = 0
    private(set) var flags: HeaderFlags = []
    private(set) var method = UnsafeRawBufferPointer(start: nil, count: 0)
    private(set) var key = UnsafeRawBufferPointer(start: nil, count: 0)
    private(set) var subject = UnsafeRawBufferPointer(start: nil, count: 0)
    private(set) var traceparent = UnsafeRawBufferPointer(start: nil, count: 0)

    /// `nil` if the fields do not fill the frame exactly, a number has the wrong width, a text is over its bound, or
    /// a known tag repeats.
    init?(_ frame: UnsafeRawBufferPointer) {
        guard frame.count <= Wire.maxHeaderBytes else { return nil }
        var at = 0
        var seen: UInt16 = 0
        while at < frame.count {
            guard frame.count - at >= 3 else { return nil }
            let raw = frame[at]
            let length = Int(frame[at + 1]) << 8 | Int(frame[at + 2])
            at += 3
            guard length <= frame.count - at else { return nil }
            let value = UnsafeRawBufferPointer(rebasing: frame[at..<(at + length)])
            at += length
            guard let tag = HeaderTag(rawValue: raw) else { continue }
            let bit: UInt16 = 1 << UInt16(raw)
            guard seen & bit == 0 else { return nil }
            seen |= bit
            guard take(tag, value) else { return nil }
        }
    }

    private mutating func take(_ tag: HeaderTag, _ value: UnsafeRawBufferPointer) -> Bool {
        switch tag {
        case .requestID:
            guard value.count == 8 else { return false }
            requestID = UInt64(bigEndian: value.loadUnaligned(as: UInt64.self))
        case .deadline:
            guard value.count == 4 else { return false }
            deadline = UInt32(bigEndian: value.loadUnaligned(as: UInt32.self))
        case .status:
            guard value.count == 1 else { return false }
            status = value[0]
        case .load:
            guard value.count == 2 else { return false }
            load = UInt16(bigEndian: value.loadUnaligned(as: UInt16.self))
        case .flags:
            guard value.count == 1 else { return false }
            flags = HeaderFlags(rawValue: value[0])
        case .method: method = value; return value.count <= Wire.maxMethodBytes
        case .key: key = value; return value.count <= Wire.maxKeyBytes
        case .subject: subject = value; return value.count <= Wire.maxSubjectBytes
        case .traceparent: traceparent = value; return value.count <= Wire.maxTraceBytes
        }
        return true
    }
}

/// Writes a header into memory it owns; one per socket owner, used again for every message of its thread.
final class HeaderWriter {
    private let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: Wire.maxHeaderBytes, alignment: 8)
    private var count = 0
    /// A field did not fit: the header must not be sent.
    private(set) var overflowed = false

    deinit { memory.deallocate() }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

    func reset() {
        count = 0
        overflowed = false
    }

    func put(_ tag: HeaderTag, _ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { put(tag, $0) }
    }

    func put(_ tag: HeaderTag, _ text: String) {
        if text.isEmpty { return }
        let direct: Void? = text.utf8.withContiguousStorageIfAvailable { put(tag, UnsafeRawBufferPointer($0)) }
        if direct == nil { Array(text.utf8).withUnsafeBytes { put(tag, $0) } }
    }

    func put(_ tag: HeaderTag, _ value: UnsafeRawBufferPointer) {
        guard value.count <= memory.count - count - 3 else { overflowed = true; return }
        memory[count] = tag.rawValue
        memory[count + 1] = UInt8(truncatingIfNeeded: value.count >> 8)
        memory[count + 2] = UInt8(truncatingIfNeeded: value.count)
        if let start = value.baseAddress, value.count > 0 {
            (memory.baseAddress! + count + 3).copyMemory(from: start, byteCount: value.count)
        }
        count += 3 + value.count
    }
}
