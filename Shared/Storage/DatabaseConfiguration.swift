/// Where a service keeps its data and how its sessions behave.
package struct DatabaseConfiguration: Sendable {
    /// A `postgresql://` URL or a libpq conninfo string, several hosts allowed, without a password.
    package var url: String
    /// libpq's password file; nil takes libpq's own default place.
    package var passfile: String?
    /// The one schema of the service: the whole search path, but for `pg_catalog` and, last, `pg_temp`.
    package var schema: String
    /// As seen in `pg_stat_activity`.
    package var applicationName: String
    /// Longest run of one statement; a COMMIT is never cut. A server silent for 10 s more counts as lost.
    package var statementTimeout: Duration

    package init(
        url: String, passfile: String? = nil, schema: String, applicationName: String,
        statementTimeout: Duration = .seconds(5)
    ) {
        self.url = url
        self.passfile = passfile
        self.schema = schema
        self.applicationName = applicationName
        self.statementTimeout = statementTimeout
    }
}

/// How one connection is set up: the configuration and what the kind of door adds.
struct Session: Sendable {
    var configuration: DatabaseConfiguration
    /// Reads are repeated after a lost connection, so a reader's session refuses to write.
    var readOnly = false
    /// nil lets a statement run as long as it needs: migrations.
    var statementTimeout: Duration?
    var lockTimeout: Duration = .seconds(2)

    init(_ configuration: DatabaseConfiguration) {
        self.configuration = configuration
        statementTimeout = configuration.statementTimeout
    }

    /// How long a server may owe an answer without a sign of life before the connection is given up.
    var silenceLimit: Duration? { statementTimeout.map { $0 + .seconds(10) } }

    /// Later keywords win over the URL, which libpq expands first.
    var keywords: [(String, String)] {
        var keywords = [
            ("dbname", configuration.url), ("application_name", configuration.applicationName),
            ("client_encoding", "UTF8"), ("connect_timeout", "3"), ("tcp_user_timeout", "5000"),
            ("keepalives", "1"), ("keepalives_idle", "5"), ("keepalives_interval", "2"),
            ("keepalives_count", "3"), ("target_session_attrs", "read-write"),
        ]
        if let passfile = configuration.passfile { keywords.append(("passfile", passfile)) }
        return keywords
    }

    /// One statement, one round trip; binds spare us a second kind of quoting.
    var setup: SQL {
        let settings: [(String, String)] = [
            ("search_path", "\(quoted(identifier: configuration.schema)), pg_temp"),
            ("synchronous_commit", "on"),
            ("default_transaction_isolation", "read committed"),
            ("default_transaction_read_only", readOnly ? "on" : "off"),
            ("statement_timeout", "\(statementTimeout?.milliseconds ?? 0)"),
            ("lock_timeout", "\(lockTimeout.milliseconds)"),
            ("idle_in_transaction_session_timeout", "10000"), ("idle_session_timeout", "0"),
            ("client_min_messages", "warning"), ("jit", "off"), ("TimeZone", "UTC"),
            // Statements reach their rows by keys, so one plan serves all values; a new one each time costs more than it
            // finds, most of all with arrays.
            ("plan_cache_mode", "force_generic_plan"),
            // Plans made while the tables are still small would read them whole for as long as the connection lives.
            ("enable_seqscan", "off"), ("enable_hashjoin", "off"), ("enable_mergejoin", "off"),
        ]
        return "SELECT \(SQL.joined(settings.map { "set_config(\($0.0), \($0.1), false)" }, separator: ", "))"
    }
}

extension Duration {
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
