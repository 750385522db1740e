import Domain

/// One thing that is compared between two versions, with the planes that say how.
struct RehearsalItem: Sendable {
    enum Kind: Sendable { case component, milestone, entitlement, completion }

    let kind: Kind
    let id: String
    /// Nil where a version does not have it.
    let old: CertainPlanes?
    let new: CertainPlanes?
    let gained: PlaneGraph.Plane
    let lost: PlaneGraph.Plane
    let unknown: PlaneGraph.Plane

    var presence: Rehearsal.Change.Presence { old == nil ? .added : new == nil ? .removed : .both }

    static let countedPlanes = 5
    var counted: [PlaneGraph.Plane] {
        [old?.yes ?? PlaneGraph.no, new?.yes ?? PlaneGraph.no, gained, isLostDerived ? PlaneGraph.no : lost, unknown]
    }

    /// Where nothing is unknown, old + gained = new + lost, and one of the four need not be counted.
    var isLostDerived: Bool {
        guard let old, let new else { return false }
        return old.yes == old.possible && new.yes == new.possible
    }

    init(_ kind: Kind, _ id: String, old: CertainPlanes?, new: CertainPlanes?, in graph: inout PlaneGraph) {
        self.kind = kind
        self.id = id
        self.old = old
        self.new = new
        // A component that one version lacks is not compared.
        let isCompared = kind != .component || (old != nil && new != nil)
        let before = isCompared ? old ?? .no : .no, after = isCompared ? new ?? .no : .no
        let isSame = before == after
        gained = isSame ? PlaneGraph.no : graph.without(after.yes, before.possible)
        lost = isSame ? PlaneGraph.no : graph.without(before.yes, after.possible)
        unknown = graph.any([
            graph.without(before.possible, before.yes), graph.without(after.possible, after.yes),
        ])
    }
}

/// Both versions, and what of them belongs together.
struct RehearsalSides {
    struct Side {
        var components: [String: CertainPlanes] = [:]
        var order: [String] = []
        var milestones: [String] = []
        var entitlements: [(id: String, planes: CertainPlanes)] = []
        var completion: CertainPlanes

        init(_ document: PathwayDocument, _ planes: [CertainPlanes], _ completion: CertainPlanes) {
            self.completion = completion
            for (component, planes) in zip(document.components, planes) {
                components[component.id] = planes
                order.append(component.id)
                if component.milestone != nil { milestones.append(component.id) }
            }
            entitlements = document.entitlements.map { ($0.id, components[$0.after] ?? .no) }
        }
    }

    let old: Side
    let new: Side

    func items(in graph: inout PlaneGraph) -> [RehearsalItem] {
        let reached = { (side: Side) in side.milestones.map { (id: $0, planes: side.components[$0] ?? .no) } }
        let all = { (side: Side) in side.order.map { (id: $0, planes: side.components[$0] ?? .no) } }
        return items(.component, all, in: &graph) + items(.milestone, reached, in: &graph)
            + items(.entitlement, \.entitlements, in: &graph)
            + [RehearsalItem(.completion, "completion", old: old.completion, new: new.completion, in: &graph)]
    }

    private func items(
        _ kind: RehearsalItem.Kind, _ things: (Side) -> [(id: String, planes: CertainPlanes)],
        in graph: inout PlaneGraph
    ) -> [RehearsalItem] {
        let before = Dictionary(things(old).map { ($0.id, $0.planes) }, uniquingKeysWith: { first, _ in first })
        let after = Dictionary(things(new).map { ($0.id, $0.planes) }, uniquingKeysWith: { first, _ in first })
        let ids = things(new).map(\.id) + things(old).map(\.id).filter { after[$0] == nil }
        return ids.map { RehearsalItem(kind, $0, old: before[$0], new: after[$0], in: &graph) }
    }
}

/// Learners by what happens to them over all items.
struct RehearsalGroups: Sendable {
    let losing: PlaneGraph.Plane
    let unknown: PlaneGraph.Plane
    let gaining: PlaneGraph.Plane

    var counted: [PlaneGraph.Plane] { [losing, unknown, gaining] }

    init(_ items: [RehearsalItem], in graph: inout PlaneGraph) {
        losing = graph.any(items.map(\.lost))
        let open = graph.any(items.map(\.unknown))
        unknown = graph.without(open, losing)
        gaining = graph.without(graph.without(graph.any(items.map(\.gained)), losing), open)
    }
}
