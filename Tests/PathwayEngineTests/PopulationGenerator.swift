import Domain
import PathwayEngine

/// Random pathways with everything that the format has, and random learners to walk them.
struct PopulationGenerator {
    var random: SplitMix64
    let targets = (0..<7).map { "urn:test:t\($0)" }
    let levels: [PathwayDocument.Level] = [1, 2, 2.5, 3, "low", "mid", "high"]

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
    mutating func pick<T>(_ some: [T]) -> T { some.randomElement(using: &random)! }
    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

    // MARK: Pathways

    mutating func document() -> PathwayDocument {
        var document = PathwayDocument.of([], to: [])
        document.progressions = [.init(id: "p", levels: ["low", "mid", "high"])]
        if chance(60) { document.crosswalks = (0..<number(1...3)).map { _ in crosswalk() } }
        for number in 0..<number(1...8) { document.components.append(component(number, document)) }
        let ids = document.components.map(\.id)
        document.destinations = Array(Set((0..<number(1...2)).map { _ in pick(ids) })).sorted()
        document.entitlements = (0..<2).map { .test("e\($0)", after: pick(ids)) }
        if chance(40) {
            document.waivers = ["z1", "z2"].prefix(number(1...2)).map { zone in
                .init(zone: zone, components: Array(Set([pick(ids), pick(ids)])).sorted())
            }
        }
        return document
    }

    /// The same with some of it changed.
    mutating func edited(_ document: PathwayDocument) -> PathwayDocument {
        var edited = document
        for place in edited.components.indices where chance(30) {
            switch number(0...2) {
            case 0 where edited.components[place].target != nil:
                edited.components[place].level = chance(50) ? pick(levels) : nil
            case 1: edited.components[place].milestone = chance(50) ? .init(title: "M") : nil
            default:
                if let condition = edited.components[place].condition, condition.of.count > 1 {
                    edited.components[place].condition?.require = .atLeast(number(1...condition.of.count))
                }
            }
        }
        if chance(30) { edited.entitlements.removeLast() }
        if chance(30) {
            edited.components.append(.leaf("more"))
            edited.destinations.append("more")
        }
        return edited
    }

    private mutating func crosswalk() -> PathwayDocument.Crosswalk {
        let from = pick(targets), to = pick(targets.filter { $0 != from })
        return .init(
            from: from, to: to, confers: chance(80), strength: pick([.equivalent, .mostly, .partially]),
            topUp: chance(50) ? [pick(targets.filter { $0 != from && $0 != to })] : [],
            level: chance(40) ? pick(levels) : nil, chains: chance(40))
    }

    private mutating func component(_ number: Int, _ document: PathwayDocument) -> Component {
        var component = Component(id: "c\(number)", kind: .basic, title: "C\(number)")
        let isLeaf = number == 0 || chance(40)
        if isLeaf || chance(30) {
            component.target = pick(targets)
            if chance(50) { component.level = pick(levels) }
            if chance(30) { component.currency = chance(50) ? .issuer : .days(pick([1, 30, 300])) }
            if chance(25) { component.bases = pick([[.assessed], [.assessed, .granted], [.priorLearning, .articulated]]) }
        }
        if !isLeaf { component.condition = condition(below: number, depth: 0, document) }
        if chance(30) { component.milestone = .init(title: "M") }
        return component
    }

    private mutating func condition(below number: Int, depth: Int, _ document: PathwayDocument) -> Condition {
        let operands = (0..<self.number(1...5)).map { _ -> Operand in
            if depth < 3, chance(25) { return .condition(condition(below: number, depth: depth + 1, document)) }
            if chance(35) { return .constraint(constraint(document)) }
            return .component("c\(self.number(0...(number - 1)))")
        }
        let require: Condition.Requirement = switch self.number(0...4) {
        case 0: .all
        case 1: .any
        case 2: .none
        default: .atLeast(self.number(1...operands.count))
        }
        return Condition(require, of: operands)
    }

    private mutating func constraint(_ document: PathwayDocument) -> PathwayDocument.Constraint {
        typealias Comparator = PathwayDocument.Constraint.Comparator
        let named = document.components.filter { $0.target != nil }.map(\.id)
        let over = Array(Set((0..<number(1...4)).map { _ in
            !named.isEmpty && chance(40) ? pick(named) : pick(targets)
        })).sorted()
        let comparator = pick(Comparator.allCases)
        switch number(0...3) {
        case 0:
            return .init(.level, over: over, comparator, chance(50) ? .number(2) : .text("mid"))
        case 1:
            return .init(.count, over: over, comparator, .number(Double(number(0...over.count))))
        case 2:
            let date = CalendarDate(daysSince1970: today.daysSince1970 + number(-40...40))
            return .init(.until, over: over, comparator, chance(40) ? .asOf : .text("\(date)"))
        default:
            // Entries that no crosswalk and no target joins, so that no attainment counts under two caps.
            let separable = document.crosswalks.isEmpty ? over.filter { $0.contains(":") } : []
            let isPure = separable.count == over.count
            let caps = isPure && chance(60)
                ? separable.prefix(number(1...2)).map {
                    PathwayDocument.Constraint.Cap(over: [$0], most: Credits(pick([0.5, 2, 3.25, 6]))!)
                } : []
            return .init(.credits, over: over, comparator, .number(pick([0, 0.5, 1.125, 3, 4.5, 9, 12])), caps: caps)
        }
    }

    // MARK: Learners

    /// - Parameter isKnown: nobody's record is behind.
    mutating func learner(isKnown: Bool) -> LearnerFacts {
        let attainments = (0..<number(0...9)).map { number in
            HeldAttainment(
                id: attainmentID(UInt8(number)), target: pick(targets),
                level: chance(70) ? pick(levels + ["elsewhere"]) : nil,
                credits: chance(60) ? Credits(pick([0, 0.125, 0.5, 1, 1.5, 3, 4])) : nil,
                basis: pick(AttainmentBasis.allCases),
                from: CalendarDate(daysSince1970: today.daysSince1970 + pick([-400, -200, -31, -30, -1, 0, 1])),
                until: chance(40) ? CalendarDate(daysSince1970: today.daysSince1970 + self.number(-40...40)) : nil)
        }
        let unknown: LearnerFacts.Unknown = switch isKnown ? 9 : number(0...9) {
        case 0: .everything
        case 1...3: .targets(Set((0..<number(1...3)).map { _ in pick(targets) }))
        default: .nothing
        }
        return LearnerFacts(attainments, zones: chance(20) ? [pick(["z1", "z2", "z3"])] : [], unknown: unknown)
    }

    /// Many learners of whom few are distinct; the numbers say which one each is.
    mutating func population(_ count: Int, distinct: Int, isKnown: Bool) -> (Population, [LearnerFacts], [Int]) {
        let pool = (0..<min(count, distinct)).map { _ in learner(isKnown: isKnown) }
        let which = (0..<count).map { $0 < pool.count ? $0 : number(0...(pool.count - 1)) }
        return (Population(which.enumerated().map { ("n\($0)", pool[$1]) }), pool, which)
    }
}
