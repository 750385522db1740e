import Foundation
import Storage
import Support
import Testing

/// A type of another module, by wrapping.
private struct LearnerID: PostgresRepresentable, Hashable {
    let uuid: UUID
    var postgresValue: UUID { uuid }
    init(_ uuid: UUID) { self.uuid = uuid }
    init(postgresValue: UUID) { self.init(postgresValue) }
}

private enum Setting: String, PostgresRepresentable { case school, work }

@Suite(.timeLimit(.minutes(2))) struct ValueTests {
    /// Sends a value through the server and back; the cast makes the server check the type.
    private func echo<V: PostgresEncodable & PostgresDecodable>(
        _ value: V, _ type: String, _ reader: Reader
    ) async throws -> V {
        try await reader.query("SELECT \(value)::\(unescaped: type)").decode(V.self)[0]
    }

    private func withReader<R>(_ body: (Reader) async throws -> R) async throws -> R {
        try await withTestDatabase { database in
            let reader = Reader(database.configuration(), connections: 1, logger: quiet)
            let result = try await body(reader)
            await reader.close()
            return result
        }
    }

    @Test func `every type comes back as it went`() async throws {
        try await withReader { reader in
            func same<V: PostgresEncodable & PostgresDecodable & Equatable>(_ type: String, _ values: [V]) async throws {
                for value in values { #expect(try await echo(value, type, reader) == value) }
            }
            func list<V: PostgresElement & PostgresEncodable & PostgresDecodable & Equatable>(
                _ type: String, _ values: [V]
            ) async throws {
                try await same(type, values)
                try await same(type + "[]", [values, []])
                try await same(type + "[]", [[nil] + values.map(Optional.some) + [nil], [], [nil]])
            }
            let id = UUID()
            try await list("bool", [true, false])
            try await list("int2", [Int16.min, 0, .max])
            try await list("int4", [Int32.min, 0, .max])
            try await list("int8", [Int64.min, 0, .max])
            try await list("int8", [Int.min, 0, .max])
            try await list("float8", [-0.5, .infinity, 1e300, .leastNonzeroMagnitude])
            try await list("text", ["", "Ærø 🧭 \"{},\\ NULL", String(repeating: "x", count: 100_000)])
            try await list("uuid", [id, UUID()])
            try await list("bytea", [[], [0, 255, 0], Array(repeating: 7, count: 70_000)])
            try await list("timestamptz", [-62_135_596_800_000_000, -1, 0, 1_800_000_000_123_456]
                .map(PostgresTimestamp.init(unixMicroseconds:)))
            try await list("date", [-719_162, -1, 0, 20_000].map(PostgresDate.init(daysSince1970:)))
            try await list("jsonb", [#"{"a": [1, null]}"#, "\"\""].map { PostgresJSON(bytes: Array($0.utf8)) })
            try await list("uuid", [LearnerID(id)])
            try await list("text", [Setting.school, .work])
        }
    }

    @Test func `NULL is bound with its type and read only by an Optional`() async throws {
        try await withReader { reader in
            let rows = try await reader.query("""
                SELECT \(Int64?.none) IS NULL, pg_typeof(\(UUID?.none))::text, \([UInt8]?.none), \([String]?.none), \
                \(LearnerID?.none), 5::int2
                """)
            let row = try rows[0].decode(Bool.self, String.self, [UInt8]?.self, [String]?.self, LearnerID?.self, Int?.self)
            #expect(row == (true, "uuid", nil, nil, nil, 5))
            await #expect(throws: StorageError.decoding("column x: unexpected NULL for String")) {
                try await reader.query("SELECT NULL::text AS x").decode(String.self)
            }
        }
    }

    @Test(arguments: [
        ("SELECT 1::int4 AS a", "column a has type 23, which is no String"),
        ("SELECT '{{a,b}}'::text[] AS a", "column a has type 1009, which is no String"),
        ("SELECT 'a', 'b'", "2 columns, not 1"),
    ])
    func `a wrong shape is told by type, never by value`(sql: String, message: String) async throws {
        try await withReader { reader in
            let rows = try await reader.query("\(unescaped: sql)")
            #expect(throws: StorageError.decoding(message)) { try rows.decode(String.self) }
        }
    }

    @Test func `what has no honest value is refused`() async throws {
        try await withReader { reader in
            func failure(_ sql: SQL, _ read: (Rows) throws -> Void = { _ in }) async -> StorageError? {
                do { try read(try await reader.query(sql)) } catch { return error as? StorageError }
                return nil
            }
            let failures = [
                await failure("SELECT 'infinity'::timestamptz") { _ = try $0.decode(PostgresTimestamp.self) },
                await failure("SELECT '-infinity'::date") { _ = try $0.decode(PostgresDate.self) },
                await failure("SELECT '{{1,2}}'::int[]") { _ = try $0.decode([Int32].self) },
                await failure("SELECT '{1,null}'::int[]") { _ = try $0.decode([Int32].self) },
                await failure("SELECT 'other'") { _ = try $0.decode(Setting.self) },
                await failure("SELECT \(PostgresTimestamp(unixMicroseconds: .min))"),
                await failure("SELECT \(PostgresDate(daysSince1970: .min))"),
                await failure("SELECT \("a\0b")"),
                await failure("SELECT \(["a\0b"])"),
                await failure("SELECT 1\(unescaped: "\0")"),
                await failure(SQL.joined((0...65_535).map { "\($0)" }, separator: ",")),
                await failure("SELECT \([UInt8](repeating: 0, count: 65 << 20))"),
            ]
            let text = StorageError.refused(sqlState: "22021", message: "text with U+0000 cannot be stored")
            #expect(failures == [
                .decoding("a timestamp is infinite"), .decoding("a date is infinite"),
                .decoding("an array has 2 dimensions"), .decoding("unexpected NULL in an array of Int32"),
                .decoding("a stored String is no Setting"),
                .refused(sqlState: "22008", message: "timestamp out of range"),
                .refused(sqlState: "22008", message: "date out of range"), text, text,
                .refused(sqlState: "42601", message: "a statement contains U+0000"), .tooLarge, .tooLarge,
            ])
        }
    }
}
