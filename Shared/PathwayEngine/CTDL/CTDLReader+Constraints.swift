import Domain

extension CTDLReader {
    typealias Operand = PathwayDocument.Condition.Operand

    /// Puts one constraint where it belongs: into what is measured, onto each candidate, or to those to confirm.
    mutating func add(
        _ number: Int, to parts: inout ConditionParts, targets: [String], of condition: CTDLGraph.Node
    ) {
        let constraint = CTDLConstraint(graph.nodes[number], in: graph)
        if constraint.subject == "creditunittype" {
            notes.add(.notKept, constraint.id, "creditUnitType",
                      "Credits are summed as the record states them, whatever their unit: \(constraint.words).")
            return
        }
        if let measure = measure(constraint, over: targets) {
            parts.measures.append(.constraint(measure))
            return
        }
        if !targets.isEmpty, let narrowed = narrowed(parts.candidates, by: constraint) {
            parts.candidates = narrowed
            parts.isNarrowed = true
            return
        }
        parts.confirmations.append(.component(confirmation(of: constraint, in: condition, isAlone: targets.isEmpty)))
    }

    // MARK: What the record answers

    /// A sum of credits, a count, the highest level or the latest end, over the candidates of the condition or, without
    /// any, over all that has a target.
    private mutating func measure(_ constraint: CTDLConstraint, over targets: [String]) -> PathwayDocument.Constraint? {
        guard let action = constraint.leftAction, let comparator = constraint.comparator, constraint.left.count == 1
        else { return nil }
        let measure: PathwayDocument.Constraint.Measure, value: PathwayDocument.Constraint.Value
        switch action {
        case "sum" where ["value", "creditvalue", "credits", "pointvalue"].contains(constraint.subject):
            guard let number = constraint.number, number >= 0 else { return nil }
            (measure, value) = (.credits, .number(number))
        case "countdistinct":
            guard let number = constraint.number, number >= 0 else { return nil }
            (measure, value) = (.count, .number(number))
        case "max" where constraint.isAboutLevels:
            if let number = constraint.number {
                (measure, value) = (.level, .number(number))
            } else {
                guard let levels = constraint.levels, levels.count == 1, progression(of: levels[0]) != nil else { return nil }
                (measure, value) = (.level, .text(levels[0]))
            }
        case "max" where constraint.subject == "expirationdate":
            guard let text = constraint.right.first?.text, constraint.right.count == 1 else { return nil }
            (measure, value) = (.until, text == Self.dayOfEvaluation ? .asOf : .text(text))
        default: return nil
        }
        var over = targets.isEmpty ? everythingWithTarget() : targets.filter { self.targets[$0] != nil }
        var seen: Set<String> = []
        over = over.filter { seen.insert($0).inserted }
        guard !over.isEmpty else { return nil }
        if targets.isEmpty {
            notes.add(.readAs, constraint.id, "leftSource",
                      "No components are named beside it, so it is taken over all \(over.count) that have a target: "
                          + "\(constraint.words).")
        }
        return PathwayDocument.Constraint(measure, over: over, comparator, value)
    }

    static let dayOfEvaluation = "urn:cairn:day-of-evaluation"

    private func everythingWithTarget() -> [String] {
        componentNodes.compactMap { ids[$0] }.filter { targets[$0] != nil }
    }

    // MARK: Levels

    /// Each candidate held at one of the levels; nil when that cannot be said of one of them.
    private func narrowed(_ candidates: [Operand], by constraint: CTDLConstraint) -> [Operand]? {
        guard constraint.leftAction == nil, let wanted = levelsWanted(constraint) else { return nil }
        var narrowed: [Operand] = []
        for candidate in candidates {
            guard case .component(let id) = candidate, targets[id] != nil else { return nil }
            let limits = wanted.map { Operand.constraint(.init(.level, over: [id], $0.comparator, $0.value)) }
            let limit = limits.count == 1 ? limits[0] : .condition(.init(.any, of: limits))
            narrowed.append(conditionsOf.contains(id) ? .condition(.init(.all, of: [candidate, limit])) : limit)
        }
        return narrowed
    }

    /// Comparisons of which any one has to hold.
    private func levelsWanted(
        _ constraint: CTDLConstraint
    ) -> [(comparator: CTDLConstraint.Comparator, value: PathwayDocument.Constraint.Value)]? {
        guard constraint.isAboutLevels, constraint.left.count == 1, let comparator = constraint.comparator else { return nil }
        if let number = constraint.number { return [(comparator, .number(number))] }
        guard let levels = constraint.levels, let scale = progression(of: levels[0]),
              levels.allSatisfy({ scale.levels.contains($0) }) else { return nil }
        if comparator == .equal, Set(scale.levels.suffix(levels.count)) == Set(levels),
           let lowest = scale.levels.suffix(levels.count).first {
            return [(.atLeast, .text(lowest))]
        }
        return levels.map { (comparator, .text($0)) }
    }

    /// The level of the component itself: by its place in a progression model, or by a condition that says no more
    /// than that.
    mutating func ownLevel(
        _ number: Int, _ kind: PathwayDocument.Component.Kind
    ) -> (level: PathwayDocument.Level, isCondition: Bool)? {
        let node = graph.nodes[number]
        guard let id = ids[number], targets[id] != nil else {
            noteLevel(node)
            return nil
        }
        let roots = node.references("hasCondition").compactMap { graph.number(of: $0) }
        if roots.count == 1, case let root = graph.nodes[roots[0]], node.references("prerequisite").isEmpty,
           root.references("targetComponent", "hasCondition").isEmpty {
            let constraints = root.references("hasConstraint").compactMap { graph.number(of: $0) }
            if constraints.count == 1,
               let wanted = levelsWanted(CTDLConstraint(graph.nodes[constraints[0]], in: graph)),
               wanted.count == 1, wanted[0].comparator == .atLeast {
                switch wanted[0].value {
                case .number(let number): return (.number(number), true)
                case .text(let text): return (.text(text), true)
                }
            }
        }
        guard [.competency, .assessment].contains(kind), let reference = node.references("hasProgressionLevel").first else {
            noteLevel(node)
            return nil
        }
        let level = graph.resolved(reference)
        guard progression(of: level) != nil else {
            notes.add(.notKept, node.id, "hasProgressionLevel", "\(shown(level)) is in no progression model of this file.")
            return nil
        }
        notes.add(.readAs, node.id, "hasProgressionLevel", "The lowest level of it that counts.")
        return (.text(level), false)
    }

    private mutating func noteLevel(_ node: CTDLGraph.Node) {
        guard node.values["hasProgressionLevel"] != nil else { return }
        notes.add(.notKept, node.id, "hasProgressionLevel",
                  "Only a competency and an assessment are held at a level; elsewhere it places them in a picture.")
    }

    func progression(of level: String) -> PathwayDocument.Progression? {
        progressionByLevel[level].map { progressions[$0] }
    }

    // MARK: What somebody has to confirm

    /// The id of a component that stands for a comparison with something no record of learning holds. It is met by an
    /// attainment of its target, which whoever may confirm it puts on the record.
    private mutating func confirmation(
        of constraint: CTDLConstraint, in condition: CTDLGraph.Node, isAlone: Bool
    ) -> String {
        let json = constraint.json
        let key = String(decoding: json.canonical(), as: UTF8.self)
        if let known = confirmations[key] { return known }
        let slug = "confirm-" + constraint.words.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: "-")
        let id = freeID(slug)
        confirmations[key] = id
        names.constraints[id] = json
        let target = "urn:cairn:confirm:" + id.dropFirst("confirm-".count)
        // The text of a condition that also names components is about those.
        var description = graph[constraint.id]?.text("description") ?? (isAlone ? condition.text("description") : nil)
        cut(&description, to: PathwayDocument.Bounds.description, condition.id, "description")
        var title: String? = "Confirmed: \(constraint.words)"
        cut(&title, to: PathwayDocument.Bounds.title, constraint.id, "Constraint")
        added.append(PathwayDocument.Component(
            id: id, kind: .basic, title: title ?? id, description: description, target: target))
        targets[id] = target
        notes.add(.readAs, condition.id, "hasConstraint",
                  "A learner's record does not hold “\(constraint.words)”, so somebody has to confirm it: it became the "
                      + "component “\(id)”, met by an attainment of \(target).")
        return id
    }
}
