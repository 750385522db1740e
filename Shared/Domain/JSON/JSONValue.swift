/// One JSON value as it was written: member order, number text and unknown members survive.
///
/// Two values are equal when they mean the same JSON: the order of an object's members does not matter (PostgreSQL's
/// `jsonb` reorders them), the spelling of a number does (`1` and `1.0` differ).
package enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

extension JSONValue {
    package var text: String? { if case .string(let text) = self { text } else { nil } }
    package var number: JSONNumber? { if case .number(let number) = self { number } else { nil } }
    package var bool: Bool? { if case .bool(let bool) = self { bool } else { nil } }
    package var array: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
    package var object: JSONObject? { if case .object(let object) = self { object } else { nil } }
    package var isNull: Bool { self == .null }

    /// The member of that name; nil when there is none, or when this is no object.
    package subscript(name: String) -> JSONValue? { object?[name] }

    /// What this is, for messages to callers: `a string`.
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }

    /// The object with more members, which the gateway takes from the path and the query.
    /// - Throws: `.invalid` with `member.type` when this is no object, with one `member.unknown` for each member that
    ///   the body already has: a body must not compete with its own address.
    package func merging(_ members: [String: JSONValue]) throws(Fault) -> JSONValue {
        guard case .object(var object) = self else {
            throw .invalid("", "member.type", "The body must be an object, not \(kind).")
        }
        var violations: [Fault.Violation] = []
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            if object[name] != nil {
                violations.append(Fault.Violation(
                    JSONPointer.appending(name, to: ""), "member.unknown",
                    "is given by the address and must not be in the body"))
            } else {
                object[name] = value
            }
        }
        guard violations.isEmpty else { throw Fault(.invalid, Fault.correctMembers, violations: violations) }
        return .object(object)
    }
}

/// RFC 6901 pointers, built from the root: the pointer of the whole is the empty string.
package enum JSONPointer {
    package static func appending(_ name: String, to pointer: String) -> String {
        guard name.utf8.contains(where: { $0 == 0x7E || $0 == 0x2F }) else { return "\(pointer)/\(name)" }
        var token = ""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "~": token += "~0"
            case "/": token += "~1"
            default: token.unicodeScalars.append(scalar)
            }
        }
        return "\(pointer)/\(token)"
    }

    package static func appending(_ index: Int, to pointer: String) -> String { "\(pointer)/\(index)" }
}

extension Fault {
    static let correctMembers = "Correct the members named in the violations and send the request again."
}

/// Not `nil`: in an optional context it would be in doubt whether it means null or nothing.
extension JSONValue: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByStringInterpolation,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(integerLiteral value: Int64) { self = .number(JSONNumber(value)) }
    package init(stringLiteral value: String) { self = .string(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// Of two equal names the last one counts.
    package init(dictionaryLiteral members: (String, JSONValue)...) { self = .object(JSONObject(members)) }
}
