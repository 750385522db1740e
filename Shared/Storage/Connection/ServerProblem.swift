import CPostgres

/// An error as PostgreSQL, or libpq for it, reported it.
struct ServerProblem {
    let sqlState: String
    let message: String
    private let severity: String?
    private let constraint: String?
    private let table: String?

    init(_ result: PostgresResult) {
        sqlState = result.field(CAIRN_PG_DIAG_SQLSTATE) ?? ""
        severity = result.field(CAIRN_PG_DIAG_SEVERITY)
        message = result.field(CAIRN_PG_DIAG_MESSAGE_PRIMARY) ?? String(cString: PQresultErrorMessage(result.pointer))
        constraint = result.field(CAIRN_PG_DIAG_CONSTRAINT_NAME)
        table = result.field(CAIRN_PG_DIAG_TABLE_NAME)
    }

    /// libpq's own errors carry no severity and mean the connection.
    var endsConnection: Bool { severity == nil || severity == "FATAL" || severity == "PANIC" }

    /// A primary became a standby: the next connection finds the new primary.
    var leavesConnectionUseless: Bool { sqlState == "25006" }

    func storageError(readOnly: Bool) -> StorageError {
        switch sqlState {
        case "40001", "40P01", "55P03": .serialization(sqlState)
        case "25006" where !readOnly: .unavailable(message)
        case "40003": .unknownOutcome(message)
        default:
            switch sqlState.prefix(2) {
            case "23": .constraint(name: constraint ?? "", table: table, sqlState: sqlState)
            case "53": .unavailable("\(message) (\(sqlState))")
            case "54": .tooLarge
            default: .refused(sqlState: sqlState, message: message)
            }
        }
    }
}

/// Listens to the server's warnings on one connection, on the thread that reads it.
final class Warnings {
    private var doubt: String?

    /// A commit that stopped waiting for its standby says so only by a warning of SQLSTATE 01000, or 57P01
    /// when the server shuts down. PL/pgSQL's RAISE WARNING has 01000 too and is told apart by the function
    /// that raised it.
    func note(_ result: OpaquePointer) {
        let state = PQresultErrorField(result, CAIRN_PG_DIAG_SQLSTATE).map { String(cString: $0) }
        guard state == "01000" || state == "57P01" else { return }
        let source = PQresultErrorField(result, CAIRN_PG_DIAG_SOURCE_FUNCTION).map { String(cString: $0) }
        if source == "exec_stmt_raise" { return }
        doubt = PQresultErrorField(result, CAIRN_PG_DIAG_MESSAGE_PRIMARY).map { String(cString: $0) } ?? "warning"
    }

    func takeDoubt() -> String? {
        defer { doubt = nil }
        return doubt
    }
}
