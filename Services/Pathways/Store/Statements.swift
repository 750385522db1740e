import Domain
import EventLog
import Storage

/// Where a statement runs: on the reader, in the transaction of a command, or in that of a reaction. What is read for an
/// evaluation is read the same way in all three.
protocol Statements {
    func rows(_ sql: SQL) async throws -> Rows
}

extension Reader: Statements {
    func rows(_ sql: SQL) async throws -> Rows { try await query(sql) }
}

extension LeasedConnection: Statements {
    nonisolated func rows(_ sql: SQL) async throws -> Rows { try await execute(sql) }
}

extension ReactionTransaction: Statements {
    func rows(_ sql: SQL) async throws -> Rows { try await execute(sql) }
}

/// Advisory locks of this service, each until the end of its transaction. The schema's name is in them, for services may
/// share one database.
enum Lock {
    /// Held by whoever changes what one learner holds or is enrolled in. Without it, an enrollment and an attainment that
    /// commit at the same moment would not see each other, and nothing would look at the enrollment again.
    static func learner(_ learner: EntityID<Learner>) -> SQL { lock("learner", learner.description) }

    /// Held while a version of a CASE document is added, so that versions are counted without gaps.
    static func framework(_ document: EntityID<Framework>) -> SQL { lock("framework", document.description) }

    /// Held for the last moment of an import, so that imports are counted in the order in which they become visible.
    static let imports = lock("imports", "all")

    private static func lock(_ kind: String, _ id: String) -> SQL {
        "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || \("/\(kind)/\(id)"), 0))"
    }
}
