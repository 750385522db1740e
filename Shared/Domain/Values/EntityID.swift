import Crypto
import Foundation

/// The identity of one `Entity`: 16 bytes, written as a lower-case UUID. A `EntityID<Learner>` can never be
/// passed where an `EntityID<Partner>` is wanted.
///
/// The last byte carries the **partition** (its low six bits). The id of everything that concerns one learner
/// ends with the same six bits as the learner's own id, so that any of these ids alone leads to the partition.
package struct EntityID<Entity>: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let uuid: UUID

    package init(_ uuid: UUID) { self.uuid = uuid }

    /// Nil unless `text` is a UUID in the 36-character form; upper case is accepted, lower case is written.
    package init?(_ text: String) {
        guard let uuid = UUID(text: text) else { return nil }
        self.uuid = uuid
    }

    /// A new time-ordered id (UUIDv7, RFC 9562 §5.7) in a random partition.
    package static func make() -> Self { Self(.version7()) }

    /// The id a create command gives to what it creates: the same caller and key always lead to the same id, so a
    /// retry meets the stream of the first try. With `alongside`, the id shares the owner's partition.
    package static func derived(
        from request: String, caller: String, key: String, alongside owner: UUID? = nil
    ) -> Self {
        Self(.derived("create", request, caller, key, partition: owner.map(Partition.init(of:))))
    }

    /// The id of something that follows from something else (an entitlement from an enrollment): repeating the
    /// derivation repeats the id.
    package static func following(_ parts: String..., alongside owner: UUID? = nil) -> Self {
        Self(.derived(from: ["follow"] + parts, partition: owner.map(Partition.init(of:))))
    }

    package var partition: Partition { Partition(of: uuid) }
    package var description: String { uuid.text }

    package static func < (one: Self, other: Self) -> Bool { one.uuid.bytesPrecede(other.uuid) }
}

extension EntityID: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = Self(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "must be a UUID")
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension EntityID: CodingKeyRepresentable {
    package var codingKey: any CodingKey { TextKey(description) }
    package init?(codingKey: some CodingKey) { self.init(codingKey.stringValue) }
}

/// A coding key that is nothing but its text.
package struct TextKey: CodingKey {
    package let stringValue: String
    package var intValue: Int? { nil }
    package init(_ text: String) { stringValue = text }
    package init?(stringValue: String) { self.init(stringValue) }
    package init?(intValue: Int) { nil }
}

extension UUID {
    package var bytes: [UInt8] { withUnsafeBytes(of: uuid) { Array($0) } }

    /// The 36-character form in lower case.
    package var text: String {
        String(unsafeUninitializedCapacity: 36) { text in
            var place = 0
            withUnsafeBytes(of: uuid) { bytes in
                for index in 0..<16 {
                    if index == 4 || index == 6 || index == 8 || index == 10 {
                        text[place] = UInt8(ascii: "-")
                        place += 1
                    }
                    text[place] = (bytes[index] >> 4).hexLetter
                    text[place + 1] = (bytes[index] & 15).hexLetter
                    place += 2
                }
            }
            return place
        }
    }

    package init(bytes: some Sequence<UInt8>) {
        var value: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        withUnsafeMutableBytes(of: &value) { buffer in
            for (index, byte) in bytes.prefix(16).enumerated() { buffer[index] = byte }
        }
        self.init(uuid: value)
    }

    /// Reads the 36-character form in either case, and nothing else. Foundation's own `init(uuidString:)` also takes
    /// spaces and signs in place of digits on Linux.
    package init?(text: String) {
        let value = text.utf8.withContiguousStorageIfAvailable(Self.read) ?? Array(text.utf8).withUnsafeBufferPointer(Self.read)
        guard let value else { return nil }
        self.init(uuid: value)
    }

    private static func read(_ text: UnsafeBufferPointer<UInt8>) -> uuid_t? {
        guard text.count == 36 else { return nil }
        var value: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        let isUUID = withUnsafeMutableBytes(of: &value) { bytes in
            var place = 0
            for index in 0..<16 {
                if index == 4 || index == 6 || index == 8 || index == 10 {
                    guard text[place] == UInt8(ascii: "-") else { return false }
                    place += 1
                }
                guard let high = text[place].hexDigit, let low = text[place + 1].hexDigit else { return false }
                bytes[index] = high << 4 | low
                place += 2
            }
            return true
        }
        return isUUID ? value : nil
    }

    func bytesPrecede(_ other: UUID) -> Bool {
        withUnsafeBytes(of: uuid) { one in
            withUnsafeBytes(of: other.uuid) { two in one.lexicographicallyPrecedes(two) }
        }
    }

    /// UUIDv7: 48 bits of Unix milliseconds, then random bits.
    package static func version7(at time: Timestamp = .now) -> UUID {
        let milliseconds = UInt64(max(0, time.microseconds / 1000))
        return UUID(
            high: milliseconds << 16 | 0x7000 | RandomStock.next() & 0x0FFF,
            low: 1 << 63 | RandomStock.next() & (1 << 62 - 1))
    }

    private init(high: UInt64, low: UInt64) {
        var value: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        withUnsafeMutableBytes(of: &value) { bytes in
            bytes.storeBytes(of: high.bigEndian, as: UInt64.self)
            bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        self.init(uuid: value)
    }

    /// UUIDv8 (RFC 9562 §5.8) from SHA-256 over the parts, each preceded by its length, so that no two lists of
    /// parts meet. With `partition`, the low six bits of the last byte are set to it.
    package static func derived(_ parts: String..., partition: Partition? = nil) -> UUID {
        derived(from: parts, partition: partition)
    }

    static func derived(from parts: [String], partition: Partition?) -> UUID {
        var hash = SHA256()
        for part in parts {
            withUnsafeBytes(of: UInt32(part.utf8.count).bigEndian) { hash.update(bufferPointer: $0) }
            hash.update(data: Array(part.utf8))
        }
        return version8(Array(hash.finalize()), partition: partition)
    }

    /// UUIDv8 from the first 16 of the given bytes; there must be as many (a MAC or a digest has).
    package static func version8(_ source: [UInt8], partition: Partition? = nil) -> UUID {
        precondition(source.count >= 16, "a UUID needs 16 bytes")
        var bytes = Array(source.prefix(16))
        bytes[6] = 0x80 | (bytes[6] & 0x0F)
        bytes[8] = 0x80 | (bytes[8] & 0x3F)
        if let partition { bytes[15] = (bytes[15] & 0xC0) | partition.number }
        return UUID(bytes: bytes)
    }
}

extension UInt8 {
    /// What the byte counts as an ASCII hexadecimal digit of either case; nil for any other byte.
    var hexDigit: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// The lower-case hexadecimal digit of a value below 16.
    @inline(__always)
    var hexLetter: UInt8 { self < 10 ? UInt8(ascii: "0") + self : UInt8(ascii: "a") - 10 + self }
}
