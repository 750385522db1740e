import Domain

extension CTDLReader {
    /// Progression models, which CTDL writes as concept schemes whose top concepts are the levels.
    mutating func readProgressions() {
        for node in graph.nodes where node.types.contains("ProgressionModel") || isOrderedScheme(node) {
            let levels = orderedLevels(of: node)
            guard (1...PathwayDocument.Bounds.levels).contains(levels.count),
                  progressions.count < PathwayDocument.Bounds.progressions,
                  levels.allSatisfy({ progressionByLevel[$0] == nil }), Set(levels).count == levels.count
            else {
                notes.add(.notKept, node.id, "ProgressionModel",
                          "It has \(levels.count) levels that are in no other; 1 to \(PathwayDocument.Bounds.levels) may be.")
                continue
            }
            let id = freeProgressionID(node.values["ctid"]?.first?.text ?? CTDLVocabulary.last(node.id))
            var title: String? = node.text("name", "title", "label", "prefLabel")
            cut(&title, to: PathwayDocument.Bounds.title, node.id, "name")
            names.progressions[id] = node.id
            add(PathwayDocument.Progression(id: id, title: title, levels: levels))
        }
    }

    private func isOrderedScheme(_ node: CTDLGraph.Node) -> Bool {
        node.types.contains("ConceptScheme") && node.values["hasTopConcept"] != nil
    }

    private mutating func add(_ progression: PathwayDocument.Progression) {
        for level in progression.levels { progressionByLevel[level] = progressions.count }
        progressions.append(progression)
    }

    private func freeProgressionID(_ text: String) -> String {
        let id = CTDLReader.token(text)
        let used = Set(progressions.map(\.id))
        guard used.contains(id) else { return id }
        return (2...).lazy.map { "\(id.prefix(58))-\($0)" }.first { !used.contains($0) } ?? id
    }

    /// By `precedes` where the levels say it, else as the model lists them.
    private func orderedLevels(of model: CTDLGraph.Node) -> [String] {
        var levels = model.references("hasTopConcept", "hasProgressionLevel", "hasConcept").map(graph.resolved)
        if levels.isEmpty {
            levels = graph.nodes.filter { node in
                node.references("inScheme", "isTopConceptOf", "inProgressionModel").contains { graph.resolved($0) == model.id }
            }.map(\.id)
        }
        guard levels.count <= PathwayDocument.Bounds.levels else { return levels }
        var before: [String: Set<String>] = [:]
        for level in levels {
            guard let node = graph[level] else { continue }
            for next in node.references("precedes").map(graph.resolved) { before[next, default: []].insert(level) }
            before[level, default: []].formUnion(node.references("precededBy").map(graph.resolved))
        }
        var ordered: [String] = [], rest = levels
        while let next = rest.firstIndex(where: { before[$0, default: []].isDisjoint(with: rest) }) {
            ordered.append(rest.remove(at: next))
        }
        // On a ring the list decides.
        return ordered + rest
    }

    /// Grades that a condition lists by name make a scale of their own: which of them is higher is not in the file, but
    /// a smaller list within a larger one is the better part of it.
    mutating func prepareGradeScales() {
        var lists: [String: [[String]]] = [:], subjects: [String] = []
        for node in graph.nodes where node.types.contains("Constraint") || node.values["comparator"] != nil {
            let constraint = CTDLConstraint(node, in: graph)
            guard constraint.comparator == .equal, let levels = constraint.levels, constraint.number == nil,
                  levels.count <= PathwayDocument.Bounds.levels, levels.allSatisfy({ progressionByLevel[$0] == nil }),
                  let subject = constraint.left.first else { continue }
            if lists[subject] == nil { subjects.append(subject) }
            lists[subject, default: []].append(levels)
        }
        for subject in subjects {
            let known = lists[subject] ?? []
            var counts: [String: Int] = [:], order: [String] = []
            for levels in known { for level in Set(levels) { counts[level, default: 0] += 1 } }
            for level in known.joined() where !order.contains(level) && order.count <= PathwayDocument.Bounds.levels {
                order.append(level)
            }
            guard (1...PathwayDocument.Bounds.levels).contains(order.count),
                  order.allSatisfy({ progressionByLevel[$0] == nil }),
                  progressions.count < PathwayDocument.Bounds.progressions else { continue }
            let scale = order.reversed().enumerated().sorted {
                (counts[$0.element] ?? 0, $0.offset) < (counts[$1.element] ?? 0, $1.offset)
            }.map(\.element)
            let id = freeProgressionID(CTDLVocabulary.last(subject))
            notes.add(.readAs, subject, "rightSource",
                      "The grades that conditions list became the progression “\(id)”; what is not in it does not count.")
            names.progressions[id] = subject
            add(PathwayDocument.Progression(id: id, levels: scale))
        }
    }
}
