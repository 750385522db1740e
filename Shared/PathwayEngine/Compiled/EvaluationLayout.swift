import Domain

/// What the evaluators of one learner read, laid out flat: numbers in arrays, and no reference to count in a loop.
final class EvaluationLayout: Sendable {
    /// One for each target leaf.
    let rules: [Rule]
    let sources: [FlatSource]
    /// Indices of targets; `FlatSource.topUps` are ranges of it.
    let topUps: [Int32]
    /// Of each source, the numbers of its crosswalks.
    let ways: [[Int]]
    let conditions: ConditionLayout
    /// Of each constraint, as the document has it.
    let constraints: [PathwayDocument.Constraint]
    /// Which target leaves read a target, one list after the other; a range for each target.
    let readers: Lists
    /// Which constraints are over a target leaf.
    let constraintsOver: Lists
    /// Which gates have a node as operand, as often as they do.
    let gatesAbove: Lists
    /// Which constraints compare with the day of the evaluation.
    let constraintsAsOf: [Int32]
    /// All numbers of days of currency, distinct.
    let currencyDays: [Int32]
    let progressions: [PathwayDocument.Progression]
    /// Of the components, in the order of the document.
    let ids: [String]
    /// Every component with nothing said of it yet, and where it is, in the order of the document: a standing is a copy
    /// that is filled in, so that no id is hashed and no value moved.
    let untold: [String: Fulfillment]
    let untoldIndex: [Dictionary<String, Fulfillment>.Index]
    /// Which components stand at a node.
    let componentsAt: Lists
    /// Components that are milestones, by the order of their ids.
    let milestones: [(id: String, node: Int32)]
    /// By the order of their ids, with the node of the component.
    let entitlements: [(id: String, node: Int32)]

    struct Rule {
        var sources: Range<Int32>
        var related: Range<Int32>
        /// Scale -1: any attainment counts.
        var wanted: LevelKey
        var bases: UInt8
        var currency: Int32

        var isAnyLevel: Bool { wanted.scale < 0 }

        static let noCurrency: Int32 = -1
        /// Through the attainment's own `until`; a positive number is that of the days.
        static let issuer: Int32 = 0
    }

    struct FlatSource {
        var target: Int32
        var canSuffice: Bool
        /// Scale -1: the attainment's own.
        var arrival: LevelKey
        var topUps: Range<Int32>
    }

    /// Lists of numbers, end to end.
    struct Lists {
        private(set) var starts: [Int32]
        private(set) var items: [Int32]

        /// From pairs of a list's number and an item, which keep their order within a list.
        init(count: Int, _ pairs: [(list: Int32, item: Int32)]) {
            starts = [Int32](repeating: 0, count: count + 1)
            for pair in pairs { starts[Int(pair.list) + 1] += 1 }
            for list in 0..<count { starts[list + 1] += starts[list] }
            var next = starts
            items = [Int32](repeating: 0, count: pairs.count)
            for pair in pairs {
                items[Int(next[Int(pair.list)])] = pair.item
                next[Int(pair.list)] += 1
            }
        }

        @inline(__always) func range(_ list: Int32) -> Range<Int> {
            Int(starts[Int(list)])..<Int(starts[Int(list) + 1])
        }
    }

    private static let anyScale = LevelKey(scale: -1, rank: 0)

    init(_ parts: PathwayCompiler) {
        var rules: [Rule] = [], sources: [FlatSource] = [], topUps: [Int32] = [], ways: [[Int]] = []
        var readers: [(list: Int32, item: Int32)] = [], days: Set<Int32> = []
        func flat(_ list: [Source], of leaf: Int32, _ reads: inout Set<Int32>) -> Range<Int32> {
            let start = Int32(sources.count)
            for source in list {
                let first = Int32(topUps.count)
                topUps += source.topUps
                sources.append(FlatSource(
                    target: source.target, canSuffice: source.canSuffice,
                    arrival: source.arrival ?? Self.anyScale, topUps: first..<Int32(topUps.count)))
                ways.append(source.crosswalks.map(Int.init))
                reads.insert(source.target)
                reads.formUnion(source.topUps)
            }
            return start..<Int32(sources.count)
        }
        for (number, leaf) in parts.leaves.enumerated() {
            guard case .target(let rule) = leaf else { continue }
            var reads: Set<Int32> = []
            let own = flat(rule.sources, of: Int32(number), &reads)
            let related = flat(rule.related, of: Int32(number), &reads)
            let currency: Int32 = switch rule.currency {
            case nil: Rule.noCurrency
            case .issuer: Rule.issuer
            case .days(let days): Int32(clamping: days)
            }
            if currency > 0 { days.insert(currency) }
            rules.append(Rule(sources: own, related: related, wanted: rule.wanted ?? Self.anyScale,
                              bases: rule.bases.rawValue, currency: currency))
            readers += reads.sorted().map { ($0, Int32(number)) }
        }
        self.rules = rules
        self.sources = sources
        self.topUps = topUps
        self.ways = ways
        self.readers = Lists(count: parts.targets.count, readers)
        currencyDays = days.sorted()
        conditions = ConditionLayout(parts)

        var over: [(list: Int32, item: Int32)] = [], asOf: [Int32] = []
        for (number, leaf) in parts.leaves.dropFirst(parts.targetLeaves).prefix(parts.constraintLeaves).enumerated() {
            guard case .constraint(let rule) = leaf else { continue }
            over += Set(rule.over).sorted().map { ($0, Int32(number)) }
            if rule.value == .asOf { asOf.append(Int32(number)) }
        }
        constraintsOver = Lists(count: parts.targetLeaves, over)
        constraintsAsOf = asOf
        constraints = parts.constraints

        var above: [(list: Int32, item: Int32)] = []
        for (number, gate) in parts.circuit.gates.enumerated() {
            for place in gate.operands { above.append((parts.circuit.operands[Int(place)], Int32(number))) }
        }
        gatesAbove = Lists(count: parts.circuit.nodes, above)

        let document = parts.document
        progressions = document.progressions
        ids = document.components.map(\.id)
        componentsAt = Lists(
            count: parts.circuit.nodes, parts.componentNode.enumerated().map { ($1, Int32($0)) })
        milestones = document.components.enumerated().filter { $1.milestone != nil }
            .map { (id: $1.id, node: parts.componentNode[$0]) }.sorted { $0.id < $1.id }
        entitlements = document.entitlements.compactMap { entitlement in
            parts.componentIndex[entitlement.after].map { (id: entitlement.id, node: parts.componentNode[$0]) }
        }.sorted { $0.id < $1.id }
        let untold = Dictionary(
            document.components.map { ($0.id, Self.untold($0)) }, uniquingKeysWith: { first, _ in first })
        self.untold = untold
        untoldIndex = document.components.map { untold.index(forKey: $0.id)! }
    }

    private static func untold(_ component: PathwayDocument.Component) -> Fulfillment {
        let target = component.target.map {
            TargetProgress(finding: .missing, target: $0, wanted: component.level, best: nil)
        }
        return Fulfillment(state: .noEvidence, reason: .init(target: target))
    }
}
