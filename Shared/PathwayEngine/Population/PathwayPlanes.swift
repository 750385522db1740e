import Domain

/// One pathway on one day over one population, in planes: what its leaves mean becomes columns and gates of a graph,
/// its circuit more gates of the same.
struct PathwayPlanes {
    /// Of each node of the circuit.
    private(set) var nodes: [CertainPlanes] = []

    /// - Parameters:
    ///   - graph: gets what it does not have yet.
    ///   - columns: gets the sets of facts that count; the columns themselves are made later.
    init(
        _ pathway: CompiledPathway, on day: CalendarDate, in graph: inout PlaneGraph,
        _ columns: inout PopulationColumns
    ) {
        var leaves = LeafPlanes(pathway, on: day, columns.population)
        nodes.reserveCapacity(pathway.circuit.nodes)
        for leaf in pathway.leafMeanings {
            nodes.append(leaves.planes(of: leaf, in: &graph, &columns.factSets))
        }
        for gate in pathway.circuit.gates {
            let operands = pathway.circuit.operands[Int(gate.operands.lowerBound)..<Int(gate.operands.upperBound)]
            let required = Int(gate.required)
            let yes = operands.map { nodes[Int($0)].yes }, possible = operands.map { nodes[Int($0)].possible }
            let least = graph.atLeast(required, of: gate.isNegated ? possible : yes, isNegated: gate.isNegated)
            let most = yes == possible
                ? least : graph.atLeast(required, of: gate.isNegated ? yes : possible, isNegated: gate.isNegated)
            nodes.append(CertainPlanes(least, most))
        }
    }
}

/// What the leaves of one pathway mean in planes.
struct LeafPlanes {
    typealias Plane = PlaneGraph.Plane

    private let pathway: CompiledPathway
    private let day: CalendarDate
    private let population: Population
    /// Of each fact: whether it has begun, its level, its basis.
    private let begun: [Bool]
    private let levels: [LevelKey]
    private let bases: [BasisSet]

    init(_ pathway: CompiledPathway, on day: CalendarDate, _ population: Population) {
        self.pathway = pathway
        self.day = day
        self.population = population
        begun = population.facts.map { $0.from <= day }
        levels = population.facts.map { pathway.levels[$0.level] }
        bases = population.facts.map { BasisSet($0.basis) }
    }

    mutating func planes(of leaf: Leaf, in graph: inout PlaneGraph, _ sets: inout FactSets) -> CertainPlanes {
        switch leaf {
        case .target(let rule):
            let held = held(rule, in: &graph, &sets)
            return CertainPlanes(held, graph.any([held, mayGrow(rule, in: &graph, &sets)]))
        case .waiver(let zone):
            guard let zone = population.zoneIndex[pathway.zones[Int(zone)]] else { return .no }
            let plane = graph.add(.column(.zone(zone)))
            return CertainPlanes(plane, plane)
        case .constraint(let rule):
            return switch rule.measure {
            case .count: count(rule, in: &graph, &sets)
            case .level, .until: extreme(rule, in: &graph, &sets)
            case .credits: credits(rule, in: &graph, &sets)
            }
        }
    }

    // MARK: Targets

    /// Which facts count through a source.
    func accepted(_ rule: TargetRule, _ source: Source) -> [Bool] {
        guard source.canSuffice else { return [Bool](repeating: false, count: begun.count) }
        return begun.indices.map { fact in
            begun[fact] && rule.bases.contains(bases[fact]) && isCurrent(population.facts[fact], rule.currency)
                && (source.arrival != nil || rule.wanted.map { levels[fact].suffices($0) } ?? true)
        }
    }

    private func isCurrent(_ fact: Population.Fact, _ currency: PathwayDocument.Currency?) -> Bool {
        guard let currency else { return true }
        if let until = fact.until, until < day { return false }
        guard case .days(let days) = currency else { return true }
        return day.daysSince1970 <= fact.from.daysSince1970 + days
    }

    private func column(
        _ target: Int32, _ facts: [Bool], in graph: inout PlaneGraph, _ sets: inout FactSets
    ) -> Plane {
        guard let target = population.targetIndex[pathway.targets[Int(target)]], let facts = sets.add(facts) else {
            return PlaneGraph.no
        }
        return graph.add(.column(.held(target: target, facts: facts)))
    }

    private func unknown(_ target: Int32, in graph: inout PlaneGraph) -> Plane {
        let number = population.targetIndex[pathway.targets[Int(target)]]
        if let open = population.unknownTargets, number.map({ !open.contains($0) }) ?? true { return PlaneGraph.no }
        // A target that nobody has anything of is open for those of whom everything is.
        return graph.add(.column(.unknown(target: number ?? -1)))
    }

    /// All top-ups of a source are held.
    private func topped(_ source: Source, in graph: inout PlaneGraph, _ sets: inout FactSets) -> CertainPlanes {
        let held = source.topUps.map { column($0, begun, in: &graph, &sets) }
        let possible = zip(source.topUps, held).map { target, held in
            graph.any([held, unknown(target, in: &graph)])
        }
        return CertainPlanes(graph.all(held), graph.all(possible))
    }

    private func held(_ rule: TargetRule, in graph: inout PlaneGraph, _ sets: inout FactSets) -> Plane {
        let ways = rule.sources.map { source in
            counting(rule, source, accepted(rule, source), in: &graph, &sets)
        }
        return graph.any(ways)
    }

    /// An attainment with one of these facts counts through the source.
    private func counting(
        _ rule: TargetRule, _ source: Source, _ facts: [Bool], in graph: inout PlaneGraph, _ sets: inout FactSets
    ) -> Plane {
        let held = column(source.target, facts, in: &graph, &sets)
        let topped = topped(source, in: &graph, &sets).yes
        return graph.all([held, topped])
    }

    /// "May grow" of `ConstraintRule`.
    private func mayGrow(_ rule: TargetRule, in graph: inout PlaneGraph, _ sets: inout FactSets) -> Plane {
        if let open = population.unknownTargets, open.isEmpty { return PlaneGraph.no }
        var ways: [Plane] = []
        for source in rule.sources {
            let topped = topped(source, in: &graph, &sets)
            let open = source.canSuffice ? unknown(source.target, in: &graph) : PlaneGraph.no
            let held = column(source.target, accepted(rule, source), in: &graph, &sets)
            let waiting = graph.without(held, topped.yes)
            ways.append(graph.all([topped.possible, graph.any([open, waiting])]))
        }
        return graph.any(ways)
    }

    private func rules(_ leaves: [Int32]) -> [TargetRule] {
        leaves.map { leaf in
            guard case .target(let rule) = pathway.leafMeanings[Int(leaf)] else {
                preconditionFailure("a constraint is over target leaves")
            }
            return rule
        }
    }

    private func mayGrow(_ rules: [TargetRule], in graph: inout PlaneGraph, _ sets: inout FactSets) -> Plane {
        graph.any(rules.map { mayGrow($0, in: &graph, &sets) })
    }

    // MARK: Counts

    private func count(
        _ rule: ConstraintRule, in graph: inout PlaneGraph, _ sets: inout FactSets
    ) -> CertainPlanes {
        guard case .count(let value) = rule.value else { return .no }
        let over = rules(rule.over)
        let yes = over.map { held($0, in: &graph, &sets) }
        let possible = zip(yes, over).map { graph.any([$0, mayGrow($1, in: &graph, &sets)]) }
        return compare(rule.comparator, in: &graph) { strictly, isMost, graph in
            let bound = strictly ? value.rounded(.down) + 1 : value.rounded(.up)
            let count = Int(max(-1, min(bound, Double(over.count) + 1)))
            return graph.atLeast(count, of: isMost ? possible : yes)
        }
    }

    /// What a comparison is, with the least and the most that the measured may be.
    /// - Parameter reaches: at least the value (or strictly more), of the least or the most.
    private func compare(
        _ comparator: PathwayDocument.Constraint.Comparator, in graph: inout PlaneGraph,
        _ reaches: (_ strictly: Bool, _ isMost: Bool, inout PlaneGraph) -> Plane
    ) -> CertainPlanes {
        switch comparator {
        case .atLeast: return CertainPlanes(reaches(false, false, &graph), reaches(false, true, &graph))
        case .greater: return CertainPlanes(reaches(true, false, &graph), reaches(true, true, &graph))
        case .atMost, .less:
            let over = compare(comparator == .atMost ? .greater : .atLeast, in: &graph, reaches)
            return CertainPlanes(graph.not(over.possible), graph.not(over.yes))
        case .equal:
            let from = compare(.atLeast, in: &graph, reaches), over = compare(.greater, in: &graph, reaches)
            return CertainPlanes(
                graph.without(from.yes, over.possible), graph.without(from.possible, over.yes))
        case .notEqual:
            let equal = compare(.equal, in: &graph, reaches)
            return CertainPlanes(graph.not(equal.possible), graph.not(equal.yes))
        }
    }

    // MARK: Levels and dates

    /// The highest level, or the latest end, of what counts.
    private func extreme(
        _ rule: ConstraintRule, in graph: inout PlaneGraph, _ sets: inout FactSets
    ) -> CertainPlanes {
        let over = rules(rule.over)
        func some(_ least: Double, strictly: Bool, in graph: inout PlaneGraph) -> Plane {
            graph.any(over.flatMap { target in
                target.sources.map { source in
                    let facts = accepted(target, source).enumerated().map { fact, isIn in
                        guard isIn, let measured = measured(rule, source, fact) else { return false }
                        return strictly ? measured > least : measured >= least
                    }
                    return counting(target, source, facts, in: &graph, &sets)
                }
            })
        }
        let value = value(of: rule)
        let any = some(-.infinity, strictly: false, in: &graph)
        let from = value.map { some($0, strictly: false, in: &graph) } ?? PlaneGraph.no
        let above = value.map { some($0, strictly: true, in: &graph) } ?? PlaneGraph.no
        let equal = graph.without(from, above)
        let known = switch rule.comparator {
        case _ where value == nil: PlaneGraph.no
        case .atLeast: from
        case .greater: above
        case .less: graph.without(any, from)
        case .atMost: graph.without(any, above)
        case .equal: equal
        case .notEqual: graph.without(any, equal)
        }
        let open = mayGrow(over, in: &graph, &sets)
        return CertainPlanes(
            rule.comparator.isMonotone ? known : graph.without(known, open), graph.any([known, open]))
    }

    private func value(of rule: ConstraintRule) -> Double? {
        switch rule.value {
        case .level(let level): level.scale == 0 ? nil : level.rank
        case .until(let until): Double(until)
        case .asOf: Double(day.daysSince1970)
        case .credits, .count: nil
        }
    }

    /// Nil for what cannot be compared with the value.
    private func measured(_ rule: ConstraintRule, _ source: Source, _ fact: Int) -> Double? {
        guard case .level(let wanted) = rule.value else {
            return population.facts[fact].until.map { Double($0.daysSince1970) } ?? .infinity
        }
        let level = source.arrival ?? levels[fact]
        return level.scale == wanted.scale ? level.rank : nil
    }

    // MARK: Credits

    private func credits(
        _ rule: ConstraintRule, in graph: inout PlaneGraph, _ sets: inout FactSets
    ) -> CertainPlanes {
        guard case .credits(let value) = rule.value else { return .no }
        let unit = unit(of: rule)
        let least = rule.groups.map { group in
            PlaneSum.Group(most: group.most.map { $0 / unit }, parts: parts(of: group, unit, in: &graph, &sets),
                           full: PlaneGraph.no)
        }
        let open = rule.groups.map { mayGrow(rules($0.leaves), in: &graph, &sets) }
        let isOpen = open.contains { $0 != PlaneGraph.no }
        let most = zip(least, open).map { group, open in
            var group = group
            group.full = open
            return group
        }
        return compare(rule.comparator, in: &graph) { strictly, isMost, graph in
            let bound = (strictly ? value + 1 : value), units = (bound + unit - 1) / unit
            if units <= 0 { return PlaneGraph.yes }
            return graph.add(.reaches(PlaneSum(unit: unit, groups: isMost && isOpen ? most : least), units))
        }
    }

    /// The greatest that divides all that is added and all caps.
    private func unit(of rule: ConstraintRule) -> Int64 {
        var unit: Int64 = 0
        func divide(_ amount: Int64) {
            var (one, other) = (unit, amount)
            while other != 0 { (one, other) = (other, one % other) }
            unit = one
        }
        for fact in population.facts { divide(fact.credits?.thousandths ?? 0) }
        for group in rule.groups { divide(group.most ?? 0) }
        return max(1, unit)
    }

    /// Each attainment in one part: of a target those facts that count by the same ways go together.
    private func parts(
        of group: ConstraintRule.Group, _ unit: Int64, in graph: inout PlaneGraph, _ sets: inout FactSets
    ) -> [PlaneSum.Part] {
        var ways: [Int32: [(facts: [Bool], topped: Plane)]] = [:], order: [Int32] = []
        for rule in rules(group.leaves) {
            for source in rule.sources {
                let topped = topped(source, in: &graph, &sets).yes
                if ways[source.target] == nil { order.append(source.target) }
                ways[source.target, default: []].append((accepted(rule, source), topped))
            }
        }
        var parts: [PlaneSum.Part] = []
        for target in order {
            guard let number = population.targetIndex[pathway.targets[Int(target)]] else { continue }
            let ways = ways[target] ?? []
            // Facts by the planes of which any must be set for them to count.
            var classes: [[Plane]: [Bool]] = [:], found: [[Plane]] = []
            for fact in begun.indices where population.facts[fact].credits?.thousandths ?? 0 != 0 {
                let gates = Set(ways.filter { $0.facts[fact] }.map(\.topped)).sorted()
                if gates.isEmpty { continue }
                if classes[gates] == nil {
                    found.append(gates)
                    classes[gates] = [Bool](repeating: false, count: begun.count)
                }
                classes[gates]![fact] = true
            }
            for gates in found {
                let gate = graph.any(gates)
                guard gate != PlaneGraph.no, let facts = sets.add(classes[gates]!) else { continue }
                parts.append(.init(number: .init(target: number, facts: facts, unit: unit), gate: gate))
            }
        }
        return parts
    }
}
