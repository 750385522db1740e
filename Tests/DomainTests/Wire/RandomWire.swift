import Domain

/// A value that uses every way there is to write one through Codable.
indirect enum WireTree: Encodable, Sendable {
    case null, nothing
    case bool(Bool), int(Int), small(Int8), unsigned(UInt64), double(Double), float(Float), text(String)
    case array([WireTree]), object([Member])
    case dictionary([String: WireTree]), byNumber([Int: WireTree]), byPair([WirePair: WireTree]), optional([String?])
    case json(JSONValue)
    /// Written through two containers of one encoder, as a subclass does it.
    case split([Member], [Member])

    struct Member: Sendable {
        var name: String, value: WireTree, way: Way
    }

    enum Way: CaseIterable, Sendable { case plain, nested, superEncoder }

    func encode(to encoder: any Encoder) throws {
        switch self {
        case .nothing: return
        case .array(let elements):
            var container = encoder.unkeyedContainer()
            try Self.write(elements, to: &container)
        case .object(let members):
            var container = encoder.container(keyedBy: TextKey.self)
            try Self.write(members, to: &container)
        case .split(let first, let second):
            var one = encoder.container(keyedBy: TextKey.self), other = encoder.container(keyedBy: TextKey.self)
            try Self.write(second, to: &other)
            try Self.write(first, to: &one)
        case .dictionary(let value): try value.encode(to: encoder)
        case .byNumber(let value): try value.encode(to: encoder)
        case .byPair(let value): try value.encode(to: encoder)
        case .optional(let value): try value.encode(to: encoder)
        case .json(let value): try value.encode(to: encoder)
        default:
            var container = encoder.singleValueContainer()
            switch self {
            case .bool(let value): try container.encode(value)
            case .int(let value): try container.encode(value)
            case .small(let value): try container.encode(value)
            case .unsigned(let value): try container.encode(value)
            case .double(let value): try container.encode(value)
            case .float(let value): try container.encode(value)
            case .text(let value): try container.encode(value)
            default: try container.encodeNil()
            }
        }
    }

    /// Nested containers are opened first and filled last, from the last to the first.
    private static func write(_ members: [Member], to container: inout KeyedEncodingContainer<TextKey>) throws {
        var later: [() throws -> Void] = []
        for member in members {
            let key = TextKey(member.name)
            switch (member.way, member.value) {
            case (.nested, .array(let elements)):
                var nested = container.nestedUnkeyedContainer(forKey: key)
                later.append { try write(elements, to: &nested) }
            case (.nested, .object(let inner)):
                var nested = container.nestedContainer(keyedBy: TextKey.self, forKey: key)
                later.append { try write(inner, to: &nested) }
            case (.superEncoder, let value):
                let encoder = container.superEncoder(forKey: key)
                later.append { try value.encode(to: encoder) }
            case (_, .null): try container.encodeNil(forKey: key)
            case (_, .int(let value)): try container.encode(value, forKey: key)
            case (_, .double(let value)): try container.encode(value, forKey: key)
            case (_, .bool(let value)): try container.encode(value, forKey: key)
            case (_, .text(let value)): try container.encode(value, forKey: key)
            case (_, let value): try container.encode(value, forKey: key)
            }
        }
        for write in later.reversed() { try write() }
    }

    private static func write(_ elements: [WireTree], to container: inout any UnkeyedEncodingContainer) throws {
        var later: [() throws -> Void] = []
        for (place, element) in elements.enumerated() {
            switch element {
            case .array(let inner) where place % 3 == 0:
                var nested = container.nestedUnkeyedContainer()
                later.append { try write(inner, to: &nested) }
            case .object(let inner) where place % 3 == 1:
                var nested = container.nestedContainer(keyedBy: TextKey.self)
                later.append { try write(inner, to: &nested) }
            case .object where place % 3 == 2:
                // Not later: Foundation counts wrong when other elements come between.
                try element.encode(to: container.superEncoder())
            case .null: try container.encodeNil()
            case .text(let value): try container.encode(value)
            case .int(let value): try container.encode(value)
            default: try container.encode(element)
            }
        }
        for write in later.reversed() { try write() }
    }
}

/// No key of an object: a dictionary by it becomes an array.
struct WirePair: Codable, Hashable, Sendable {
    var b: String, a: Int
}

/// Makes values at random, the same ones from the same seed.
struct RandomWire {
    var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    mutating func tree(depth: Int = 0) -> WireTree {
        switch Int.random(in: 0..<(depth > 5 ? 9 : 18), using: &random) {
        case 0: return .null
        case 1: return .bool(.random(using: &random))
        case 2: return .int(.random(in: .min ... .max, using: &random) >> Int.random(in: 0..<64, using: &random))
        case 3: return .small(.random(in: .min ... .max, using: &random))
        case 4: return .unsigned(.random(in: 0 ... .max, using: &random) >> UInt64.random(in: 0..<64, using: &random))
        case 5: return .double(double())
        case 6: return .float(float())
        case 7, 8: return .text(text())
        case 9, 10: return .array((0..<count()).map { _ in tree(depth: depth + 1) })
        case 11, 12: return .object(members(depth))
        case 13: return .dictionary(Dictionary(members(depth).map { ($0.name, $0.value) }) { one, _ in one })
        case 14: return .byNumber(Dictionary((0..<count()).map { ($0 * 7 - 9, tree(depth: depth + 1)) }) { one, _ in one })
        case 15: return .byPair([WirePair(b: text(), a: 7): tree(depth: depth + 1)])
        case 16: return .optional((0..<count()).map { $0 % 2 == 0 ? nil : text() })
        case _ where Bool.random(using: &random): return .json(json(depth: depth))
        default:
            let all = members(depth)
            return .split(Array(all.prefix(all.count / 2)), Array(all.dropFirst(all.count / 2)))
        }
    }

    mutating func json(depth: Int = 0) -> JSONValue {
        switch Int.random(in: 0..<(depth > 5 ? 6 : 10), using: &random) {
        case 0: return .null
        case 1: return .bool(.random(using: &random))
        case 2, 3: return .number(number())
        case 4, 5: return .string(text())
        case 6, 7: return .array((0..<count()).map { _ in json(depth: depth + 1) })
        default: return .object(JSONObject((0..<count()).map { _ in (text(), json(depth: depth + 1)) }))
        }
    }

    /// No fraction beyond 2^53: Foundation cuts it off there when it is asked for a whole number.
    private mutating func number() -> JSONNumber {
        if Int.random(in: 0..<8, using: &random) == 0 { return JSONNumber("12345678901234567890")! }
        let digits = String((0..<Int.random(in: 1...30, using: &random)).map { _ in "0123456789".randomElement(using: &random)! })
        let tail = ["", ".\(digits)", "e\(Int.random(in: -250...250, using: &random))"].randomElement(using: &random)!
        let whole = ["0", "-0", "1", "-17", "900719925474099"].randomElement(using: &random)!
        return JSONNumber(whole + tail) ?? JSONNumber(7)
    }

    private mutating func members(_ depth: Int) -> [WireTree.Member] {
        var seen: Set<String> = []
        return (0..<count()).compactMap { _ in
            let name = text()
            guard seen.insert(name).inserted else { return nil }
            return WireTree.Member(name: name, value: tree(depth: depth + 1), way: WireTree.Way.allCases.randomElement(using: &random)!)
        }
    }

    private mutating func count() -> Int { Int.random(in: 0...(Int.random(in: 0..<12, using: &random) == 0 ? 40 : 5), using: &random) }

    mutating func double() -> Double {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: Double(Int.random(in: -2000...2000, using: &random)) / 8
        case 1: Double(Int.random(in: -100_000...100_000, using: &random)) / 1000
        case 2: [0, -0.0, 1e20, 1e15, 1e16, 0x1p53, .leastNonzeroMagnitude, .greatestFiniteMagnitude, -1e15].randomElement(using: &random)!
        default: { $0.isFinite ? $0 : 0.1 }(Double(bitPattern: random.next()))
        }
    }

    private mutating func float() -> Float {
        let value = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
        return value.isFinite ? value : 16_777_216
    }

    mutating func text() -> String {
        let pieces = [
            "a", "b", "level", "Z", "_", "/", "\"", "\\", "\u{7F}", "\u{2028}", "é", "e\u{301}", "\u{1F9ED}", "\u{FFFF}", "\0",
            "\u{1}", "\n", "\r", "\t", "\u{8}", "\u{C}", "\u{1F}", " ", "recordedAt", "0123456789abcdef",
        ]
        let plain = Bool.random(using: &random)
        return (0..<Int.random(in: 0...6, using: &random)).map { _ in
            plain ? ["a", "b", "ab", "level", "Z", "recordedAt"].randomElement(using: &random)! : pieces.randomElement(using: &random)!
        }.joined()
    }
}
