/// Kleene's three values. `unknown` is an input that has not arrived yet, never a verdict.
package enum Truth: UInt8, Hashable, Sendable, CaseIterable {
    case no, unknown, yes

    package init(_ value: Bool) { self = value ? .yes : .no }

    package static prefix func ! (one: Self) -> Self {
        switch one {
        case .no: .yes
        case .unknown: .unknown
        case .yes: .no
        }
    }

    /// And: the lower of the two.
    package static func & (one: Self, other: Self) -> Self { one.rawValue < other.rawValue ? one : other }
    /// Or: the higher of the two.
    package static func | (one: Self, other: Self) -> Self { one.rawValue > other.rawValue ? one : other }

    /// At least `required` of so many, of which `yes` are so and `unknown` may be.
    package static func atLeast(_ required: Int, yes: Int, unknown: Int) -> Self {
        yes >= required ? .yes : yes + unknown >= required ? .unknown : .no
    }
}

extension Truth: Codable {
    package var word: String {
        switch self {
        case .no: "no"
        case .unknown: "unknown"
        case .yes: "yes"
        }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let found = Self.allCases.first(where: { $0.word == text }) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "must be one of yes, no, unknown")
        }
        self = found
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(word)
    }
}
