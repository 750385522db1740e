import Foundation

extension Bool: PostgresEncodable, PostgresDecodable, PostgresElement {
    package static var postgresType: PostgresType { .init(oid: 16, arrayOID: 1000) }
    package func writePostgres(into bytes: inout [UInt8]) throws(StorageError) { bytes.append(self ? 1 : 0) }
    package init(postgres cell: PostgresCell) throws(StorageError) { self = try cell.fixed(UInt8.self) != 0 }
}

extension Int16: PostgresEncodable, PostgresDecodable, PostgresElement {
    package static var postgresType: PostgresType { .init(oid: 21, arrayOID: 1005) }
    package func writePostgres(into bytes: inout [UInt8]) throws(StorageError) { bytes.append(bigEndian: self) }
    package init(postgres cell: PostgresCell) throws(StorageError) { self = try cell.fixed(Int16.self) }
}

/// Also reads `smallint`.
extension Int32: PostgresEncodable, PostgresDecodable, PostgresElement {
    package static var postgresType: PostgresType { .init(oid: 23, arrayOID: 1007) }
    package static func acceptsPostgres(type oid: UInt32) -> Bool { oid == 23 || oid == 21 }
    package func writePostgres(into bytes: inout [UInt8]) throws(StorageError) { bytes.append(bigEndian: self) }
    package init(postgres cell: PostgresCell) throws(StorageError) {
        self = cell.type == 21 ? Int32(try cell.fixed(Int16.self)) : try cell.fixed(Int32.self)
    }
}

/// Also reads `integer` and `smallint`.
extension Int64: PostgresEncodable, PostgresDecodable, PostgresElement {
    package static var postgresType: PostgresType { .init(oid: 20, arrayOID: 1016) }
    package static func acceptsPostgres(type oid: UInt32) -> Bool { oid == 20 || oid == 23 || oid == 21 }
    package func writePostgres(into bytes: inout [UInt8]) throws(StorageError) { bytes.append(bigEndian: self) }
    package init(postgres cell: PostgresCell) throws(StorageError) {
        self = cell.type == 20 ? try cell.fixed(Int64.self) : Int64(try Int32(postgres: cell))
    }
}

/// Travels as `bigint`.
extension Int: PostgresEncodable, PostgresDecodable, PostgresElement {
    package static var postgresType: PostgresType { Int64.postgresType }
    package static func acceptsPostgres(type oid: UInt32) -> Bool { Int64.acceptsPostgres(type: oid) }
    package func writePostgres(into bytes: inout [UInt8]) throws(StorageError) {
        bytes.append(bigEndian: Int64(self))
    }
    package init(postgres cell: PostgresCell) throws(StorageError) { self = Int(try Int64(postgres: cell)) }
}

extension Double: PostgresEncodable, PostgresDecodable, PostgresElement {
    package static var postgresType: PostgresType { .init(oid: 701, arrayOID: 1022) }
    package func writePostgres(into bytes: inout [UInt8]) throws(StorageError) { bytes.append(bigEndian: bitPattern) }
    package init(postgres cell: PostgresCell) throws(StorageError) {
        self = Double(bitPattern: try cell.fixed(UInt64.self))
    }
}

/// Travels as `text`; also reads `varchar`, `char(n)` and `name`. U+0000 cannot be stored and is refused.
extension String: PostgresEncodable, PostgresDecodable, PostgresElement {
    package static var postgresType: PostgresType { .init(oid: 25, arrayOID: 1009) }
    package static func acceptsPostgres(type oid: UInt32) -> Bool {
        oid == 25 || oid == 1043 || oid == 1042 || oid == 19
    }
    package func writePostgres(into bytes: inout [UInt8]) throws(StorageError) {
        let start = bytes.count
        bytes.append(contentsOf: utf8)
        if bytes[start...].contains(0) {
            throw .refused(sqlState: "22021", message: "text with U+0000 cannot be stored")
        }
    }
    package init(postgres cell: PostgresCell) throws(StorageError) {
        guard let text = String(validating: cell.bytes, as: UTF8.self) else { throw .decoding("text is not UTF-8") }
        self = text
    }
}

extension UUID: PostgresEncodable, PostgresDecodable, PostgresElement {
    package static var postgresType: PostgresType { .init(oid: 2950, arrayOID: 2951) }
    package func writePostgres(into bytes: inout [UInt8]) throws(StorageError) {
        withUnsafeBytes(of: uuid) { bytes.append(contentsOf: $0) }
    }
    package init(postgres cell: PostgresCell) throws(StorageError) {
        guard cell.bytes.count == 16 else { throw .decoding("a uuid has \(cell.bytes.count) bytes") }
        self.init(uuid: cell.bytes.loadUnaligned(as: uuid_t.self))
    }
}

/// `timestamptz`, to the microsecond. PostgreSQL's ±infinity is no point in time and is refused both ways.
package struct PostgresTimestamp: Sendable, Hashable, Comparable {
    /// Microseconds since 1970-01-01T00:00:00Z.
    package var unixMicroseconds: Int64

    package init(unixMicroseconds: Int64) { self.unixMicroseconds = unixMicroseconds }
    package static func < (a: Self, b: Self) -> Bool { a.unixMicroseconds < b.unixMicroseconds }

    /// PostgreSQL counts from 2000-01-01.
    private static let epoch: Int64 = 946_684_800_000_000
}

extension PostgresTimestamp: PostgresEncodable, PostgresDecodable, PostgresElement {
    package static var postgresType: PostgresType { .init(oid: 1184, arrayOID: 1185) }
    package func writePostgres(into bytes: inout [UInt8]) throws(StorageError) {
        let (value, overflow) = unixMicroseconds.subtractingReportingOverflow(Self.epoch)
        if overflow || value == .min || value == .max {
            throw .refused(sqlState: "22008", message: "timestamp out of range")
        }
        bytes.append(bigEndian: value)
    }
    package init(postgres cell: PostgresCell) throws(StorageError) {
        let value = try cell.fixed(Int64.self)
        let (unix, overflow) = value.addingReportingOverflow(Self.epoch)
        if overflow || value == .min || value == .max { throw .decoding("a timestamp is infinite") }
        unixMicroseconds = unix
    }
}

/// `date`. PostgreSQL's ±infinity is refused both ways.
package struct PostgresDate: Sendable, Hashable, Comparable {
    /// Days since 1970-01-01 in the Gregorian calendar.
    package var daysSince1970: Int32

    package init(daysSince1970: Int32) { self.daysSince1970 = daysSince1970 }
    package static func < (a: Self, b: Self) -> Bool { a.daysSince1970 < b.daysSince1970 }

    private static let epoch: Int32 = 10_957
}

extension PostgresDate: PostgresEncodable, PostgresDecodable, PostgresElement {
    package static var postgresType: PostgresType { .init(oid: 1082, arrayOID: 1182) }
    package func writePostgres(into bytes: inout [UInt8]) throws(StorageError) {
        let (value, overflow) = daysSince1970.subtractingReportingOverflow(Self.epoch)
        if overflow || value == .min || value == .max {
            throw .refused(sqlState: "22008", message: "date out of range")
        }
        bytes.append(bigEndian: value)
    }
    package init(postgres cell: PostgresCell) throws(StorageError) {
        let value = try cell.fixed(Int32.self)
        let (days, overflow) = value.addingReportingOverflow(Self.epoch)
        if overflow || value == .min || value == .max { throw .decoding("a date is infinite") }
        daysSince1970 = days
    }
}

/// `jsonb` as UTF-8 text; also reads `json`. The server checks the syntax, and gives it back in its own
/// spelling.
package struct PostgresJSON: Sendable, Hashable {
    package var bytes: [UInt8]

    package init(bytes: [UInt8]) { self.bytes = bytes }
}

extension PostgresJSON: PostgresEncodable, PostgresDecodable, PostgresElement {
    package static var postgresType: PostgresType { .init(oid: 3802, arrayOID: 3807) }
    package static func acceptsPostgres(type oid: UInt32) -> Bool { oid == 3802 || oid == 114 }
    package func writePostgres(into bytes: inout [UInt8]) throws(StorageError) {
        bytes.append(1)
        bytes.append(contentsOf: self.bytes)
    }
    package init(postgres cell: PostgresCell) throws(StorageError) {
        if cell.type == 114 {
            bytes = Array(cell.bytes)
            return
        }
        guard cell.bytes.first == 1 else { throw .decoding("jsonb in an unknown version of its binary form") }
        bytes = Array(cell.bytes.dropFirst())
    }
}
