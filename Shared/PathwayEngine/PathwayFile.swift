import Domain

/// A pathway file of either format, read and checked.
package struct PathwayFile: Sendable {
    package enum Format: String, Hashable, Sendable, Codable {
        /// `docs/pathway-files.md`.
        case cairn = "cairn-pathway/1"
        /// JSON-LD in the terms of CTDL.
        case ctdl
    }

    package var format: Format
    /// Nil when it could not be read, and then there is at least one refusal.
    package var document: PathwayDocument?
    package var findings: [PathwayFinding]
    /// Of a CTDL file: what was not kept, and what was read as something else.
    package var notes: [CTDLNote] = []
    package var names = CTDLNames()

    /// It may be saved, and what is asked of it has answers.
    package var isSound: Bool { document != nil && !findings.contains { $0.severity == .refused } }

    /// - Parameter bytes: a file of at most 64 MiB; a byte order mark before it is passed over.
    package static func read(_ bytes: [UInt8]) -> PathwayFile {
        let bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        guard let value = try? JSONValue.parse(bytes, limits: PathwayCheck.fileLimits) else {
            return own(bytes)
        }
        if value["format"] != nil { return own(bytes) }
        guard isLinkedData(value) else {
            return PathwayFile(format: .cairn, document: nil, findings: [PathwayFinding(
                .refused, "", "file.unknown_format",
                "This is neither a cairn-pathway/1 file, which has a member `format`, nor CTDL, which has `@graph` or "
                    + "`@type`. docs/pathway-files.md shows both.")])
        }
        return read(ctdl: CTDLReader.read(value))
    }

    private static func own(_ bytes: [UInt8]) -> PathwayFile {
        let (document, findings) = PathwayCheck.read(bytes)
        return PathwayFile(format: .cairn, document: document, findings: findings)
    }

    private static func read(ctdl reading: CTDLReading) -> PathwayFile {
        guard let document = reading.document else {
            return PathwayFile(format: .ctdl, document: nil, findings: reading.refusals, notes: reading.notes)
        }
        // Places of the check are places in the document; whoever wrote CTDL looks for the name of the node.
        let findings = PathwayCheck.check(document).map { finding in
            var finding = finding
            let parts = finding.place.split(separator: "/")
            if parts.count > 1, parts[0] == "components", let number = Int(parts[1]),
               document.components.indices.contains(number),
               let node = reading.names.components[document.components[number].id] {
                finding.message += " (In the file: \(shown(node.id)).)"
            }
            return finding
        }
        return PathwayFile(
            format: .ctdl, document: document, findings: findings, notes: reading.notes, names: reading.names)
    }

    /// An object with a keyword of JSON-LD, or an array whose first element is one.
    private static func isLinkedData(_ value: JSONValue) -> Bool {
        let object = value.object ?? value.array?.first?.object
        return ["@graph", "@type", "@context", "@id", "type", "decoded_resource"].contains { object?[$0] != nil }
    }
}
