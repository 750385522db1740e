import Foundation

/// A JSON number with the exact text of its source, so that `1.10` goes out as it came in.
/// Equality is equality of the text.
package struct JSONNumber: Sendable, Hashable, CustomStringConvertible {
    package let text: String

    /// The text must be a number by RFC 8259 §6 within `bounds`.
    init(checked text: String) { self.text = text }

    package init(_ value: Int64) { text = String(value) }

    /// Nil for what JSON cannot say: NaN and the infinities.
    package init?(_ value: Double) {
        guard value.isFinite else { return nil }
        self.init(value.description)
    }

    /// Nil unless the text is exactly one JSON number within the bounds of `JSONValue.parse`.
    package init?(_ text: String) {
        guard let value = try? JSONValue.parse(Array(text.utf8)), case .number(let number) = value,
              number.text == text else { return nil }
        self = number
    }

    package var description: String { text }

    /// Nearest double. Always finite: the reader refuses numbers beyond the range.
    package var double: Double { Double(text) ?? 0 }

    /// The value, if it is a whole number that fits: `3`, `3.0` and `3e0` are all 3.
    package var int64: Int64? {
        if let exact = Int64(text) { return exact }
        // A decimal of up to 15 digits and its nearest double determine each other, so here the double is exact.
        guard significantDigits <= 15, let value = Double(text), value.magnitude < 1e15 else { return nil }
        return Int64(exactly: value)
    }

    /// Digits between the first and the last that are not zero.
    var significantDigits: Int {
        var count = 0, trailingZeros = 0
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0"): if count > 0 { trailingZeros += 1; count += 1 }
            case UInt8(ascii: "1")...UInt8(ascii: "9"): count += 1; trailingZeros = 0
            case UInt8(ascii: "e"), UInt8(ascii: "E"): return count - trailingZeros
            default: break
            }
        }
        return count - trailingZeros
    }
}
