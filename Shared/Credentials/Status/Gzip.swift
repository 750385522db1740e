/// gzip (RFC 1952), without a C library: a status list is mostly runs of zeros, and what strangers send is expanded
/// here within bounds that we can read.
package enum Gzip {
    private static let magic: [UInt8] = [0x1F, 0x8B, 8]

    /// One member without a name or time, so that the same bytes always give the same text.
    package static func compress(_ bytes: [UInt8]) -> [UInt8] {
        magic + [0, 0, 0, 0, 0, 0, 255] + Deflate.compress(bytes)
            + littleEndian(CRC32.of(bytes)) + littleEndian(UInt32(truncatingIfNeeded: bytes.count))
    }

    /// Exactly one member and nothing after it; its checksum and length must be right.
    /// - Throws: `gzip.malformed`; `gzip.too_large` before more than `bytesMax` bytes are kept.
    package static func expand(_ bytes: [UInt8], bytesMax: Int) throws(CredentialError) -> [UInt8] {
        let start = try headerLength(bytes)
        var inflate = Inflate(bytes, from: start, bytesMax: bytesMax)
        let result = try inflate.run()
        let end = inflate.end
        guard bytes.count == end + 8, Array(bytes[end..<(end + 4)]) == littleEndian(CRC32.of(result)),
              Array(bytes[(end + 4)...]) == littleEndian(UInt32(truncatingIfNeeded: result.count))
        else { throw malformed("its checksum or length is wrong, or something follows it") }
        return result
    }

    private static func headerLength(_ bytes: [UInt8]) throws(CredentialError) -> Int {
        guard bytes.count >= 18, bytes.starts(with: magic), bytes[3] & 0xE0 == 0 else { throw malformed("it has no gzip header") }
        let flags = bytes[3]
        var at = 10
        if flags & 4 != 0 { at += 2 + Int(bytes[at]) + Int(bytes[at + 1]) << 8 }
        for flag in [UInt8(8), 16] where flags & flag != 0 {
            guard at < bytes.count, let zero = bytes[at...].firstIndex(of: 0) else { throw malformed("its header is cut off") }
            at = zero + 1
        }
        if flags & 2 != 0 { at += 2 }
        guard at + 8 <= bytes.count else { throw malformed("it is cut off") }
        return at
    }

    private static func littleEndian(_ number: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: number >> UInt32(8 * $0)) }
    }

    static func malformed(_ why: String) -> CredentialError {
        CredentialError("gzip.malformed", "The compressed data cannot be expanded: \(why).")
    }
}
