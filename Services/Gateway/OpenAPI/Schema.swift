import Domain

/// The shape of one JSON value, as far as our types tell it.
indirect enum Schema: Sendable, Hashable {
    case string(format: String? = nil, pattern: String? = nil)
    case integer
    case number
    case boolean
    case array(Schema)
    case enumeration([String])
    /// Refers to a shape of its own by name.
    case object(ObjectSchema)
    /// Written out by hand, for types that decode by hand. The members of `definitions` are shapes of their own.
    case named(String, definitions: [String: JSONValue])
    case anything

    struct ObjectSchema: Sendable, Hashable {
        /// Unique in the API: `GrantConsent.Reply` is `GrantConsentReply`.
        var name: String
        var members: [Member]
    }

    struct Member: Sendable, Hashable {
        var name: String
        var schema: Schema
        var isRequired: Bool
    }

    var members: [Member] { if case .object(let object) = self { object.members } else { [] } }

    static let uuid = Schema.string(format: "uuid")

    /// A text from an address (path or query) as the JSON value of this shape; nil when it cannot be one.
    func value(of text: String) -> JSONValue? {
        switch self {
        case .integer:
            guard text.utf8.count <= 18, Int64(text) != nil else { return nil }
            return JSONNumber(text).map(JSONValue.number)
        case .boolean: return text == "true" ? .bool(true) : text == "false" ? .bool(false) : nil
        case .string, .enumeration: return .string(text)
        case .number, .array, .object, .named, .anything: return nil
        }
    }
}

/// A type that knows its own shape, because its decoding does not show it.
protocol SchemaStated {
    static var stated: Schema { get }
    /// Any value, so that the recorder can go on after it.
    static var specimen: Self { get }
}
