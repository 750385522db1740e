/// Numbers of `size` bits each, one after the other; the first bit is the most significant of byte 0
/// (Bitstring Status List 1.0 §3.2).
package struct BitString: Sendable, Hashable {
    package private(set) var bytes: [UInt8]

    /// Shorter lists would tell whose status is asked for.
    package static let bitsMin = 131_072

    /// All zero; the count is a multiple of 8.
    package init(bits: Int = bitsMin) {
        precondition(bits >= 0 && bits <= CredentialLimits.statusBitsMax && bits % 8 == 0)
        bytes = [UInt8](repeating: 0, count: bits / 8)
    }

    init(bytes: [UInt8]) { self.bytes = bytes }

    package var bits: Int { bytes.count * 8 }

    /// Nil past the end. `size` is 1 to 8.
    package func value(at index: Int, size: Int = 1) -> Int? {
        guard index >= 0, size >= 1, size <= 8, index < bits / size else { return nil }
        return (index * size..<(index + 1) * size).reduce(0) { value, bit in
            value << 1 | Int(bytes[bit / 8] >> UInt8(7 - bit % 8) & 1)
        }
    }

    /// The index must be within.
    package mutating func set(_ index: Int, to isSet: Bool) {
        precondition(index >= 0 && index < bits)
        let mask = UInt8(0x80) >> UInt8(index % 8)
        if isSet { bytes[index / 8] |= mask } else { bytes[index / 8] &= ~mask }
    }

    package var setIndexes: [Int] {
        bytes.indices.flatMap { place in
            bytes[place] == 0 ? [] : (0..<8).filter { bytes[place] & (0x80 >> UInt8($0)) != 0 }.map { place * 8 + $0 }
        }
    }

    /// `u` and base64url of the gzip: what `encodedList` holds.
    package var encoded: String { Multibase.base64(Gzip.compress(bytes)) }

    /// - Throws: `status.malformed`, `status.list_length` when it is shorter than 16 KiB, `gzip.…`.
    package init(encoded text: String) throws(CredentialError) {
        let bytesMax = CredentialLimits.statusBitsMax / 8
        guard text.utf8.count <= 2 * bytesMax, let compressed = Multibase.decode(text), text.utf8.first == UInt8(ascii: "u") else {
            throw CredentialError("status.malformed", "encodedList must be base64url without padding, beginning with u.", at: "/credentialSubject/encodedList")
        }
        let bytes = try Gzip.expand(compressed, bytesMax: bytesMax)
        guard bytes.count * 8 >= Self.bitsMin else {
            throw CredentialError("status.list_length", "A status list has at least \(Self.bitsMin) bits; this one has \(bytes.count * 8).", at: "/credentialSubject/encodedList")
        }
        self.init(bytes: bytes)
    }
}
