import Domain
import PathwayEngine

/// Small random pathways and learners that use everything at once: shared targets at several levels, bases, currency,
/// crosswalks with top-ups and chains, waivers, constraints.
struct PathwayMaker {
    var random: SplitMix64
    private var hasPartialCap = false

    init(random: SplitMix64) { self.random = random }

    mutating func document(withNegation: Bool) -> PathwayDocument {
        hasPartialCap = false
        let leafCount = Int.random(in: 2...5, using: &random)
        var components = (0..<leafCount).map { number in
            var component = Component.leaf("c\(number)", level: level(), milestone: oneIn(4) ? "Step" : nil)
            component.target = target()
            if oneIn(5) { component.bases = oneIn(2) ? [.priorLearning] : [.assessed, .granted] }
            if oneIn(4) { component.currency = oneIn(2) ? .issuer : .days(10) }
            return component
        }
        for number in 0..<Int.random(in: 1...3, using: &random) {
            let below = components.map(\.id)
            var node = Component.node(
                "n\(number)", .all, of: [], milestone: oneIn(3) ? "Stage" : nil)
            node.condition = condition(below, leafCount, depth: 0, withNegation)
            if oneIn(5) { (node.target, node.level) = (target(), level()) }
            components.append(node)
        }
        var document = PathwayDocument.of(components, to: [components.last!.id])
        if oneIn(4) { document.destinations.append("c0") }
        document.progressions = [.init(id: "steps", levels: ["low", "mid", "high"])]
        document.crosswalks = (0..<Int.random(in: 0...5, using: &random)).compactMap { _ in crosswalk() }
        if hasPartialCap { document.crosswalks = [] }
        if oneIn(4) { document.waivers = [.init(zone: "zone", components: ["c1"])] }
        document.entitlements = [.test("e0", after: "c0"), .test("e1", after: components.last!.id)]
        return document
    }

    /// 200 components: 130 targets, conditions in layers over them, one destination over the last ones; a learner who
    /// holds a third of the targets.
    mutating func large() -> (PathwayDocument, LearnerFacts) {
        var components = (0..<130).map { Component.leaf("c\($0)", level: oneIn(3) ? 2 : nil) }
        for number in 0..<69 {
            let first = number < 40 ? 0 : 130 + (number - 40) / 2, end = number < 40 ? 130 : components.count
            let operands = (0..<Int.random(in: 2...6, using: &random)).map { _ in
                Operand.component("\(components[Int.random(in: first..<end, using: &random)].id)")
            }
            components.append(.node("n\(number)", [.all, .any, .atLeast((operands.count + 1) / 2)]
                .randomElement(using: &random)!, of: operands))
        }
        let over = (120..<130).map { "c\($0)" }
        components.append(.node("done", .all, of: components.suffix(12).map { .component($0.id) }
            + [.constraint(.init(.credits, over: over, .atLeast, .number(12)))]))
        let facts = LearnerFacts((0..<130).filter { _ in oneIn(3) }.map { number in
            held("c\(number)", number: UInt8(number + 1), level: 2, credits: 3)
        })
        return (.of(components, to: ["done"]), facts)
    }

    /// A set cover: 60 choices of six among 60 targets, all wanted.
    mutating func cover() -> PathwayDocument {
        let leaves = (0..<60).map { Component.leaf("c\($0)") }
        let choices = (0..<60).map { number in
            Component.node("n\(number)", .any, of: (0..<6).map { _ in
                .component("c\(Int.random(in: 0..<60, using: &random))")
            })
        }
        return .of([.node("done", .all, of: choices.map { .component($0.id) })] + choices + leaves, to: ["done"])
    }

    mutating func facts() -> LearnerFacts {
        let held = (0..<Int.random(in: 0...3, using: &random)).map { number in
            var attainment = PathwayEngineTests.held(
                "x", number: UInt8(number + 1), level: level(),
                basis: AttainmentBasis.allCases.randomElement(using: &random)!,
                from: .random(in: -20...2, using: &random), until: oneIn(3) ? .random(in: -5...5, using: &random) : nil)
            attainment.target = target()
            if oneIn(2) { attainment.credits = Credits(Double(Int.random(in: 1...4, using: &random))) }
            return attainment
        }
        return LearnerFacts(held, zones: oneIn(3) ? ["zone"] : [])
    }

    mutating func costs() -> NextCosts {
        var costs = NextCosts(weights: .init(days: 2, distance: 1, fee: 1))
        for number in 0..<6 where !oneIn(4) {
            costs.costs["urn:test:t\(number)"] = .init(
                days: .init(Double(Int.random(in: 0...3, using: &random))), fee: oneIn(2) ? 3 : nil,
                credits: oneIn(3) ? nil : .init([1.5, 2, 3].randomElement(using: &random)!))
        }
        return costs
    }

    mutating func oneIn(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &random) == 0 }

    private mutating func target() -> String { "urn:test:t\(Int.random(in: 0..<6, using: &random))" }

    private mutating func level() -> PathwayDocument.Level? {
        [nil, nil, 1, 2, 3, "low", "mid", "high"].randomElement(using: &random)!
    }

    private mutating func crosswalk() -> PathwayDocument.Crosswalk? {
        let from = target(), to = target()
        guard from != to else { return nil }
        return .init(
            from: from, to: to, confers: !oneIn(5), strength: oneIn(3) ? .equivalent : .mostly,
            topUp: (0..<Int.random(in: 0...2, using: &random)).map { _ in target() }, level: oneIn(3) ? level() : nil,
            chains: oneIn(2))
    }

    private mutating func condition(
        _ below: [String], _ leafCount: Int, depth: Int, _ withNegation: Bool
    ) -> Condition {
        let operands = (0..<Int.random(in: 2...4, using: &random)).map { _ -> Operand in
            switch Int.random(in: 0..<8, using: &random) {
            case 0 where depth < 2: .condition(condition(below, leafCount, depth: depth + 1, withNegation))
            case 1, 2: .constraint(constraint(leafCount, withNegation))
            default: .component(below.randomElement(using: &random)!)
            }
        }
        if withNegation, oneIn(5) { return Condition(.none, of: operands) }
        return Condition(
            [.all, .any, .atLeast(Int.random(in: 1...operands.count, using: &random))].randomElement(using: &random)!,
            of: operands)
    }

    private mutating func constraint(_ leafCount: Int, _ withNegation: Bool) -> PathwayDocument.Constraint {
        var over: [String] = []
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let entry = oneIn(2) ? target() : "c\(Int.random(in: 0..<leafCount, using: &random))"
            if !over.contains(entry) { over.append(entry) }
        }
        let upward: [PathwayDocument.Constraint.Comparator] = [.atLeast, .greater]
        let comparator = (withNegation ? PathwayDocument.Constraint.Comparator.allCases : upward)
            .randomElement(using: &random)!
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return .init(.level, over: over, upward.randomElement(using: &random)!,
                             oneIn(2) ? .number(Double(Int.random(in: 1...3, using: &random))) : .text("mid"))
        case 1: return .init(.until, over: over, upward.randomElement(using: &random)!, .asOf)
        case 2: return .init(.count, over: over, comparator, .number(Double(Int.random(in: 0...3, using: &random))))
        default:
            // No attainment may count in two groups: a cap is over all, or over one of several targets without ways
            // from one to another.
            var capped = over
            if over.count > 1, over.allSatisfy({ $0.contains(":") }), oneIn(2) {
                capped = [over[0]]
                hasPartialCap = true
            }
            let caps: [PathwayDocument.Constraint.Cap] = oneIn(2)
                ? [.init(over: capped, most: Credits(Double(Int.random(in: 1...4, using: &random)))!)] : []
            return .init(.credits, over: over, comparator, .number(Double(Int.random(in: 1...8, using: &random))),
                         caps: caps)
        }
    }
}

/// The minimal sets of what is offered, by evaluating the pathway with each subset added.
struct ExhaustiveWays {
    let document: PathwayDocument
    let facts: LearnerFacts
    let offered: [HeldAttainment]

    func completes(_ added: [HeldAttainment]) -> Bool {
        var facts = facts
        facts.attainments += added
        return NaiveEvaluator.evaluate(document, facts, on: today).isComplete
    }

    /// Ids, sorted, of each minimal set.
    func minimal() -> Set<[String]> {
        let masks = (0..<1 << offered.count).sorted { ($0.nonzeroBitCount, $0) < ($1.nonzeroBitCount, $1) }
        var minimal: [Int] = []
        for mask in masks where !minimal.contains(where: { $0 & mask == $0 }) {
            if completes(offered.indices.filter { mask >> $0 & 1 == 1 }.map { offered[$0] }) { minimal.append(mask) }
        }
        return Set(minimal.map { mask in
            offered.indices.filter { mask >> $0 & 1 == 1 }.map { offered[$0].id.description }.sorted()
        })
    }
}
