import Domain
import PathwayEngine
import Synchronization

/// Certified pathways ready for evaluation, each by the names that its targets go by now.
final class CompiledPathways: Sendable {
    struct Key: Hashable {
        var pathway: EntityID<Pathway>
        var version: Int
    }

    /// Then it starts anew: one may be some megabytes.
    static let countMax = 64

    struct Compiled {
        var pathway: CompiledPathway
        /// False where by their other names two of its targets would be one, and its rules refuse that: then it goes by
        /// the names with which it was certified.
        var isRenamed: Bool
    }

    private struct Entry {
        var names: [String: String]
        var compiled: Compiled
    }

    private let known = Mutex<[Key: Entry]>([:])

    /// - Parameter names: of the targets of the document; another name for one of them makes it compiled again.
    func compiled(_ key: Key, _ document: PathwayDocument, _ names: [String: String]) throws(Fault) -> Compiled {
        if let entry = known.withLock({ $0[key] }), entry.names == names { return entry.compiled }
        let renamed = try? CompiledPathway.compile(document.renaming(names))
        let pathway: CompiledPathway
        do throws(PathwayRefused) {
            if let renamed { pathway = renamed } else { pathway = try .compile(document) }
        } catch {
            throw Fault.refused(
                "pathway.document", "The document of this pathway breaks a rule. "
                    + (error.findings.first?.message ?? ""), at: "/pathway")
        }
        let compiled = Compiled(pathway: pathway, isRenamed: renamed != nil)
        known.withLock { known in
            if known.count >= Self.countMax { known.removeAll(keepingCapacity: true) }
            known[key] = Entry(names: names, compiled: compiled)
        }
        return compiled
    }
}
