import Domain
import Foundation
import PathwayEngine
import Storage
import Synchronization

/// A CASE item has two names, `urn:uuid:` with its identifier and its `uri`; the evaluator compares names letter by letter.
/// So both sides are brought to the first before it. A uri that imported frameworks give to two different items, or to
/// none, stays as it is.
final class TargetNames: Sendable {
    /// Then it starts anew.
    static let countMax = 50_000

    private let known = Mutex<[String: String]>([:])

    /// What was found is remembered; what was not is looked up each time, for a framework may be imported any moment.
    func settle(
        _ document: PathwayDocument, _ held: [HeldAttainment], _ statements: any Statements
    ) async throws -> (PathwayDocument, [HeldAttainment]) {
        var document = document, held = held
        let names = try await settled(
            Set(document.components.compactMap(\.target)).union(held.map(\.target)), statements)
        for place in document.components.indices {
            if let target = document.components[place].target { document.components[place].target = names[target] }
        }
        for place in held.indices { held[place].target = names[held[place].target] ?? held[place].target }
        return (document, held)
    }

    private func settled(_ targets: Set<String>, _ statements: any Statements) async throws -> [String: String] {
        var names: [String: String] = [:]
        var open: [String] = []
        known.withLock { known in
            for target in targets {
                if let name = Self.urn(target) ?? known[target] { names[target] = name } else { open.append(target) }
            }
        }
        guard !open.isEmpty else { return names }
        let found = try await statements.rows("""
            SELECT uri, min(target) FROM framework_item WHERE uri = ANY (\(open))
             GROUP BY uri HAVING count(DISTINCT target) = 1
            """).decode((String, String).self)
        known.withLock { known in
            if known.count + found.count > Self.countMax { known.removeAll(keepingCapacity: true) }
            for (uri, target) in found { known[uri] = target }
        }
        for target in open { names[target] = target }
        for (uri, target) in found { names[uri] = target }
        return names
    }

    private static func urn(_ target: String) -> String? {
        let prefix = "urn:uuid:"
        guard target.utf8.count == prefix.utf8.count + 36, target.lowercased().hasPrefix(prefix) else { return nil }
        return UUID(text: String(target.dropFirst(prefix.utf8.count)))?.target
    }
}
