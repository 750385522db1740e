/// An amount of credit, exact to three decimal places: sums of it never drift. On wires: a JSON number.
package struct Credits: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// 0...`thousandthsMax`.
    package let thousandths: Int64

    /// A thousand million credits; nine million such amounts can be added in 64 bits.
    package static let thousandthsMax: Int64 = 1_000_000_000_000
    package static let zero = Credits(unchecked: 0)

    private init(unchecked thousandths: Int64) { self.thousandths = thousandths }

    /// Nil outside 0...`thousandthsMax`.
    package init?(thousandths: Int64) {
        guard (0...Self.thousandthsMax).contains(thousandths) else { return nil }
        self.init(unchecked: thousandths)
    }

    /// Nil for a negative amount, one beyond the bound, and one with more than three decimal places.
    package init?(_ value: Double) {
        // A decimal of up to 15 digits and its nearest double determine each other, and the division rounds to nearest.
        let scaled = (value * 1000).rounded()
        guard scaled >= 0, scaled <= Double(Self.thousandthsMax), scaled / 1000 == value else { return nil }
        self.init(unchecked: Int64(scaled))
    }

    package var value: Double { Double(thousandths) / 1000 }

    /// `3`, `1.5`, `0.125`.
    package var description: String {
        let (whole, rest) = thousandths.quotientAndRemainder(dividingBy: 1000)
        guard rest != 0 else { return "\(whole)" }
        var digits = String(String(1000 + rest).dropFirst())
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(whole).\(digits)"
    }

    package static func < (one: Self, other: Self) -> Bool { one.thousandths < other.thousandths }
}

extension Credits: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = Self(try container.decode(Double.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "must be an amount from 0 to 1000000000 with at most 3 decimal places")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}
