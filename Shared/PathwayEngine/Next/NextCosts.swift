import Domain

/// What acquiring things takes, by the person who asks: `COSTS.json` of `cairn pathway next`.
///
///     { "costs": { "<component id or target IRI>": { "days": n, "distance": n, "fee": n, "credits": n } },
///       "weights": { "days": n, "distance": n, "fee": n }, "default": { … like one of costs } }
///
/// Every member may be left out. All are numbers 0...1 000 000 with at most three decimal places, in whatever unit their
/// weight is for. The cost of an element is days × its weight + distance × its weight + fee × its weight; a measure that
/// is left out is 0, a weight 1. The entry of a component goes before the one of its target, and `default` serves what
/// has neither; without a default such an element costs 1, and the answer says that its cost was not given.
/// `credits` are what acquiring it earns, for the conditions that add credits up.
package struct NextCosts: Hashable, Sendable {
    /// By component id or target IRI.
    package var costs: [String: Entry]
    package var weights: Weights
    package var `default`: Entry?

    package init(costs: [String: Entry] = [:], weights: Weights = Weights(), default: Entry? = nil) {
        self.costs = costs
        self.weights = weights
        self.default = `default`
    }

    /// Reads `COSTS.json`, at most 10 000 entries in 4 MiB.
    /// - Throws: with a violation: `json.…` and the byte for what is no JSON, `member.…` and the place of what is wrong
    ///   or not known.
    package static func read(_ json: [UInt8]) throws(Fault) -> NextCosts {
        let value: JSONValue
        do {
            value = try JSONValue.parse(
                json, limits: JSONLimits(bytesMax: 4 << 20, depthMax: 8, membersMax: 10_000, valuesMax: 100_000))
        } catch { throw error.fault }
        return try value.decode(NextCosts.self)
    }

    package struct Entry: Hashable, Sendable {
        package var days: Amount?
        package var distance: Amount?
        package var fee: Amount?
        package var credits: Amount?

        package init(days: Amount? = nil, distance: Amount? = nil, fee: Amount? = nil, credits: Amount? = nil) {
            self.days = days
            self.distance = distance
            self.fee = fee
            self.credits = credits
        }
    }

    package struct Weights: Hashable, Sendable {
        package var days: Amount
        package var distance: Amount
        package var fee: Amount

        package init(days: Amount = 1, distance: Amount = 1, fee: Amount = 1) {
            self.days = days
            self.distance = distance
            self.fee = fee
        }
    }

    /// Exact to thousandths, so that equal costs compare equal.
    package struct Amount: Hashable, Sendable {
        /// 0...1 000 000 000.
        package let thousandths: Int64

        /// Nil outside 0...1 000 000 and for more than three decimal places.
        package init?(_ value: Double) {
            let scaled = (value * 1000).rounded()
            guard scaled >= 0, scaled <= 1e9, scaled / 1000 == value else { return nil }
            thousandths = Int64(scaled)
        }
    }

    /// In thousandths, rounded to the nearest.
    func cost(of entry: Entry) -> Int64 {
        let parts = [(entry.days, weights.days), (entry.distance, weights.distance), (entry.fee, weights.fee)]
        let millionths = parts.reduce(Int64(0)) { sum, part in
            sum + (part.0?.thousandths ?? 0) * part.1.thousandths
        }
        return (millionths + 500) / 1000
    }
}

extension NextCosts.Amount: ExpressibleByIntegerLiteral {
    package init(integerLiteral value: Int) {
        precondition((0...1_000_000).contains(value))
        thousandths = Int64(value) * 1000
    }
}

extension NextCosts.Amount: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let amount = Self(try container.decode(Double.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "must be a number from 0 to 1000000 with at most 3 decimal places")
        }
        self = amount
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Double(thousandths) / 1000)
    }
}

extension NextCosts.Entry: Codable {}

extension NextCosts.Weights: Codable {
    private enum Member: String, CodingKey { case days, distance, fee }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Member.self)
        days = try members.decodeIfPresent(NextCosts.Amount.self, forKey: .days) ?? 1
        distance = try members.decodeIfPresent(NextCosts.Amount.self, forKey: .distance) ?? 1
        fee = try members.decodeIfPresent(NextCosts.Amount.self, forKey: .fee) ?? 1
    }
}

extension NextCosts: Codable {
    private enum Member: String, CodingKey { case costs, weights, `default` }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Member.self)
        costs = try members.decodeIfPresent([String: Entry].self, forKey: .costs) ?? [:]
        weights = try members.decodeIfPresent(Weights.self, forKey: .weights) ?? Weights()
        `default` = try members.decodeIfPresent(Entry.self, forKey: .default)
    }
}
