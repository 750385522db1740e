import Glibc

/// An IP address, and whether the world may be reached under it.
package struct PublicAddress: Sendable, Hashable {
    /// 4 or 16 bytes.
    package let bytes: [UInt8]

    package init(bytes: [UInt8]) { self.bytes = bytes }

    /// Nil unless the text is an address in its plain form, without a zone.
    package init?(_ text: String) {
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 {
            self.bytes = Array(bytes.prefix(4))
        } else if inet_pton(AF_INET6, text, &bytes) == 1 {
            self.bytes = bytes
        } else { return nil }
    }

    package var text: String {
        var buffer = [CChar](repeating: 0, count: 64)
        inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &buffer, socklen_t(buffer.count))
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    package var isLoopback: Bool { bytes.count == 4 ? bytes[0] == 127 : bytes == Self.loopback6 }

    /// Not private, shared, local, reserved, multicast, for documentation or benchmarks, and no door to IPv4 by
    /// another name. IPv6 is read the other way round: only what is handed out for global use counts.
    package var isGloballyRoutable: Bool {
        guard bytes.count == 16 else {
            return bytes.count == 4 && !Self.denied4.contains { Self.matches(bytes, $0.0, $0.1) }
        }
        return Self.matches(bytes, [0x20], 3) && !Self.denied6.contains { Self.matches(bytes, $0.0, $0.1) }
    }

    private static let loopback6: [UInt8] = Array(repeating: 0, count: 15) + [1]

    private static let denied4: [([UInt8], Int)] = [
        ([0], 8), ([10], 8), ([100, 64], 10), ([127], 8), ([169, 254], 16), ([172, 16], 12), ([192, 0, 0], 24),
        ([192, 0, 2], 24), ([192, 31, 196], 24), ([192, 52, 193], 24), ([192, 88, 99], 24), ([192, 168], 16),
        ([192, 175, 48], 24), ([198, 18], 15), ([198, 51, 100], 24), ([203, 0, 113], 24), ([224], 4), ([240], 4),
    ]
    private static let denied6: [([UInt8], Int)] = [
        // Protocol assignments (Teredo, ORCHID, benchmarking), documentation twice, 6to4, AS112.
        ([0x20, 0x01, 0x00], 23), ([0x20, 0x01, 0x0d, 0xb8], 32), ([0x3f, 0xff, 0x00], 20), ([0x20, 0x02], 16),
        ([0x26, 0x20, 0x00, 0x4f, 0x80, 0x00], 48),
    ]

    /// Whether the first `length` bits are those of `prefix`, which may be written shorter.
    private static func matches(_ bytes: [UInt8], _ prefix: [UInt8], _ length: Int) -> Bool {
        for bit in 0..<length {
            let mask = UInt8(0x80) >> UInt8(bit & 7)
            let wanted = bit / 8 < prefix.count ? prefix[bit / 8] & mask : 0
            if bytes[bit / 8] & mask != wanted { return false }
        }
        return true
    }
}
