import Domain

/// One learner on one pathway on one day, held in numbers: what is found for every leaf, and how many operands of every
/// gate are met. `standing` says it in words. A change updates only what it touches, and what it leaves is always the
/// same as evaluation from nothing.
package struct PathwayEvaluation: Sendable {
    package let pathway: CompiledPathway
    package private(set) var day: CalendarDate
    private(set) var facts: PreparedFacts
    private(set) var targets: [TargetFinding]
    private(set) var constraints: [ConstraintFinding]
    /// By node: the truth, and 4 when there is evidence for it.
    private(set) var nodes: [UInt8]
    private var gates: [GateCount]
    /// Gates to look at again, one bit each; all zero between changes.
    private var dirtyGates: [UInt64]

    private struct GateCount: Hashable {
        var yes: Int32 = 0
        var unknown: Int32 = 0
        var evidence: Int32 = 0
    }

    init(_ pathway: CompiledPathway, _ facts: LearnerFacts, on day: CalendarDate) {
        self.pathway = pathway
        self.day = day
        self.facts = PreparedFacts(facts, for: pathway)
        targets = []
        constraints = []
        nodes = []
        gates = []
        dirtyGates = [UInt64](repeating: 0, count: (pathway.circuit.gates.count + 63) / 64)
        evaluate()
    }

    // MARK: Answers

    package func truth(ofNode node: Int32) -> Truth { Self.truth(nodes[Int(node)]) }

    /// By number of the component.
    package func state(of component: Int) -> FulfillmentState {
        let node = nodes[Int(pathway.componentNode[component])]
        return switch Self.truth(node) {
        case .yes: .met
        case .unknown: .unknown
        case .no: node & 4 != 0 ? .inProgress : .noEvidence
        }
    }

    /// Every destination is met.
    package var completion: Truth {
        pathway.destinations.reduce(.yes) { $0 & truth(ofNode: $1) }
    }

    /// The facts that it stands on.
    package var learnerFacts: LearnerFacts { facts.learnerFacts }

    @inline(__always) private static func truth(_ node: UInt8) -> Truth {
        node & 3 == 2 ? .yes : node & 3 == 1 ? .unknown : .no
    }

    @inline(__always) private static func node(_ truth: Truth, _ hasEvidence: Bool) -> UInt8 {
        truth.rawValue | (hasEvidence ? 4 : 0)
    }

    private var reading: FactReading {
        FactReading(layout: pathway.layout, day: Int32(clamping: day.daysSince1970))
    }

    // MARK: From nothing

    private mutating func evaluate() {
        let reading = reading, layout = pathway.layout, circuit = pathway.circuit
        targets.reserveCapacity(layout.rules.count)
        nodes.reserveCapacity(circuit.nodes)
        gates.reserveCapacity(circuit.gates.count)
        for rule in layout.rules {
            let finding = reading.finding(rule, facts)
            targets.append(finding)
            nodes.append(Self.node(finding.truth, finding.hasEvidence))
        }
        for leaf in pathway.targetLeaves..<pathway.leafMeanings.count {
            switch pathway.leafMeanings[leaf] {
            case .target: break
            case .constraint(let rule):
                let finding = reading.finding(rule, targets, facts)
                constraints.append(finding)
                nodes.append(Self.node(finding.truth, finding.hasEvidence))
            case .waiver(let zone): nodes.append(waiverNode(zone))
            }
        }
        circuit.operands.withUnsafeBufferPointer { operands in
            for gate in circuit.gates {
                var count = GateCount()
                for place in gate.operands {
                    let operand = nodes[Int(operands[Int(place)])]
                    count.yes += operand & 3 == 2 ? 1 : 0
                    count.unknown += operand & 3 == 1 ? 1 : 0
                    count.evidence += operand & 4 != 0 ? 1 : 0
                }
                gates.append(count)
                nodes.append(Self.node(of: gate, count))
            }
        }
    }

    private func waiverNode(_ zone: Int32) -> UInt8 {
        let isIn = facts.zones.contains(pathway.zones[Int(zone)])
        return Self.node(Truth(isIn), isIn)
    }

    @inline(__always) private static func node(of gate: Circuit.Gate, _ count: GateCount) -> UInt8 {
        let truth: UInt8 = count.yes >= gate.required ? 2 : count.yes + count.unknown >= gate.required ? 1 : 0
        // What is excluded is no evidence.
        return gate.isNegated ? 2 - truth : truth | (count.evidence > 0 ? 4 : 0)
    }

    // MARK: Changes

    /// Answers the components whose state is another now, by number, ascending.
    @discardableResult
    package mutating func apply(_ change: FactChange) -> [Int] {
        var changed: [Int] = []
        switch change {
        case .added(let attainment):
            if let target = facts.add(attainment, pathway) { updateReaders(of: target, &changed) }
        case .voided(let id):
            if let target = facts.remove(id, pathway) { updateReaders(of: target, &changed) }
        case .corrected(let id, let attainment):
            let old = facts.remove(id, pathway), new = facts.add(attainment, pathway)
            if let old { updateReaders(of: old, &changed) }
            if let new, new != old { updateReaders(of: new, &changed) }
        case .day(let day): move(to: day, &changed)
        case .unknown(let unknown): resolve(unknown, &changed)
        case .zones(let zones):
            facts.setZones(zones)
            for leaf in pathway.leafMeanings.indices {
                if case .waiver(let zone) = pathway.leafMeanings[leaf] { set(leaf, waiverNode(zone), &changed) }
            }
        }
        propagate(&changed)
        changed.sort()
        return changed
    }

    private mutating func updateReaders(of target: Int32, _ changed: inout [Int]) {
        let reading = reading
        for place in pathway.layout.readers.range(target) {
            update(pathway.layout.readers.items[place], reading, &changed)
        }
    }

    private mutating func update(_ leaf: Int32, _ reading: FactReading, _ changed: inout [Int]) {
        let finding = reading.finding(pathway.layout.rules[Int(leaf)], facts)
        targets[Int(leaf)] = finding
        set(Int(leaf), Self.node(finding.truth, finding.hasEvidence), &changed)
        for place in pathway.layout.constraintsOver.range(leaf) {
            update(constraint: pathway.layout.constraintsOver.items[place], reading, &changed)
        }
    }

    private mutating func update(constraint: Int32, _ reading: FactReading, _ changed: inout [Int]) {
        let leaf = pathway.targetLeaves + Int(constraint)
        guard case .constraint(let rule) = pathway.leafMeanings[leaf] else { return }
        let finding = reading.finding(rule, targets, facts)
        constraints[Int(constraint)] = finding
        set(leaf, Self.node(finding.truth, finding.hasEvidence), &changed)
    }

    /// Only what begins or ends between the two days is read again, and what compares with the day itself.
    private mutating func move(to new: CalendarDate, _ changed: inout [Int]) {
        let low = Int64(min(day, new).daysSince1970), high = Int64(max(day, new).daysSince1970)
        day = new
        guard low != high else { return }
        let reading = reading
        // Something that begins on day d differs between d - 1 and d; that ends on day d, between d and d + 1.
        func isBetween(_ first: Int64) -> Bool { low < first && first <= high }
        for target in facts.heads.indices {
            var slot = facts.heads[target], isTouched = false
            while slot >= 0, !isTouched {
                let fact = facts.facts[Int(slot)]
                isTouched = isBetween(Int64(fact.from)) || isBetween(Int64(fact.until) + 1)
                    || pathway.layout.currencyDays.contains { isBetween(Int64(fact.from) + Int64($0) + 1) }
                slot = fact.next
            }
            guard isTouched else { continue }
            for place in pathway.layout.readers.range(Int32(target)) {
                update(pathway.layout.readers.items[place], reading, &changed)
            }
        }
        for constraint in pathway.layout.constraintsAsOf { update(constraint: constraint, reading, &changed) }
    }

    private mutating func resolve(_ unknown: LearnerFacts.Unknown, _ changed: inout [Int]) {
        let before = facts
        facts.setUnknown(unknown, pathway)
        for target in pathway.targets.indices where before.isUnknown(Int32(target)) != facts.isUnknown(Int32(target)) {
            updateReaders(of: Int32(target), &changed)
        }
    }

    // MARK: Propagation

    private mutating func set(_ node: Int, _ value: UInt8, _ changed: inout [Int]) {
        let old = nodes[node]
        guard old != value else { return }
        nodes[node] = value
        for place in pathway.layout.componentsAt.range(Int32(node)) {
            changed.append(Int(pathway.layout.componentsAt.items[place]))
        }
        let yes: Int32 = (value & 3 == 2 ? 1 : 0) - (old & 3 == 2 ? 1 : 0)
        let unknown: Int32 = (value & 3 == 1 ? 1 : 0) - (old & 3 == 1 ? 1 : 0)
        let evidence: Int32 = (value & 4 != 0 ? 1 : 0) - (old & 4 != 0 ? 1 : 0)
        for place in pathway.layout.gatesAbove.range(Int32(node)) {
            let gate = Int(pathway.layout.gatesAbove.items[place])
            gates[gate].yes += yes
            gates[gate].unknown += unknown
            gates[gate].evidence += evidence
            dirtyGates[gate >> 6] |= 1 << UInt64(gate & 63)
        }
    }

    /// In the order of the gates, so that each is looked at once: all its operands come before it.
    private mutating func propagate(_ changed: inout [Int]) {
        for word in dirtyGates.indices {
            while dirtyGates[word] != 0 {
                let gate = word << 6 + dirtyGates[word].trailingZeroBitCount
                dirtyGates[word] &= dirtyGates[word] - 1
                set(pathway.circuit.leaves + gate, Self.node(of: pathway.circuit.gates[gate], gates[gate]), &changed)
            }
        }
    }
}

/// What may become different about one learner.
package enum FactChange: Hashable, Sendable {
    /// Its id is new.
    case added(HeldAttainment)
    case voided(EntityID<Attainment>)
    /// The attainment of that id is replaced.
    case corrected(EntityID<Attainment>, by: HeldAttainment)
    /// The day of the evaluation is another.
    case day(CalendarDate)
    /// What is unknown now, all of it.
    case unknown(LearnerFacts.Unknown)
    /// The zones of the learner now, all of them.
    case zones(Set<String>)
}

extension CompiledPathway {
    /// Everything about one learner on one day, ready to be changed.
    package func evaluation(_ facts: LearnerFacts, on day: CalendarDate) -> PathwayEvaluation {
        PathwayEvaluation(self, facts, on: day)
    }

    /// Everything about one learner on one day, in words.
    package func evaluate(_ facts: LearnerFacts, on day: CalendarDate) -> PathwayStanding {
        PathwayEvaluation(self, facts, on: day).standing
    }
}
