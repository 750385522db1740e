import Foundation

/// How each kind of value stands in the text; the forms are Foundation's.
extension WireWriter {
    func value<T: Encodable>(_ value: T) throws {
        if T.self == String.self {
            text(unsafeBitCast(value, to: String.self))
        } else if T.self == JSONValue.self {
            try tree(unsafeBitCast(value, to: JSONValue.self))
        } else if T.self == JSONObject.self {
            try tree(.object(unsafeBitCast(value, to: JSONObject.self)))
        } else if T.self == UUID.self {
            text(unsafeBitCast(value, to: UUID.self).uuidString)
        } else if T.self == Decimal.self {
            text(unquoted: unsafeBitCast(value, to: Decimal.self).description)
        } else if T.self == Data.self {
            text(unsafeBitCast(value, to: Data.self).base64EncodedString())
        } else if T.self == URL.self {
            text(unsafeBitCast(value, to: URL.self).absoluteString)
        } else {
            try inFrame { try value.encode(to: WireEncoder(writer: self, depth: frame.depth)) }
        }
    }

    func null() { append("null") }
    func bool(_ value: Bool) { if value { append("true") } else { append("false") } }

    func integer<T: FixedWidthInteger>(_ value: T) {
        reserve(T.bitWidth / 3 + 2)
        if value < 0 {
            buffer[count] = UInt8(ascii: "-")
            count += 1
        }
        var rest = value.magnitude, end = count + 1
        while rest >= 10 {
            rest /= 10
            end += 1
        }
        rest = value.magnitude
        for place in (count..<end).reversed() {
            let (tens, ones) = rest.quotientAndRemainder(dividingBy: 10)
            buffer[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: ones)
            rest = tens
        }
        count = end
    }

    func double(_ value: Double) throws {
        // Zero is left out for the sake of its sign.
        if value.magnitude < 1e15, value != 0, let whole = Int64(exactly: value) { return integer(whole) }
        try floating(value)
    }

    /// The shortest text that reads back as the same number, without the `.0` of whole ones.
    func floating<T: BinaryFloatingPoint & CustomStringConvertible>(_ value: T) throws {
        guard value.isFinite else { throw Self.invalid("JSON has no number \(value)", value) }
        let text = value.description
        self.text(unquoted: text.hasSuffix(".0") ? String(text.dropLast(2)) : text)
    }

    /// Members sorted; numbers as they come out of Codable: whole ones as such, and no digit of a long one lost.
    private func tree(_ value: JSONValue) throws {
        switch value {
        case .null: null()
        case .bool(let bool): self.bool(bool)
        case .string(let text): self.text(text)
        case .number(let number):
            if let whole = number.int64 { integer(whole) } else if number.significantDigits > 15,
               number.significantDigits <= 38, let decimal = Decimal(string: number.text) {
                text(unquoted: decimal.description)
            } else { try double(number.double) }
        case .array(let elements):
            try inFrame {
                open(.array)
                for element in elements {
                    self.element()
                    try tree(element)
                }
            }
        case .object(let object):
            try inFrame {
                open(.object)
                for member in object.members {
                    name(member.name)
                    try tree(member.value)
                }
            }
        }
    }

    // MARK: Text

    func text(unquoted text: String) { for byte in text.utf8 { append(byte) } }

    /// Appends the text between quotes and says whether all of it could stand for itself.
    @discardableResult
    func text(_ text: String) -> Bool {
        text.utf8.withContiguousStorageIfAvailable { quote($0) } ?? Array(text.utf8).withUnsafeBufferPointer { quote($0) }
    }

    private func quote(_ source: UnsafeBufferPointer<UInt8>) -> Bool {
        reserve(source.count + 2)
        buffer[count] = UInt8(ascii: "\"")
        count += 1
        var start = 0
        while true {
            let end = JSONText.plainEnd(source, from: start)
            if end > start, let base = source.baseAddress { append(base + start, end - start) }
            guard end < source.count else { break }
            escape(source[end])
            start = end + 1
        }
        append(UInt8(ascii: "\""))
        return start == 0
    }

    private func escape(_ byte: UInt8) {
        append(UInt8(ascii: "\\"))
        if let letter = JSONText.escapeLetter(of: byte, canonical: true) { return append(letter) }
        append("u00")
        append((byte >> 4).hexLetter)
        append((byte & 15).hexLetter)
    }
}
