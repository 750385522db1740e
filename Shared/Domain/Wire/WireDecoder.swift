/// The `Decoder` of `Wire`: one place in a text.
struct WireDecoder: Decoder {
    let text: WireText
    let slot: Int

    var codingPath: [any CodingKey] { text.codingPath(of: slot) }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy _: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard text.slots[slot].kind == .object else { throw text.mismatch([String: Any].self, "an object", at: slot) }
        return KeyedDecodingContainer(KeyedWireText(text: text, object: slot))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard text.slots[slot].kind == .array else { throw text.mismatch([Any].self, "an array", at: slot) }
        return ElementsWireText(text: text, array: slot)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { SingleWireText(text: text, slot: slot) }
}

private struct SingleWireText: SingleValueDecodingContainer {
    let text: WireText
    let slot: Int
    var codingPath: [any CodingKey] { text.codingPath(of: slot) }

    func decodeNil() -> Bool { text.isNull(slot) }
    func decode(_: Bool.Type) throws -> Bool { try text.bool(at: slot) }
    func decode(_: String.Type) throws -> String { try text.string(at: slot) }
    func decode(_: Double.Type) throws -> Double { try text.double(at: slot) }
    func decode(_: Float.Type) throws -> Float { try text.float(at: slot) }
    func decode(_: Int.Type) throws -> Int { try text.integer(at: slot) }
    func decode(_: Int8.Type) throws -> Int8 { try text.integer(at: slot) }
    func decode(_: Int16.Type) throws -> Int16 { try text.integer(at: slot) }
    func decode(_: Int32.Type) throws -> Int32 { try text.integer(at: slot) }
    func decode(_: Int64.Type) throws -> Int64 { try text.integer(at: slot) }
    func decode(_: UInt.Type) throws -> UInt { try text.integer(at: slot) }
    func decode(_: UInt8.Type) throws -> UInt8 { try text.integer(at: slot) }
    func decode(_: UInt16.Type) throws -> UInt16 { try text.integer(at: slot) }
    func decode(_: UInt32.Type) throws -> UInt32 { try text.integer(at: slot) }
    func decode(_: UInt64.Type) throws -> UInt64 { try text.integer(at: slot) }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try text.decode(type, at: slot) }
}

private struct KeyedWireText<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let text: WireText
    let object: Int

    var codingPath: [any CodingKey] { text.codingPath(of: object) }
    var allKeys: [Key] { text.members(of: object).compactMap { Key(stringValue: $0.name) } }

    func contains(_ key: Key) -> Bool { text.member(key.stringValue, of: object) != nil }

    @inline(__always)
    private func slot(_ key: Key) throws -> Int {
        guard let slot = text.member(key.stringValue, of: object) else {
            throw DecodingError.keyNotFound(key, .init(codingPath: codingPath, debugDescription: "is required"))
        }
        return slot
    }

    /// Nil for an absent member and for null.
    @inline(__always)
    private func present(_ key: Key) -> Int? {
        guard let slot = text.member(key.stringValue, of: object), !text.isNull(slot) else { return nil }
        return slot
    }

    func decodeNil(forKey key: Key) throws -> Bool { text.isNull(try slot(key)) }
    func decode(_: Bool.Type, forKey key: Key) throws -> Bool { try text.bool(at: slot(key)) }
    func decode(_: String.Type, forKey key: Key) throws -> String { try text.string(at: slot(key)) }
    func decode(_: Double.Type, forKey key: Key) throws -> Double { try text.double(at: slot(key)) }
    func decode(_: Float.Type, forKey key: Key) throws -> Float { try text.float(at: slot(key)) }
    func decode(_: Int.Type, forKey key: Key) throws -> Int { try text.integer(at: slot(key)) }
    func decode(_: Int8.Type, forKey key: Key) throws -> Int8 { try text.integer(at: slot(key)) }
    func decode(_: Int16.Type, forKey key: Key) throws -> Int16 { try text.integer(at: slot(key)) }
    func decode(_: Int32.Type, forKey key: Key) throws -> Int32 { try text.integer(at: slot(key)) }
    func decode(_: Int64.Type, forKey key: Key) throws -> Int64 { try text.integer(at: slot(key)) }
    func decode(_: UInt.Type, forKey key: Key) throws -> UInt { try text.integer(at: slot(key)) }
    func decode(_: UInt8.Type, forKey key: Key) throws -> UInt8 { try text.integer(at: slot(key)) }
    func decode(_: UInt16.Type, forKey key: Key) throws -> UInt16 { try text.integer(at: slot(key)) }
    func decode(_: UInt32.Type, forKey key: Key) throws -> UInt32 { try text.integer(at: slot(key)) }
    func decode(_: UInt64.Type, forKey key: Key) throws -> UInt64 { try text.integer(at: slot(key)) }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try text.decode(type, at: slot(key)) }

    // The protocol's own forms look for the member three times.
    func decodeIfPresent(_: Bool.Type, forKey key: Key) throws -> Bool? { try present(key).map { try text.bool(at: $0) } }
    func decodeIfPresent(_: String.Type, forKey key: Key) throws -> String? { try present(key).map { try text.string(at: $0) } }
    func decodeIfPresent(_: Double.Type, forKey key: Key) throws -> Double? { try present(key).map { try text.double(at: $0) } }
    func decodeIfPresent(_: Int.Type, forKey key: Key) throws -> Int? { try present(key).map { try text.integer(at: $0) } }
    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
        try present(key).map { try text.decode(type, at: $0) }
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try WireDecoder(text: text, slot: slot(key)).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try WireDecoder(text: text, slot: slot(key)).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder {
        guard let slot = text.member("super", of: object) else {
            throw DecodingError.keyNotFound(
                WirePlace("super"), .init(codingPath: codingPath, debugDescription: "is required"))
        }
        return WireDecoder(text: text, slot: slot)
    }

    func superDecoder(forKey key: Key) throws -> any Decoder { WireDecoder(text: text, slot: try slot(key)) }
}

private struct ElementsWireText: UnkeyedDecodingContainer {
    let text: WireText
    private let array: Int32
    private var next: Int32

    // Small enough to stand in an existential without an allocation.
    init(text: WireText, array: Int) {
        self.text = text
        self.array = Int32(array)
        next = Int32(array) + 1
    }

    var codingPath: [any CodingKey] { text.codingPath(of: Int(array)) }
    var count: Int? { Int(text.slots[Int(array)].start) }
    var isAtEnd: Bool { next >= text.slots[Int(array)].end }
    var currentIndex: Int { Int(isAtEnd ? text.slots[Int(array)].start : text.slots[Int(next)].place) }

    /// The next element, taken only if `read` accepts it, as `UnkeyedDecodingContainer` asks.
    @inline(__always)
    private mutating func take<T>(_ type: Any.Type, _ read: (WireText, Int) throws -> T) throws -> T {
        guard !isAtEnd else {
            throw DecodingError.valueNotFound(type, .init(
                codingPath: codingPath + [WirePlace(currentIndex)], debugDescription: "is required"))
        }
        let value = try read(text, Int(next))
        next = Int32(text.behind(Int(next)))
        return value
    }

    mutating func decodeNil() throws -> Bool {
        guard !isAtEnd else { return try take(Never?.self) { _, _ in true } }
        guard text.isNull(Int(next)) else { return false }
        next += 1
        return true
    }

    mutating func decode(_ type: Bool.Type) throws -> Bool { try take(type) { try $0.bool(at: $1) } }
    mutating func decode(_ type: String.Type) throws -> String { try take(type) { try $0.string(at: $1) } }
    mutating func decode(_ type: Double.Type) throws -> Double { try take(type) { try $0.double(at: $1) } }
    mutating func decode(_ type: Float.Type) throws -> Float { try take(type) { try $0.float(at: $1) } }
    mutating func decode(_ type: Int.Type) throws -> Int { try take(type) { try $0.integer(at: $1) } }
    mutating func decode(_ type: Int8.Type) throws -> Int8 { try take(type) { try $0.integer(at: $1) } }
    mutating func decode(_ type: Int16.Type) throws -> Int16 { try take(type) { try $0.integer(at: $1) } }
    mutating func decode(_ type: Int32.Type) throws -> Int32 { try take(type) { try $0.integer(at: $1) } }
    mutating func decode(_ type: Int64.Type) throws -> Int64 { try take(type) { try $0.integer(at: $1) } }
    mutating func decode(_ type: UInt.Type) throws -> UInt { try take(type) { try $0.integer(at: $1) } }
    mutating func decode(_ type: UInt8.Type) throws -> UInt8 { try take(type) { try $0.integer(at: $1) } }
    mutating func decode(_ type: UInt16.Type) throws -> UInt16 { try take(type) { try $0.integer(at: $1) } }
    mutating func decode(_ type: UInt32.Type) throws -> UInt32 { try take(type) { try $0.integer(at: $1) } }
    mutating func decode(_ type: UInt64.Type) throws -> UInt64 { try take(type) { try $0.integer(at: $1) } }
    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try take(type) { try $0.decode(type, at: $1) } }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy key: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        try take([String: Any].self) { try WireDecoder(text: $0, slot: $1).container(keyedBy: key) }
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try take([Any].self) { try WireDecoder(text: $0, slot: $1).unkeyedContainer() }
    }

    mutating func superDecoder() throws -> any Decoder {
        try take((any Decoder).self) { WireDecoder(text: $0, slot: $1) }
    }
}
