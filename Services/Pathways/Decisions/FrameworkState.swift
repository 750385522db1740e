import Domain
import EventLog
import Foundation

/// One version of a competency framework. It never changes.
struct FrameworkState: Aggregate {
    typealias Entity = Framework
    static let kind = "framework"

    var id: EntityID<Framework>
    var document: EntityID<Framework>
    var version: Int
    var title: String
    var creator: String
    var items: Int
    var associations: Int
    var digest: String

    init?(_ event: any Event) {
        guard let event = event as? FrameworkPublished else { return nil }
        id = event.framework
        document = event.document
        version = event.frameworkVersion
        title = event.title
        creator = event.creator
        items = event.items
        associations = event.associations
        digest = event.digest
    }

    mutating func evolve(_ event: any Event) {}

    /// - Parameter reading: nil where the package itself is gone.
    func reply(imported: Bool, _ reading: CaseReading?) -> ImportFramework.Reply {
        ImportFramework.Reply(
            framework: id, title: title, version: version, imported: imported, items: items,
            associations: associations, repairs: reading?.someRepairs ?? [], repairCounts: reading?.countsInOrder)
    }
}

extension CaseReading {
    /// In a reply.
    static let repairsMax = 1000

    /// All, or as many of each rule as fit, so that a frequent one does not hide the others.
    fileprivate var someRepairs: [ImportRepair] {
        let isAll = repairs.count <= Self.repairsMax
        let each = isAll ? repairs.count : Self.repairsMax / repairCounts.count
        var taken: [String: Int] = [:]
        return repairs.filter { repair in
            taken[repair.rule, default: 0] += 1
            return taken[repair.rule, default: 0] <= each
        }.map { ImportRepair(pointer: $0.pointer, rule: $0.rule, message: $0.message) }
    }

    fileprivate var countsInOrder: [RepairCount] {
        repairCounts.sorted { $0.key < $1.key }.map { RepairCount(rule: $0.key, count: $0.value) }
    }
}

extension CasePackage {
    var documentID: EntityID<Framework> { EntityID(document.identifier) }

    /// The same document with the same content is the same framework.
    func frameworkID(digest: String) -> EntityID<Framework> {
        .following("framework", document.identifier.text, digest)
    }

    func published(as framework: EntityID<Framework>, version: Int, digest: String) -> FrameworkPublished {
        FrameworkPublished(
            framework: framework, document: documentID, frameworkVersion: version, title: document.title,
            creator: document.creator, items: items.count, associations: associations.count, digest: digest)
    }

    /// The items from the top down, children in their order. An item with several parents stands where it is met first.
    func itemsInTreeOrder() -> [FrameworkItem] {
        var sequences: [Edge: Int64] = [:]
        for association in associations where association.type == .isChildOf {
            guard let child = association.origin.uuid, let parent = association.destination.uuid else { continue }
            sequences[Edge(child: child, parent: parent)] = association.sequenceNumber
        }
        var listed: [FrameworkItem] = []
        var seen: Set<UUID> = []
        var open = roots.reversed().map { (item: $0, parent: document.identifier) }
        while let (item, parent) = open.popLast() {
            guard seen.insert(item.identifier).inserted else { continue }
            listed.append(FrameworkItem(
                target: item.identifier.target, uri: item.uri, code: item.humanCodingScheme,
                statement: item.fullStatement, type: item.itemType,
                parent: parent == document.identifier ? nil : parent.target,
                sequence: sequences[Edge(child: item.identifier, parent: parent)].map { Int($0) }))
            open += children(of: item.identifier).reversed().map { (item: $0, parent: item.identifier) }
        }
        return listed
    }
}

private struct Edge: Hashable {
    var child: UUID
    var parent: UUID
}

extension UUID {
    /// As a pathway or an attainment names a CASE item.
    var target: String { "urn:uuid:\(text)" }
}
