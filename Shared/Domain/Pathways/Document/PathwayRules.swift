// What decides how an attainment counts: levels and their progressions, currency, crosswalks, waivers.

extension PathwayDocument {
    /// How well something is held: a number, or the text of a level that is in exactly one progression of the document.
    /// Two levels compare when both are numbers or both are of one progression; what does not compare does not count.
    package enum Level: Hashable, Sendable, CustomStringConvertible {
        case number(Double)
        case text(String)

        /// `3`, not `3.0`.
        package var description: String {
            switch self {
            case .number(let number): Int(exactly: number).map { String($0) } ?? String(number)
            case .text(let text): text
            }
        }
    }

    /// Levels in an order.
    package struct Progression: Hashable, Sendable {
        /// Like a component's id; unique among the progressions.
        package var id: String
        package var title: String?
        /// IRIs or words, the lowest first; 1...100.
        package var levels: [String]

        package init(id: String, title: String? = nil, levels: [String]) {
            self.id = id
            self.title = title
            self.levels = levels
        }
    }

    /// How long an attainment counts for a component. A component without one never loses what was held.
    package enum Currency: Hashable, Sendable {
        /// Through the attainment's own `until`, where it has one.
        case issuer
        /// Through so many days after its `from`, or through its own `until` if that is earlier. 1...36 500.
        case days(Int)
    }

    /// One direction from what is held to what is asked.
    package struct Crosswalk: Hashable, Sendable {
        /// IRIs, compared as they stand.
        package var from: String
        package var to: String
        /// Whether an attainment of `from` counts toward `to`. One that does not is shown as related and never counts.
        package var confers: Bool
        package var strength: Strength
        /// What must be held directly, whatever the level and current or not, for a strength other than equivalent.
        package var topUp: [String]
        /// The level at which it arrives; absent: the level that the attainment has.
        package var level: Level?
        /// Takes also what arrived at `from` through another crosswalk.
        package var chains: Bool
        /// The decision that adopted it; at most 4000 code points.
        package var decision: String?

        package init(
            from: String, to: String, confers: Bool, strength: Strength = .equivalent, topUp: [String] = [],
            level: Level? = nil, chains: Bool = false, decision: String? = nil
        ) {
            self.from = from
            self.to = to
            self.confers = confers
            self.strength = strength
            self.topUp = topUp
            self.level = level
            self.chains = chains
            self.decision = decision
        }

        package enum Strength: String, Hashable, Sendable, Codable, CaseIterable {
            case equivalent, mostly, partially, minimally
        }

        /// What has to be held beside it: an equivalent one asks for nothing more.
        package var topUpNeeded: [String] { strength == .equivalent ? [] : topUp }
    }

    /// For learners of an innovation zone these components count as met.
    package struct Waiver: Hashable, Sendable {
        /// 1...64 of `A-Z a-z 0-9 . _ -`.
        package var zone: String
        /// Ids of components.
        package var components: [String]
        /// At most 4000 code points.
        package var decision: String?

        package init(zone: String, components: [String], decision: String? = nil) {
            self.zone = zone
            self.components = components
            self.decision = decision
        }
    }
}

extension PathwayDocument.Level: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
    package init(floatLiteral value: Double) { self = .number(value) }
    package init(integerLiteral value: Int) { self = .number(Double(value)) }
    package init(stringLiteral value: String) { self = .text(value) }
}

extension PathwayDocument.Level: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else {
            throw DecodingError.typeMismatch(Self.self, .init(
                codingPath: container.codingPath,
                debugDescription: "must be a number or the text of a level"))
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

extension PathwayDocument.Progression: Codable {
    private enum Member: String, CodingKey, CaseIterable { case id, title, levels }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.membersOfPathway("a progression", Member.self)
        id = try members.decode(String.self, forKey: .id)
        title = try members.decodeIfPresent(String.self, forKey: .title)
        levels = try members.decode([String].self, forKey: .levels)
    }
}

extension PathwayDocument.Currency: Codable {
    private enum Member: String, CodingKey, CaseIterable { case days }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let word = try? container.decode(String.self) {
            guard word == "issuer" else {
                throw DecodingError.dataCorruptedError(
                    in: container,
                    debugDescription: "must be \"issuer\" or an object with days, not `\(word.prefix(64))`")
            }
            self = .issuer
        } else {
            self = .days(try decoder.membersOfPathway("a currency", Member.self).whole(.days))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        switch self {
        case .issuer:
            var container = encoder.singleValueContainer()
            try container.encode("issuer")
        case .days(let days):
            var members = encoder.container(keyedBy: Member.self)
            try members.encode(days, forKey: .days)
        }
    }
}

extension PathwayDocument.Crosswalk: Codable {
    private enum Member: String, CodingKey, CaseIterable {
        case from, to, confers, strength, topUp, level, chains, decision
    }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.membersOfPathway("a crosswalk", Member.self)
        from = try members.decode(String.self, forKey: .from)
        to = try members.decode(String.self, forKey: .to)
        confers = try members.decode(Bool.self, forKey: .confers)
        strength = try members.wordIfPresent(Strength.self, forKey: .strength) ?? .equivalent
        topUp = try members.decodeIfPresent([String].self, forKey: .topUp) ?? []
        level = try members.decodeIfPresent(PathwayDocument.Level.self, forKey: .level)
        chains = try members.decodeIfPresent(Bool.self, forKey: .chains) ?? false
        decision = try members.decodeIfPresent(String.self, forKey: .decision)
    }

    package func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Member.self)
        try members.encode(from, forKey: .from)
        try members.encode(to, forKey: .to)
        try members.encode(confers, forKey: .confers)
        if strength != .equivalent { try members.encode(strength, forKey: .strength) }
        if !topUp.isEmpty { try members.encode(topUp, forKey: .topUp) }
        try members.encodeIfPresent(level, forKey: .level)
        if chains { try members.encode(chains, forKey: .chains) }
        try members.encodeIfPresent(decision, forKey: .decision)
    }
}

extension PathwayDocument.Waiver: Codable {
    private enum Member: String, CodingKey, CaseIterable { case zone, components, decision }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.membersOfPathway("a waiver", Member.self)
        zone = try members.decode(String.self, forKey: .zone)
        components = try members.decode([String].self, forKey: .components)
        decision = try members.decodeIfPresent(String.self, forKey: .decision)
    }
}
