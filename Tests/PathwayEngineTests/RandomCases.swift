import Domain
import Foundation
import PathwayEngine

/// Documents and learners that use everything the format has, small enough that much of it meets.
struct RandomCases {
    var random: SplitMix64
    /// Without `none` and comparators that bound from above.
    var isMonotone = false

    static let targets = ["p", "q", "r", "s", "t", "u"].map { "urn:test:\($0)" }
    static let words = ["low", "mid", "high", "bronze", "gold"]

    init(seed: UInt64, isMonotone: Bool = false) {
        random = SplitMix64(seed: seed)
        self.isMonotone = isMonotone
    }

    mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    mutating func chance(_ one: Int, in all: Int) -> Bool { int(1...all) <= one }
    mutating func pick<T>(_ list: [T]) -> T { list[int(0...list.count - 1)] }

    // MARK: Documents

    /// Two to nine components, conditions only downward in a hidden order. Some few are refused by the check.
    mutating func document() -> PathwayDocument {
        var components: [Component] = []
        for number in 0..<int(2...9) {
            var component = Component(id: "c\(number)", kind: .basic, title: "C\(number)")
            let isLeaf = number == 0 || chance(1, in: 3)
            if isLeaf || chance(1, in: 4) {
                component.target = pick(Self.targets)
                if chance(1, in: 2) { component.level = level() }
                if chance(1, in: 5) { component.bases = bases() }
                if chance(1, in: 3) { component.currency = chance(1, in: 2) ? .issuer : .days(int(1...3)) }
            }
            if !isLeaf {
                component.condition = condition(over: components, depth: 0)
            }
            if chance(1, in: 3) { component.milestone = .init(title: "M") }
            components.append(component)
        }
        let ids = components.map(\.id)
        var document = PathwayDocument.of(
            components.shuffled(using: &random), to: Set((0..<int(1...2)).map { _ in pick(ids) }).sorted(),
            entitlements: (0..<2).map { .test("e\($0)", after: pick(ids)) })
        document.progressions = [
            .init(id: "steps", levels: Array(Self.words[0...2])), .init(id: "medals", levels: Array(Self.words[3...4])),
        ]
        if chance(1, in: 2) { document.crosswalks = crosswalks() }
        if chance(1, in: 3) {
            document.waivers = (0..<int(1...2)).map { _ in
                .init(zone: pick(["north", "south"]), components: [pick(ids)], decision: chance(1, in: 2) ? "D" : nil)
            }
        }
        return document
    }

    mutating func level() -> PathwayDocument.Level {
        chance(2, in: 3) ? .number(Double(int(1...3))) : .text(pick(Self.words))
    }

    mutating func bases() -> [AttainmentBasis] {
        AttainmentBasis.allCases.shuffled(using: &random).prefix(int(1...3)).map { $0 }
    }

    mutating func crosswalks() -> [PathwayDocument.Crosswalk] {
        var pairs: Set<String> = []
        return (0..<int(1...6)).compactMap { _ in
            let from = pick(Self.targets), to = pick(Self.targets)
            guard from != to, pairs.insert(from + to).inserted else { return nil }
            let strength = pick(PathwayDocument.Crosswalk.Strength.allCases)
            let topUp = strength == .equivalent ? [] : (0..<int(0...2)).map { _ in pick(Self.targets) }
            return .init(
                from: from, to: to, confers: chance(3, in: 4), strength: strength,
                topUp: Array(Set(topUp)).sorted(), level: chance(1, in: 4) ? level() : nil,
                chains: chance(1, in: 2))
        }
    }

    mutating func condition(over below: [Component], depth: Int) -> Condition {
        let operands = (0..<int(1...4)).map { _ -> Operand in
            if depth < 3 && chance(1, in: 4) { return .condition(condition(over: below, depth: depth + 1)) }
            if chance(1, in: 4) { return .constraint(constraint(over: below)) }
            return .component(pick(below).id)
        }
        let require: Condition.Requirement = switch int(0...(isMonotone ? 2 : 3)) {
        case 0: .all
        case 1: .any
        case 2: .atLeast(int(1...operands.count))
        default: .none
        }
        return Condition(require, of: operands)
    }

    mutating func constraint(over below: [Component]) -> PathwayDocument.Constraint {
        var over: [String] = []
        for _ in 0..<int(1...3) {
            let ids = below.filter { $0.target != nil }.map(\.id)
            over.append(!ids.isEmpty && chance(1, in: 2) ? pick(ids) : pick(Self.targets))
        }
        let comparator = pick(isMonotone ? [.atLeast, .greater] : PathwayDocument.Constraint.Comparator.allCases)
        switch int(0...3) {
        case 0:
            return .init(.level, over: over, comparator, chance(2, in: 3)
                ? .number(Double(int(1...3))) : .text(pick(Self.words)))
        case 1: return .init(.count, over: over, comparator, .number(Double(int(1...3))))
        case 2:
            let day = CalendarDate(daysSince1970: today.daysSince1970 + int(-2...2))
            return .init(.until, over: over, comparator, chance(1, in: 2) ? .asOf : .text("\(day)"))
        default:
            let capped = Set(over).sorted().prefix(int(0...2)).map { name in
                PathwayDocument.Constraint.Cap(over: [name], most: Credits(Double(int(1...4)) / 2)!)
            }
            return .init(.credits, over: over, comparator, .number(Double(int(1...8)) / 2), caps: capped)
        }
    }

    // MARK: Learners

    mutating func facts() -> LearnerFacts {
        let attainments = (1...6).prefix(int(0...6)).map { attainment(UInt8($0)) }
        let unknown: LearnerFacts.Unknown = switch int(0...5) {
        case 0: .everything
        case 1, 2: .targets(Set((0..<int(1...3)).map { _ in pick(Self.targets) }))
        default: .nothing
        }
        return LearnerFacts(attainments, zones: chance(1, in: 3) ? [pick(["north", "south"])] : [], unknown: unknown)
    }

    mutating func attainment(_ number: UInt8) -> HeldAttainment {
        HeldAttainment(
            id: attainmentID(number), target: pick(Self.targets),
            level: chance(2, in: 3) ? chance(1, in: 10) ? .text("odd") : level() : nil,
            credits: chance(1, in: 2) ? Credits(Double(int(0...6)) / 2) : nil,
            basis: chance(3, in: 4) ? .assessed : pick(AttainmentBasis.allCases),
            from: CalendarDate(daysSince1970: today.daysSince1970 + int(-4...1)),
            until: chance(1, in: 3) ? CalendarDate(daysSince1970: today.daysSince1970 + int(-2...2)) : nil)
    }
}

/// How many cases; `CAIRN_CASES` in the environment asks for another number of them.
func caseCount(_ usual: Int) -> Int {
    ProcessInfo.processInfo.environment["CAIRN_CASES"].flatMap { Int($0) } ?? usual
}
