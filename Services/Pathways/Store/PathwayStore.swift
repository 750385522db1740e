import Domain
import EventLog
import Storage
import Synchronization

/// Pathways, and the documents of their versions.
struct PathwayStore: Sendable {
    let aggregates: AggregateStore<PathwayState>
    private let log: EventLog
    private let certified = CertifiedDocuments()

    init(_ log: EventLog) {
        self.log = log
        aggregates = AggregateStore(log, project: { pathway, events, applied in
            events.compactMap { event in
                switch event {
                case let event as PathwayDrafted: Self.drafting(event, applied)
                case let event as PathwayCertified: Self.certifying(event, applied)
                default: nil
                }
            }
        })
    }

    private static func drafting(_ event: PathwayDrafted, _ applied: SQL) -> SQL {
        """
        INSERT INTO pathway_document (pathway, version, document)
        SELECT \(event.pathway), \(event.pathwayVersion), \(PostgresJSON(bytes: Wire.encode(event.document)))
         WHERE \(applied)
        ON CONFLICT (pathway, version) DO UPDATE
           SET document = excluded.document, drafted_at = excluded.drafted_at
         WHERE pathway_document.certified_at IS NULL
        """
    }

    private static func certifying(_ event: PathwayCertified, _ applied: SQL) -> SQL {
        """
        UPDATE pathway_document SET certified_at = clock_timestamp()
         WHERE pathway = \(event.pathway) AND version = \(event.pathwayVersion) AND certified_at IS NULL
           AND \(applied)
        """
    }

    struct Reading {
        var pathway: PathwayState
        var version: PathwayState.Version
        var document: PathwayDocument
        var certifiedAt: Timestamp?
    }

    /// One version with its document, both as of one moment.
    /// - Parameter version: the newest when nil.
    func read(_ id: EntityID<Pathway>, version: Int?) async throws -> Reading? {
        let row = try await log.reader.query("""
            SELECT a.body, d.version, d.document, d.certified_at
              FROM aggregate a JOIN pathway_document d ON d.pathway = a.id
             WHERE a.partition = \(id.partition) AND a.id = \(id) AND a.kind = \(PathwayState.kind)
               AND (\(version) IS NULL OR d.version = \(version))
             ORDER BY d.version DESC LIMIT 1
            """).first
        guard let (body, number, document, at) = try row?.decode(
            PostgresJSON.self, Int.self, PostgresJSON.self, Timestamp?.self) else { return nil }
        let pathway = try Wire.decode(PathwayState.self, from: body.bytes)
        guard let version = pathway.version(number) else { return nil }
        return Reading(
            pathway: pathway, version: version,
            document: try Wire.decode(PathwayDocument.self, from: document.bytes), certifiedAt: at)
    }

    /// The document of a certified version, which never changes and is therefore read once.
    func certifiedDocument(
        _ pathway: EntityID<Pathway>, _ version: Int, _ statements: any Statements
    ) async throws -> PathwayDocument {
        let key = CertifiedDocuments.Key(pathway: pathway, version: version)
        if let document = certified[key] { return document }
        let rows = try await statements.rows("""
            SELECT document FROM pathway_document
             WHERE pathway = \(pathway) AND version = \(version) AND certified_at IS NOT NULL
            """)
        guard let row = rows.first else { throw Fault.notFound("certified version of this pathway") }
        let document = try Wire.decode(PathwayDocument.self, from: try row.decode(PostgresJSON.self).bytes)
        certified[key] = document
        return document
    }
}

/// At most 64 documents, then it starts anew: one may be a megabyte.
private final class CertifiedDocuments: Sendable {
    struct Key: Hashable {
        var pathway: EntityID<Pathway>
        var version: Int
    }

    private static let countMax = 64
    private let known = Mutex<[Key: PathwayDocument]>([:])

    subscript(key: Key) -> PathwayDocument? {
        get { known.withLock { $0[key] } }
        set {
            known.withLock { known in
                if known.count >= Self.countMax { known.removeAll(keepingCapacity: true) }
                known[key] = newValue
            }
        }
    }
}
