import Storage
import Testing

@Suite struct SQLTests {
    @Test func `values become numbered parameters and text stays text`() {
        let sql: SQL = "SELECT a FROM t WHERE id = \(7) AND b = \("x")\(unescaped: " LIMIT 1")"
        #expect(sql.text == "SELECT a FROM t WHERE id = $1 AND b = $2 LIMIT 1")
    }

    @Test func `a spliced statement is renumbered, its own dollar signs are not`() {
        let many = SQL.joined((1...9).map { "\($0)" }, separator: ", ")
        let inner: SQL = "price = '$1' AND a IN (\(many)) AND \(true)"
        let sql: SQL = "SELECT \(1) WHERE \(inner) AND \(inner) ORDER BY \(identifier: "a\"b")"
        let list = { (from: Int) in (from..<from + 9).map { "$\($0)" }.joined(separator: ", ") }
        #expect(sql.text == """
            SELECT $1 WHERE price = '$1' AND a IN (\(list(2))) AND $11 \
            AND price = '$1' AND a IN (\(list(12))) AND $21 ORDER BY "a""b"
            """)
    }

    @Test func `errors show no values outside the log`() {
        let error = StorageError.refused(sqlState: "22P02", message: "invalid input: \"secret\"")
        #expect([error.description, error.debugDescription] == [
            "the database refused the statement (SQLSTATE 22P02)",
            "the database refused the statement (SQLSTATE 22P02): invalid input: \"secret\"",
        ])
    }
}
