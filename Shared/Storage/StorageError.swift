/// What went wrong in the database, told by what the caller can do about it.
///
/// `description` never holds a value from a row, a parameter or a server message and may travel;
/// `debugDescription` is complete and belongs in the log only.
package enum StorageError: Error, Sendable, Hashable {
    /// Nothing was done: no connection, a full or closed queue, a transaction that died before its
    /// COMMIT was sent. The same call may simply be repeated later.
    case unavailable(String)
    /// It was sent, and nobody can say whether it was committed. Repeat under the same key, or read.
    case unknownOutcome(String)
    /// Class 23: a rule of the schema said no. `name` is empty where PostgreSQL names no constraint (not null).
    case constraint(name: String, table: String?, sqlState: String)
    /// Lost against another transaction (40001, 40P01, 55P03). Rolled back; repeat the transaction.
    case serialization(String)
    /// The task was cancelled. Whatever the statement did is rolled back.
    case cancelled
    /// PostgreSQL refused for another reason: a bug, a missing right, our own SQLSTATE, a statement timeout
    /// (57014).
    case refused(sqlState: String, message: String)
    /// A row did not have the shape asked for. The text names types and columns, never values.
    case decoding(String)
    /// More than one statement may carry: 65 535 parameters, 64 MiB of them, or a limit of the server
    /// (class 54).
    case tooLarge

    /// The SQLSTATE where the server gave one.
    package var sqlState: String? {
        switch self {
        case .constraint(_, _, let state), .serialization(let state), .refused(let state, _): state
        default: nil
        }
    }
}

extension StorageError: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String {
        switch self {
        case .unavailable: "the database is unavailable"
        case .unknownOutcome: "the outcome is unknown: the connection was lost while committing"
        case .constraint(let name, let table, let state):
            "constraint \(name)\(table.map { " of \($0)" } ?? "") refused the change (SQLSTATE \(state))"
        case .serialization(let state): "another transaction came first (SQLSTATE \(state))"
        case .cancelled: "the statement was cancelled"
        case .refused(let state, _): "the database refused the statement (SQLSTATE \(state))"
        case .decoding(let what): "a row has an unexpected shape: \(what)"
        case .tooLarge: "the statement is too large"
        }
    }

    package var debugDescription: String {
        switch self {
        case .unavailable(let detail), .unknownOutcome(let detail): "\(description): \(detail)"
        case .refused(_, let message): "\(description): \(message)"
        default: description
        }
    }
}
