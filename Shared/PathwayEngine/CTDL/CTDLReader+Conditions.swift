import Domain

/// One condition of a file, read.
struct BuiltCondition {
    /// Nil when it says nothing that can be checked.
    var operand: PathwayDocument.Condition.Operand?
    /// Operands in it, with all that is nested.
    var size = 0
    /// Conditions within it, itself included.
    var height = 1
}

/// The words of a ComponentCondition.
struct ConditionTerms {
    enum Operator { case and, or, not, onlyOne }

    var targets: [String]
    var conditions: [Int]
    var constraints: [Int]
    var required: Int?
    var logic: Operator?
}

extension CTDLReader {
    struct ConditionOfComponent { var condition: PathwayDocument.Condition? }

    /// What the component's conditions, children and prerequisites ask together; nil when it was refused.
    mutating func condition(of number: Int) -> ConditionOfComponent? {
        let node = graph.nodes[number]
        var operands: [PathwayDocument.Condition.Operand] = []
        for root in conditionRoots(of: number) {
            guard let read = read(root, of: node) else { return nil }
            if let operand = read.operand { operands.append(operand) }
        }
        for earlier in node.references("prerequisite") {
            notes.add(.readAs, node.id, "prerequisite",
                      "The older way to ask for \(shown(earlier)) first; it became part of the condition.")
            operands.append(.component(component(named: earlier, by: node)))
        }
        if operands.isEmpty, let id = ids[number], targets[id] == nil {
            let children = children(of: number)
            if !children.isEmpty {
                notes.add(.readAs, node.id, "hasChild", "There is no condition, so all of its children are asked for.")
                groupsByChildren.insert(number)
                operands = children.compactMap { ids[$0] }.map { .component($0) }
                return ConditionOfComponent(condition: .init(.all, of: operands))
            }
        }
        switch operands.first {
        case nil: return ConditionOfComponent(condition: nil)
        case .condition(let only) where operands.count == 1: return ConditionOfComponent(condition: only)
        default: return ConditionOfComponent(condition: .init(.all, of: operands))
        }
    }

    private mutating func conditionRoots(of number: Int) -> [Int] {
        let node = graph.nodes[number]
        if node.types.contains("ComponentCondition") { return [number] }
        return node.references("hasCondition").compactMap { reference in
            let found = graph.number(of: reference)
            if found == nil {
                notes.add(.notKept, node.id, "hasCondition", "It names \(shown(reference)), which is not in this file.")
            }
            return found
        }
    }

    // MARK: The walk

    /// A condition after those within it. Each is read once, however often it is named.
    private mutating func read(_ root: Int, of component: CTDLGraph.Node) -> BuiltCondition? {
        var open: [(number: Int, terms: ConditionTerms?)] = [(root, nil)], entered: Set<Int> = []
        while let (number, terms) = open.popLast() {
            if let terms {
                guard let built = build(number, terms) else { return nil }
                entered.remove(number)
                self.built[number] = built
                continue
            }
            guard built[number] == nil else { continue }
            guard entered.insert(number).inserted else {
                refuse(number, "condition.cycle", "The condition is nested in itself. Take one of the two out.")
                return nil
            }
            let terms = self.terms(of: number, fallback: component.number("requiredNumber"))
            open.append((number, terms))
            open += terms.conditions.reversed().map { ($0, nil) }
        }
        return built[root]
    }

    private mutating func terms(of number: Int, fallback: JSONNumber?) -> ConditionTerms {
        let node = graph.nodes[number]
        var terms = ConditionTerms(
            targets: node.references("targetComponent"),
            conditions: numbers(node, "hasCondition"), constraints: numbers(node, "hasConstraint"))
        var required = node.number("requiredNumber")
        if required == nil, let operand = node.text("leftOperand"), ["reqnum", "requirednumber"].contains(operand.lowercased()) {
            required = node.number("rightOperand")
            notes.add(.readAs, node.id, "leftOperand", "The older form of requiredNumber.")
        }
        if required == nil, let fallback {
            required = fallback
            notes.add(.readAs, node.id, "requiredNumber", "It stands at the component and was read as the condition's.")
        }
        if let required {
            terms.required = required.int64.flatMap { Int(exactly: $0) }
            if terms.required == nil {
                refuse(number, "ctdl.required_number", "requiredNumber must be a whole number, not \(shown(required.text)).")
            }
        }
        let words = node.references("logicalOperator")
        terms.logic = words.first.flatMap(Self.logic)
        if words.count > 1 || (terms.logic == nil && !words.isEmpty) {
            refuse(number, "ctdl.logical_operator",
                   "logicalOperator must be one of And, Or, Not and OnlyOne, not \(shown(words.joined(separator: ", "))).")
        }
        return terms
    }

    private static func logic(_ word: String) -> ConditionTerms.Operator? {
        switch CTDLVocabulary.last(word).lowercased() {
        case "and": .and
        case "or": .or
        case "not": .not
        case "onlyone", "xone", "xor": .onlyOne
        default: nil
        }
    }

    private mutating func numbers(_ node: CTDLGraph.Node, _ term: String) -> [Int] {
        node.references(term).compactMap { reference in
            let number = graph.number(of: reference)
            if number == nil {
                notes.add(.notKept, node.id, term, "It names \(shown(reference)), which is not in this file.")
            }
            return number
        }
    }

    // MARK: One condition

    private mutating func build(_ number: Int, _ terms: ConditionTerms) -> BuiltCondition? {
        let inner = terms.conditions.compactMap { built[$0] }
        let size = inner.reduce(terms.targets.count + terms.constraints.count) { $0 + $1.size + 1 }
        let height = (inner.map(\.height).max() ?? 0) + 1
        guard size <= PathwayDocument.Bounds.operands else {
            refuse(number, "bounds.operands",
                   "Written out, this condition has more than \(PathwayDocument.Bounds.operands) operands. "
                       + "Make a component of what is repeated.")
            return nil
        }
        // Room for what an operator may have to be written as.
        guard height + 3 <= PathwayDocument.Bounds.depth else {
            refuse(number, "bounds.depth",
                   "Conditions are nested more than \(PathwayDocument.Bounds.depth - 3) deep. Give the inner part a "
                       + "component of its own.")
            return nil
        }
        let node = graph.nodes[number]
        let targets = terms.targets.map { component(named: $0, by: node) }
        guard refusals.isEmpty else { return nil }
        var parts = ConditionParts(
            candidates: targets.map { .component($0) }, conditions: inner.compactMap(\.operand),
            required: terms.required, logic: terms.logic)
        for constraint in terms.constraints { add(constraint, to: &parts, targets: targets, of: node) }
        let operand = parts.operand { notes.add(.readAs, node.id, $0, $1) }
        if operand == nil {
            notes.add(.notKept, node.id, "ComponentCondition", "It names nothing that has to be met.")
        }
        return BuiltCondition(
            operand: operand, size: terms.logic == .onlyOne ? 2 * size : size, height: height + parts.heightAdded)
    }

    /// The id of the component that is named; one that is not in the file becomes a component that aims at its address.
    private mutating func component(named reference: String, by node: CTDLGraph.Node) -> String {
        if let number = graph.number(of: reference), let id = ids[number] { return id }
        let address = graph.resolved(reference)
        if let known = stubs[address] { return known }
        guard reference.contains(":"), !reference.contains(where: \.isWhitespace) else {
            refuse(graph.number(of: node.id), "ctdl.reference",
                   "“\(shown(reference))” is not the address of a component. Write the @id of each one.")
            return ""
        }
        let id = freeID(CTDLVocabulary.last(address))
        stubs[address] = id
        let named = graph.number(of: reference).map { graph.nodes[$0] }
        added.append(PathwayDocument.Component(
            id: id, kind: .basic, title: named?.text("name") ?? id, target: address.asTarget))
        targets[id] = address.asTarget
        names.components[id] = CTDLNames.Component(id: address, type: "BasicComponent")
        notes.add(.readAs, node.id, "targetComponent",
                  "\(shown(address)) is no component of this file; it became one that asks for its address.")
        return id
    }

    /// The components named by the conditions of a component, at any depth.
    func candidates(below number: Int) -> Set<Int> {
        var found: Set<Int> = [], seen: Set<Int> = [number], open = [number]
        // A file may hang one large condition on every component; past this it is not worth finding out.
        while let next = open.popLast(), seen.count < 10_000 {
            let node = graph.nodes[next]
            found.formUnion(node.references("targetComponent").compactMap { graph.number(of: $0) })
            for inner in node.references("hasCondition").compactMap({ graph.number(of: $0) })
            where seen.insert(inner).inserted { open.append(inner) }
        }
        return found
    }
}

/// The operands of one condition by their role, and how they go together.
struct ConditionParts {
    typealias Operand = PathwayDocument.Condition.Operand

    /// Target components, possibly narrowed by a constraint on each.
    var candidates: [Operand]
    var conditions: [Operand]
    /// Constraints that the record of a learner can answer.
    var measures: [Operand] = []
    /// Constraints that somebody has to confirm.
    var confirmations: [Operand] = []
    /// The candidates were narrowed, so they are asked for one by one.
    var isNarrowed = false
    var required: Int?
    var logic: ConditionTerms.Operator?

    /// Conditions around the operands beyond the one that the file has.
    var heightAdded: Int {
        (logic == .onlyOne ? 2 : required != nil && !(measures.isEmpty && confirmations.isEmpty) ? 1 : 0)
            + (isNarrowed ? 1 : 0)
    }

    /// Nil when there is nothing. `note` hears of every choice that the standard leaves open.
    func operand(note: (_ term: String, _ why: String) -> Void) -> Operand? {
        if let measured = measuredCandidates { return measured }
        let counted = candidates + conditions
        let constraints = measures + confirmations
        switch (logic, required) {
        case (nil, nil), (.and, nil): return Self.all(counted + constraints)
        case (.or, nil): return Self.condition(.any, counted + constraints)
        case (.not, nil): return Self.condition(.none, counted + constraints)
        case (.onlyOne, nil): return Self.onlyOne(counted + constraints)
        case (nil, let number?):
            if counted.isEmpty { return Self.condition(.atLeast(number), constraints) }
            if !measures.isEmpty {
                note("requiredNumber", "It counts over all operands: \(candidates.count) components, "
                    + "\(conditions.count) conditions and \(measures.count) constraints.")
            }
            return Self.all(flat(.atLeast(number), counted + measures) + confirmations)
        case (.and, let number?):
            if counted.isEmpty { return conflict("And", number, constraints, all: true, note) }
            if constraints.isEmpty { return conflict("And", number, counted, all: true, note) }
            return Self.all((number == counted.count ? counted : flat(.atLeast(number), counted)) + constraints)
        case (.or, let number?):
            if counted.isEmpty || constraints.isEmpty { return conflict("Or", number, counted + constraints, all: false, note) }
            return Self.condition(.any, (number == 1 ? counted : flat(.atLeast(number), counted)) + constraints)
        case (.not, let number?):
            return Self.condition(.none, (number == 1 ? counted : flat(.atLeast(number), counted)) + constraints)
        case (.onlyOne, let number?):
            if number != 1 { note("requiredNumber", "OnlyOne says one, and the number \(number) was not kept.") }
            return Self.onlyOne(counted + constraints)
        }
    }

    /// Credits summed over the candidates and the like: the candidates are what is measured.
    private var measuredCandidates: Operand? {
        guard !isNarrowed, !measures.isEmpty, confirmations.isEmpty, conditions.isEmpty, required == nil,
              logic == nil || logic == .and else { return nil }
        return Self.all(measures)
    }

    private func conflict(
        _ word: String, _ number: Int, _ operands: [Operand], all: Bool, _ note: (String, String) -> Void
    ) -> Operand? {
        if number == (all ? operands.count : 1) { return all ? Self.condition(.all, operands) : Self.condition(.any, operands) }
        note("logicalOperator", "\(word) and requiredNumber \(number) of \(operands.count) contradict each other; "
            + "the number was kept.")
        return Self.condition(.atLeast(number), operands)
    }

    private func flat(_ require: PathwayDocument.Condition.Requirement, _ operands: [Operand]) -> [Operand] {
        Self.condition(require, operands).map { [$0] } ?? []
    }

    /// All of them; a single one that is no component stands for itself.
    private static func all(_ operands: [Operand]) -> Operand? {
        if operands.count == 1 {
            switch operands[0] {
            case .condition, .constraint: return operands[0]
            case .component(let id) where id.hasPrefix("confirm-"): return operands[0]
            case .component: break
            }
        }
        return condition(.all, operands)
    }

    private static func condition(_ require: PathwayDocument.Condition.Requirement, _ operands: [Operand]) -> Operand? {
        operands.isEmpty ? nil : .condition(PathwayDocument.Condition(require, of: operands))
    }

    private static func onlyOne(_ operands: [Operand]) -> Operand? {
        guard operands.count > 1 else { return all(operands) }
        return .condition(PathwayDocument.Condition(.all, of: [
            .condition(PathwayDocument.Condition(.any, of: operands)),
            .condition(PathwayDocument.Condition(.none, of: [
                .condition(PathwayDocument.Condition(.atLeast(2), of: operands)),
            ])),
        ]))
    }
}
