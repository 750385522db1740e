import Domain

/// Members as Open Badges wants them: what is not there is left out, never null; lists are arrays even of one, and an
/// empty list is left out.
extension JSONObject {
    mutating func put(_ name: String, _ text: String?) { self[name] = text.map(JSONValue.string) }
    mutating func put(_ name: String, _ time: Timestamp?) { self[name] = time.map { .string($0.description) } }
    mutating func put(_ name: String, _ number: JSONNumber?) { self[name] = number.map(JSONValue.number) }
    mutating func put(_ name: String, _ value: JSONValue?) { self[name] = value }
    mutating func put(_ name: String, texts: [String]) { self[name] = texts.isEmpty ? nil : .array(texts.map(JSONValue.string)) }
    mutating func put(_ name: String, list: [JSONValue]) { self[name] = list.isEmpty ? nil : .array(list) }

    init(type: String) { self = ["type": [.string(type)]] }
}
