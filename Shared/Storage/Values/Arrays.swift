/// A type whose Swift array has a PostgreSQL type: an array of it, or `bytea` for `UInt8`.
package protocol PostgresElement: Sendable {
    static var postgresListType: PostgresType { get }
    static func acceptsPostgresList(type oid: UInt32) -> Bool
    static func writePostgresList(_ list: [Self], into bytes: inout [UInt8]) throws(StorageError)
    static func readPostgresList(_ cell: PostgresCell) throws(StorageError) -> [Self]
}

extension Array: PostgresEncodable where Element: PostgresElement {
    package static var postgresType: PostgresType { Element.postgresListType }
    package func writePostgres(into bytes: inout [UInt8]) throws(StorageError) {
        try Element.writePostgresList(self, into: &bytes)
    }
}

extension Array: PostgresDecodable where Element: PostgresElement {
    package static func acceptsPostgres(type oid: UInt32) -> Bool { Element.acceptsPostgresList(type: oid) }
    package init(postgres cell: PostgresCell) throws(StorageError) { self = try Element.readPostgresList(cell) }
}

/// `[UInt8]` is `bytea`.
extension UInt8: PostgresElement {
    package static var postgresListType: PostgresType { .init(oid: 17, arrayOID: 1001) }
    package static func acceptsPostgresList(type oid: UInt32) -> Bool { oid == 17 }
    package static func writePostgresList(_ list: [UInt8], into bytes: inout [UInt8]) throws(StorageError) {
        bytes.append(contentsOf: list)
    }
    package static func readPostgresList(_ cell: PostgresCell) throws(StorageError) -> [UInt8] { Array(cell.bytes) }
}

/// `[[UInt8]]` is `bytea[]`.
extension Array: PostgresElement where Element == UInt8 {}

extension PostgresElement where Self: PostgresEncodable & PostgresDecodable {
    package static var postgresListType: PostgresType { .init(oid: postgresType.arrayOID, arrayOID: 0) }
    package static func acceptsPostgresList(type oid: UInt32) -> Bool { oid == postgresType.arrayOID }
    package static func writePostgresList(_ list: [Self], into bytes: inout [UInt8]) throws(StorageError) {
        try writeArray(of: Self.self, list, into: &bytes)
    }
    package static func readPostgresList(_ cell: PostgresCell) throws(StorageError) -> [Self] {
        try readArray(of: Self.self, cell) { element throws(StorageError) in
            guard let element else { throw .decoding("unexpected NULL in an array of \(Self.self)") }
            return try Self(postgres: element)
        }
    }
}

extension Optional: PostgresElement where Wrapped: PostgresElement & PostgresEncodable & PostgresDecodable {
    package static var postgresListType: PostgresType { Wrapped.postgresListType }
    package static func acceptsPostgresList(type oid: UInt32) -> Bool { Wrapped.acceptsPostgresList(type: oid) }
    package static func writePostgresList(_ list: [Wrapped?], into bytes: inout [UInt8]) throws(StorageError) {
        try writeArray(of: Wrapped.self, list, into: &bytes)
    }
    package static func readPostgresList(_ cell: PostgresCell) throws(StorageError) -> [Wrapped?] {
        try readArray(of: Wrapped.self, cell) { element throws(StorageError) in
            guard let element else { return nil }
            return try Wrapped(postgres: element)
        }
    }
}

/// One dimension, lower bound 1: dimensions, has-null flag, element type, length, bound, then length and bytes
/// of each element (−1 is NULL).
private func writeArray<Element: PostgresEncodable>(
    of _: Element.Type, _ list: [Element?], into bytes: inout [UInt8]
) throws(StorageError) {
    guard list.count < 1 << 26 else { throw .tooLarge }
    bytes.append(bigEndian: Int32(list.isEmpty ? 0 : 1))
    bytes.append(bigEndian: Int32(list.contains { $0 == nil } ? 1 : 0))
    bytes.append(bigEndian: Element.postgresType.oid)
    if list.isEmpty { return }
    bytes.append(bigEndian: Int32(list.count))
    bytes.append(bigEndian: Int32(1))
    for element in list {
        guard let element else {
            bytes.append(bigEndian: Int32(-1))
            continue
        }
        let header = bytes.count
        bytes.append(bigEndian: Int32(0))
        try element.writePostgres(into: &bytes)
        guard bytes.count <= Parameters.maxBytes else { throw .tooLarge }
        let length = Int32(bytes.count - header - 4)
        withUnsafeBytes(of: length.bigEndian) { bytes.replaceSubrange(header..<header + 4, with: $0) }
    }
}

private func readArray<Element: PostgresDecodable, Item>(
    of _: Element.Type, _ cell: PostgresCell, _ read: (PostgresCell?) throws(StorageError) -> Item
) throws(StorageError) -> [Item] {
    let dimensions = try cell.integer(Int32.self, at: 0)
    let type = try cell.integer(UInt32.self, at: 8)
    guard Element.acceptsPostgres(type: type) else {
        throw .decoding("an array of type \(type) is no array of \(Element.self)")
    }
    if dimensions == 0 { return [] }
    guard dimensions == 1 else { throw .decoding("an array has \(dimensions) dimensions") }
    let count = Int(try cell.integer(Int32.self, at: 12))
    guard count >= 0, count <= cell.bytes.count / 4 else { throw .decoding("an array has a wrong length") }
    var items: [Item] = []
    items.reserveCapacity(count)
    var offset = 20
    for _ in 0..<count {
        let length = Int(try cell.integer(Int32.self, at: offset))
        offset += 4
        if length < 0 {
            items.append(try read(nil))
            continue
        }
        guard length <= cell.bytes.count - offset else { throw .decoding("an array is cut short") }
        items.append(
            try read(PostgresCell(type: type, bytes: .init(rebasing: cell.bytes[offset..<offset + length]))))
        offset += length
    }
    return items
}
