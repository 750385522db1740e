import Foundation

/// The `Decoder` over a `JSONValue`. It does no work of its own: its containers note in the node what was asked.
struct TreeDecoder: Decoder {
    let node: DecodingNode

    var codingPath: [any CodingKey] { node.codingPath }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy _: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let object) = node.value else { throw node.mismatch([String: Any].self, "an object") }
        return KeyedDecodingContainer(KeyedTree(node: node, object: object))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let elements) = node.value else { throw node.mismatch([Any].self, "an array") }
        return ElementsTree(node: node, elements: elements)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { SingleTree(node: node) }
}

extension DecodingNode {
    func string() throws -> String {
        guard case .string(let text) = value else { throw mismatch(String.self, "a string") }
        return text
    }

    func bool() throws -> Bool {
        guard case .bool(let bool) = value else { throw mismatch(Bool.self, "true or false") }
        return bool
    }

    func double() throws -> Double {
        guard case .number(let number) = value else { throw mismatch(Double.self, "a number") }
        return number.double
    }

    func float() throws -> Float {
        let float = Float(try double())
        guard float.isFinite else { throw corrupted("is too large") }
        return float
    }

    func integer<T: FixedWidthInteger>(_: T.Type = T.self) throws -> T {
        guard case .number(let number) = value else { throw mismatch(T.self, "a whole number") }
        if let exact = T(number.text) ?? number.int64.flatMap(T.init(exactly:)) { return exact }
        guard number.double == number.double.rounded() else {
            throw DecodingError.typeMismatch(T.self, .init(
                codingPath: codingPath, debugDescription: "must be a whole number"))
        }
        throw corrupted("must be a whole number from \(T.min) to \(T.max)")
    }
}

private struct SingleTree: SingleValueDecodingContainer {
    let node: DecodingNode
    var codingPath: [any CodingKey] { node.codingPath }

    func decodeNil() -> Bool { node.value.isNull }
    func decode(_: Bool.Type) throws -> Bool { try node.bool() }
    func decode(_: String.Type) throws -> String { try node.string() }
    func decode(_: Double.Type) throws -> Double { try node.double() }
    func decode(_: Float.Type) throws -> Float { try node.float() }
    func decode(_: Int.Type) throws -> Int { try node.integer() }
    func decode(_: Int8.Type) throws -> Int8 { try node.integer() }
    func decode(_: Int16.Type) throws -> Int16 { try node.integer() }
    func decode(_: Int32.Type) throws -> Int32 { try node.integer() }
    func decode(_: Int64.Type) throws -> Int64 { try node.integer() }
    func decode(_: UInt.Type) throws -> UInt { try node.integer() }
    func decode(_: UInt8.Type) throws -> UInt8 { try node.integer() }
    func decode(_: UInt16.Type) throws -> UInt16 { try node.integer() }
    func decode(_: UInt32.Type) throws -> UInt32 { try node.integer() }
    func decode(_: UInt64.Type) throws -> UInt64 { try node.integer() }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try node.decode(type) }
}

private struct KeyedTree<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let node: DecodingNode
    let object: JSONObject

    var codingPath: [any CodingKey] { node.codingPath }
    var allKeys: [Key] { object.members.compactMap { Key(stringValue: $0.name) } }

    func contains(_ key: Key) -> Bool {
        node.ask(key.stringValue)
        return object[key.stringValue] != nil
    }

    private func value(_ key: Key) throws -> JSONValue {
        node.ask(key.stringValue)
        guard let value = object[key.stringValue] else {
            throw DecodingError.keyNotFound(key, .init(codingPath: codingPath, debugDescription: "is required"))
        }
        return value
    }

    private func child(_ key: Key) throws -> DecodingNode {
        node.child(try value(key), .name(key.stringValue))
    }

    func decodeNil(forKey key: Key) throws -> Bool { try value(key).isNull }

    func decode(_: Bool.Type, forKey key: Key) throws -> Bool {
        if case .bool(let bool) = try value(key) { return bool }
        return try child(key).bool()
    }

    func decode(_: String.Type, forKey key: Key) throws -> String {
        if case .string(let text) = try value(key) { return text }
        return try child(key).string()
    }

    func decode(_: Double.Type, forKey key: Key) throws -> Double { try child(key).double() }
    func decode(_: Float.Type, forKey key: Key) throws -> Float { try child(key).float() }
    func decode(_: Int.Type, forKey key: Key) throws -> Int { try child(key).integer() }
    func decode(_: Int8.Type, forKey key: Key) throws -> Int8 { try child(key).integer() }
    func decode(_: Int16.Type, forKey key: Key) throws -> Int16 { try child(key).integer() }
    func decode(_: Int32.Type, forKey key: Key) throws -> Int32 { try child(key).integer() }
    func decode(_: Int64.Type, forKey key: Key) throws -> Int64 { try child(key).integer() }
    func decode(_: UInt.Type, forKey key: Key) throws -> UInt { try child(key).integer() }
    func decode(_: UInt8.Type, forKey key: Key) throws -> UInt8 { try child(key).integer() }
    func decode(_: UInt16.Type, forKey key: Key) throws -> UInt16 { try child(key).integer() }
    func decode(_: UInt32.Type, forKey key: Key) throws -> UInt32 { try child(key).integer() }
    func decode(_: UInt64.Type, forKey key: Key) throws -> UInt64 { try child(key).integer() }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try child(key).decode(type) }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try TreeDecoder(node: child(key)).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try TreeDecoder(node: child(key)).unkeyedContainer()
    }

    /// A superclass reads the same object unless it says otherwise.
    func superDecoder() -> any Decoder { TreeDecoder(node: node) }
    func superDecoder(forKey key: Key) throws -> any Decoder { TreeDecoder(node: try child(key)) }
}

private struct ElementsTree: UnkeyedDecodingContainer {
    let node: DecodingNode
    let elements: [JSONValue]
    var currentIndex = 0

    init(node: DecodingNode, elements: [JSONValue]) {
        self.node = node
        self.elements = elements
    }

    var codingPath: [any CodingKey] { node.codingPath }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex >= elements.count }

    /// The next element, taken only if `read` accepts it, as `UnkeyedDecodingContainer` asks.
    private mutating func next<T>(_ type: Any.Type, _ read: (DecodingNode) throws -> T) throws -> T {
        guard !isAtEnd else {
            throw DecodingError.valueNotFound(type, .init(
                codingPath: codingPath + [TextKey(String(currentIndex))], debugDescription: "is required"))
        }
        let value = try read(node.child(elements[currentIndex], .index(currentIndex)))
        node.take(element: currentIndex)
        currentIndex += 1
        return value
    }

    mutating func decodeNil() -> Bool {
        guard !isAtEnd, elements[currentIndex].isNull else { return false }
        node.take(element: currentIndex)
        currentIndex += 1
        return true
    }

    mutating func decode(_ type: Bool.Type) throws -> Bool { try next(type) { try $0.bool() } }
    mutating func decode(_ type: String.Type) throws -> String { try next(type) { try $0.string() } }
    mutating func decode(_ type: Double.Type) throws -> Double { try next(type) { try $0.double() } }
    mutating func decode(_ type: Float.Type) throws -> Float { try next(type) { try $0.float() } }
    mutating func decode(_ type: Int.Type) throws -> Int { try next(type) { try $0.integer() } }
    mutating func decode(_ type: Int8.Type) throws -> Int8 { try next(type) { try $0.integer() } }
    mutating func decode(_ type: Int16.Type) throws -> Int16 { try next(type) { try $0.integer() } }
    mutating func decode(_ type: Int32.Type) throws -> Int32 { try next(type) { try $0.integer() } }
    mutating func decode(_ type: Int64.Type) throws -> Int64 { try next(type) { try $0.integer() } }
    mutating func decode(_ type: UInt.Type) throws -> UInt { try next(type) { try $0.integer() } }
    mutating func decode(_ type: UInt8.Type) throws -> UInt8 { try next(type) { try $0.integer() } }
    mutating func decode(_ type: UInt16.Type) throws -> UInt16 { try next(type) { try $0.integer() } }
    mutating func decode(_ type: UInt32.Type) throws -> UInt32 { try next(type) { try $0.integer() } }
    mutating func decode(_ type: UInt64.Type) throws -> UInt64 { try next(type) { try $0.integer() } }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        if !isAtEnd, let plain = DecodingNode.plain(elements[currentIndex], as: type) {
            node.take(element: currentIndex)
            currentIndex += 1
            return plain
        }
        return try next(type) { try $0.decode(type) }
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy key: NestedKey.Type
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try next([String: Any].self) { try TreeDecoder(node: $0).container(keyedBy: key) }
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try next([Any].self) { try TreeDecoder(node: $0).unkeyedContainer() }
    }

    mutating func superDecoder() throws -> any Decoder {
        try next((any Decoder).self) { TreeDecoder(node: $0) }
    }
}
