/// The `Encoder` of `Wire`: its containers pass everything on to the writer and keep nothing but their place.
struct WireEncoder: Encoder {
    let writer: WireWriter
    let depth: Int

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy _: Key.Type) -> KeyedEncodingContainer<Key> {
        at.open(.object)
        return KeyedEncodingContainer(KeyedWire(place: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        at.open(.array)
        return ElementsWire(place: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { SingleWire(place: self) }

    /// The writer, which must stand at this encoder's own value.
    @inline(__always)
    var at: WireWriter {
        precondition(writer.frame.depth == depth, "an encoder was used after its value or within another")
        return writer
    }

    /// One whose value may be written until its parent ends.
    func detour() -> WireEncoder { WireEncoder(writer: at.detour(), depth: 0) }
}

private struct SingleWire: SingleValueEncodingContainer {
    let place: WireEncoder
    var codingPath: [any CodingKey] { [] }

    @inline(__always)
    private var next: WireWriter {
        let writer = place.at
        writer.single()
        return writer
    }

    func encodeNil() throws { next.null() }
    func encode(_ value: Bool) throws { next.bool(value) }
    func encode(_ value: String) throws { next.text(value) }
    func encode(_ value: Double) throws { try next.double(value) }
    func encode(_ value: Float) throws { try next.floating(value) }
    func encode(_ value: Int) throws { next.integer(value) }
    func encode(_ value: Int8) throws { next.integer(value) }
    func encode(_ value: Int16) throws { next.integer(value) }
    func encode(_ value: Int32) throws { next.integer(value) }
    func encode(_ value: Int64) throws { next.integer(value) }
    func encode(_ value: UInt) throws { next.integer(value) }
    func encode(_ value: UInt8) throws { next.integer(value) }
    func encode(_ value: UInt16) throws { next.integer(value) }
    func encode(_ value: UInt32) throws { next.integer(value) }
    func encode(_ value: UInt64) throws { next.integer(value) }

    func encode<T: Encodable>(_ value: T) throws {
        let mark = place.at.mark
        do { try next.value(value) } catch {
            place.writer.rewind(to: mark)
            throw error
        }
    }
}

private struct KeyedWire<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let place: WireEncoder
    var codingPath: [any CodingKey] { [] }

    @inline(__always)
    private func next(_ key: Key) -> WireWriter {
        let writer = place.at
        writer.name(key.stringValue)
        return writer
    }

    func encodeNil(forKey key: Key) throws { next(key).null() }
    func encode(_ value: Bool, forKey key: Key) throws { next(key).bool(value) }
    func encode(_ value: String, forKey key: Key) throws { next(key).text(value) }
    func encode(_ value: Double, forKey key: Key) throws { try undoing { try next(key).double(value) } }
    func encode(_ value: Float, forKey key: Key) throws { try undoing { try next(key).floating(value) } }
    func encode(_ value: Int, forKey key: Key) throws { next(key).integer(value) }
    func encode(_ value: Int8, forKey key: Key) throws { next(key).integer(value) }
    func encode(_ value: Int16, forKey key: Key) throws { next(key).integer(value) }
    func encode(_ value: Int32, forKey key: Key) throws { next(key).integer(value) }
    func encode(_ value: Int64, forKey key: Key) throws { next(key).integer(value) }
    func encode(_ value: UInt, forKey key: Key) throws { next(key).integer(value) }
    func encode(_ value: UInt8, forKey key: Key) throws { next(key).integer(value) }
    func encode(_ value: UInt16, forKey key: Key) throws { next(key).integer(value) }
    func encode(_ value: UInt32, forKey key: Key) throws { next(key).integer(value) }
    func encode(_ value: UInt64, forKey key: Key) throws { next(key).integer(value) }
    func encode<T: Encodable>(_ value: T, forKey key: Key) throws { try undoing { try next(key).value(value) } }

    func nestedContainer<Nested: CodingKey>(
        keyedBy key: Nested.Type, forKey parent: Key
    ) -> KeyedEncodingContainer<Nested> {
        superEncoder(named: parent.stringValue).container(keyedBy: key)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        superEncoder(named: key.stringValue).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { superEncoder(named: "super") }
    func superEncoder(forKey key: Key) -> any Encoder { superEncoder(named: key.stringValue) }

    private func superEncoder(named name: String) -> WireEncoder {
        place.at.name(name)
        return place.detour()
    }

    /// A member that throws must leave nothing behind: its parent may go on without it.
    @inline(__always)
    private func undoing(_ write: () throws -> Void) throws {
        let mark = place.at.mark
        do { try write() } catch {
            place.writer.rewind(to: mark)
            throw error
        }
    }
}

private struct ElementsWire: UnkeyedEncodingContainer {
    let place: WireEncoder
    private(set) var count = 0
    var codingPath: [any CodingKey] { [] }

    init(place: WireEncoder) { self.place = place }

    @inline(__always)
    private mutating func next() -> WireWriter {
        let writer = place.at
        writer.element()
        count += 1
        return writer
    }

    mutating func encodeNil() throws { next().null() }
    mutating func encode(_ value: Bool) throws { next().bool(value) }
    mutating func encode(_ value: String) throws { next().text(value) }
    mutating func encode(_ value: Double) throws { try undoing { try $0.next().double(value) } }
    mutating func encode(_ value: Float) throws { try undoing { try $0.next().floating(value) } }
    mutating func encode(_ value: Int) throws { next().integer(value) }
    mutating func encode(_ value: Int8) throws { next().integer(value) }
    mutating func encode(_ value: Int16) throws { next().integer(value) }
    mutating func encode(_ value: Int32) throws { next().integer(value) }
    mutating func encode(_ value: Int64) throws { next().integer(value) }
    mutating func encode(_ value: UInt) throws { next().integer(value) }
    mutating func encode(_ value: UInt8) throws { next().integer(value) }
    mutating func encode(_ value: UInt16) throws { next().integer(value) }
    mutating func encode(_ value: UInt32) throws { next().integer(value) }
    mutating func encode(_ value: UInt64) throws { next().integer(value) }
    mutating func encode<T: Encodable>(_ value: T) throws { try undoing { try $0.next().value(value) } }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy key: Nested.Type) -> KeyedEncodingContainer<Nested> {
        nested().container(keyedBy: key)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { nested().unkeyedContainer() }
    mutating func superEncoder() -> any Encoder { nested() }

    private mutating func nested() -> WireEncoder {
        _ = next()
        return place.detour()
    }

    @inline(__always)
    private mutating func undoing(_ write: (inout Self) throws -> Void) throws {
        let mark = place.at.mark, before = count
        do { try write(&self) } catch {
            place.writer.rewind(to: mark)
            count = before
            throw error
        }
    }
}
