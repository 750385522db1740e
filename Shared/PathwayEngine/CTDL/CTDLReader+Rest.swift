import Domain

extension CTDLReader {
    /// What the pathway says it leads to; without that, what no other component needs.
    mutating func destinations(_ root: Int?) -> [String] {
        var found: [String] = [], seen: Set<String> = []
        func add(_ id: String) { if seen.insert(id).inserted { found.append(id) } }
        if let root {
            for reference in graph.nodes[root].references("hasDestinationComponent") {
                if let id = graph.number(of: reference).flatMap({ ids[$0] }) {
                    add(id)
                } else {
                    refuse(root, "ctdl.destination",
                           "Its destination \(shown(reference)) is not in this file. Give the graph that holds it as well.")
                }
            }
            let own = graph.nodes[root].id
            for number in componentNodes {
                let claims = graph.nodes[number].references("isDestinationComponentOf").map(graph.resolved)
                if claims.contains(own), let id = ids[number] { add(id) }
            }
        }
        if !found.isEmpty || !refusals.isEmpty { return found }
        let needed = Set(componentNodes.flatMap { number -> [Int] in
            candidates(below: number) + graph.nodes[number].references("prerequisite").compactMap { graph.number(of: $0) }
                + children(of: number)
        })
        for number in componentNodes where !needed.contains(number) { if let id = ids[number] { add(id) } }
        if found.isEmpty, let id = componentNodes.last.flatMap({ ids[$0] }) { add(id) }
        notes.add(.readAs, root.map { graph.nodes[$0].id } ?? "", "hasDestinationComponent",
                  "None is named; what no other component needs became the destination.")
        return found
    }

    func occupations(_ root: Int) -> [PathwayDocument.Occupation] {
        graph.nodes[root].references("occupationType").compactMap { reference in
            guard let node = graph[reference], let title = node.text("targetNodeName", "name") else { return nil }
            let code = node.text("codedNotation") ?? node.references("targetNode").first.map(CTDLVocabulary.last)
            guard let code, code.unicodeScalars.count <= PathwayDocument.Bounds.id,
                  title.unicodeScalars.count <= PathwayDocument.Bounds.title else { return nil }
            return PathwayDocument.Occupation(code: code, title: title)
        }.prefix(PathwayDocument.Bounds.occupations).map { $0 }
    }

    func sector(_ root: Int) -> String? {
        let names = graph.nodes[root].references("industryType").compactMap { graph[$0]?.text("targetNodeName", "name") }
        return names.first.flatMap { $0.unicodeScalars.count <= PathwayDocument.Bounds.title ? $0 : nil }
    }

    // MARK: What is left over

    /// Every term and every node that nothing above asked for.
    mutating func noteTheRest(_ root: Int?) {
        let components = Set(componentNodes)
        let parts: Set<String> = [
            "ComponentCondition", "Constraint", "ProgressionModel", "ProgressionLevel", "ConceptScheme", "Concept", "Pathway",
        ]
        let helpers = Set(root.map { graph.nodes[$0].references("occupationType", "industryType").map(graph.resolved) } ?? [])
        for (number, node) in graph.nodes.enumerated() {
            if number == root {
                note(node, known: Self.ofPathway)
            } else if components.contains(number) {
                note(node, known: groupsByChildren.contains(number)
                    ? Self.ofComponent.union(["hasChild"]) : Self.ofComponent)
            } else if built[number] != nil || node.types.contains("ComponentCondition") {
                note(node, known: Self.ofCondition)
            } else if node.types.contains("Constraint") || node.values["comparator"] != nil {
                note(node, known: Self.ofCondition.union(["description"]))
            } else if !node.types.contains(where: parts.contains), !node.types.isEmpty, !helpers.contains(node.id),
                      !node.id.hasPrefix("_:at") {
                notes.add(.notKept, node.id, node.types.joined(separator: ", "), "It is no part of a pathway.")
            }
        }
    }

    private mutating func note(_ node: CTDLGraph.Node, known: Set<String>) {
        for term in node.terms where !known.contains(term) && node.values[term]?.isEmpty == false {
            notes.add(.notKept, node.id, term, Self.reasons[term] ?? "A pathway file has no place for it.")
        }
    }

    private static let ofPathway: Set<String> = [
        "name", "description", "ctid", "hasDestinationComponent", "hasPart", "hasProgressionModel", "occupationType",
        "industryType", "inLanguage", "label", "hasChild",
    ]
    private static let ofComponent: Set<String> = [
        "name", "description", "ctid", "isPartOf", "isDestinationComponentOf", "hasCondition", "precedes", "precededBy",
        "proxyFor", "prerequisite", "hasProgressionLevel", "requiredNumber", "targetComponent", "hasConstraint",
        "logicalOperator", "label", "comment", "leftOperand", "operand", "rightOperand", "inLanguage",
    ]
    private static let ofCondition: Set<String> = [
        "targetComponent", "requiredNumber", "logicalOperator", "hasCondition", "hasConstraint", "leftOperand", "operand",
        "rightOperand", "leftSource", "leftAction", "comparator", "rightSource", "rightAction",
    ]

    private static let reasons = [
        "hasChild": "A group is told by its condition; the drawing of groups is not kept.",
        "isChildOf": "A group is told by its condition; the drawing of groups is not kept.",
        "creditValue": "What something is worth stands at the attainment that a learner has of it.",
        "pointValue": "What something is worth stands at the attainment that a learner has of it.",
        "componentCategory": "It names a group for people and changes no rule.",
        "name": "A condition has no name of its own. Make it a component if learners should see it.",
        "description": "A condition has no text of its own. Make it a component if learners should see it.",
    ]
}
