extension PathwayDocument {
    /// A comparison of something measured over the learner's attainments, an operand like any other.
    ///
    /// What counts for an entry of `over` is what would meet it: for the id of a component the attainments that hold
    /// that component's target as the component counts them (level, bases, currency, crosswalks; neither its condition
    /// nor a waiver), for an IRI any attainment of it, crosswalks included.
    package struct Constraint: Hashable, Sendable {
        package var measure: Measure
        /// Ids of components that have a target, and IRIs, told apart by the colon. An entry named twice counts once.
        package var over: [String]
        package var comparator: Comparator
        package var value: Value
        /// Bounds of what some of `over` may contribute to a sum of credits; no two may share an attainment.
        package var caps: [Cap]

        package init(
            _ measure: Measure, over: [String], _ comparator: Comparator, _ value: Value, caps: [Cap] = []
        ) {
            self.measure = measure
            self.over = over
            self.comparator = comparator
            self.value = value
            self.caps = caps
        }

        package enum Measure: String, Hashable, Sendable, Codable, CaseIterable {
            /// The highest level that counts and can be compared with the value; without any the constraint does not hold.
            case level
            /// The sum of the credits of all that counts, each attainment once.
            case credits
            /// How many entries of `over` are held.
            case count
            /// The latest `until` of what counts, none meaning never; without anything the constraint does not hold.
            case until
        }

        package enum Comparator: String, Hashable, Sendable, Codable, CaseIterable {
            case atLeast = "at_least"
            case atMost = "at_most"
            case greater, less, equal
            case notEqual = "not_equal"

            package func holds<T: Comparable>(_ measured: T, _ value: T) -> Bool {
                switch self {
                case .atLeast: measured >= value
                case .atMost: measured <= value
                case .greater: measured > value
                case .less: measured < value
                case .equal: measured == value
                case .notEqual: measured != value
                }
            }

            /// More of what is measured never makes it false.
            package var isMonotone: Bool { self == .atLeast || self == .greater }
        }

        /// As it is written; what it means depends on the measure: a level, an amount, a number, a date or `as_of`.
        package enum Value: Hashable, Sendable {
            case number(Double)
            case text(String)

            /// The day of the evaluation.
            package static let asOf = Value.text("as_of")
        }

        package struct Cap: Hashable, Sendable {
            /// Some of the constraint's `over`.
            package var over: [String]
            package var most: Credits

            package init(over: [String], most: Credits) {
                self.over = over
                self.most = most
            }
        }
    }
}

extension PathwayDocument.Constraint: Codable {
    private enum Member: String, CodingKey, CaseIterable { case measure, over, comparator, value, caps }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.membersOfPathway("a constraint", Member.self)
        measure = try members.word(Measure.self, forKey: .measure)
        over = try members.decode([String].self, forKey: .over)
        comparator = try members.word(Comparator.self, forKey: .comparator)
        value = try members.decode(Value.self, forKey: .value)
        caps = try members.decodeIfPresent([Cap].self, forKey: .caps) ?? []
    }

    package func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Member.self)
        try members.encode(measure, forKey: .measure)
        try members.encode(over, forKey: .over)
        try members.encode(comparator, forKey: .comparator)
        try members.encode(value, forKey: .value)
        if !caps.isEmpty { try members.encode(caps, forKey: .caps) }
    }
}

extension PathwayDocument.Constraint.Value: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "must be a number, a level, a date or \"as_of\"")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .number(let number): try container.encode(number)
        case .text(let text): try container.encode(text)
        }
    }
}

extension PathwayDocument.Constraint.Cap: Codable {
    private enum Member: String, CodingKey, CaseIterable { case over, most }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.membersOfPathway("a cap", Member.self)
        over = try members.decode([String].self, forKey: .over)
        most = try members.decode(Credits.self, forKey: .most)
    }
}
