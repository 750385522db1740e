import Domain

/// Makes a pathway document of a CTDL graph. What each term becomes is told in `docs/pathway-files.md`.
///
/// All walks are loops: a chain of conditions is as long as its author likes. What is built is bounded by
/// `PathwayDocument.Bounds` before it is built.
struct CTDLReader {
    let graph: CTDLGraph
    var notes = CTDLNotes()
    var refusals: [PathwayFinding] = []
    var names = CTDLNames()

    /// Numbers of the nodes that become components, in the order of the file.
    var componentNodes: [Int] = []
    /// Component ids by the number of the node.
    var ids: [Int: String] = [:]
    var usedIDs: Set<String> = []
    /// What is not in the file but named by it, by address; and constraints that somebody has to confirm, by content.
    var stubs: [String: String] = [:]
    var added: [PathwayDocument.Component] = []
    var confirmations: [String: String] = [:]
    /// Component id to target, decided before any condition is read.
    var targets: [String: String] = [:]
    /// Those that have a condition beside their target.
    var conditionsOf: Set<String> = []
    var progressions: [PathwayDocument.Progression] = []
    /// By level: the number of the progression that has it.
    var progressionByLevel: [String: Int] = [:]
    /// The other side of `precededBy` and `isChildOf`, by node.
    private var followers: [Int: [Int]] = [:]
    private var childrenByParent: [Int: [Int]] = [:]
    /// Nodes whose children were read as their condition.
    var groupsByChildren: Set<Int> = []
    /// Conditions that were read, by the number of the node.
    var built: [Int: BuiltCondition] = [:]

    package static func read(_ value: JSONValue) -> CTDLReading {
        var reader = CTDLReader(graph: CTDLGraph(value))
        let document = reader.document()
        return CTDLReading(
            document: reader.refusals.isEmpty ? document : nil, refusals: reader.refusals,
            notes: reader.notes.all, names: reader.names)
    }

    private init(graph: CTDLGraph) { self.graph = graph }

    // MARK: The whole

    private mutating func document() -> PathwayDocument? {
        guard let root = pickPathway() else { return nil }
        guard collectComponents(of: root) else { return nil }
        assignIDs()
        link()
        readProgressions()
        for number in componentNodes { decideTarget(number) }
        prepareGradeScales()
        var components: [PathwayDocument.Component] = []
        for number in componentNodes {
            guard let component = component(number) else { return nil }
            components.append(component)
        }
        let destinations = destinations(root)
        noteTheRest(root)
        var description = root.flatMap { graph.nodes[$0].text("description") }
        let place = root.map { graph.nodes[$0].id } ?? ""
        cut(&description, to: PathwayDocument.Bounds.description, place, "description")
        let title = root.map { self.title(of: graph.nodes[$0], else: "Pathway") }
            ?? components.first { destinations.contains($0.id) }?.title ?? "Pathway"
        return PathwayDocument(
            title: title, description: description, occupations: root.map(occupations) ?? [],
            sector: root.flatMap(sector), components: components + addedInOrder, destinations: destinations,
            progressions: progressions)
    }

    /// In an order that does not depend on how the conditions were nested; first what the file names.
    private var addedInOrder: [PathwayDocument.Component] {
        added.sorted { one, other in
            let ranks = [one, other].map { names.constraints[$0.id] == nil ? 0 : 1 }
            return (ranks[0], one.id) < (ranks[1], other.id)
        }
    }

    mutating func refuse(_ number: Int?, _ rule: String, _ message: String) {
        let node = number.map { graph.nodes[$0] }
        let name = node.map { $0.id.hasPrefix("_:at") ? "" : "In \(shown($0.id)): " } ?? ""
        guard refusals.count < PathwayCheck.findingsMax else { return }
        refusals.append(PathwayFinding(.refused, node?.place ?? "", rule, name + message))
    }

    // MARK: The pathway and its components

    /// The pathway to read, as `.some(nil)` when the file has parts of one only.
    private mutating func pickPathway() -> Int?? {
        let pathways = graph.nodes.indices.filter { graph.nodes[$0].types.contains("Pathway") }
        guard let first = pathways.first else {
            if graph.nodes.contains(where: { isComponent($0) || isCondition($0) }) {
                notes.add(.readAs, "", "Pathway",
                          "The file has no Pathway, only parts of one; what nothing else needs became the destination.")
                return .some(nil)
            }
            let what = Set(graph.nodes.flatMap(\.types)).sorted().prefix(5).joined(separator: ", ")
            refuse(nil, "ctdl.no_pathway",
                   "There is no Pathway and no component in this file"
                       + (what.isEmpty ? "." : ", only: \(shown(what)).")
                       + " Give the graph that holds the node of type ceterms:Pathway.")
            return nil
        }
        let primary = graph.nodes.flatMap { $0.references("hasPrimaryPathway") }
            .compactMap { graph.number(of: $0) }.first { pathways.contains($0) }
        let chosen = primary ?? first
        for other in pathways where other != chosen {
            notes.add(.notKept, graph.nodes[other].id, "Pathway",
                      "The file has several pathways and one is read at a time: "
                          + (primary == nil ? "the first." : "the primary one of the set.")
                          + " Put this one in a file of its own.")
        }
        return chosen
    }

    func isComponent(_ node: CTDLGraph.Node) -> Bool { node.types.contains { Self.kinds[$0] != nil } }
    private func isCondition(_ node: CTDLGraph.Node) -> Bool { node.types.contains("ComponentCondition") }

    static let kinds: [String: PathwayDocument.Component.Kind] = [
        "AssessmentComponent": .assessment, "BasicComponent": .basic, "CocurricularComponent": .experience,
        "CompetencyComponent": .competency, "CourseComponent": .course, "CredentialComponent": .credential,
        "ExtracurricularComponent": .experience, "JobComponent": .experience, "SelectionComponent": .selection,
        "WorkExperienceComponent": .experience, "PathwayComponent": .basic,
        // Coming after the ones above in CTDL's own history.
        "CollectionComponent": .selection, "MultiComponent": .selection,
    ]

    /// Every component of the file when it has one pathway, else those that belong to the chosen one.
    private mutating func collectComponents(of root: Int?) -> Bool {
        var chosen = Set(graph.nodes.indices.filter { isComponent(graph.nodes[$0]) })
        let referred = ["hasPart", "hasChild", "hasDestinationComponent", "targetComponent", "precedes", "prerequisite"]
        // Untyped nodes that a property names as a component are components as well.
        for node in graph.nodes {
            guard isComponent(node) || isCondition(node) || node.types.contains("Pathway") || node.types.isEmpty
            else { continue }
            for id in referred.flatMap({ node.references($0) }) {
                if let number = graph.number(of: id), graph.nodes[number].types.isEmpty { chosen.insert(number) }
            }
        }
        if let root, graph.nodes.count(where: { $0.types.contains("Pathway") }) > 1 {
            chosen.formIntersection(reachable(from: root, among: chosen))
        }
        componentNodes = chosen.sorted()
        if componentNodes.isEmpty { componentNodes = rootConditions() }
        guard componentNodes.count <= PathwayDocument.Bounds.components else {
            refuse(nil, "bounds.components",
                   "There are \(componentNodes.count) components and at most \(PathwayDocument.Bounds.components) may "
                       + "be. Split the pathway in two.")
            return false
        }
        guard !componentNodes.isEmpty else {
            refuse(root, "ctdl.no_components", "The pathway has no components. Give the graph that holds them as well.")
            return false
        }
        return true
    }

    /// A file of one condition alone: it stands for a component that has it.
    private func rootConditions() -> [Int] {
        let named = Set(graph.nodes.flatMap { $0.references("hasCondition") }.compactMap { graph.number(of: $0) })
        return graph.nodes.indices.filter { isCondition(graph.nodes[$0]) && !named.contains($0) }
    }

    private func reachable(from root: Int, among components: Set<Int>) -> Set<Int> {
        var seen: Set<Int> = [root], open = [root]
        let own = graph.nodes[root].id
        for number in components {
            let belongs = graph.nodes[number].references("isPartOf", "isDestinationComponentOf")
                .contains { graph.resolved($0) == own }
            if belongs, seen.insert(number).inserted { open.append(number) }
        }
        while let next = open.popLast() {
            let names = graph.nodes[next].references(
                "hasPart", "hasChild", "hasDestinationComponent", "targetComponent", "hasCondition", "prerequisite")
            for number in names.compactMap({ graph.number(of: $0) }) where seen.insert(number).inserted {
                open.append(number)
            }
        }
        return seen
    }

    private mutating func assignIDs() {
        for number in componentNodes {
            let node = graph.nodes[number]
            let ctid = node.values["ctid"]?.first?.text
            let id = freeID(ctid ?? CTDLVocabulary.last(node.id))
            ids[number] = id
            names.components[id] = CTDLNames.Component(
                id: node.id, ctid: ctid, type: node.types.first { Self.kinds[$0] != nil } ?? "BasicComponent")
        }
    }

    /// A component id as near to the text as may be, and used by nobody yet.
    mutating func freeID(_ text: String) -> String {
        let id = Self.token(text)
        var candidate = id, number = 1
        while !usedIDs.insert(candidate).inserted {
            number += 1
            let suffix = "-\(number)"
            candidate = id.prefix(PathwayDocument.Bounds.id - suffix.count) + suffix
        }
        return candidate
    }

    static func token(_ text: String) -> String {
        var token = ""
        for scalar in text.unicodeScalars where token.utf8.count < PathwayDocument.Bounds.id {
            let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                || scalar == "." || scalar == "_" || scalar == "-")
            token.unicodeScalars.append(isPlain ? scalar : "-")
        }
        return token.isEmpty ? "component" : token
    }

    // MARK: One component

    private mutating func component(_ number: Int) -> PathwayDocument.Component? {
        let node = graph.nodes[number]
        guard let id = ids[number] else { return nil }
        let kind = kind(of: node)
        let level = ownLevel(number, kind)
        var condition: PathwayDocument.Condition?
        if level?.isCondition != true {
            guard let built = self.condition(of: number) else { return nil }
            condition = built.condition
        }
        var description = node.text("description", "comment")
        cut(&description, to: PathwayDocument.Bounds.description, node.id, "description")
        if targets[id] == nil, condition == nil {
            // `decideTarget` counted on a condition that turned out to say nothing that can be checked.
            targets[id] = ownTarget(node)
        }
        return PathwayDocument.Component(
            id: id, kind: kind, title: title(of: node, else: "\(kind.rawValue.capitalized) \(id.prefix(8))"),
            description: description, target: targets[id],
            level: level?.level, condition: condition, precedes: precedes(number))
    }

    func kind(of node: CTDLGraph.Node) -> PathwayDocument.Component.Kind {
        let category = node.text("componentCategory")?.lowercased() ?? ""
        let kind = node.types.lazy.compactMap { Self.kinds[$0] }.first ?? .basic
        guard kind == .basic else { return kind }
        if category.hasPrefix("selection") { return .selection }
        return category.hasPrefix("capstone") ? .capstone : .basic
    }

    /// `precedes` of this one, and `precededBy` of the others.
    private mutating func precedes(_ number: Int) -> [String] {
        let node = graph.nodes[number]
        var next: [String] = [], seen: Set<String> = []
        for reference in node.references("precedes") {
            guard let other = graph.number(of: reference), let id = ids[other] else {
                notes.add(.notKept, node.id, "precedes", "It names \(shown(reference)), which is not in this file.")
                continue
            }
            if seen.insert(id).inserted { next.append(id) }
        }
        for other in followers[number] ?? [] { if let id = ids[other], seen.insert(id).inserted { next.append(id) } }
        return next
    }

    /// What the components say from the other side: `precededBy` and `isChildOf`.
    private mutating func link() {
        for number in componentNodes {
            for before in graph.nodes[number].references("precededBy").compactMap({ graph.number(of: $0) }) {
                followers[before, default: []].append(number)
            }
            for parent in graph.nodes[number].references("isChildOf").compactMap({ graph.number(of: $0) }) {
                childrenByParent[parent, default: []].append(number)
            }
        }
    }

    // MARK: Targets

    /// A component that stands for a group has no target: it is met by its condition. Whatever can be held itself is
    /// asked for, what its condition names being needed before.
    private mutating func decideTarget(_ number: Int) {
        let node = graph.nodes[number]
        guard let id = ids[number] else { return }
        let references = node.references("hasCondition", "prerequisite")
        let isCondition = graph.nodes[number].types.contains("ComponentCondition")
        if references.isEmpty && !isCondition {
            if [.basic, .selection, .credential].contains(kind(of: node)), !children(of: number).isEmpty { return }
        } else if isGroup(number) || isCondition {
            if let proxy = node.references("proxyFor").first {
                notes.add(.readAs, node.id, "proxyFor",
                          "The condition decides; \(shown(proxy)) is what completing it leads to and is not asked for.")
            }
            return
        }
        targets[id] = ownTarget(node)
        if !references.isEmpty { conditionsOf.insert(id) }
        let more = node.references("proxyFor").dropFirst()
        if !more.isEmpty {
            notes.add(.notKept, node.id, "proxyFor", "A component aims at one thing; \(more.count) more are left out.")
        }
    }

    func children(of number: Int) -> [Int] {
        var seen: Set<Int> = []
        return (graph.nodes[number].references("hasChild").compactMap { graph.number(of: $0) }
            + (childrenByParent[number] ?? [])).filter { ids[$0] != nil && seen.insert($0).inserted }
    }

    private func isGroup(_ number: Int) -> Bool {
        switch kind(of: graph.nodes[number]) {
        case .credential, .basic, .selection, .capstone: return true
        default: break
        }
        let own = Set(children(of: number))
        return !own.isEmpty && !own.isDisjoint(with: candidates(below: number))
    }

    func ownTarget(_ node: CTDLGraph.Node) -> String {
        if let proxy = node.references("proxyFor").first { return graph.resolved(proxy).asTarget }
        if let ctid = node.values["ctid"]?.first?.text, node.id.hasPrefix("_:") { return "urn:ctid:\(ctid)" }
        return node.id.asTarget
    }

    // MARK: Texts

    mutating func title(of node: CTDLGraph.Node, else fallback: String) -> String {
        var title = node.text("name", "label", "prefLabel", "title", "codedNotation")
        if title == nil { title = node.text("description") }
        if title == nil { notes.add(.readAs, node.id, "name", "There is no name, so it is called \(shown(fallback)).") }
        for term in ["name", "description"] where node.otherTexts(term) > 0 {
            notes.add(.notKept, node.id, term,
                      "One text is kept, English before others; \(node.otherTexts(term)) more are left out.")
        }
        var text: String? = title ?? fallback
        cut(&text, to: PathwayDocument.Bounds.title, node.id, "name")
        return text ?? fallback
    }

    mutating func cut(_ text: inout String?, to limit: Int, _ place: String, _ term: String) {
        guard let whole = text, whole.unicodeScalars.count > limit else { return }
        text = String(String.UnicodeScalarView(whole.unicodeScalars.prefix(limit - 1))) + "…"
        notes.add(.notKept, place, term, "It is longer than \(limit) characters and was cut.")
    }
}

/// An address for a message: whole, unless it is very long.
func shown(_ text: String) -> String {
    text.unicodeScalars.count <= 160 ? text : String(String.UnicodeScalarView(text.unicodeScalars.prefix(159))) + "…"
}

extension String {
    /// An IRI for what a file calls by this name.
    var asTarget: String {
        let isAbsolute = split(separator: ":", maxSplits: 1).count == 2 && !hasPrefix("_:") && !hasPrefix(":")
        guard !isAbsolute else { return self }
        return "urn:cairn:ctdl:" + CTDLReader.token(hasPrefix("_:") ? String(dropFirst(2)) : self)
    }
}
