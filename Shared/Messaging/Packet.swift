/// Messages to one peer that leave in one frame, because CURVE seals each frame by itself and each takes its own way
/// through libzmq's queues. What a phase of the reactor's turn has for a peer that takes packets goes together, up to the
/// bounds here; a message that finds no company leaves as it is.
///
/// On the wire: a message of kind PACKET without a header, whose body is, for each message, its length (4 bytes,
/// big-endian) and the message.
final class Packet {
    /// Small enough that the other end works on one packet while the next is written.
    static let maxMessages = 8
    static let maxBytes = 16 << 10
    static let lengthBytes = 4

    /// Of the connection it is for, on a ROUTER.
    var address: UInt32?
    private let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: maxBytes, alignment: 8)
    private var count = Wire.prefixBytes
    private(set) var messages = 0

    init() {
        (memory[0], memory[1]) = Wire.magic
        (memory[2], memory[3], memory[4]) = (MessageKind.packet.rawValue, 0, 0)
    }

    deinit { memory.deallocate() }

    var isFull: Bool { messages == Self.maxMessages }

    /// Whether a message of that length would fit into an empty one.
    static func takes(_ bytes: Int) -> Bool { bytes <= maxBytes - Wire.prefixBytes - lengthBytes }

    /// Of one that is not full.
    func hasRoom(for bytes: Int) -> Bool { bytes <= memory.count - count - Self.lengthBytes }

    /// Copies a message for which there is room.
    func add(_ head: UnsafeRawBufferPointer, _ body: [UInt8]) {
        memory.storeBytes(of: UInt32(head.count + body.count).bigEndian, toByteOffset: count, as: UInt32.self)
        count += Self.lengthBytes
        UnsafeMutableRawBufferPointer(rebasing: memory[count...]).copyMemory(from: head)
        count += head.count
        body.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: memory[count...]).copyMemory(from: $0) }
        count += body.count
        messages += 1
    }

    /// What is to be sent: the packet, or its only message.
    var frame: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: memory[(messages == 1 ? Wire.prefixBytes + Self.lengthBytes : 0)..<count])
    }

    func clear() {
        count = Wire.prefixBytes
        messages = 0
    }
}

/// The messages of a received packet, one by one; they point into its frame.
struct PacketView {
    static let maxMessages = 32
    /// What a message of a packet costs of a turn's budget of frames: as many of them as of single ones fit a turn.
    static let cost = Reactor.framesPerTurn / Reactor.messagesPerTurn

    private var rest: UnsafeRawBufferPointer
    private var taken = 0

    init(_ packet: MessageView) { rest = packet.body }

    /// The next message; nil at the end.
    /// - Throws: `.packet`, and what is wrong with the message. Nothing after it is taken.
    mutating func next() throws(MalformedKind) -> MessageView? {
        if rest.isEmpty { return nil }
        guard taken < Self.maxMessages, rest.count >= Packet.lengthBytes else { throw .packet }
        taken += 1
        let length = UInt32(bigEndian: rest.loadUnaligned(as: UInt32.self))
        guard length <= rest.count - Packet.lengthBytes else { throw .packet }
        let end = Packet.lengthBytes + Int(length)
        let message = try MessageView(UnsafeRawBufferPointer(rebasing: rest[Packet.lengthBytes..<end]))
        rest = UnsafeRawBufferPointer(rebasing: rest[end...])
        return message
    }
}
