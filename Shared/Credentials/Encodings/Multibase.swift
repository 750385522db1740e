/// Text that tells its own base by the first character: `z` base58btc, `u` base64url without padding. Others exist;
/// Data Integrity and Bitstring Status List use these two.
package enum Multibase {
    package static func base58(_ bytes: some Collection<UInt8>) -> String { "z" + Base58.encode(bytes) }
    package static func base64(_ bytes: some Collection<UInt8>) -> String { "u" + Base64URL.encode(bytes) }

    /// Nil for another base or an impossible text.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        switch text.utf8.first {
        case UInt8(ascii: "z"): Base58.decode(text.dropFirst())
        case UInt8(ascii: "u"): Base64URL.decode(text.dropFirst())
        default: nil
        }
    }
}

/// The number in front of a key that tells its kind: an unsigned varint of seven bits a byte, lowest first.
package enum Multicodec: UInt64, Sendable {
    case ed25519Public = 0xED
    case x25519Public = 0xEC
    case p256Public = 0x1200
    case p384Public = 0x1201
    case p521Public = 0x1202
    case rsaPublic = 0x1205
    case ed25519Private = 0x1300
    case p256Private = 0x1306
    case p384Private = 0x1307

    package var prefix: [UInt8] {
        var rest = rawValue, bytes: [UInt8] = []
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    /// The code in front and what follows it. Nil for a code not listed here or not in its shortest form.
    package static func split(_ bytes: [UInt8]) -> (code: Multicodec, rest: ArraySlice<UInt8>)? {
        var value: UInt64 = 0
        for (place, byte) in bytes.prefix(4).enumerated() {
            value |= UInt64(byte & 0x7F) << UInt64(7 * place)
            guard byte & 0x80 == 0 else { continue }
            guard let code = Multicodec(rawValue: value), code.prefix.count == place + 1 else { return nil }
            return (code, bytes.dropFirst(place + 1))
        }
        return nil
    }
}
