import CPostgres

/// What one statement answered: its rows, in order, read in place from libpq's result.
package struct Rows: Sendable, RandomAccessCollection {
    private let result: PostgresResult
    /// Rows inserted, updated, deleted or selected, as the server counted them.
    package let affected: Int
    package let endIndex: Int
    package var startIndex: Int { 0 }

    init(_ result: PostgresResult) {
        self.result = result
        affected = PQcmdTuples(result.pointer).flatMap { Int(String(cString: $0)) } ?? 0
        endIndex = Int(PQntuples(result.pointer))
    }

    /// What the server says it did: `INSERT 0 1`, `COMMIT`, `ROLLBACK`.
    var commandTag: String { PQcmdStatus(result.pointer).map { String(cString: $0) } ?? "" }

    package subscript(position: Int) -> Row {
        precondition(position >= 0 && position < endIndex, "row out of range")
        return Row(result: result, index: Int32(position))
    }

    /// Every row as a tuple: `try rows.decode((UUID, Int64, String?).self)`.
    package func decode<each Column: PostgresDecodable>(
        _: (repeat each Column).Type
    ) throws(StorageError) -> [(repeat each Column)] {
        var decoded: [(repeat each Column)] = []
        decoded.reserveCapacity(count)
        for row in self { decoded.append(try row.decode(repeat (each Column).self)) }
        return decoded
    }
}

/// One row of a result.
package struct Row: Sendable {
    fileprivate let result: PostgresResult
    fileprivate let index: Int32

    package var columns: Int { Int(PQnfields(result.pointer)) }

    /// All columns, in order: `try row.decode(UUID.self, Int64.self, String?.self)`.
    /// - Throws: `.decoding` if the number of columns or a type differs, or for NULL where no Optional was asked for.
    package func decode<each Column: PostgresDecodable>(
        _: repeat (each Column).Type
    ) throws(StorageError) -> (repeat each Column) {
        var asked = 0
        for _ in repeat (each Column).self { asked += 1 }
        guard asked == columns else { throw .decoding("\(columns) columns, not \(asked)") }
        return try part(repeat (each Column).self)
    }

    /// Some columns of a row that has at least so many: those after the first `skipped`.
    package func part<each Column: PostgresDecodable>(
        after skipped: Int = 0, _: repeat (each Column).Type
    ) throws(StorageError) -> (repeat each Column) {
        var next = Int32(skipped)
        return (repeat try take((each Column).self, &next))
    }

    private func take<Column: PostgresDecodable>(
        _: Column.Type, _ next: inout Int32
    ) throws(StorageError) -> Column {
        let column = next
        next += 1
        guard column < columns else { throw .decoding("\(columns) columns only") }
        let type = PQftype(result.pointer, column)
        guard Column.acceptsPostgres(type: type) else {
            throw .decoding("column \(name(column)) has type \(type), which is no \(Column.self)")
        }
        if PQgetisnull(result.pointer, index, column) != 0 {
            do throws(StorageError) { return try Column.postgresNull() } catch {
                throw .decoding("column \(name(column)): unexpected NULL for \(Column.self)")
            }
        }
        return try Column(postgres: PostgresCell(
            type: type,
            bytes: UnsafeRawBufferPointer(
                start: PQgetvalue(result.pointer, index, column),
                count: Int(PQgetlength(result.pointer, index, column)))))
    }

    private func name(_ column: Int32) -> String {
        PQfname(result.pointer, column).map { String(cString: $0) } ?? "\(column)"
    }
}

/// Owns one `PGresult`. Unchecked: a result never changes once libpq has handed it out, and PQclear may be
/// called from any thread.
final class PostgresResult: @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }
    deinit { PQclear(pointer) }

    func field(_ code: Int32) -> String? { PQresultErrorField(pointer, code).map { String(cString: $0) } }
}
