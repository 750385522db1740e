/// The wire: one frame a message, `"C1"`, kind (1 byte), length of the header (2 bytes, big-endian), header
/// (≤ 4 KiB), body (the rest, ≤ 1 MiB, may be empty). One frame, because CURVE seals and opens each frame by itself: four frames
/// cost more than half of the throughput (`Messaging.md`). For the same reason messages that leave together share one: `Packet`.
enum Wire {
    static let magic: (UInt8, UInt8) = (0x43, 0x31)
    /// Magic, kind and the length of the header.
    static let prefixBytes = 5
    static let maxHeaderBytes = 4096
    static let maxBodyBytes = 1 << 20
    /// A frame longer than this ends the connection inside libzmq. Above the largest message there must be room for
    /// CURVE's own 33 bytes; what is between the two bounds is counted as malformed instead of cutting the peer off.
    static let maxFrameBytes = Int64(prefixBytes + maxHeaderBytes + maxBodyBytes + 4096)
    static let maxMethodBytes = 128
    static let maxKeyBytes = 256
    static let maxSubjectBytes = 3072
    static let maxTraceBytes = 128
    static let maxBellBytes = 64
    /// A reply status that only this layer writes: the handler's reply was over `maxBodyBytes`.
    static let statusReplyTooLarge: UInt8 = 255
}

/// The third byte. Anything else is malformed.
enum MessageKind: UInt8 {
    case request = 1, reply = 2, ping = 3, pong = 4, busy = 5, bell = 6, bye = 7, packet = 8
}

/// Why a message was dropped.
enum MalformedKind: Int, CaseIterable, Error {
    /// More than one frame.
    case frames
    /// It does not begin with `C1`.
    case magic
    /// An unknown kind, or one that does not come from this side.
    case kind
    /// Cut short, over 4 KiB, longer than the frame, or not made of valid fields.
    case header
    /// Over 1 MiB.
    case body
    /// Lengths that do not fit, or more than 32 messages.
    case packet
    /// A routing id chosen by the client.
    case routingID
    /// No User-Id, or another than the session's.
    case identity
}

/// A parsed message that points into its frame: valid only while the frame is.
struct MessageView {
    let kind: MessageKind
    let header: HeaderView
    let body: UnsafeRawBufferPointer

    init(_ frame: UnsafeRawBufferPointer) throws(MalformedKind) {
        guard frame.count >= 2, (frame[0], frame[1]) == Wire.magic else { throw .magic }
        guard frame.count >= 3, let kind = MessageKind(rawValue: frame[2]) else { throw .kind }
        guard frame.count >= Wire.prefixBytes else { throw .header }
        let bodyStart = Wire.prefixBytes + (Int(frame[3]) << 8 | Int(frame[4]))
        guard bodyStart <= frame.count,
              let header = HeaderView(UnsafeRawBufferPointer(rebasing: frame[Wire.prefixBytes..<bodyStart]))
        else { throw .header }
        let body = UnsafeRawBufferPointer(rebasing: frame[bodyStart...])
        guard body.count <= Wire.maxBodyBytes else { throw .body }
        (self.kind, self.header, self.body) = (kind, header, body)
    }
}

struct HeaderFlags: OptionSet {
    let rawValue: UInt8
    /// In PONG and BUSY: the server takes no new requests.
    static let draining = HeaderFlags(rawValue: 1)
    /// In PING: send me bells.
    static let listens = HeaderFlags(rawValue: 2)
    /// In PING: I have seen that you drain, and send you no more requests. (Frames keep their order, so none follows.)
    static let leaving = HeaderFlags(rawValue: 4)
    /// In PING and PONG: I take packets.
    static let packets = HeaderFlags(rawValue: 8)
}

/// Fields of the header: tag (1 byte), length (2 bytes, big-endian), value; integers are big-endian. Unknown tags are
/// skipped, so that the header can grow; a known tag may occur once.
enum HeaderTag: UInt8 {
    case requestID = 1, method = 2, key = 3, deadline = 4, subject = 5, traceparent = 6, status = 7, load = 8, flags = 9
}

/// A parsed header; its byte fields point into the frame.
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

    /// `nil` if the fields do not fill `bytes` exactly, a number has the wrong width, a text is over its bound, or a
    /// known tag repeats.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count <= Wire.maxHeaderBytes else { return nil }
        var at = 0
        var seen: UInt16 = 0
        while at < bytes.count {
            guard bytes.count - at >= 3 else { return nil }
            let raw = bytes[at]
            let length = Int(bytes[at + 1]) << 8 | Int(bytes[at + 2])
            at += 3
            guard length <= bytes.count - at else { return nil }
            let value = UnsafeRawBufferPointer(rebasing: bytes[at..<(at + length)])
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

    /// `nil` if it is not UTF-8. ASCII, which all of ours is, takes the short way: `String(validating:)` on raw bytes
    /// goes through unspecialized code and was the largest single cost of a request (4 %).
    static func text(_ bytes: UnsafeRawBufferPointer) -> String? {
        bytes.allSatisfy { $0 < 0x80 }
            ? String(decoding: bytes, as: UTF8.self) : String(validating: bytes, as: UTF8.self)
    }
}

/// Writes the part of a message before its body into memory it owns; one per socket owner, used again for every
/// message of its thread.
final class MessageWriter {
    private let memory = UnsafeMutableRawBufferPointer.allocate(
        byteCount: Wire.prefixBytes + Wire.maxHeaderBytes, alignment: 8)
    private var count = Wire.prefixBytes
    /// A field did not fit: the message must not be sent.
    private(set) var overflowed = false

    init() {
        (memory[0], memory[1]) = Wire.magic
        begin(.bye)
    }

    deinit { memory.deallocate() }

    /// Prefix and header of the message begun last.
    var head: UnsafeRawBufferPointer {
        let length = count - Wire.prefixBytes
        memory[3] = UInt8(truncatingIfNeeded: length >> 8)
        memory[4] = UInt8(truncatingIfNeeded: length)
        return UnsafeRawBufferPointer(rebasing: memory[..<count])
    }

    func begin(_ kind: MessageKind) {
        memory[2] = kind.rawValue
        count = Wire.prefixBytes
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
