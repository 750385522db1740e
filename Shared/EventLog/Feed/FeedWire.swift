import Domain
import Foundation

/// What a consumer asks of a source's feed: everything after these positions, one for each partition it names.
package struct FeedRequest: Sendable, Equatable {
    /// The history the cursors belong to; nil on first contact.
    package var incarnation: UUID?
    package var cursors: [Cursor]
    /// At most this many for one partition, and in all; 1...500.
    package var each: Int
    package var total: Int
    /// How long the source may keep the request while it has nothing, 0...25 s.
    package var wait: Duration
    /// What ends the wait; empty: everything. Events of other types are told with these, or at its end. At most 255.
    package var types: [EventType]

    package struct Cursor: Sendable, Equatable {
        package var partition: Partition
        package var epoch: Int
        package var position: Int64

        package init(partition: Partition, epoch: Int, position: Int64) {
            self.partition = partition
            self.epoch = epoch
            self.position = position
        }
    }

    package init(
        incarnation: UUID?, cursors: [Cursor], each: Int, total: Int, wait: Duration, types: [EventType] = []
    ) {
        self.incarnation = incarnation
        self.cursors = cursors
        self.each = each
        self.total = total
        self.wait = wait
        self.types = types
    }
}

/// What the source answers.
package enum FeedReply: Sendable, Equatable {
    /// Contiguous per partition, in the order of the cursors asked. `heads` says how far each asked partition reaches.
    case batch(incarnation: UUID, epochs: [Int], heads: [Int64], events: [EventEnvelope])
    /// These cursors lie on a dead branch of history: go back to `position` and read again (EVENTLOG, epochs).
    case fork([FeedRequest.Cursor])
    /// Another history altogether (restored from a dump): an operator must re-base the consumer.
    case foreign(incarnation: UUID)
    /// The feed begins later than the cursor: what lies between was retired.
    case truncated(Partition, first: Int64)
}

/// The feed's own compact form: integers big-endian, texts and bytes with a length before them, in frame 4 of a
/// request or reply. A reply is cut so that it stays under 900 KiB; an event is always whole.
package enum FeedWire {
    package static let replyBytesMax = 900 * 1024

    package static func encode(_ request: FeedRequest) -> [UInt8] {
        var writer = ByteWriter()
        writer.uuid(request.incarnation)
        writer.int(UInt16(request.each))
        writer.int(UInt16(request.total))
        let (seconds, attoseconds) = request.wait.components
        writer.int(UInt32(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000))
        writer.cursors(request.cursors)
        writer.int(UInt8(request.types.count))
        for type in request.types { writer.text(type.text) }
        return writer.bytes
    }

    package static func request(_ bytes: [UInt8]) throws(FeedWireError) -> FeedRequest {
        var reader = ByteReader(bytes)
        let incarnation = try reader.uuid()
        let each = Int(try reader.int(UInt16.self)), total = Int(try reader.int(UInt16.self))
        let wait = Int(try reader.int(UInt32.self))
        let cursors = try reader.cursors()
        var types: [EventType] = []
        for _ in 0..<(try reader.int(UInt8.self)) { types.append(EventType(try reader.text())) }
        guard reader.isAtEnd, (1...500).contains(each), (1...500).contains(total), wait <= 25_000, !cursors.isEmpty,
              Set(cursors.map(\.partition)).count == cursors.count
        else { throw FeedWireError() }
        return FeedRequest(
            incarnation: incarnation, cursors: cursors, each: each, total: total, wait: .milliseconds(wait),
            types: types)
    }

    package static func encode(_ reply: FeedReply) -> [UInt8] {
        var writer = ByteWriter()
        switch reply {
        case .batch(let incarnation, let epochs, let heads, let events):
            writer.int(UInt8(0))
            writer.uuid(incarnation)
            writer.int(UInt16(epochs.count))
            for (epoch, head) in zip(epochs, heads) {
                writer.int(UInt32(epoch))
                writer.int(head)
            }
            // Cutting the tail keeps every partition contiguous: events come partition by partition.
            var count: UInt16 = 0
            var body = ByteWriter()
            for event in events {
                body.envelope(event)
                if count > 0, body.bytes.count > replyBytesMax {
                    body.truncate(to: body.mark)
                    break
                }
                body.setMark()
                count += 1
            }
            writer.int(count)
            writer.raw(body.bytes)
        case .fork(let cursors):
            writer.int(UInt8(1))
            writer.cursors(cursors)
        case .foreign(let incarnation):
            writer.int(UInt8(2))
            writer.uuid(incarnation)
        case .truncated(let partition, let first):
            writer.int(UInt8(3))
            writer.int(partition.number)
            writer.int(first)
        }
        return writer.bytes
    }

    package static func reply(_ bytes: [UInt8]) throws(FeedWireError) -> FeedReply {
        var reader = ByteReader(bytes)
        let reply: FeedReply
        switch try reader.int(UInt8.self) {
        case 0:
            guard let incarnation = try reader.uuid() else { throw FeedWireError() }
            var epochs: [Int] = [], heads: [Int64] = []
            for _ in 0..<(try reader.int(UInt16.self)) {
                epochs.append(try reader.epoch())
                heads.append(try reader.int(Int64.self))
            }
            var events: [EventEnvelope] = []
            for _ in 0..<(try reader.int(UInt16.self)) { events.append(try reader.envelope()) }
            reply = .batch(incarnation: incarnation, epochs: epochs, heads: heads, events: events)
        case 1: reply = .fork(try reader.cursors())
        case 2:
            guard let incarnation = try reader.uuid() else { throw FeedWireError() }
            reply = .foreign(incarnation: incarnation)
        case 3: reply = .truncated(try reader.partition(), first: try reader.int(Int64.self))
        default: throw FeedWireError()
        }
        guard reader.isAtEnd else { throw FeedWireError() }
        return reply
    }

    /// One event alone, as it is kept when it is parked.
    package static func encode(_ event: EventEnvelope) -> [UInt8] {
        var writer = ByteWriter()
        writer.envelope(event)
        return writer.bytes
    }

    package static func event(_ bytes: [UInt8]) throws(FeedWireError) -> EventEnvelope {
        var reader = ByteReader(bytes)
        let event = try reader.envelope()
        guard reader.isAtEnd else { throw FeedWireError() }
        return event
    }
}

/// Bytes that are no feed message.
package struct FeedWireError: Error, Equatable { package init() {} }

private struct ByteWriter {
    private(set) var bytes: [UInt8] = []
    private(set) var mark = 0

    mutating func setMark() { mark = bytes.count }
    mutating func truncate(to count: Int) { bytes.removeLast(bytes.count - count) }
    mutating func raw(_ more: [UInt8]) { bytes.append(contentsOf: more) }

    mutating func int(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func data(_ value: [UInt8]) {
        int(UInt32(value.count))
        bytes.append(contentsOf: value)
    }

    mutating func text(_ value: String) { data(Array(value.utf8)) }

    mutating func uuid(_ value: UUID?) {
        int(UInt8(value == nil ? 0 : 1))
        if let value { withUnsafeBytes(of: value.uuid) { bytes.append(contentsOf: $0) } }
    }

    mutating func cursors(_ cursors: [FeedRequest.Cursor]) {
        int(UInt8(cursors.count))
        for cursor in cursors {
            int(cursor.partition.number)
            int(UInt32(cursor.epoch))
            int(cursor.position)
        }
    }

    mutating func envelope(_ event: EventEnvelope) {
        uuid(event.id)
        text(event.type.text)
        int(UInt32(event.version))
        int(event.partition.number)
        int(event.position)
        uuid(event.stream)
        int(event.streamVersion)
        uuid(event.learner?.uuid)
        int(event.effectiveAt.microseconds)
        int(event.recordedAt.microseconds)
        text(event.actor)
        text(event.authority)
        uuid(event.causedBy)
        uuid(event.correlation)
        text(event.traceparent)
        uuid(event.keyID)
        data(event.payload)
    }
}

private struct ByteReader {
    private let bytes: [UInt8]
    private var at = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { at == bytes.count }

    mutating func take(_ count: Int) throws(FeedWireError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= bytes.count - at else { throw FeedWireError() }
        defer { at += count }
        return bytes[at..<at + count]
    }

    mutating func int<Number: FixedWidthInteger>(_: Number.Type) throws(FeedWireError) -> Number {
        var value = Number.zero
        for byte in try take(Number.bitWidth / 8) { value = (Number.bitWidth == 8 ? 0 : value << 8) | Number(truncatingIfNeeded: byte) }
        return value
    }

    mutating func data() throws(FeedWireError) -> [UInt8] { Array(try take(Int(try int(UInt32.self)))) }

    mutating func text() throws(FeedWireError) -> String {
        guard let text = String(validating: try take(Int(try int(UInt32.self))), as: UTF8.self) else {
            throw FeedWireError()
        }
        return text
    }

    mutating func uuid() throws(FeedWireError) -> UUID? {
        switch try int(UInt8.self) {
        case 0: return nil
        case 1: return UUID(bytes: try take(16))
        default: throw FeedWireError()
        }
    }

    mutating func someUUID() throws(FeedWireError) -> UUID {
        guard let uuid = try uuid() else { throw FeedWireError() }
        return uuid
    }

    mutating func partition() throws(FeedWireError) -> Partition {
        guard let partition = Partition(Int(try int(UInt8.self))) else { throw FeedWireError() }
        return partition
    }

    /// The tables keep it in four bytes, signed.
    mutating func epoch() throws(FeedWireError) -> Int {
        guard let epoch = Int32(exactly: try int(UInt32.self)) else { throw FeedWireError() }
        return Int(epoch)
    }

    mutating func cursors() throws(FeedWireError) -> [FeedRequest.Cursor] {
        var cursors: [FeedRequest.Cursor] = []
        for _ in 0..<(try int(UInt8.self)) {
            let partition = try partition(), epoch = try epoch(), position = try int(Int64.self)
            guard position >= 0 else { throw FeedWireError() }
            cursors.append(.init(partition: partition, epoch: epoch, position: position))
        }
        return cursors
    }

    mutating func envelope() throws(FeedWireError) -> EventEnvelope {
        EventEnvelope(
            id: try someUUID(), type: EventType(try text()), version: Int(try int(UInt32.self)),
            partition: try partition(), position: try int(Int64.self), stream: try someUUID(),
            streamVersion: try int(Int64.self), learner: try uuid().map { EntityID<Learner>($0) },
            effectiveAt: Timestamp(microseconds: try int(Int64.self)),
            recordedAt: Timestamp(microseconds: try int(Int64.self)), actor: try text(), authority: try text(),
            causedBy: try uuid(), correlation: try uuid(), traceparent: try text(), keyID: try uuid(),
            payload: try data())
    }
}
