import Domain

/// The pairs of a query string or of an `application/x-www-form-urlencoded` body, in their order.
struct FormParameters: Sendable {
    private(set) var pairs: [(name: String, value: String)] = []

    /// - Throws: `.malformed` for more than `EdgeLimits.parameters` pairs, an encoding that does not stand for UTF-8,
    ///   or a name that comes twice: which of two values counts must not be up to the reader.
    init(_ text: some StringProtocol) throws(Fault) {
        for part in text.split(separator: "&") {
            guard pairs.count < EdgeLimits.parameters else {
                throw Self.malformed("parameters.too_many", "Send at most \(EdgeLimits.parameters) parameters.")
            }
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decode(halves[0]), let value = halves.count > 1 ? Self.decode(halves[1]) : "" else {
                throw Self.malformed("parameters.encoding", "A parameter is not percent-encoded UTF-8.")
            }
            guard !pairs.contains(where: { $0.name == name }) else {
                throw Self.malformed("parameters.repeated", "The parameter `\(name.prefix(64))` is given twice.")
            }
            pairs.append((name, value))
        }
    }

    subscript(name: String) -> String? { pairs.first { $0.name == name }?.value }

    private static func malformed(_ rule: String, _ message: String) -> Fault {
        Fault(.malformed, message, violations: [Fault.Violation("", rule, message)])
    }

    /// `+` is a space, `%XX` a byte; nil unless the result is UTF-8 without U+0000.
    static func decode(_ text: some StringProtocol) -> String? {
        var bytes: [UInt8] = []
        var rest = Substring(text).utf8
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(hexValue), let low = rest.popFirst().flatMap(hexValue)
                else { return nil }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        guard !bytes.contains(0) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    /// Percent-encodes all but the unreserved characters of RFC 3986 §2.3.
    static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                 UInt8(ascii: "~"): bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }
}
