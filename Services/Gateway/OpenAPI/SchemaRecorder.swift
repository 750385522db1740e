import Domain
import Foundation

/// Learns the shape of a `Decodable` type by letting it decode from a decoder that has everything it asks for and
/// writes down what that was. The types stay the only place where the members of a request are listed.
struct SchemaRecorder: Decoder {
    private let record = Record()
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    private final class Record {
        var members: [Schema.Member] = []
        var isKeyed = false
        var scalar: Schema?
    }

    struct Unreadable: Error { let what: String }

    /// Precondition: the type shows its shape, as every wire type in the route table does (a test walks them).
    static func schema<T: Decodable>(of type: T.Type) -> Schema {
        do { return try read(type).schema } catch { preconditionFailure("\(type) does not show its shape: \(error)") }
    }

    /// The shape, and some value of the type with which whoever asked can go on.
    private static func read<T: Decodable>(_ type: T.Type) throws -> (schema: Schema, value: T) {
        if let stated = type as? any SchemaStated.Type, let value = stated.specimen as? T {
            return (stated.stated, value)
        }
        if let cases = (type as? any CaseIterable.Type).flatMap({ words($0) }), let value = cases.first as? T {
            return (.enumeration(cases.map { $0.rawValue }), value)
        }
        if let list = type as? any ListType.Type, let value = list.empty as? T {
            return (.array(try list.elementSchema), value)
        }
        let decoder = SchemaRecorder()
        let value = try T(from: decoder)
        if let scalar = decoder.record.scalar, !decoder.record.isKeyed { return (scalar, value) }
        return (.object(Schema.ObjectSchema(name: name(of: type), members: decoder.record.members)), value)
    }

    /// `Domain.GrantConsent.Reply` → `GrantConsentReply`; `Domain.Page<Domain.ConsentEntry>` → `PageOfConsentEntry`.
    static func name(of type: Any.Type) -> String {
        String(reflecting: type).replacing("<", with: "Of").split { !$0.isLetter && !$0.isNumber }
            .filter { $0 != "Domain" && $0 != "Gateway" }.joined()
            .replacing("OfDomain", with: "Of")
    }

    private static func words<C: CaseIterable>(_: C.Type) -> [any RawRepresentable<String>]? {
        let cases = C.allCases.compactMap { $0 as? any RawRepresentable<String> }
        return cases.isEmpty ? nil : cases
    }

    func container<Key: CodingKey>(keyedBy _: Key.Type) -> KeyedDecodingContainer<Key> {
        record.isKeyed = true
        return KeyedDecodingContainer(Members(record: record))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw Unreadable(what: "an array read by hand") }
    func singleValueContainer() -> any SingleValueDecodingContainer { Scalar(record: record) }

    private struct Members<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let record: Record
        var codingPath: [any CodingKey] { [] }
        var allKeys: [Key] { [] }

        private func note<T: Decodable>(_ type: T.Type, _ key: Key, isRequired: Bool) throws -> T {
            let (schema, value) = try SchemaRecorder.read(type)
            record.members.append(Schema.Member(name: key.stringValue, schema: schema, isRequired: isRequired))
            return value
        }

        func contains(_: Key) -> Bool { true }
        func decodeNil(forKey _: Key) -> Bool { false }
        func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
            try note(type, key, isRequired: true)
        }
        func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
            try note(type, key, isRequired: false)
        }
        // The container has an overload for each plain type, and synthesized decoders call those.
        func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try note(type, key, isRequired: false) }
        func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
            try note(type, key, isRequired: false)
        }
        func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { try note(type, key, isRequired: false) }
        func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? {
            try note(type, key, isRequired: false)
        }

        func nestedContainer<Nested: CodingKey>(
            keyedBy _: Nested.Type, forKey _: Key
        ) throws -> KeyedDecodingContainer<Nested> { throw Unreadable(what: "a container within a container") }
        func nestedUnkeyedContainer(forKey _: Key) throws -> any UnkeyedDecodingContainer {
            throw Unreadable(what: "a container within a container")
        }
        func superDecoder() throws -> any Decoder { throw Unreadable(what: "a class") }
        func superDecoder(forKey _: Key) throws -> any Decoder { throw Unreadable(what: "a class") }
    }

    private struct Scalar: SingleValueDecodingContainer {
        let record: Record
        var codingPath: [any CodingKey] { [] }

        private func note<T>(_ schema: Schema, _ value: T) -> T {
            record.scalar = schema
            return value
        }

        func decodeNil() -> Bool { false }
        func decode(_: Bool.Type) -> Bool { note(.boolean, false) }
        func decode(_: String.Type) -> String { note(.string(), "") }
        func decode(_: Double.Type) -> Double { note(.number, 0) }
        func decode(_: Float.Type) -> Float { note(.number, 0) }
        func decode<T: Decodable>(_ type: T.Type) throws -> T {
            if let whole = T.self as? any FixedWidthInteger.Type, let zero = whole.init(exactly: 0) as? T {
                return note(.integer, zero)
            }
            let (schema, value) = try SchemaRecorder.read(type)
            return note(schema, value)
        }
    }
}

/// An array type, whatever its element.
private protocol ListType {
    static var empty: Self { get }
    static var elementSchema: Schema { get throws }
}

extension Array: ListType where Element: Decodable {
    fileprivate static var empty: Self { [] }
    fileprivate static var elementSchema: Schema { get throws { SchemaRecorder.schema(of: Element.self) } }
}
