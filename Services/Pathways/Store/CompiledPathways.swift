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

    private struct Entry {
        var names: [String: String]
        var pathway: CompiledPathway
    }

    private let known = Mutex<[Key: Entry]>([:])

    /// - Parameter names: of the targets of the document; another name for one of them makes it compiled again.
    func compiled(
        _ key: Key, _ document: PathwayDocument, _ names: [String: String]
    ) throws(Fault) -> CompiledPathway {
        if let entry = known.withLock({ $0[key] }), entry.names == names { return entry.pathway }
        let pathway: CompiledPathway
        do { pathway = try CompiledPathway.compile(document.renaming(names)) } catch {
            // The document was sound when it was saved; by their other names two of its targets are one.
            throw Fault.refused(
                "pathway.targets_coincide",
                "By the frameworks imported since, two targets of this pathway are one. "
                    + (error.findings.first?.message ?? ""), at: "/pathway")
        }
        known.withLock { known in
            if known.count >= Self.countMax { known.removeAll(keepingCapacity: true) }
            known[key] = Entry(names: names, pathway: pathway)
        }
        return pathway
    }
}
