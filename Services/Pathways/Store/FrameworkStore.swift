import Domain
import EventLog
import Foundation
import ServiceKit
import Storage

/// Framework versions and their items.
struct FrameworkStore: Sendable {
    /// Rows of one statement of an import.
    static let chunk = 500

    let aggregates: AggregateStore<FrameworkState>
    private let log: EventLog

    init(_ log: EventLog) {
        self.log = log
        aggregates = AggregateStore(log)
    }

    /// Which number the next version of a document gets. To be asked under `Lock.framework`.
    static func nextVersion(of document: EntityID<Framework>) -> SQL {
        "SELECT COALESCE(max(version), 0) + 1 FROM framework WHERE document = \(document)"
    }

    /// Everything that is kept of a package beside its aggregate, in batches of one round trip.
    static func keeping(
        _ package: CasePackage, digest: String, as framework: EntityID<Framework>, version: Int
    ) -> [[SQL]] {
        let items = Array(package.itemsInTreeOrder().enumerated())
        let head: [SQL] = [
            """
            INSERT INTO framework (document, version, digest, framework)
            VALUES (\(package.documentID), \(version), \(digest), \(framework))
            """,
            """
            INSERT INTO framework_document (framework, body)
            VALUES (\(framework), \(PostgresJSON(bytes: package.json().serialized())))
            """,
        ]
        let last: [SQL] = [
            Lock.imports,
            """
            UPDATE framework SET imported = (SELECT COALESCE(max(imported), 0) + 1 FROM framework)
             WHERE framework = \(framework)
            """,
        ]
        return [head] + stride(from: 0, to: items.count, by: chunk).map { start in
            [inserting(items[start..<min(start + chunk, items.count)], into: framework)]
        } + [last]
    }

    private static func inserting(
        _ items: ArraySlice<(offset: Int, element: FrameworkItem)>, into framework: EntityID<Framework>
    ) -> SQL {
        let sequences = items.map { $0.element.sequence }
        return """
            INSERT INTO framework_item (framework, ord, target, uri, code, statement, type, parent, sequence)
            SELECT \(framework), u.ord, u.target, u.uri, u.code, u.statement, u.type, u.parent, u.sequence
              FROM unnest(\(items.map { Int32($0.offset) }), \(items.map(\.element.target)),
                          \(items.map(\.element.uri)), \(items.map(\.element.code)),
                          \(items.map(\.element.statement)), \(items.map(\.element.type)),
                          \(items.map(\.element.parent)), \(sequences))
                   u(ord, target, uri, code, statement, type, parent, sequence)
            """
    }

    func read(_ id: EntityID<Framework>) async throws -> (FrameworkState, importedAt: Timestamp)? {
        let rows = try await log.reader.query("""
            SELECT body, created_at FROM aggregate
             WHERE partition = \(id.partition) AND id = \(id) AND kind = \(FrameworkState.kind)
            """)
        return try rows.first.map { row in
            let (body, at) = try row.decode(PostgresJSON.self, Timestamp.self)
            return (try Wire.decode(FrameworkState.self, from: body.bytes), at)
        }
    }

    /// - Parameter cursor: of an earlier page.
    func items(of id: EntityID<Framework>, after cursor: String?, limit: Int) async throws -> Page<FrameworkItem> {
        var from: Int64 = 0
        if let cursor {
            from = try PageCursor.key(cursor, bytes: 4).reduce(Int64(0)) { $0 << 8 | Int64($1) }
        }
        let rows = try await log.reader.query("""
            SELECT ord, target, uri, code, statement, type, parent, sequence FROM framework_item
             WHERE framework = \(id) AND ord >= \(from) ORDER BY ord LIMIT \(limit + 1)
            """).decode((Int, String, String, String?, String, String?, String?, Int?).self)
        let items = rows.prefix(limit).map { row in
            FrameworkItem(
                target: row.1, uri: row.2, code: row.3, statement: row.4, type: row.5, parent: row.6, sequence: row.7)
        }
        guard rows.count > limit, let next = rows.last.map({ UInt32(clamping: $0.0) }) else { return Page(items: items) }
        return Page(items: items, next: PageCursor.text(withUnsafeBytes(of: next.bigEndian) { Array($0) }))
    }
}
