import Domain
import EventLog
import Foundation
import ServiceKit
import Storage

/// Parts of large bodies, until they are imported or a day has passed.
struct UploadStore: Sendable {
    static let partsMax = 128
    static let partBytesMax = 512 << 10
    /// Parts of all uploads together: 512 MiB.
    static let storedPartsMax = 1024

    private let log: EventLog

    init(_ log: EventLog) { self.log = log }

    /// Keeps one part. A part that is there already, and any part of an upload that was imported, changes nothing.
    func stage(_ upload: EntityID<Upload>, part: Int, of parts: Int, content: [UInt8]) async throws {
        try await log.pool.withTransaction { connection in
            let begun = try connection.execute(batch: [
                """
                INSERT INTO upload (id, parts) VALUES (\(upload), \(Int32(parts))) ON CONFLICT (id) DO NOTHING
                """,
                "SELECT parts, framework FROM upload WHERE id = \(upload) FOR UPDATE",
                "SELECT count(*) FROM upload_part",
            ])
            guard let (known, framework) = try begun[1].first?.decode(Int.self, EntityID<Framework>?.self) else {
                throw StorageError.serialization("40001")
            }
            if framework != nil { return }
            guard known == parts else {
                throw Fault.conflict("upload.parts", "This upload was begun with \(known) parts.")
            }
            guard try begun[2].decode(Int.self)[0] < Self.storedPartsMax else {
                throw Fault(.limited, "Too many uploads are under way. Import them, or try again tomorrow.")
            }
            let rows = try connection.execute(batch: [
                """
                INSERT INTO upload_part (upload, part, content) VALUES (\(upload), \(Int32(part)), \(content))
                ON CONFLICT (upload, part) DO NOTHING
                """,
                """
                SELECT content = \(content) FROM upload_part WHERE upload = \(upload) AND part = \(Int32(part))
                """,
            ])
            let isSame: Bool = try rows[1].first?.decode(Bool.self) ?? false
            guard isSame else {
                throw Fault.conflict("upload.part", "Part \(part) was staged with another content. Take a new upload.")
            }
        }
    }

    enum Content {
        case complete([UInt8])
        case imported(EntityID<Framework>)
    }

    /// - Throws: `.refused` with `upload.incomplete` that names the missing parts.
    func content(of upload: EntityID<Upload>) async throws -> Content {
        let head = try await log.reader.query("SELECT parts, framework FROM upload WHERE id = \(upload)")
        guard let (count, framework) = try head.first?.decode(Int.self, EntityID<Framework>?.self) else {
            throw Fault.refused("upload.incomplete", "There is no such upload. Stage its parts first.", at: "/upload")
        }
        if let framework { return .imported(framework) }
        let parts = try await log.reader.query("""
            SELECT part, content FROM upload_part WHERE upload = \(upload) ORDER BY part
            """).decode((Int, [UInt8]).self)
        let missing = Set(0..<count).subtracting(parts.map(\.0)).sorted()
        guard missing.isEmpty else {
            let named = missing.prefix(20).map(String.init).joined(separator: ", ")
            throw Fault.refused(
                "upload.incomplete", "Of \(count) parts \(missing.count) are missing: \(named)"
                    + "\(missing.count > 20 ? " and others" : "").", at: "/upload")
        }
        return .complete(parts.flatMap(\.1))
    }

    /// Keeps which framework it became, for a repeated import; the parts go.
    static func imported(_ upload: EntityID<Upload>, as framework: EntityID<Framework>) -> [SQL] {
        ["UPDATE upload SET framework = \(framework) WHERE id = \(upload)",
         "DELETE FROM upload_part WHERE upload = \(upload)"]
    }

    /// Forgets uploads that are older than a day.
    func sweep() async throws {
        _ = try await log.pool.withConnection { connection in
            try connection.execute("DELETE FROM upload WHERE at < clock_timestamp() - interval '1 day'")
        }
    }

    /// Sweeps every hour until cancelled.
    func runSweep(_ failed: @Sendable (any Error) -> Void) async {
        while !Task.isCancelled {
            do { try await sweep() } catch { if !Task.isCancelled { failed(error) } }
            try? await Task.sleep(for: .seconds(3600))
        }
    }
}
