/// A type of PostgreSQL by its object id, with the id of the array of it (0 where there is none).
package struct PostgresType: Sendable, Hashable {
    package let oid: UInt32
    package let arrayOID: UInt32
}

/// A value that can be a parameter, in PostgreSQL's binary form.
package protocol PostgresEncodable: Sendable {
    static var postgresType: PostgresType { get }
    /// Appends the binary form, without a length.
    func writePostgres(into bytes: inout [UInt8]) throws(StorageError)
}

/// A value that can be read from a column.
package protocol PostgresDecodable: Sendable {
    /// Whether a column of this type can be read.
    static func acceptsPostgres(type oid: UInt32) -> Bool
    init(postgres cell: PostgresCell) throws(StorageError)
    /// What NULL reads as; an error unless the type says otherwise, as `Optional` does.
    static func postgresNull() throws(StorageError) -> Self
}

extension PostgresDecodable {
    package static func postgresNull() throws(StorageError) -> Self {
        throw .decoding("unexpected NULL for \(Self.self)")
    }
}

extension PostgresDecodable where Self: PostgresEncodable {
    package static func acceptsPostgres(type oid: UInt32) -> Bool { oid == postgresType.oid }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    package static func acceptsPostgres(type oid: UInt32) -> Bool { Wrapped.acceptsPostgres(type: oid) }
    package init(postgres cell: PostgresCell) throws(StorageError) { self = try Wrapped(postgres: cell) }
    package static func postgresNull() throws(StorageError) -> Wrapped? { nil }
}

/// A type of ours that travels as one of PostgreSQL's. Conforming gives binds, results and arrays:
///
///     extension Learner.ID: PostgresRepresentable {
///         package var postgresValue: UUID { uuid }
///         package init(postgresValue: UUID) { self.init(uuid: postgresValue) }
///     }
///
/// An enum with raw values needs only the empty extension; an unknown raw value is then `.decoding`.
package protocol PostgresRepresentable: PostgresEncodable, PostgresDecodable, PostgresElement {
    associatedtype PostgresValue: PostgresEncodable & PostgresDecodable
    var postgresValue: PostgresValue { get }
    init(postgresValue: PostgresValue) throws
}

extension PostgresRepresentable {
    package static var postgresType: PostgresType { PostgresValue.postgresType }

    package static func acceptsPostgres(type oid: UInt32) -> Bool { PostgresValue.acceptsPostgres(type: oid) }

    package func writePostgres(into bytes: inout [UInt8]) throws(StorageError) {
        try postgresValue.writePostgres(into: &bytes)
    }

    package init(postgres cell: PostgresCell) throws(StorageError) {
        let value = try PostgresValue(postgres: cell)
        do {
            try self.init(postgresValue: value)
        } catch {
            // The error of a domain type may quote the value, so only the types are named.
            throw .decoding("a stored \(PostgresValue.self) is no \(Self.self)")
        }
    }
}

extension PostgresRepresentable
where Self: RawRepresentable, RawValue: PostgresEncodable & PostgresDecodable, PostgresValue == RawValue {
    package var postgresValue: RawValue { rawValue }

    package init(postgresValue: RawValue) throws {
        guard let value = Self(rawValue: postgresValue) else {
            throw StorageError.decoding("unknown raw value of \(Self.self)")
        }
        self = value
    }
}

/// The bytes of one value and their type, lent for the time of one `init(postgres:)`.
package struct PostgresCell {
    package let type: UInt32
    package let bytes: UnsafeRawBufferPointer

    package func integer<I: FixedWidthInteger>(_: I.Type, at offset: Int = 0) throws(StorageError) -> I {
        guard offset >= 0, offset <= bytes.count - MemoryLayout<I>.size else {
            throw .decoding("a value of type \(type) is shorter than \(I.self)")
        }
        return I(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: I.self))
    }

    /// A whole value of exactly this width.
    package func fixed<I: FixedWidthInteger>(_: I.Type) throws(StorageError) -> I {
        guard bytes.count == MemoryLayout<I>.size else {
            throw .decoding("a value of type \(type) has \(bytes.count) bytes, not \(MemoryLayout<I>.size)")
        }
        return try integer(I.self)
    }
}

extension [UInt8] {
    package mutating func append<I: FixedWidthInteger>(bigEndian value: I) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }
}
