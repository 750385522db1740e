import Foundation

extension JSONValue: Codable {
    /// Verbatim from a `JSONValue`. From a text by way of Codable (`Wire`, Foundation) what that lets through: members
    /// sorted by name, numbers as nearly as it tells them.
    package init(from decoder: any Decoder) throws {
        if let tree = decoder as? TreeDecoder {
            self = tree.node.takeWhole()
        } else if let container = try? decoder.container(keyedBy: TextKey.self) {
            let names = container.allKeys.map(\.stringValue).sorted()
            self = .object(JSONObject(try names.map {
                ($0, try container.decode(JSONValue.self, forKey: TextKey($0)))
            }))
        } else if var container = try? decoder.unkeyedContainer() {
            var elements: [JSONValue] = []
            while !container.isAtEnd { elements.append(try container.decode(JSONValue.self)) }
            self = .array(elements)
        } else {
            self = try Self.scalar(try decoder.singleValueContainer())
        }
    }

    private static func scalar(_ container: any SingleValueDecodingContainer) throws -> JSONValue {
        if container.decodeNil() { return .null }
        if let text = try? container.decode(String.self) { return .string(text) }
        if let bool = try? container.decode(Bool.self) { return .bool(bool) }
        if let whole = try? container.decode(Int64.self) { return .number(JSONNumber(whole)) }
        return try number(container)
    }

    /// One that is not whole, or too large for 64 bits.
    static func number(_ container: any SingleValueDecodingContainer) throws -> JSONValue {
        if let double = try? container.decode(Double.self), let number = JSONNumber(double) {
            // Sixteen digits and more say that the double had to round.
            if number.significantDigits > 15, let decimal = try? container.decode(Decimal.self),
               let exact = JSONNumber(decimal.description) { return .number(exact) }
            return .number(number)
        }
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "is not a JSON value")
    }

    package func encode(to encoder: any Encoder) throws {
        switch self {
        case .null:
            var container = encoder.singleValueContainer()
            try container.encodeNil()
        case .bool(let bool):
            var container = encoder.singleValueContainer()
            try container.encode(bool)
        case .string(let text):
            var container = encoder.singleValueContainer()
            try container.encode(text)
        case .number(let number):
            var container = encoder.singleValueContainer()
            if let whole = number.int64 { try container.encode(whole) } else if number.significantDigits > 15,
               number.significantDigits <= 38, let decimal = Decimal(string: number.text) {
                // Foundation's encoder writes a Decimal as a number; a double would lose the digits.
                try container.encode(decimal)
            } else { try container.encode(number.double) }
        case .array(let elements):
            var container = encoder.unkeyedContainer()
            for element in elements { try container.encode(element) }
        case .object(let object):
            var container = encoder.container(keyedBy: TextKey.self)
            for member in object.members { try container.encode(member.value, forKey: TextKey(member.name)) }
        }
    }
}

extension JSONObject: Codable {
    package init(from decoder: any Decoder) throws {
        let value = try JSONValue(from: decoder)
        guard case .object(let object) = value else {
            throw DecodingError.typeMismatch(JSONObject.self, .init(
                codingPath: decoder.codingPath, debugDescription: "must be an object, not \(value.kind)"))
        }
        self = object
    }

    package func encode(to encoder: any Encoder) throws { try JSONValue.object(self).encode(to: encoder) }
}
