import Domain

/// The circuit of a pathway over what can be acquired, instead of over what is held: a leaf of the pathway becomes a
/// condition over acquisitions, so that one acquisition which serves several rules (another level of the same target, a
/// crosswalk) is one element, and conditions over counts and credits are looked into.
struct NextCircuit {
    private(set) var circuit: Circuit
    private(set) var goals: [Int32] = []
    /// What the open leaves of `circuit` are; the two last leaves are the constants.
    private(set) var elements: [Element] = []
    let pathway: CompiledPathway
    let held: HeldTargets
    let costs: NextCosts?

    enum Element: Hashable {
        case acquire(Acquisition)
        /// A constraint that cannot be looked into, as a whole: number of the leaf.
        case whole(Int32)
    }

    /// Constraints whose sums would need more operands than this are elements as a whole.
    static let sumOperandsMax = 50_000

    private var number: [Element: Int32] = [:]
    private var byTarget: [Int32: [Int32]] = [:]
    /// By leaf of the pathway.
    private var leafNode: [Int32?]
    /// By element: the pathway's leaves that it can serve.
    private(set) var serves: [Set<Int32>] = []
    /// By element: top-ups that complete something which is held: its target.
    private(set) var toppingUp: [Int32: Set<Int32>] = [:]

    /// By leaf of a constraint: thousandths of a credit.
    private(set) var creditsMissing: [Int32: Int64] = [:]
    private(set) var entryOfTarget: [Int32: NextCosts.Entry] = [:]

    var yes: Int32 { Int32(circuit.leaves - 1) }
    var no: Int32 { Int32(circuit.leaves - 2) }

    init(
        _ pathway: CompiledPathway, _ facts: LearnerFacts, on day: CalendarDate, goals: [Int32], costs: NextCosts?
    ) {
        self.pathway = pathway
        self.costs = costs
        held = HeldTargets(pathway, facts, on: day)
        leafNode = [Int32?](repeating: nil, count: pathway.leafMeanings.count)
        circuit = Circuit(leaves: 0)
        readCosts()
        let seen = Self.nodesSeen(by: goals, in: pathway.circuit)
        let leaves = (0..<Int32(pathway.leafMeanings.count)).filter { seen[Int($0)] }
        for leaf in leaves { offer(leaf) }
        circuit = Circuit(leaves: elements.count + 2)
        for leaf in leaves { leafNode[Int(leaf)] = define(leaf) }
        var node = leafNode.map { $0 ?? no }
        for (index, gate) in pathway.circuit.gates.enumerated() {
            guard seen[pathway.circuit.leaves + index] else {
                node.append(no)
                continue
            }
            let operands = gate.operands.map { node[Int(pathway.circuit.operands[Int($0)])] }
            node.append(circuit.add(required: Int(gate.required), of: operands, isNegated: gate.isNegated))
        }
        self.goals = goals.map { node[Int($0)] }
    }

    private static func nodesSeen(by goals: [Int32], in circuit: Circuit) -> [Bool] {
        var seen = [Bool](repeating: false, count: circuit.nodes)
        for goal in goals { seen[Int(goal)] = true }
        for index in circuit.gates.indices.reversed() where seen[circuit.leaves + index] {
            for place in circuit.gates[index].operands { seen[Int(circuit.operands[Int(place)])] = true }
        }
        return seen
    }

    /// The first component of a target that has an entry goes before the target itself.
    private mutating func readCosts() {
        guard let costs = costs?.costs, !costs.isEmpty else { return }
        for component in pathway.document.components {
            guard let index = component.target.flatMap({ pathway.targetIndex[$0] }), entryOfTarget[index] == nil,
                  let entry = costs[component.id] else { continue }
            entryOfTarget[index] = entry
        }
        for (target, index) in pathway.targetIndex where entryOfTarget[index] == nil {
            entryOfTarget[index] = costs[target]
        }
    }

    func rule(_ leaf: Int32) -> TargetRule {
        guard case .target(let rule) = pathway.leafMeanings[Int(leaf)] else {
            preconditionFailure("A constraint counts over target leaves only.")
        }
        return rule
    }

    // MARK: What is offered

    private mutating func offer(_ leaf: Int32) {
        switch pathway.leafMeanings[Int(leaf)] {
        case .target(let rule): offer(rule)
        case .constraint(let rule): offer(rule, leaf)
        case .waiver: break
        }
    }

    /// The target itself, and what is missing beside something that is held through a crosswalk.
    private mutating func offer(_ rule: TargetRule, at level: LevelKey? = nil) {
        guard level != nil || held.counting(rule).isEmpty else { return }
        let wanted = level ?? rule.wanted
        // A level that is on no scale is reached by nothing.
        if wanted?.scale != 0 { offer(.acquire(Acquisition(target: rule.target, level: wanted, bases: rule.bases))) }
        for source in rule.sources where !held.candidates(on: source, of: rule).isEmpty {
            for topUp in held.topUpsMissing(source) { offer(.acquire(Acquisition(target: topUp))) }
        }
    }

    private mutating func offer(_ rule: ConstraintRule, _ leaf: Int32) {
        switch (rule.measure, rule.value) {
        case (.count, _): for entry in rule.over { offer(self.rule(entry)) }
        case (.level, .level(let level)) where rule.comparator.isMonotone:
            guard let wanted = nextLevel(rule.comparator == .greater ? level : nil, orAt: level) else { return }
            for entry in rule.over {
                let least = self.rule(entry).wanted.map { $0.suffices(wanted) ? $0 : wanted } ?? wanted
                offer(self.rule(entry), at: least)
            }
        case (.until, _) where rule.comparator.isMonotone:
            for entry in rule.over {
                let target = self.rule(entry)
                offer(.acquire(Acquisition(target: target.target, level: target.wanted, bases: target.bases)))
            }
        case (.credits, _):
            for entry in rule.over { offer(self.rule(entry)) }
            if rule.comparator.isMonotone { offer(.whole(leaf)) }
        default: offer(.whole(leaf))
        }
    }

    /// The next level above, where one is wanted: of numbers the next whole one.
    private func nextLevel(_ above: LevelKey?, orAt level: LevelKey) -> LevelKey? {
        guard let above else { return level.scale == 0 ? nil : level }
        let next = LevelKey(scale: above.scale, rank: above.rank.rounded(.down) + 1)
        return pathway.level(next) == nil ? nil : next
    }

    private mutating func offer(_ element: Element) {
        guard number[element] == nil else { return }
        let index = Int32(elements.count)
        number[element] = index
        elements.append(element)
        serves.append([])
        if case .acquire(let acquisition) = element { byTarget[acquisition.target, default: []].append(index) }
    }

    // MARK: What it means

    private mutating func define(_ leaf: Int32) -> Int32 {
        switch pathway.leafMeanings[Int(leaf)] {
        case .target: isHeldNode(leaf)
        case .constraint(let rule): constraintNode(rule, leaf)
        case .waiver(let zone): held.belongs(toZone: zone) ? yes : no
        }
    }

    /// The leaf of a target is or becomes true.
    mutating func isHeldNode(_ leaf: Int32) -> Int32 {
        if let known = leafNode[Int(leaf)] { return known }
        let rule = rule(leaf)
        let node = held.counting(rule).isEmpty ? any(ways(to: rule, for: leaf).map(\.node)) : yes
        leafNode[Int(leaf)] = node
        return node
    }

    /// One way on which something more would count.
    struct Way {
        var node: Int32
        var what: What
        /// At which it arrives.
        var level: LevelKey

        enum What: Hashable {
            case element(Int32)
            /// It is held, and counts once its top-ups are held.
            case held(HeldAttainment)
        }
    }

    /// All that would make something more count by the rule.
    mutating func ways(to rule: TargetRule, for leaf: Int32, where accepts: (Way) -> Bool = { _ in true }) -> [Way] {
        var ways: [Way] = []
        for source in rule.sources {
            let missing = held.topUpsMissing(source)
            var topUps: [Int32] = []
            for target in missing { topUps.append(any(byTarget[target] ?? [])) }
            guard !topUps.contains(no) else { continue }
            for index in byTarget[source.target] ?? [] {
                guard case .acquire(let acquisition) = elements[Int(index)],
                      acquisition.counts(on: source, of: rule) else { continue }
                let way = Way(node: all([index] + topUps), what: .element(index),
                              level: source.arrival ?? acquisition.level ?? .none)
                guard accepts(way) else { continue }
                serves[Int(index)].insert(leaf)
                ways.append(way)
            }
            guard !missing.isEmpty else { continue }
            for attainment in held.candidates(on: source, of: rule) {
                let way = Way(node: all(topUps), what: .held(attainment),
                              level: source.arrival ?? pathway.levels[attainment.level])
                guard accepts(way) else { continue }
                for index in missing.flatMap({ byTarget[$0] ?? [] }) {
                    serves[Int(index)].insert(leaf)
                    toppingUp[index, default: []].insert(source.target)
                }
                ways.append(way)
            }
        }
        return ways
    }

    func element(whole leaf: Int32) -> Int32? { number[.whole(leaf)] }

    mutating func miss(_ leaf: Int32, _ thousandths: Int64) { creditsMissing[leaf] = thousandths }

    mutating func serve(_ leaf: Int32, by element: Int32) { serves[Int(element)].insert(leaf) }

    // MARK: Gates

    mutating func all(_ nodes: [Int32]) -> Int32 { atLeast(nodes.count, nodes) }
    mutating func any(_ nodes: [Int32]) -> Int32 { atLeast(1, nodes) }

    mutating func not(_ node: Int32) -> Int32 {
        node == yes ? no : node == no ? yes : circuit.add(required: 1, of: [node], isNegated: true)
    }

    /// A node named n times counts n times.
    mutating func atLeast(_ required: Int, _ nodes: [Int32]) -> Int32 {
        let open = nodes.filter { $0 != yes && $0 != no }
        let required = required - nodes.count { $0 == yes }
        if required <= 0 { return yes }
        if required > open.count { return no }
        return open.count == 1 ? open[0] : circuit.add(required: required, of: open)
    }
}

extension CompiledPathway {
    /// The level as documents write it; nil for one that no scale of the document has.
    func level(_ key: LevelKey) -> PathwayDocument.Level? {
        switch key.scale {
        case 1: return .number(key.rank)
        case 2...:
            let progression = Int(key.scale) - 2, rank = Int(key.rank)
            guard document.progressions.indices.contains(progression),
                  document.progressions[progression].levels.indices.contains(rank) else { return nil }
            return .text(document.progressions[progression].levels[rank])
        default: return nil
        }
    }
}
