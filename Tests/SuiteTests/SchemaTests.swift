import Domain
import EventLog
import Foundation
import Storage
import Support
import Testing

/// `schema.sql` is what people read to know a service's tables; the migrations are what makes them. Both are the same.
@Suite(.timeLimit(.minutes(5))) struct `The schema of a service` {
    static let services = ["Records", "Pathways", "Assessment", "Notifications"]

    static func folder(_ service: String) -> URL {
        URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Services/\(service)")
    }

    /// The migrations as they lie in the service's folder, in their order.
    static func migrations(_ service: String) throws -> [Migration] {
        let folder = folder(service).appending(path: "Migrations")
        return try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".sql") && $0 != "schema.sql" }.sorted()
            .map { Migration(name: String($0.dropLast(4)), sql: try text(folder.appending(path: $0))) }
    }

    private static func text(_ file: URL) throws -> String { try String(contentsOf: file, encoding: .utf8) }

    @Test(arguments: services) func `is in schema.sql what the migrations make of it`(_ service: String) async throws {
        let own = try Self.migrations(service)
        let schema = try Self.text(Self.folder(service).appending(path: "Migrations/schema.sql"))
        let migrated = try await Self.catalog(service, EventLog.migrations + own)
        let described = try await Self.catalog(service, EventLog.migrations + [Migration(name: "z_schema", sql: schema)])
        let alone = try await Self.catalog(service, EventLog.migrations)
        #expect(migrated.isSuperset(of: alone))
        #expect(migrated.subtracting(described).sorted() == [], "made by the migrations, and not in schema.sql")
        #expect(described.subtracting(migrated).sorted() == [], "in schema.sql, and not made by the migrations")
    }

    @Test(arguments: services) func `is made by every file of its folder`(_ service: String) throws {
        let registration = try Self.text(Self.folder(service).appending(path: "\(service)Service.swift"))
        let names = try Self.migrations(service).map(\.name)
        let listed = registration.matches(of: #/Migration\(name: "([^"]+)"/#).map { String($0.1) }
        #expect(!names.isEmpty && listed == names)
    }

    /// One line for each table, column, constraint, index, sequence, function, trigger, type and view of the schema, as
    /// the server itself writes them down. The order of columns is left out: nothing reads by it, and a later migration
    /// can only append.
    private static func catalog(_ service: String, _ migrations: [Migration]) async throws -> Set<String> {
        try await withTestDatabase { database in
            let configuration = database.configuration(schema: service.lowercased(), statementTimeout: .seconds(30))
            try await Migrator(configuration, migrations).apply()
            let pool = ConnectionPool(configuration, size: 1, logger: quiet)
            let lines = try await pool.withConnection { try $0.execute(catalogQuery).decode(String.self) }
            await pool.close()
            return Set(lines)
        }
    }

    private static let catalogQuery: SQL = """
        WITH ours AS (SELECT c.* FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace)
        SELECT format('relation %s kind %s persistence %s options %s key %s bound %s', relname, relkind, relpersistence,
                      reloptions::text, pg_get_partkeydef(oid), pg_get_expr(relpartbound, oid)) FROM ours
        UNION ALL
        SELECT format('column %s.%s %s not null %s default %s identity %s generated %s collation %s storage %s',
                      relname, attname, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid),
                      attidentity, attgenerated, attcollation::regcollation, attstorage)
          FROM ours JOIN pg_attribute ON attrelid = ours.oid AND attnum > 0 AND NOT attisdropped
          LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        UNION ALL
        SELECT format('constraint %s on %s: %s', conname, conrelid::regclass, pg_get_constraintdef(oid))
          FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
        UNION ALL
        SELECT 'index ' || pg_get_indexdef(indexrelid) FROM pg_index JOIN ours ON ours.oid = indexrelid
        UNION ALL
        SELECT format('sequence %s %s start %s by %s from %s to %s cache %s cycle %s', relname, seqtypid::regtype, seqstart,
                      seqincrement, seqmin, seqmax, seqcache, seqcycle) FROM pg_sequence JOIN ours ON ours.oid = seqrelid
        UNION ALL
        SELECT 'function ' || pg_get_functiondef(oid) FROM pg_proc
         WHERE pronamespace = current_schema()::regnamespace AND prokind IN ('f', 'p')
        UNION ALL
        SELECT 'trigger ' || pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN ours ON ours.oid = tgrelid WHERE NOT tgisinternal
        UNION ALL
        SELECT format('type %s %s %s', typname, typtype,
                      (SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid))
          FROM pg_type t WHERE typnamespace = current_schema()::regnamespace AND typtype IN ('e', 'd', 'r')
        UNION ALL
        SELECT format('view %s: %s', relname, pg_get_viewdef(oid)) FROM ours WHERE relkind IN ('v', 'm')
        """
}
