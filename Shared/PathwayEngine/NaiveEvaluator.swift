import Domain

/// Decides by the rules as they are written, one after the other and all of them: the oracle against which the compiled
/// engine is measured. Nothing here is clever, and nothing should become so.
///
/// - A component is met when its target is held (if it names one) and its condition is satisfied (if it has one), or
///   when a zone of the learner waives it.
/// - A target is held when some attainment counts for it: one of the target itself, or one that comes through a
///   conferring crosswalk, that has begun, has a basis that counts, is current where the component declares currency,
///   and arrives at the level that is wanted or above.
/// - A condition is satisfied when as many of its operands are met as it requires; `none` when no operand is.
/// - No elapsed time denies anything but where a component declares currency.
/// - What is not known yet makes unknown, and never no, by the rules of Kleene.
package enum NaiveEvaluator {
    package static func evaluate(
        _ document: PathwayDocument, attainments: [HeldAttainment], on day: CalendarDate
    ) -> PathwayStanding {
        evaluate(document, LearnerFacts(attainments), on: day)
    }

    /// The answer is defined for a document that `PathwayCheck` does not refuse. With any other it still ends: an
    /// unknown id, and a component that waits for itself, is not met.
    package static func evaluate(
        _ document: PathwayDocument, _ facts: LearnerFacts, on day: CalendarDate
    ) -> PathwayStanding {
        let reading = NaiveReading(document, facts, on: day)
        let graph = PathwayGraph(document)
        var components: [String: Fulfillment] = [:], touched: Set<String> = []
        for number in graph.dependenciesFirst {
            let component = graph.components[number]
            guard graph.index[component.id] == number else { continue }
            let (fulfillment, hasEvidence) = reading.fulfillment(of: component, components, touched)
            components[component.id] = fulfillment
            if hasEvidence { touched.insert(component.id) }
        }
        func isMet(_ id: String) -> Bool { components[id]?.state == .met }
        return PathwayStanding(
            components: components,
            isComplete: !document.destinations.isEmpty && document.destinations.allSatisfy(isMet),
            milestonesReached: document.components.filter { $0.milestone != nil && isMet($0.id) }.map(\.id).sorted(),
            entitlementsEarned: document.entitlements.filter { isMet($0.after) }.map(\.id).sorted())
    }
}

/// One learner's record read by the rules of one document.
private struct NaiveReading {
    let document: PathwayDocument
    let facts: LearnerFacts
    let day: CalendarDate
    let byTarget: [String: [HeldAttainment]]

    init(_ document: PathwayDocument, _ facts: LearnerFacts, on day: CalendarDate) {
        self.document = document
        self.facts = facts
        self.day = day
        byTarget = Dictionary(grouping: facts.attainments, by: \.target)
    }

    // MARK: Components and conditions

    /// `components` holds what the condition names already; `touched` are those of them with evidence.
    func fulfillment(
        of component: PathwayDocument.Component, _ components: [String: Fulfillment], _ touched: Set<String>
    ) -> (Fulfillment, hasEvidence: Bool) {
        let target = asked(by: component).map(progress)
        let condition = component.condition.map { progress(of: $0, components) }
        let waiver = document.waivers.first { waiver in
            facts.zones.contains(waiver.zone) && waiver.components.contains(component.id)
        }
        var truth: Truth = target == nil && condition == nil ? .no : .yes
        if let target { truth = truth & (target.finding == .held ? .yes : target.finding == .unknown ? .unknown : .no) }
        if let condition { truth = truth & condition.truth }
        if waiver != nil { truth = .yes }

        let hasEvidence = waiver != nil || target?.best != nil
            || component.condition.map { touches($0, touched) } ?? false
        let state: FulfillmentState = switch truth {
        case .yes: .met
        case .unknown: .unknown
        case .no: hasEvidence ? .inProgress : .noEvidence
        }
        let waived = waiver.map { Fulfillment.Waived(zone: $0.zone, decision: $0.decision) }
        return (Fulfillment(state: state, reason: .init(target: target, condition: condition, waived: waived)),
                hasEvidence)
    }

    private func progress(
        of condition: PathwayDocument.Condition, _ components: [String: Fulfillment]
    ) -> ConditionProgress {
        var progress = ConditionProgress(
            required: condition.require.count(of: condition.of.count), operands: condition.of.count,
            isNone: condition.require == .none, met: [], unmet: [], nested: [])
        for operand in condition.of {
            switch operand {
            case .component(let id):
                switch components[id]?.state {
                case .met: progress.met.append(id)
                case .unknown: progress.unknown.append(id)
                default: progress.unmet.append(id)
                }
            case .condition(let inner): progress.nested.append(self.progress(of: inner, components))
            case .constraint(let constraint): progress.constraints.append(self.progress(of: constraint))
            }
        }
        return progress
    }

    /// Something it names has evidence; what it excludes is none.
    private func touches(_ condition: PathwayDocument.Condition, _ touched: Set<String>) -> Bool {
        guard condition.require != .none else { return false }
        return condition.of.contains { operand in
            switch operand {
            case .component(let id): touched.contains(id)
            case .condition(let inner): touches(inner, touched)
            case .constraint(let constraint): !progress(of: constraint).attainments.isEmpty
            }
        }
    }

    // MARK: Targets

    /// What has to be held, and which attainments of it count.
    private struct Asked {
        var target: String
        var wanted: PathwayDocument.Level?
        var bases: [AttainmentBasis]?
        var currency: PathwayDocument.Currency?
    }

    private func asked(by component: PathwayDocument.Component) -> Asked? {
        component.target.map {
            Asked(target: $0, wanted: component.level, bases: component.bases, currency: component.currency)
        }
    }

    /// An attainment and a way on which it comes to a target: the numbers of the crosswalks, from it to the target.
    private struct Candidate {
        var attainment: HeldAttainment
        var way: [Int]
        /// The level at which it arrives.
        var level: PathwayDocument.Level?
    }

    private func progress(toward asked: Asked) -> TargetProgress {
        let begun = ways(to: asked.target).flatMap { candidates(on: $0, to: asked.target) }
        let based = begun.filter { asked.bases?.contains($0.attainment.basis) ?? true }
        let topped = based.filter { topUpsMissing(on: $0.way).isEmpty }
        let current = topped.filter { isCurrent($0.attainment, asked.currency) }
        let enough = current.filter { suffices($0.level, asked.wanted) }
        let related = document.crosswalks.indices
            .filter { !document.crosswalks[$0].confers && document.crosswalks[$0].to == asked.target }
            .flatMap { candidates(on: [$0], to: asked.target) }
        let findings: [(TargetProgress.Finding, [Candidate])] = [
            (.held, enough), (.belowLevel, current), (.lapsed, topped), (.topUpMissing, based), (.otherBasis, begun),
            (.related, related),
        ]
        let (finding, found) = findings.first { !$0.1.isEmpty } ?? (.missing, [])
        return TargetProgress(
            finding: finding != .held && mayGrow(asked) ? .unknown : finding, target: asked.target,
            wanted: asked.wanted, best: best(of: found, asked))
    }

    /// The target itself, and each way through conferring crosswalks: only a crosswalk that chains takes what came
    /// through another one, at most `Bounds.hops` follow one another, and no target is passed twice.
    private func ways(to target: String) -> [[Int]] {
        var ways: [[Int]] = [[]], open: [[Int]] = [[]]
        while !open.isEmpty {
            var longer: [[Int]] = []
            for way in open {
                if let first = way.first, !document.crosswalks[first].chains { continue }
                let start = way.first.map { document.crosswalks[$0].from } ?? target
                let passed = [target] + way.map { document.crosswalks[$0].from }
                for (number, crosswalk) in document.crosswalks.enumerated()
                where crosswalk.confers && crosswalk.to == start && !passed.contains(crosswalk.from) {
                    longer.append([number] + way)
                }
            }
            ways += longer
            open = (longer.first?.count ?? 0) < PathwayDocument.Bounds.hops ? longer : []
        }
        return ways
    }

    private func source(of way: [Int], to target: String) -> String {
        way.first.map { document.crosswalks[$0].from } ?? target
    }

    /// What has begun, with the level at which it arrives.
    private func candidates(on way: [Int], to target: String) -> [Candidate] {
        (byTarget[source(of: way, to: target)] ?? []).filter { $0.from <= day }.map { attainment in
            Candidate(attainment: attainment, way: way, level: arrival(on: way) ?? attainment.level)
        }
    }

    /// The level that the last crosswalk which sets one sets.
    private func arrival(on way: [Int]) -> PathwayDocument.Level? {
        way.last { document.crosswalks[$0].level != nil }.flatMap { document.crosswalks[$0].level }
    }

    private func isCurrent(_ attainment: HeldAttainment, _ currency: PathwayDocument.Currency?) -> Bool {
        guard let currency else { return true }
        if let until = attainment.until, until < day { return false }
        guard case .days(let days) = currency else { return true }
        return day.daysSince1970 <= attainment.from.daysSince1970 + days
    }

    private func topUps(on way: [Int]) -> [String] {
        way.flatMap { document.crosswalks[$0].topUpNeeded }
    }

    private func holdsDirectly(_ target: String) -> Truth {
        let isHeld = byTarget[target]?.contains { $0.from <= day } ?? false
        return isHeld ? .yes : facts.unknown.contains(target) ? .unknown : .no
    }

    /// Distinct, in the order of the crosswalks.
    private func topUpsMissing(on way: [Int]) -> [String] {
        var missing: [String] = []
        for target in topUps(on: way) where holdsDirectly(target) != .yes && !missing.contains(target) {
            missing.append(target)
        }
        return missing
    }

    /// What is not known yet may bring something that counts here, besides what does already.
    private func mayGrow(_ asked: Asked) -> Bool {
        ways(to: asked.target).contains { way in
            let toppedUp = topUps(on: way).map(holdsDirectly).reduce(.yes, &)
            guard toppedUp != .no else { return false }
            let arrival = arrival(on: way)
            let isSourceOpen = facts.unknown.contains(source(of: way, to: asked.target))
            if isSourceOpen && (arrival == nil || suffices(arrival, asked.wanted)) { return true }
            return toppedUp == .unknown && candidates(on: way, to: asked.target).contains { candidate in
                asked.bases?.contains(candidate.attainment.basis) ?? true
                    && isCurrent(candidate.attainment, asked.currency) && suffices(candidate.level, asked.wanted)
            }
        }
    }

    // MARK: Levels

    /// The progression a level belongs to and its place in it; nil for one that compares with nothing.
    private func place(_ level: PathwayDocument.Level?) -> (scale: Int, rank: Double)? {
        switch level {
        case nil: return nil
        case .number(let number): return (-1, number)
        case .text(let text):
            var found: [(Int, Double)] = []
            for (scale, progression) in document.progressions.enumerated() {
                for (rank, word) in progression.levels.enumerated() where word == text {
                    found.append((scale, Double(rank)))
                }
            }
            return found.count == 1 ? found[0] : nil
        }
    }

    private func suffices(_ level: PathwayDocument.Level?, _ wanted: PathwayDocument.Level?) -> Bool {
        guard let wanted else { return true }
        guard let level = place(level), let wanted = place(wanted) else { return false }
        return level.scale == wanted.scale && level.rank >= wanted.rank
    }

    /// The order of `TargetProgress.best`: whatever the order of the list was.
    private func best(of candidates: [Candidate], _ asked: Asked) -> TargetProgress.Held? {
        func key(_ candidate: Candidate) -> (Int, Double) {
            guard let level = place(candidate.level) else { return (-2, 0) }
            if asked.wanted != nil, place(asked.wanted)?.scale != level.scale { return (-2, 0) }
            return level
        }
        let best = candidates.min { one, other in
            let (mine, theirs) = (key(one), key(other))
            if mine != theirs { return mine > theirs }
            if one.attainment.from != other.attainment.from { return one.attainment.from < other.attainment.from }
            if one.attainment.id != other.attainment.id { return one.attainment.id < other.attainment.id }
            if one.way.count != other.way.count { return one.way.count < other.way.count }
            return one.way.lexicographicallyPrecedes(other.way)
        }
        return best.map { best in
            let attainment = best.attainment
            var held = TargetProgress.Held(
                attainment: attainment.id, level: attainment.level, basis: attainment.basis, from: attainment.from,
                until: attainment.until)
            if !best.way.isEmpty {
                held.target = attainment.target
                held.through = best.way
                held.arrived = best.level
                let missing = topUpsMissing(on: best.way)
                held.topUpMissing = missing.isEmpty ? nil : missing
            }
            return held
        }
    }

    // MARK: Constraints

    /// The distinct entries of a list of ids and IRIs.
    private func entries(_ over: [String]) -> [(name: String, asked: Asked)] {
        var entries: [(name: String, asked: Asked)] = []
        for name in over where !entries.contains(where: { $0.name == name }) {
            if name.contains(":") {
                entries.append((name, Asked(target: name)))
            } else if let component = document.components.first(where: { $0.id == name }), let asked = asked(by: component) {
                entries.append((name, asked))
            }
        }
        return entries
    }

    private func counting(for asked: Asked) -> [Candidate] {
        ways(to: asked.target).flatMap { candidates(on: $0, to: asked.target) }.filter { candidate in
            (asked.bases?.contains(candidate.attainment.basis) ?? true)
                && topUpsMissing(on: candidate.way).isEmpty
                && isCurrent(candidate.attainment, asked.currency)
                && suffices(candidate.level, asked.wanted)
        }
    }

    private func progress(of constraint: PathwayDocument.Constraint) -> ConstraintProgress {
        let entries = entries(constraint.over)
        let candidates = entries.flatMap { counting(for: $0.asked) }
        let (truth, measured) = switch constraint.measure {
        case .level: level(constraint, candidates, mayGrow: entries.contains { mayGrow($0.asked) })
        case .until: until(constraint, candidates, mayGrow: entries.contains { mayGrow($0.asked) })
        case .count: count(constraint, entries)
        case .credits: credits(constraint, entries)
        }
        return ConstraintProgress(
            truth: truth, constraint: constraint, measured: measured,
            attainments: Set(candidates.map(\.attainment.id)).sorted())
    }

    private func level(
        _ constraint: PathwayDocument.Constraint, _ candidates: [Candidate], mayGrow: Bool
    ) -> (Truth, ConstraintProgress.Measured?) {
        let wanted: PathwayDocument.Level = switch constraint.value {
        case .number(let number): .number(number)
        case .text(let text): .text(text)
        }
        let scale = place(wanted)
        let comparable = candidates.filter { place($0.level) != nil && place($0.level)?.scale == scale?.scale }
        let best = comparable.max { place($0.level)!.rank < place($1.level)!.rank }?.level
        var truth = Truth.no
        if let best, let held = place(best), let scale {
            truth = Truth(constraint.comparator.holds(held.rank, scale.rank))
        }
        return (opened(truth, constraint, mayGrow: mayGrow), best.map { .level($0) })
    }

    private func until(
        _ constraint: PathwayDocument.Constraint, _ candidates: [Candidate], mayGrow: Bool
    ) -> (Truth, ConstraintProgress.Measured?) {
        let date: CalendarDate? = switch constraint.value {
        case .asOf: day
        case .text(let text): CalendarDate(text)
        case .number: nil
        }
        let latest = candidates.map { $0.attainment.until?.daysSince1970 ?? .max }.max()
        var truth = Truth.no
        if let latest, let date { truth = Truth(constraint.comparator.holds(latest, date.daysSince1970)) }
        let measured = latest.map { latest in
            ConstraintProgress.Measured.until(latest == .max ? nil : CalendarDate(daysSince1970: latest))
        }
        return (opened(truth, constraint, mayGrow: mayGrow), measured)
    }

    /// Of levels and dates more may come, and then only what more cannot change is certain.
    private func opened(_ truth: Truth, _ constraint: PathwayDocument.Constraint, mayGrow: Bool) -> Truth {
        guard mayGrow else { return truth }
        return truth == .yes && constraint.comparator.isMonotone ? .yes : .unknown
    }

    private func count(
        _ constraint: PathwayDocument.Constraint, _ entries: [(name: String, asked: Asked)]
    ) -> (Truth, ConstraintProgress.Measured?) {
        let held = entries.count { !counting(for: $0.asked).isEmpty }
        let open = entries.count { counting(for: $0.asked).isEmpty && mayGrow($0.asked) }
        guard case .number(let value) = constraint.value else { return (.no, .count(held)) }
        return (within(constraint.comparator, Double(held), Double(held + open), value), .count(held))
    }

    private func credits(
        _ constraint: PathwayDocument.Constraint, _ entries: [(name: String, asked: Asked)]
    ) -> (Truth, ConstraintProgress.Measured?) {
        var counted: Set<EntityID<Attainment>> = []
        func sum(_ entries: [(name: String, asked: Asked)]) -> Int64 {
            var sum: Int64 = 0
            for candidate in entries.flatMap({ counting(for: $0.asked) })
            where counted.insert(candidate.attainment.id).inserted {
                sum += candidate.attainment.credits?.thousandths ?? 0
            }
            return sum
        }
        let capped = Set(constraint.caps.flatMap(\.over))
        let free = entries.filter { !capped.contains($0.name) }
        var least = sum(free), most: Int64? = free.contains { mayGrow($0.asked) } ? nil : least
        for cap in constraint.caps {
            let part = entries.filter { cap.over.contains($0.name) }
            let known = min(cap.most.thousandths, sum(part))
            least += known
            most = most.map { $0 + (part.contains { mayGrow($0.asked) } ? cap.most.thousandths : known) }
        }
        guard case .number(let number) = constraint.value, let value = Credits(number) else {
            return (.no, .credits(thousandths: least))
        }
        return (within(constraint.comparator, least, most ?? .max, value.thousandths), .credits(thousandths: least))
    }

    /// What a comparison is when the measured value lies somewhere from `least` to `most`.
    private func within<T: Comparable>(
        _ comparator: PathwayDocument.Constraint.Comparator, _ least: T, _ most: T, _ value: T
    ) -> Truth {
        switch comparator {
        case .atLeast: least >= value ? .yes : most < value ? .no : .unknown
        case .greater: least > value ? .yes : most <= value ? .no : .unknown
        case .atMost: most <= value ? .yes : least > value ? .no : .unknown
        case .less: most < value ? .yes : least >= value ? .no : .unknown
        case .equal: least == value && most == value ? .yes : value < least || value > most ? .no : .unknown
        case .notEqual: !within(.equal, least, most, value)
        }
    }
}
