/// Text from anywhere, made safe inside a JSON string or a line of a terminal. Control characters, line separators and
/// the marks that reverse the direction of writing are written as `\uXXXX`: they could forge or hide a log line.
enum EscapedText {
    private static let ellipsis = Array("…".utf8)

    /// Appends at most `limitBytes` (3 or more) of escaped text; what does not fit ends in `…`.
    static func append(_ text: String, to bytes: inout [UInt8], limitBytes: Int) {
        let start = bytes.count
        // The last place where an ellipsis would still fit.
        var cut = start
        for scalar in text.unicodeScalars {
            append(scalar, to: &bytes)
            if bytes.count - start > limitBytes {
                bytes.removeSubrange(cut...)
                bytes.append(contentsOf: ellipsis)
                return
            }
            if bytes.count - start + ellipsis.count <= limitBytes { cut = bytes.count }
        }
    }

    /// As a JSON string, quotes included.
    static func quoted(_ text: String, limitBytes: Int = 1024) -> String {
        var bytes = [UInt8(ascii: "\"")]
        append(text, to: &bytes, limitBytes: limitBytes)
        bytes.append(UInt8(ascii: "\""))
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func append(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
        switch scalar.value {
        case 0x22, 0x5C:
            bytes.append(UInt8(ascii: "\\"))
            bytes.append(UInt8(scalar.value))
        case 0x0A: bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "n")])
        case 0x20..<0x7F: bytes.append(UInt8(scalar.value))
        case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF:
            bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "u")])
            for shift in [12, 8, 4, 0] as [UInt32] { bytes.append(hexadecimal[Int(scalar.value >> shift & 0xF)]) }
        default: bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        }
    }

    private static let hexadecimal = Array("0123456789abcdef".utf8)
}
