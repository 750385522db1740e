import Domain

/// The parts of a compiled pathway, made one after the other. For documents that the check does not refuse.
struct PathwayCompiler {
    let document: PathwayDocument
    let levels: LevelScales
    private let ways: CrosswalkWays
    private(set) var circuit = Circuit(leaves: 0)
    private(set) var leaves: [Leaf] = []
    private(set) var targetLeaves = 0
    private(set) var constraintLeaves = 0
    private(set) var targets: [String] = []
    private(set) var targetIndex: [String: Int32] = [:]
    private(set) var zones: [String] = []
    private(set) var componentNode: [Int32]
    private(set) var componentTargetLeaf: [Int32?]
    private(set) var componentConditionNode: [Int32?]
    private(set) var componentWaiverLeaves: [[Int32]]
    private(set) var destinations: [Int32] = []
    private(set) var componentIndex: [String: Int] = [:]
    /// Of each component's condition, nested ones before those they are in.
    private(set) var componentParts: [[ConditionPart]]
    private(set) var constraints: [PathwayDocument.Constraint] = []

    /// What tells two rules apart.
    struct RuleKey: Hashable {
        var target: String
        var wanted: LevelKey?
        var bases: BasisSet
        var currency: PathwayDocument.Currency?
    }
    private var ruleLeaf: [RuleKey: Int32] = [:]

    /// The distinct rules that a document asks for, without their ways.
    static func rules(of document: PathwayDocument) -> Set<RuleKey> {
        let levels = LevelScales(document.progressions)
        var rules: Set<RuleKey> = []
        for component in document.components {
            if let target = component.target {
                rules.insert(RuleKey(
                    target: target, wanted: component.level.map { levels[$0] }, bases: BasisSet(component.bases),
                    currency: component.currency))
            }
            for part in component.condition?.parts() ?? [] {
                for case .constraint(let constraint) in part.condition.of {
                    for target in constraint.over where target.contains(":") {
                        rules.insert(RuleKey(target: target, wanted: nil, bases: .all, currency: nil))
                    }
                }
            }
        }
        return rules
    }

    init(_ document: PathwayDocument) {
        self.document = document
        levels = LevelScales(document.progressions)
        ways = CrosswalkWays(document.crosswalks)
        let count = document.components.count
        componentNode = [Int32](repeating: -1, count: count)
        componentTargetLeaf = [Int32?](repeating: nil, count: count)
        componentConditionNode = [Int32?](repeating: nil, count: count)
        componentWaiverLeaves = [[Int32]](repeating: [], count: count)
        componentParts = [[ConditionPart]](repeating: [], count: count)
        componentIndex = Dictionary(
            document.components.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
        addTargetLeaves()
        targetLeaves = leaves.count
        for constraint in constraints { leaves.append(.constraint(compiled(constraint))) }
        constraintLeaves = constraints.count
        addWaiverLeaves()
        circuit.leaves = leaves.count
        addGates()
        destinations = document.destinations.compactMap { componentIndex[$0].map { componentNode[$0] } }
    }

    func sourceCount(ofLeaf leaf: Int32) -> Int {
        if case .target(let rule) = leaves[Int(leaf)] { rule.sources.count } else { 0 }
    }

    // MARK: Leaves

    /// And gathers the constraints, in the order in which their leaves follow.
    private mutating func addTargetLeaves() {
        for (number, component) in document.components.enumerated() {
            guard let target = component.target else { continue }
            componentTargetLeaf[number] = leaf(RuleKey(
                target: target, wanted: component.level.map { levels[$0] }, bases: BasisSet(component.bases),
                currency: component.currency))
        }
        for (number, component) in document.components.enumerated() {
            for part in component.condition?.parts() ?? [] {
                componentParts[number].append(
                    ConditionPart(part.condition, appendingTo: &constraints, componentIndex))
            }
        }
        for constraint in constraints { for entry in constraint.over { _ = leaf(of: entry) } }
    }

    private mutating func leaf(_ key: RuleKey) -> Int32 {
        if let known = ruleLeaf[key] { return known }
        let number = Int32(leaves.count)
        ruleLeaf[key] = number
        leaves.append(.target(rule(key)))
        return number
    }

    /// The leaf of an entry of `over`.
    private mutating func leaf(of entry: String) -> Int32? {
        if entry.contains(":") { return leaf(RuleKey(target: entry, wanted: nil, bases: .all, currency: nil)) }
        return componentIndex[entry].flatMap { componentTargetLeaf[$0] }
    }

    private mutating func rule(_ key: RuleKey) -> TargetRule {
        let target = intern(key.target)
        var sources = [Source(target: target)]
        for way in ways.ways(to: key.target, limit: PathwayDocument.Bounds.ways) ?? [] {
            sources.append(source(on: way, wanted: key.wanted))
        }
        let related = ways.related(to: key.target).map { source(on: [$0], wanted: key.wanted) }
        return TargetRule(target: target, wanted: key.wanted, bases: key.bases, currency: key.currency,
                          sources: sources, related: related)
    }

    private mutating func source(on way: [Int32], wanted: LevelKey?) -> Source {
        let arrival = ways.arrival(on: way).map { levels[$0] }
        let canSuffice = arrival.flatMap { arrival in wanted.map(arrival.suffices) } ?? true
        return Source(target: intern(ways.from(way[0])), arrival: arrival, canSuffice: canSuffice,
                      topUps: ways.topUps(on: way).map { intern($0) }, crosswalks: way)
    }

    private mutating func intern(_ target: String) -> Int32 {
        if let known = targetIndex[target] { return known }
        let number = Int32(targets.count)
        targets.append(target)
        targetIndex[target] = number
        return number
    }

    private mutating func compiled(_ constraint: PathwayDocument.Constraint) -> ConstraintRule {
        var names: Set<String> = []
        let over = constraint.over.filter { names.insert($0).inserted }.compactMap { leaf(of: $0) }
        var groups = constraint.caps.map { cap in
            ConstraintRule.Group(most: cap.most.thousandths, leaves: distinctLeaves(cap.over))
        }
        let capped = Set(constraint.caps.flatMap(\.over))
        let free = constraint.over.filter { !capped.contains($0) }
        groups.insert(.init(most: nil, leaves: distinctLeaves(free)), at: 0)
        return ConstraintRule(measure: constraint.measure, comparator: constraint.comparator,
                              value: value(of: constraint), over: over, groups: groups)
    }

    private mutating func distinctLeaves(_ over: [String]) -> [Int32] {
        var seen: Set<Int32> = []
        return over.compactMap { leaf(of: $0) }.filter { seen.insert($0).inserted }
    }

    private func value(of constraint: PathwayDocument.Constraint) -> ConstraintRule.Value {
        switch (constraint.measure, constraint.value) {
        case (.level, .number(let number)): .level(levels[.number(number)])
        case (.level, .text(let text)): .level(levels[.text(text)])
        case (.credits, .number(let number)): .credits(Credits(number)?.thousandths ?? 0)
        case (.count, .number(let number)): .count(number)
        case (.until, .text(let text)): CalendarDate(text).map { .until(Int32($0.daysSince1970)) } ?? .asOf
        // The check refuses the others.
        case (.credits, .text), (.count, .text), (.until, .number): .asOf
        }
    }

    private mutating func addWaiverLeaves() {
        var zoneLeaf: [String: Int32] = [:]
        for waiver in document.waivers {
            let leaf = zoneLeaf[waiver.zone] ?? Int32(leaves.count)
            if zoneLeaf.updateValue(leaf, forKey: waiver.zone) == nil {
                leaves.append(.waiver(zone: Int32(zones.count)))
                zones.append(waiver.zone)
            }
            for id in waiver.components {
                guard let number = componentIndex[id], !componentWaiverLeaves[number].contains(leaf) else { continue }
                componentWaiverLeaves[number].append(leaf)
            }
        }
    }

    // MARK: Gates

    private mutating func addGates() {
        for number in PathwayGraph(document).dependenciesFirst {
            let condition = addGates(ofConditionAt: number)
            componentConditionNode[number] = condition
            var node: Int32 = switch (componentTargetLeaf[number], condition) {
            case (let target?, let condition?): circuit.add(required: 2, of: [target, condition])
            case (let target?, nil): target
            case (nil, let condition?): condition
            // The check refuses a component without either.
            case (nil, nil): -1
            }
            let waivers = componentWaiverLeaves[number]
            if !waivers.isEmpty { node = circuit.add(required: 1, of: waivers + [node]) }
            componentNode[number] = node
        }
    }

    /// A gate for each part; answers the outermost.
    private mutating func addGates(ofConditionAt component: Int) -> Int32? {
        // Parts come outermost first, so from behind each finds what is nested in it on top of the stack, the first uppermost.
        var nested: [Int32] = []
        for place in componentParts[component].indices.reversed() {
            let part = componentParts[component][place]
            let operands = part.operands.map { operand in
                switch operand {
                case .component(let number): componentNode[number]
                case .constraint(let number): Int32(targetLeaves + number)
                case .nested: nested.removeLast()
                }
            }
            let node = circuit.add(required: part.required, of: operands, isNegated: part.isNone)
            componentParts[component][place].node = node
            nested.append(node)
        }
        return nested.last
    }
}

/// One condition without what is nested in it.
struct ConditionPart: Sendable {
    enum Operand: Sendable {
        /// Number of the component.
        case component(Int)
        /// Number of the constraint.
        case constraint(Int)
        case nested
    }

    var required: Int
    var isNone: Bool
    var operands: [Operand]
    var node: Int32 = -1

    /// Appends its constraints to `constraints`.
    init(
        _ condition: PathwayDocument.Condition, appendingTo constraints: inout [PathwayDocument.Constraint],
        _ index: [String: Int]
    ) {
        required = condition.require.count(of: condition.of.count)
        isNone = condition.require == .none
        operands = []
        operands.reserveCapacity(condition.of.count)
        for operand in condition.of {
            switch operand {
            case .component(let id): if let number = index[id] { operands.append(.component(number)) }
            case .condition: operands.append(.nested)
            case .constraint(let constraint):
                operands.append(.constraint(constraints.count))
                constraints.append(constraint)
            }
        }
    }
}
