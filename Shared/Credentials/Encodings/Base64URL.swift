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
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count * 4 + 2) / 3)
        alphabet.withUnsafeBufferPointer { alphabet in
            var place = 0
            while place + 2 < bytes.count {
                let group = UInt32(bytes[place]) << 16 | UInt32(bytes[place + 1]) << 8 | UInt32(bytes[place + 2])
                text.append(alphabet[Int(group >> 18)])
                text.append(alphabet[Int(group >> 12 & 63)])
                text.append(alphabet[Int(group >> 6 & 63)])
                text.append(alphabet[Int(group & 63)])
                place += 3
            }
            switch bytes.count - place {
            case 1:
                text.append(alphabet[Int(bytes[place] >> 2)])
                text.append(alphabet[Int(bytes[place] & 3) << 4])
            case 2:
                text.append(alphabet[Int(bytes[place] >> 2)])
                text.append(alphabet[Int(bytes[place] & 3) << 4 | Int(bytes[place + 1] >> 4)])
                text.append(alphabet[Int(bytes[place + 1] & 15) << 2])
            default: break
            }
        }
        return text
    }

    /// Nil for any other character (padding and white space too), an impossible length, or bits left over that are
    /// not zero: two texts never mean the same bytes.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? { decode(utf8: text.utf8) }

    package static func decode(utf8 text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count * 3 / 4)
        var group: UInt32 = 0, bits: UInt32 = 0
        for character in text {
            let digit = digits[Int(character)]
            guard digit < 64 else { return nil }
            group = group << 6 | UInt32(digit)
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: group >> bits))
                group &= (1 << bits) - 1
            }
        }
        return group == 0 ? bytes : nil
    }
}
