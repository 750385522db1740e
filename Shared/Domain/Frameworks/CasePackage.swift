import Crypto
import Foundation

/// One competency framework as a CASE 1.1 package: a document, its items, the associations that make them a tree, and
/// rubrics. Read by `CasePackage.read`, written by `json`. Statements are Markdown and LaTeX, kept verbatim.
package struct CasePackage: Sendable, Hashable {
    package let document: CaseDocument
    /// In the order of the file, which means nothing: the tree is in the associations.
    package let items: [CaseItem]
    package let associations: [CaseAssociation]
    package let rubrics: [CaseRubric]
    /// `CFDefinitions`, verbatim.
    package let definitions: JSONObject?
    /// Members of the package that CASE does not name, and its `extensions`.
    package let extra: JSONObject
    private let tree: CaseTree

    /// Item identifiers must differ; `isChildOf` must have no cycle. `read` refuses files that break either.
    package init(
        document: CaseDocument, items: [CaseItem], associations: [CaseAssociation], rubrics: [CaseRubric] = [],
        definitions: JSONObject? = nil, extra: JSONObject = [:]
    ) {
        self.document = document
        self.items = items
        self.associations = associations
        self.rubrics = rubrics
        self.definitions = definitions
        self.extra = extra
        tree = CaseTree(document: document.identifier, items: items, associations: associations)
    }

    /// Items without a parent inside the package, and children of the document.
    package var roots: [CaseItem] { children(of: document.identifier) }

    /// Children of an item, or of the document: by `sequenceNumber`, equal and missing numbers (last) in the order of
    /// the associations. An item may have several parents.
    package func children(of parent: UUID) -> [CaseItem] { (tree.children[parent] ?? []).map { items[$0] } }

    package func item(_ identifier: UUID) -> CaseItem? { tree.places[identifier].map { items[$0] } }

    /// Places in `items` of the roots for which the package has no `isChildOf` to the document.
    var inferredRoots: [Int] { tree.inferredRoots }

    /// SHA-256 in lower-case hexadecimal over the package with the members of every object sorted. A file read twice,
    /// and a package written and read again, have one digest; so the same document identifier with the same digest is
    /// the same framework.
    package var digest: String {
        SHA256.hash(data: json().canonical()).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

/// Who is whose child, by places in the list of items.
struct CaseTree: Sendable, Hashable {
    private(set) var places: [UUID: Int] = [:]
    private(set) var children: [UUID: [Int]] = [:]
    private(set) var inferredRoots: [Int] = []

    init(document: UUID, items: [CaseItem], associations: [CaseAssociation]) {
        for (place, item) in items.enumerated() where places[item.identifier] == nil {
            places[item.identifier] = place
        }
        var ordered: [UUID: [(number: Int64, child: Int)]] = [:]
        var hasParent = Array(repeating: false, count: items.count)
        for association in associations where association.type == .isChildOf {
            guard let child = association.origin.uuid.flatMap({ places[$0] }),
                  let parent = association.destination.uuid, parent == document || places[parent] != nil
            else { continue }
            hasParent[child] = true
            ordered[parent, default: []].append((association.sequenceNumber ?? .max, child))
        }
        for (parent, list) in ordered {
            var seen: Set<Int> = []
            // Swift's sort is stable; a child named twice keeps its first place.
            children[parent] = list.sorted { $0.number < $1.number }.map(\.child).filter { seen.insert($0).inserted }
        }
        inferredRoots = items.indices.filter { !hasParent[$0] }
        if !inferredRoots.isEmpty { children[document, default: []] += inferredRoots }
    }
}
