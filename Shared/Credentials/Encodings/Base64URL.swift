/// Base 64 with the alphabet for URLs and without padding (RFC 4648 §5), in the one spelling of each value.
package enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    private static let digits: [UInt8] = {
        var digits = [UInt8](repeating: 255, count: 256)
        for (digit, character) in alphabet.enumerated() { digits[Int(character)] = UInt8(digit) }
        return digits
    }()

    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        String(decoding: encoded(Array(bytes)), as: UTF8.self)
    }

    package static func encoded(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: (bytes.count * 4 + 2) / 3) { text, count in
            alphabet.withUnsafeBufferPointer { alphabet in
                bytes.withUnsafeBufferPointer { bytes in
                    var place = 0
                    while place < bytes.count {
                        // Bytes past the end count as zero; what only they would say is not written.
                        let left = bytes.count - place
                        let group = UInt32(bytes[place]) << 16 | (left > 1 ? UInt32(bytes[place + 1]) << 8 : 0) | (left > 2 ? UInt32(bytes[place + 2]) : 0)
                        text[count] = alphabet[Int(group >> 18)]
                        text[count + 1] = alphabet[Int(group >> 12 & 63)]
                        if left > 1 { text[count + 2] = alphabet[Int(group >> 6 & 63)] }
                        if left > 2 { text[count + 3] = alphabet[Int(group & 63)] }
                        count += min(left, 3) + 1
                        place += 3
                    }
                }
            }
        }
    }

    /// Nil for any other character (padding and white space too), an impossible length, or bits left over that are
    /// not zero: two texts never mean the same bytes.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? { decode(utf8: text.utf8) }

    package static func decode(utf8 text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count * 3 / 4)
        var group: UInt32 = 0, bits: UInt32 = 0
        let isSound = digits.withUnsafeBufferPointer { digits in
            for character in text {
                let digit = digits[Int(character)]
                guard digit < 64 else { return false }
                group = group << 6 | UInt32(digit)
                bits += 6
                if bits >= 8 {
                    bits -= 8
                    bytes.append(UInt8(truncatingIfNeeded: group >> bits))
                    group &= (1 << bits) - 1
                }
            }
            return group == 0
        }
        return isSound ? bytes : nil
    }
}
