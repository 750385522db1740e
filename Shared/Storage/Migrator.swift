import Crypto

/// One step of a schema, forward only and never edited once applied.
package struct Migration: Sendable, Hashable {
    /// Names order the steps: `r0001_create_record`.
    package let name: String
    /// One or more statements, run in one transaction, without transaction commands of their own.
    package let sql: String

    package init(name: String, sql: String) {
        self.name = name
        self.sql = sql
    }

    var checksum: [UInt8] { Array(SHA256.hash(data: Array(sql.utf8))) }
}

/// How a database stands to the migrations of this build. Names in order.
package struct MigrationStatus: Sendable, Hashable {
    package var applied: [String]
    /// Not applied yet: the database is behind.
    package var pending: [String]
    /// Applied by a newer build: the database is ahead.
    package var unknown: [String]
    /// Applied with another text than this build has.
    package var altered: [String]

    package init(applied: [String] = [], pending: [String] = [], unknown: [String] = [], altered: [String] = []) {
        self.applied = applied
        self.pending = pending
        self.unknown = unknown
        self.altered = altered
    }

    package var isCurrent: Bool { pending.isEmpty && unknown.isEmpty && altered.isEmpty }
}

/// Why the schema cannot be used or changed; the description says what to do.
package enum MigrationError: Error, Sendable, Equatable, CustomStringConvertible {
    case behind(schema: String, [String])
    case ahead(schema: String, [String])
    case altered(schema: String, [String])
    case failed(migration: String, StorageError)
    case storage(StorageError)

    package var description: String {
        switch self {
        case .behind(let schema, let names):
            "schema \(schema) lacks \(names.joined(separator: ", ")): run `cairn migrate`"
        case .ahead(let schema, let names):
            "schema \(schema) has \(names.joined(separator: ", ")), unknown to this build: start a newer one"
        case .altered(let schema, let names):
            "\(names.joined(separator: ", ")) of schema \(schema) changed after being applied: "
                + "restore the file and put the change into a new migration, then run `cairn migrate`"
        case .failed(let migration, let error):
            "migration \(migration) failed and was rolled back: \(error.debugDescription)"
        case .storage(let error): error.debugDescription
        }
    }
}

/// Brings one schema to the state of this build. Several may run at once: an advisory lock lets one work at
/// a time.
package struct Migrator: Sendable {
    private let configuration: DatabaseConfiguration
    private let migrations: [Migration]
    private let table: SQL

    /// - Precondition: the names are unique and ascending.
    package init(_ configuration: DatabaseConfiguration, _ migrations: [Migration]) {
        precondition(zip(migrations, migrations.dropFirst()).allSatisfy { $0.name < $1.name },
                     "migrations must have unique names in ascending order")
        self.configuration = configuration
        self.migrations = migrations
        table = "\(identifier: configuration.schema).migration"
    }

    /// Applies what is missing, each in a transaction of its own, in order. Creates the schema if it is
    /// missing.
    /// - Returns: the names applied by this call.
    /// - Throws: `.ahead` or `.altered` before anything is changed; `.failed` for a migration that did not work,
    ///   those before it staying applied.
    @discardableResult
    package func apply() async throws(MigrationError) -> [String] {
        let connection = connect()
        try await inTransaction(connection) { connection in
            _ = try connection.execute(batch: lock)
            let exists = try connection.execute(
                "SELECT to_regnamespace(\(quoted(identifier: configuration.schema))) IS NOT NULL")
            if try exists.decode(Bool.self) == [false] {
                _ = try connection.execute("CREATE SCHEMA \(identifier: configuration.schema)")
            }
            _ = try connection.execute("""
                CREATE TABLE IF NOT EXISTS \(table) (
                  name text PRIMARY KEY,
                  checksum bytea NOT NULL,
                  applied_at timestamptz NOT NULL DEFAULT clock_timestamp())
                """)
        }
        var applied: [String] = []
        for migration in migrations {
            let isNew = try await inTransaction(connection, naming: migration) { connection in
                _ = try connection.execute(batch: lock)
                let status = try compare(connection.execute("SELECT name, checksum FROM \(table) ORDER BY name"))
                if !status.unknown.isEmpty {
                    throw MigrationError.ahead(schema: configuration.schema, status.unknown)
                }
                if !status.altered.isEmpty {
                    throw MigrationError.altered(schema: configuration.schema, status.altered)
                }
                guard status.pending.contains(migration.name) else { return false }
                try connection.execute(script: migration.sql)
                _ = try connection.commit(with: [
                    "INSERT INTO \(table) (name, checksum) VALUES (\(migration.name), \(migration.checksum))"
                ])
                return true
            }
            if isNew { applied.append(migration.name) }
        }
        await connection.close()
        return applied
    }

    /// Compares the database with this build without changing anything.
    package func status() async throws(MigrationError) -> MigrationStatus {
        let connection = connect()
        let status = try await inTransaction(connection) { connection in
            let known = try connection.execute("""
                SELECT to_regclass(\(quoted(identifier: configuration.schema) + ".migration")) IS NOT NULL
                """)
            guard try known.decode(Bool.self) == [true] else {
                return MigrationStatus(pending: migrations.map(\.name))
            }
            return try compare(connection.execute("SELECT name, checksum FROM \(table) ORDER BY name"))
        }
        await connection.close()
        return status
    }

    /// Returns if the schema is exactly the one of this build.
    package func requireCurrent() async throws(MigrationError) {
        let status = try await status()
        if !status.altered.isEmpty { throw .altered(schema: configuration.schema, status.altered) }
        if !status.unknown.isEmpty { throw .ahead(schema: configuration.schema, status.unknown) }
        if !status.pending.isEmpty { throw .behind(schema: configuration.schema, status.pending) }
    }

    private func connect() -> LeasedConnection {
        var session = Session(configuration)
        session.statementTimeout = nil
        return LeasedConnection(session, name: "pg-migrate")
    }

    /// Another process may be at a long migration, so its lock is waited for longer than a table's, behind
    /// which all of the service's own statements would queue.
    private var lock: [SQL] {
        [
            "SELECT set_config('lock_timeout', '600000', true)",
            "SELECT pg_advisory_xact_lock(hashtextextended(\("cairn.migration." + configuration.schema), 0))",
            "SELECT set_config('lock_timeout', '10000', true)",
        ]
    }

    private func compare(_ rows: Rows) throws(StorageError) -> MigrationStatus {
        var status = MigrationStatus()
        var found: [String: [UInt8]] = [:]
        for (name, checksum) in try rows.decode((String, [UInt8]).self) { found[name] = checksum }
        for migration in migrations {
            switch found.removeValue(forKey: migration.name) {
            case nil: status.pending.append(migration.name)
            case migration.checksum: status.applied.append(migration.name)
            default: status.altered.append(migration.name)
            }
        }
        status.unknown = found.keys.sorted()
        return status
    }

    private func inTransaction<R: Sendable>(
        _ connection: LeasedConnection, naming migration: Migration? = nil,
        _ body: @Sendable (isolated LeasedConnection) async throws -> R
    ) async throws(MigrationError) -> R {
        do {
            return try await connection.lend(inTransaction: true, body)
        } catch let error as MigrationError {
            throw error
        } catch let error as StorageError {
            throw migration.map { .failed(migration: $0.name, error) } ?? .storage(error)
        } catch {
            throw .storage(.unavailable("\(error)"))
        }
    }
}
