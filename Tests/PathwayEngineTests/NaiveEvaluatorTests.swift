import Domain
import PathwayEngine
import Testing

struct NaiveEvaluatorTests {
    static let seeds: [UInt64] = [1, 2, 3, .random(in: 4...(.max))]

    @Test(.timeLimit(.minutes(5)), arguments: seeds)
    func `it agrees with a direct reading of the rules for every set of attainments`(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var disagreements: [String] = []
        for _ in 0..<40 {
            let (document, attainments) = randomCase(&random)
            for subset in subsets(of: attainments) {
                let standing = evaluate(document, subset)
                let direct = DirectReading(document: document, attainments: subset)
                let expected = document.components.map { "\($0.id) \(direct.state(of: $0.id))" }
                let actual = document.components.map { "\($0.id) \(standing.components[$0.id]!.state.rawValue)" }
                if expected != actual || standing.isComplete != document.destinations.allSatisfy(direct.isMet)
                    || Set(standing.milestonesReached) != direct.milestones
                    || Set(standing.entitlementsEarned) != direct.entitlements {
                    disagreements.append("\(expected) \(actual) \(document) \(subset)")
                }
            }
        }
        #expect(disagreements == [], "seed \(seed)")
    }

    @Test(.timeLimit(.minutes(5)), arguments: seeds)
    func `one more attainment never lowers anything`(_ seed: UInt64) {
        let rank: [FulfillmentState: Int] = [.noEvidence: 0, .inProgress: 1, .met: 2, .unknown: 0]
        var random = SplitMix64(seed: seed)
        var lowered: [String] = []
        for _ in 0..<40 {
            let (document, attainments) = randomCase(&random)
            let standings = subsets(of: attainments).map { evaluate(document, $0) }
            for (number, standing) in standings.enumerated() {
                for bit in attainments.indices where number & (1 << bit) == 0 {
                    let more = standings[number | (1 << bit)]
                    let isLower = standing.components.contains { id, was in
                        rank[was.state]! > rank[more.components[id]!.state]!
                    }
                    let withdrawn = more.changes(from: standing).contains { change in
                        switch change {
                        case .componentFulfilled, .milestoneReached, .completed, .entitlementEarned: false
                        default: true
                        }
                    }
                    if isLower || withdrawn { lowered.append("\(document) \(number) + \(bit)") }
                }
            }
        }
        #expect(lowered == [], "seed \(seed)")
    }

    @Test(arguments: seeds)
    func `the order of components, attainments and destinations changes nothing`(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var differences = 0
        for _ in 0..<200 {
            let (document, attainments) = randomCase(&random)
            var shuffled = document
            shuffled.components.shuffle(using: &random)
            shuffled.entitlements.shuffle(using: &random)
            shuffled.destinations.shuffle(using: &random)
            if evaluate(document, attainments) != evaluate(shuffled, attainments.shuffled(using: &random)) {
                differences += 1
            }
        }
        #expect(differences == 0, "seed \(seed)")
    }

    @Test(arguments: seeds)
    func `what remains is empty exactly when the pathway is complete, and doing it completes the pathway`(
        _ seed: UInt64
    ) {
        var random = SplitMix64(seed: seed)
        var wrong: [String] = []
        for _ in 0..<200 {
            let (document, attainments) = randomCase(&random)
            let standing = evaluate(document, attainments)
            let remaining = standing.remaining(of: document)
            let done = document.components.filter { remaining.contains($0.id) }.map { component in
                HeldAttainment(id: attainmentID(9), target: component.target!, level: 9, from: today)
            }
            if remaining.isEmpty != standing.isComplete || !evaluate(document, attainments + done).isComplete {
                wrong.append("\(document) \(attainments)")
            }
        }
        #expect(wrong == [], "seed \(seed)")
    }

    /// One component of level 2; the attainments; what is found, and in which state.
    @Test(arguments: [
        ([], TargetProgress.Finding.missing, FulfillmentState.noEvidence, nil),
        ([held("a", number: 1, level: 2)], .held, .met, 1),
        ([held("a", number: 1, level: 1.5)], .belowLevel, .inProgress, 1),
        ([held("a", number: 1)], .belowLevel, .inProgress, 1),
        ([held("a", number: 1), held("a", number: 2, level: 1)], .belowLevel, .inProgress, 2),
        ([held("b", number: 1, level: 2)], .missing, .noEvidence, nil),
        ([held("a", number: 1, level: 2, from: 1)], .missing, .noEvidence, nil),
        ([held("a", number: 1, level: 2, from: -9_000)], .held, .met, 1),
        ([held("a", number: 1, level: 2, from: -9, until: 0)], .held, .met, 1),
        ([held("a", number: 1, level: 2, from: -9, until: -1)], .lapsed, .inProgress, 1),
        ([held("a", number: 1, level: 2, from: -9, until: -1), held("a", number: 2, level: 1)], .belowLevel,
         .inProgress, 2),
        ([held("a", number: 1, level: 2), held("a", number: 2, level: 3)], .held, .met, 2),
        ([held("a", number: 1, level: 2, from: -1), held("a", number: 2, level: 2, from: -2)], .held, .met, 2),
        ([held("a", number: 2, level: 2), held("a", number: 1, level: 2)], .held, .met, 1),
    ] as [([HeldAttainment], TargetProgress.Finding, FulfillmentState, UInt8?)])
    func `a target is held by what is current and high enough`(
        _ attainments: [HeldAttainment], _ finding: TargetProgress.Finding, _ state: FulfillmentState, _ best: UInt8?
    ) {
        let standing = evaluate(.of([.leaf("a", level: 2, currency: .issuer)], to: ["a"]), attainments)
        let progress = standing.components["a"]?.reason.target
        let chosen = attainments.first { $0.id == progress?.best?.attainment }?.id.uuid.bytes[0]
        let isRight = standing.components["a"]?.state == state && progress?.finding == finding && chosen == best
        #expect(isRight, "\(standing)")
    }

    @Test func `a component with a target and a condition needs both`() {
        var both = Component.leaf("a")
        both.condition = Condition(.all, of: ["b"])
        let document = PathwayDocument.of([both, .leaf("b")], to: ["a"])
        let states = [[], [held("a")], [held("b")], [held("a"), held("b")]].map {
            evaluate(document, $0).components["a"]?.state
        }
        #expect(states == [.noEvidence, .inProgress, .inProgress, .met])
    }

    @Test func `an operand counts as often as it is named, nested conditions as one each`() {
        let pair = Operand.condition(Condition(.all, of: ["b", "c"]))
        let document = PathwayDocument.of(
            [.node("a", .atLeast(2), of: ["b", "b", pair]), .node("x", .atLeast(2), of: ["d", pair]),
             .leaf("b"), .leaf("c"), .leaf("d")], to: ["a", "x"])
        let standing = evaluate(document, [held("b"), held("c")])
        #expect(standing.components["a"]?.reason.condition == ConditionProgress(
            required: 2, operands: 3, met: ["b", "b"], unmet: [],
            nested: [ConditionProgress(required: 2, operands: 2, met: ["b", "c"], unmet: [], nested: [])]))
        #expect(standing.componentsMet == ["a", "b", "c"])
    }

    @Test func `a document that the check refuses still gets an answer, and never a generous one`() {
        let document = PathwayDocument.of(
            [
                .node("loop", .any, of: ["pool"]), .node("pool", .any, of: ["loop"]), .node("self", .all, of: ["self"]),
                .node("ghost", .all, of: ["nobody"]), .node("empty", .all, of: []),
                .node("many", .atLeast(2), of: ["a"]),
                Component(id: "nothing", kind: .basic, title: "Nothing"), .leaf("a"), .node("a", .any, of: ["a"]),
            ],
            to: [])
        let standing = evaluate(document, [held("a")])
        #expect(standing.componentsMet == ["a"])
        #expect(standing.isComplete == false)
    }
}

/// The rules again, told the other way round: top down, by recursion, in yes and no.
private struct DirectReading {
    let document: PathwayDocument
    let attainments: [HeldAttainment]

    func isMet(_ id: String) -> Bool {
        let component = document.components.first { $0.id == id }!
        if let target = component.target {
            var isHeld = false
            for one in attainments where one.target == target && one.from <= today {
                if component.currency == .issuer && one.until ?? today < today { continue }
                if number(component.level) <= number(one.level) { isHeld = true }
            }
            if !isHeld { return false }
        }
        return component.condition.map(holds) ?? true
    }

    private func number(_ level: PathwayDocument.Level?) -> Double {
        if case .number(let number) = level { number } else { 0 }
    }

    private func holds(_ condition: Condition) -> Bool {
        var count = 0, size = 0
        for operand in condition.of {
            size += 1
            switch operand {
            case .component(let id): if isMet(id) { count += 1 }
            case .condition(let inner): if holds(inner) { count += 1 }
            case .constraint: fatalError("not in these cases")
            }
        }
        return switch condition.require {
        case .all: count == size
        case .any: count > 0
        case .atLeast(let number): count >= number
        case .none: count == 0
        }
    }

    private func hasEvidence(_ id: String) -> Bool {
        let component = document.components.first { $0.id == id }!
        if attainments.contains(where: { $0.target == component.target && $0.from <= today }) { return true }
        var names: [String] = [], conditions = component.condition.map { [$0] } ?? []
        while let next = conditions.popLast() {
            for operand in next.of {
                switch operand {
                case .component(let id): names.append(id)
                case .condition(let inner): conditions.append(inner)
                case .constraint: break
                }
            }
        }
        return names.contains(where: hasEvidence)
    }

    func state(of id: String) -> String { isMet(id) ? "met" : hasEvidence(id) ? "in_progress" : "no_evidence" }

    var milestones: Set<String> {
        Set(document.components.filter { $0.milestone != nil }.map(\.id).filter(isMet))
    }

    var entitlements: Set<String> { Set(document.entitlements.filter { isMet($0.after) }.map(\.id)) }
}

private func subsets(of attainments: [HeldAttainment]) -> [[HeldAttainment]] {
    (0..<1 << attainments.count).map { number in
        attainments.enumerated().filter { number & (1 << $0.offset) != 0 }.map(\.element)
    }
}

/// Two to eight components over four targets, conditions only downward in a hidden order, and six attainments with
/// all sorts of levels and dates.
private func randomCase(_ random: inout SplitMix64) -> (PathwayDocument, [HeldAttainment]) {
    let targets = ["p", "q", "r", "s"]
    var components: [Component] = []
    for number in 0..<Int.random(in: 2...8, using: &random) {
        var component = Component(id: "c\(number)", kind: .basic, title: "C\(number)")
        let isLeaf = number == 0 || Int.random(in: 0..<3, using: &random) == 0
        if isLeaf || Int.random(in: 0..<4, using: &random) == 0 {
            component.target = "urn:test:" + targets.randomElement(using: &random)!
            if Bool.random(using: &random) { component.level = .number(Double(Int.random(in: 1...3, using: &random))) }
            if Bool.random(using: &random) { component.currency = .issuer }
        }
        if !isLeaf { component.condition = randomCondition(below: number, depth: 0, &random) }
        if Int.random(in: 0..<3, using: &random) == 0 { component.milestone = .init(title: "M") }
        components.append(component)
    }
    let ids = components.map(\.id)
    let destinations = Set((0..<Int.random(in: 1...2, using: &random)).map { _ in ids.randomElement(using: &random)! })
    let entitlements = (0..<2).map {
        PathwayDocument.Entitlement.test("e\($0)", after: ids.randomElement(using: &random)!)
    }
    let attainments = (1...6).map { number in
        held(targets.randomElement(using: &random)!, number: UInt8(number),
             level: Bool.random(using: &random) ? .number(Double(Int.random(in: 1...3, using: &random))) : nil,
             from: Int.random(in: -2...1, using: &random),
             until: Int.random(in: 0..<3, using: &random) == 0 ? Int.random(in: -1...1, using: &random) : nil)
    }
    components.shuffle(using: &random)
    return (.of(components, to: destinations.sorted(), entitlements: entitlements), attainments)
}

private func randomCondition(below number: Int, depth: Int, _ random: inout SplitMix64) -> Condition {
    let operands = (0..<Int.random(in: 1...4, using: &random)).map { _ -> Operand in
        depth < 3 && Int.random(in: 0..<3, using: &random) == 0
            ? .condition(randomCondition(below: number, depth: depth + 1, &random))
            : .component("c\(Int.random(in: 0..<number, using: &random))")
    }
    let require: Condition.Requirement = switch Int.random(in: 0..<3, using: &random) {
    case 0: .all
    case 1: .any
    default: .atLeast(Int.random(in: 1...operands.count, using: &random))
    }
    return Condition(require, of: operands)
}
