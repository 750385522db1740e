import Domain

extension PathwayComparison {
    /// - Parameters:
    ///   - facts: one learner; the same for both.
    ///   - costs, limits: for the shortest ways, from which the remaining work is taken.
    package static func compare(
        _ old: CompiledPathway, _ new: CompiledPathway, _ facts: LearnerFacts, on day: CalendarDate,
        costs: NextCosts? = nil, limits: CompletionSearch.Limits = .init()
    ) throws(ShortestWay.Refused) -> PathwayComparison {
        let ways = try ShortestWay.find(old, facts, on: day, costs: costs, limits: limits)
        let waysAfter = try ShortestWay.find(new, facts, on: day, costs: costs, limits: limits)
        let before = old.evaluate(facts, on: day)
        let after = new.evaluate(facts, on: day)
        let match = ComponentMatch(old.document, new.document)
        func wasMet(_ id: String) -> Bool { before.components[id]?.state == .met }
        func isMet(_ id: String) -> Bool { after.components[id]?.state == .met }
        func isUnknown(_ id: String) -> Bool { after.components[id]?.state == .unknown }
        let metBefore = old.document.components.map(\.id).filter(wasMet)
        let ids = new.document.components.map(\.id)
        let reached = Set(after.milestonesReached), tried = ways.ways.filter(\.isConfirmed)

        var comparison = PathwayComparison(
            carried: ids.compactMap { id in
                match.old[id].flatMap { wasMet($0) && isMet(id) ? Pair(old: $0, new: id) : nil }
            },
            missing: after.remaining(of: new.document),
            gained: ids.filter { id in isMet(id) && !(match.old[id].map(wasMet) ?? false) },
            lost: metBefore.filter { match.new[$0].map { !isMet($0) && !isUnknown($0) } ?? false },
            dropped: metBefore.filter { match.new[$0] == nil },
            unknown: ids.filter { id in
                isUnknown(id) || match.old[id].map { before.components[$0]?.state == .unknown } ?? false
            },
            milestonesGained: ids.filter { id in
                reached.contains(id) && !(match.old[id].map(before.milestonesReached.contains) ?? false)
            },
            milestonesLost: old.document.components.map(\.id).filter { id in
                before.milestonesReached.contains(id) && !(match.new[id].map { new in
                    reached.contains(new) || isUnknown(new) && match.isMilestone.contains(new)
                } ?? false)
            },
            entitlementsGained: [], entitlementsLost: [], entitlementsReduced: [],
            isCompleteBefore: before.isComplete, isCompleteAfter: after.isComplete,
            workBefore: Work(ways), workAfter: Work(waysAfter),
            waysKept: tried.count { new.isComplete($0, facts, on: day) }, waysTried: tried.count,
            verdict: .noWorse, because: [])
        comparison.compareEntitlements(old.document, new.document, before, after)
        comparison.judge(old.document, new.document, after)
        return comparison
    }

    private mutating func compareEntitlements(
        _ old: PathwayDocument, _ new: PathwayDocument, _ before: PathwayStanding, _ after: PathwayStanding
    ) {
        let earnedBefore = Set(before.entitlementsEarned), earnedAfter = Set(after.entitlementsEarned)
        let owed = Dictionary(new.entitlements.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        for entitlement in old.entitlements where earnedBefore.contains(entitlement.id) {
            guard earnedAfter.contains(entitlement.id), let now = owed[entitlement.id] else {
                let isOpen = owed[entitlement.id].map { after.components[$0.after]?.state == .unknown } ?? false
                if !isOpen { entitlementsLost.append(entitlement.id) }
                continue
            }
            let isSame = (now.kind, now.obligor, now.terms) == (entitlement.kind, entitlement.obligor, entitlement.terms)
            if !isSame || now.days < entitlement.days { entitlementsReduced.append(entitlement.id) }
        }
        entitlementsGained = new.entitlements.map(\.id).filter {
            earnedAfter.contains($0) && !earnedBefore.contains($0)
        }
    }

    private mutating func judge(_ old: PathwayDocument, _ new: PathwayDocument, _ after: PathwayStanding) {
        let isLarger = old.asksTheSame(as: new) ? false : workAfter.isLarger(than: workBefore)
        let isOpen = new.destinations.contains { after.components[$0]?.state == .unknown }
        let worse: [(Reason, Bool)] = [
            (.componentLost, !lost.isEmpty), (.milestoneLost, !milestonesLost.isEmpty),
            (.entitlementLost, !entitlementsLost.isEmpty), (.entitlementReduced, !entitlementsReduced.isEmpty),
            (.completionLost, isCompleteBefore && !isCompleteAfter && !isOpen),
            (.workLarger, unknown.isEmpty && isLarger == true),
        ]
        because = worse.filter(\.1).map(\.0)
        guard because.isEmpty else { verdict = .worse; return }
        if !unknown.isEmpty { because.append(.inputUnknown) }
        if isLarger != false { because.append(.workUndecided) }
        verdict = because.isEmpty ? .noWorse : .undecided
    }
}

extension PathwayDocument {
    /// All that decides what has to be done is equal, so that the work is, too, however large.
    fileprivate func asksTheSame(as other: PathwayDocument) -> Bool {
        (components, destinations, progressions, crosswalks, waivers)
            == (other.components, other.destinations, other.progressions, other.crosswalks, other.waivers)
    }
}

extension PathwayComparison.Work {
    init(_ way: ShortestWay) {
        let first = way.ways.first
        isImpossible = !way.isMet && way.ways.isEmpty && way.isComplete
        atMost = way.isMet ? 0 : first?.cost
        atLeast = switch first {
        case let first? where first.isCheapestProven: first.cost
        case let first?: min(way.othersCostAtLeast ?? first.cost, first.cost)
        case nil: way.isMet ? 0 : way.othersCostAtLeast ?? 0
        }
    }

    /// Nil when the bounds do not tell.
    func isLarger(than other: Self) -> Bool? {
        if other.isImpossible { return false }
        if isImpossible { return other.atMost == nil ? nil : true }
        if let atMost, atMost <= other.atLeast { return false }
        if let most = other.atMost, atLeast > most { return true }
        return nil
    }
}

/// Which components of two documents are the same.
private struct ComponentMatch {
    /// The old id of a new component.
    private(set) var old: [String: String] = [:]
    /// The new id of an old component.
    private(set) var new: [String: String] = [:]
    /// New components that are milestones.
    let isMilestone: Set<String>

    private struct Rule: Hashable {
        var target: String
        var level: PathwayDocument.Level?
        var bases: BasisSet
        var currency: PathwayDocument.Currency?

        init?(_ component: PathwayDocument.Component) {
            guard let target = component.target else { return nil }
            self.target = target
            level = component.level
            bases = BasisSet(component.bases)
            currency = component.currency
        }
    }

    init(_ before: PathwayDocument, _ after: PathwayDocument) {
        isMilestone = Set(after.components.filter { $0.milestone != nil }.map(\.id))
        let ids = Set(after.components.map(\.id))
        for component in before.components where ids.contains(component.id) { add(component.id, component.id) }
        var open: [Rule: [String]] = [:]
        for component in after.components.reversed() where old[component.id] == nil {
            if let rule = Rule(component) { open[rule, default: []].append(component.id) }
        }
        for component in before.components where new[component.id] == nil {
            if let rule = Rule(component), let same = open[rule]?.popLast() { add(component.id, same) }
        }
    }

    private mutating func add(_ before: String, _ after: String) {
        new[before] = after
        old[after] = before
    }
}

extension CompiledPathway {
    /// With what the way adds, all destinations are met.
    fileprivate func isComplete(_ way: ShortestWay.Way, _ facts: LearnerFacts, on day: CalendarDate) -> Bool {
        var facts = facts
        facts.attainments += way.elements.compactMap { $0.attainment(on: day) }
        facts.unknown = .nothing
        return evaluation(facts, on: day).completion == .yes
    }
}
