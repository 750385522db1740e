/// Base 58 with Bitcoin's alphabet (draft-msporny-base58-03). Work grows with the square of the length, so both
/// directions are bounded.
package enum Base58 {
    package static let bytesMax = 2048
    package static let charactersMax = 2800

    private static let alphabet = Array("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".utf8)
    private static let digits: [UInt8] = {
        var digits = [UInt8](repeating: 255, count: 256)
        for (digit, character) in alphabet.enumerated() { digits[Int(character)] = UInt8(digit) }
        return digits
    }()
    /// Five digits at a time fit a 32-bit limb.
    private static var five: UInt64 { 58 * 58 * 58 * 58 * 58 }

    /// At most `bytesMax` bytes: more is a programmer's error.
    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        precondition(bytes.count <= bytesMax)
        let zeros = bytes.prefix { $0 == 0 }.count
        var limbs = limbs(bytes.dropFirst(zeros))
        var reversed: [UInt8] = []
        reversed.reserveCapacity(bytes.count * 7 / 5 + 5)
        var first = 0
        while first < limbs.count {
            var remainder: UInt64 = 0
            limbs.withUnsafeMutableBufferPointer { limbs in
                for place in first..<limbs.count {
                    let value = remainder << 32 | UInt64(limbs[place])
                    limbs[place] = UInt32(truncatingIfNeeded: value / five)
                    remainder = value % five
                }
            }
            while first < limbs.count, limbs[first] == 0 { first += 1 }
            for _ in 0..<5 {
                reversed.append(alphabet[Int(remainder % 58)])
                remainder /= 58
            }
        }
        while reversed.last == alphabet[0] { reversed.removeLast() }
        reversed.append(contentsOf: repeatElement(alphabet[0], count: zeros))
        reversed.reverse()
        return String(decoding: reversed, as: UTF8.self)
    }

    /// Nil for another character, or more than `charactersMax` of them.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let characters = Array(text.utf8)
        guard characters.count <= charactersMax else { return nil }
        let zeros = characters.prefix { $0 == alphabet[0] }.count
        // Little-endian limbs.
        var limbs: [UInt32] = []
        var place = zeros
        while place < characters.count {
            var factor: UInt64 = 1, carry: UInt64 = 0
            for character in characters[place..<min(place + 5, characters.count)] {
                let digit = digits[Int(character)]
                guard digit < 58 else { return nil }
                factor *= 58
                carry = carry * 58 + UInt64(digit)
            }
            for index in limbs.indices {
                let value = UInt64(limbs[index]) * factor + carry
                limbs[index] = UInt32(truncatingIfNeeded: value)
                carry = value >> 32
            }
            if carry > 0 { limbs.append(UInt32(truncatingIfNeeded: carry)) }
            place += 5
        }
        var bytes = [UInt8](repeating: 0, count: zeros)
        var leading = true
        for limb in limbs.reversed() {
            for shift in [24, 16, 8, 0] {
                let byte = UInt8(truncatingIfNeeded: limb >> UInt32(shift))
                if leading, byte == 0 { continue }
                leading = false
                bytes.append(byte)
            }
        }
        return bytes
    }

    /// Big-endian, the first one filled up.
    private static func limbs(_ bytes: some Collection<UInt8>) -> [UInt32] {
        var limbs: [UInt32] = []
        limbs.reserveCapacity(bytes.count / 4 + 1)
        var limb: UInt32 = 0, left = bytes.count
        for byte in bytes {
            limb = limb << 8 | UInt32(byte)
            left -= 1
            if left % 4 == 0 {
                limbs.append(limb)
                limb = 0
            }
        }
        return limbs
    }
}
