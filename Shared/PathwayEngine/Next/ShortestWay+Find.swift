import Domain

extension ShortestWay {
    /// - Parameters:
    ///   - facts: what is unknown counts as not held, and the elements concerned say so.
    ///   - costs: nil: each element costs 1.
    package static func find(
        _ pathway: CompiledPathway, _ facts: LearnerFacts, on day: CalendarDate, to goal: Goal = .destinations,
        costs: NextCosts? = nil, limits: CompletionSearch.Limits = .init()
    ) throws(Refused) -> ShortestWay {
        let components = switch goal {
        case .destinations: pathway.document.destinations
        case .component(let id): [id]
        }
        var goals: [Int32] = []
        for id in components {
            guard let number = pathway.componentIndex[id] else { throw .unknownComponent(id) }
            goals.append(pathway.componentNode[number])
        }
        let next = NextCircuit(pathway, facts, on: day, goals: goals, costs: costs)
        let prices = NextPrices(next, costs)
        let outcome: CompletionSearch.Outcome
        do {
            outcome = try CompletionSearch.minimalSets(
                next.circuit, goals: next.goals, leaves: prices.leaves, limits: limits)
        } catch { throw .costs(error) }

        let trial = WayTrial(pathway: pathway, facts: facts, day: day, goals: goals)
        let writer = ElementWriter(next, prices)
        var ways: [Way] = [], unconfirmed = 0
        for set in outcome.sets {
            let elements = set.leaves.map(writer.element)
            let verdict = trial.verdict(elements)
            guard verdict != .no else { unconfirmed += 1; continue }
            ways.append(Way(
                elements: elements, cost: Double(set.cost) / 1000,
                isCheapestProven: set.isCheapestProven, isConfirmed: verdict != nil,
                isCertain: verdict.map { $0 == .yes } ?? (facts.unknown == .nothing)))
        }
        let isMet = ways.first.map { $0.elements.isEmpty && $0.isCertain } ?? false
        return ShortestWay(
            components: components, isMet: isMet, ways: isMet ? [] : ways,
            isComplete: outcome.ending == .all && unconfirmed == 0, ending: outcome.ending,
            othersCostAtLeast: outcome.othersCostAtLeast.map { Double($0) / 1000 }, unconfirmed: unconfirmed,
            work: outcome.work, workMax: limits.work)
    }
}

/// The cost of each leaf of the circuit.
struct NextPrices {
    private(set) var leaves: [CompletionSearch.Leaf] = []
    private(set) var isGiven: [Bool] = []

    init(_ next: NextCircuit, _ costs: NextCosts?) {
        for element in next.elements.indices {
            let cost = next.entry(of: Int32(element)).flatMap { entry in costs?.cost(of: entry) }
            leaves.append(.open(cost: cost ?? 1000))
            isGiven.append(cost != nil)
        }
        leaves += [.fixed(false), .fixed(true)]
    }
}

/// Evaluates the pathway with a set added.
private struct WayTrial {
    let pathway: CompiledPathway
    let facts: LearnerFacts
    let day: CalendarDate
    let goals: [Int32]

    /// Yes: all is met; unknown: met as far as the unknown is not held; nil: an element is no attainment.
    func verdict(_ elements: [Element]) -> Truth? {
        var facts = facts
        for element in elements {
            guard let attainment = element.attainment(on: day) else { return nil }
            facts.attainments.append(attainment)
        }
        if isMet(facts) { return .yes }
        guard facts.unknown != .nothing else { return .no }
        facts.unknown = .nothing
        return isMet(facts) ? .unknown : .no
    }

    private func isMet(_ facts: LearnerFacts) -> Bool {
        let evaluation = pathway.evaluation(facts, on: day)
        return goals.allSatisfy { evaluation.truth(ofNode: $0) == .yes }
    }
}

extension ShortestWay.Element {
    /// What it stands for once acquired; nil for a constraint as a whole.
    package func attainment(on day: CalendarDate) -> HeldAttainment? {
        target.map { target in
            ShortestWay.attainment(target, level, basis ?? .assessed, credits.flatMap { Credits($0) }, on: day)
        }
    }
}

extension ShortestWay {
    fileprivate static func attainment(
        _ target: String, _ level: PathwayDocument.Level?, _ basis: AttainmentBasis, _ credits: Credits?,
        on day: CalendarDate
    ) -> HeldAttainment {
        HeldAttainment(id: .following("next", target, level?.description ?? "", basis.rawValue), target: target,
                       level: level, credits: credits, basis: basis, from: day)
    }
}

extension CompiledPathway {
    /// What an acquisition stands for once made.
    func attainment(_ acquisition: Acquisition, _ creditThousandths: Int64, on day: CalendarDate) -> HeldAttainment {
        ShortestWay.attainment(
            targets[Int(acquisition.target)], acquisition.level.flatMap(level), acquisition.basis,
            creditThousandths > 0 ? Credits(thousandths: creditThousandths) : nil, on: day)
    }
}

/// Says an element in the words of the document.
private struct ElementWriter {
    private let next: NextCircuit
    private let prices: NextPrices
    private var components: [Int32: [Int]] = [:]
    private var constraints: [PathwayDocument.Constraint] = []

    init(_ next: NextCircuit, _ prices: NextPrices) {
        self.next = next
        self.prices = prices
        let pathway = next.pathway
        for (number, component) in pathway.document.components.enumerated() {
            if let leaf = pathway.componentTargetLeaf[number] { components[leaf, default: []].append(number) }
            for part in component.condition?.parts() ?? [] {
                for case .constraint(let constraint) in part.condition.of {
                    let leaf = Int32(pathway.targetLeaves + constraints.count)
                    components[leaf, default: []].append(number)
                    constraints.append(constraint)
                }
            }
        }
    }

    func element(_ index: Int32) -> Element {
        let place = Int(index), pathway = next.pathway
        guard case .open(let cost) = prices.leaves[place] else { preconditionFailure("Only open leaves are in sets.") }
        let served = Set(next.serves[place].flatMap { components[$0] ?? [] }).sorted()
        var element = Element(
            kind: .target, components: served.map { pathway.document.components[$0].id },
            cost: Double(cost) / 1000, isCostGiven: prices.isGiven[place], mayBeHeld: false)
        switch next.elements[place] {
        case .acquire(let acquisition):
            element.target = pathway.targets[Int(acquisition.target)]
            element.level = acquisition.level.flatMap(pathway.level)
            element.basis = acquisition.basis == .assessed ? nil : acquisition.basis
            element.credits = next.credits(of: index) > 0 ? Double(next.credits(of: index)) / 1000 : nil
            element.mayBeHeld = next.held.isUnknown(acquisition.target)
            if let held = next.toppingUp[index] {
                element.kind = .topUp
                element.heldThrough = held.map { pathway.targets[Int($0)] }.sorted()
            }
        case .whole(let leaf):
            element.kind = .constraint
            element.constraint = constraints[Int(leaf) - pathway.targetLeaves]
            element.creditsMissing = next.creditsMissing[leaf].map { Double($0) / 1000 }
        }
        return element
    }
}

private typealias Element = ShortestWay.Element
