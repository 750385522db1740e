/// How text stands in JSON, for every writer: whole runs are copied, and only what must be escaped is looked at alone.
package enum JSONText {
    /// Appends the text between quotes.
    /// - Parameter canonical: with every short escape that RFC 8785 §3.2.2.2 asks for; our own writer leaves backspace and
    ///   form feed long.
    package static func append(_ text: String, to bytes: inout [UInt8], canonical: Bool) {
        bytes.append(UInt8(ascii: "\""))
        // Text bridged from elsewhere has no bytes in one piece until it is copied.
        if text.utf8.withContiguousStorageIfAvailable({ append($0, to: &bytes, canonical) }) == nil {
            Array(text.utf8).withUnsafeBufferPointer { append($0, to: &bytes, canonical) }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func append(_ source: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8], _ canonical: Bool) {
        var start = 0
        while true {
            let end = plainEnd(source, from: start)
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: source[start..<end]))
            guard end < source.count else { return }
            append(escaped: source[end], to: &bytes, canonical)
            start = end + 1
        }
    }

    private static func append(escaped byte: UInt8, to bytes: inout [UInt8], _ canonical: Bool) {
        bytes.append(UInt8(ascii: "\\"))
        if let letter = escapeLetter(of: byte, canonical: canonical) { return bytes.append(letter) }
        bytes.append(contentsOf: "u00".utf8)
        bytes.append((byte >> 4).hexLetter)
        bytes.append((byte & 15).hexLetter)
    }

    /// What follows the backslash; nil where it is `u00` and two digits.
    static func escapeLetter(of byte: UInt8, canonical: Bool) -> UInt8? {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): byte
        case 0x09: UInt8(ascii: "t")
        case 0x0A: UInt8(ascii: "n")
        case 0x0D: UInt8(ascii: "r")
        case 0x08 where canonical: UInt8(ascii: "b")
        case 0x0C where canonical: UInt8(ascii: "f")
        default: nil
        }
    }

    /// Where the run of bytes that stand for themselves ends; eight at a time while there are as many.
    @inline(__always)
    static func plainEnd(_ source: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        let raw = UnsafeRawBufferPointer(source)
        var place = start
        while place + 8 <= raw.count {
            if hasEscape(raw.loadUnaligned(fromByteOffset: place, as: UInt64.self)) { break }
            place += 8
        }
        // The last eight together, some of them once more.
        if raw.count >= 8, place + 8 > raw.count, !hasEscape(raw.loadUnaligned(fromByteOffset: raw.count - 8, as: UInt64.self)) {
            return raw.count
        }
        while place < raw.count, !needsEscape(raw[place]) { place += 1 }
        return place
    }

    static func needsEscape(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x22 || byte == 0x5C }

    /// The same of any of eight bytes: a byte's highest bit is set by the subtraction when the byte was smaller.
    @inline(__always)
    static func hasEscape(_ eight: UInt64) -> Bool {
        let each: UInt64 = 0x0101_0101_0101_0101, highest: UInt64 = 0x8080_8080_8080_8080
        let quotes = eight ^ (each &* 0x22), backslashes = eight ^ (each &* 0x5C)
        let smaller = ((eight &- each &* 0x20) & ~eight) | ((quotes &- each) & ~quotes) | ((backslashes &- each) & ~backslashes)
        return smaller & highest != 0
    }
}
