import Domain

extension PathwayEvaluation {
    /// With all reasons.
    package var standing: PathwayStanding {
        let layout = pathway.layout
        var components = layout.template
        for (place, index) in components.values.indices.enumerated() {
            components.values[index] = fulfillment(of: layout.templateOrder[place])
        }
        func isMet(_ node: Int32) -> Bool { truth(ofNode: node) == .yes }
        return PathwayStanding(
            components: components, isComplete: completion == .yes,
            milestonesReached: layout.milestones.filter { isMet($0.node) }.map(\.id),
            entitlementsEarned: layout.entitlements.filter { isMet($0.node) }.map(\.id))
    }

    /// By number of the component.
    package func fulfillment(of component: Int) -> Fulfillment {
        Fulfillment(state: state(of: component), reason: .init(
            target: pathway.componentTargetLeaf[component].map { progress(ofTarget: Int($0), component) },
            condition: conditionProgress(of: component), waived: waived(component)))
    }

    private func waived(_ component: Int) -> Fulfillment.Waived? {
        guard !pathway.zones.isEmpty else { return nil }
        let leaves = pathway.componentWaiverLeaves[component]
        guard leaves.contains(where: { truth(ofNode: $0) == .yes }) else { return nil }
        let id = pathway.layout.ids[component]
        return pathway.document.waivers.first { waiver in
            facts.zones.contains(waiver.zone) && waiver.components.contains(id)
        }.map { Fulfillment.Waived(zone: $0.zone, decision: $0.decision) }
    }

    // MARK: Targets

    private func progress(ofTarget leaf: Int, _ component: Int) -> TargetProgress {
        let finding = targets[leaf]
        let said: TargetProgress.Finding = switch finding.stage {
        case .held: .held
        case _ where finding.mayGrow: .unknown
        case .belowLevel: .belowLevel
        case .lapsed: .lapsed
        case .topUpMissing: .topUpMissing
        case .otherBasis: .otherBasis
        case .related: .related
        case .missing: .missing
        }
        let target = pathway.layout.sources[Int(pathway.layout.rules[leaf].sources.lowerBound)].target
        return TargetProgress(
            finding: said, target: pathway.targets[Int(target)], wanted: pathway.layout.wanted[component],
            best: finding.hasEvidence ? held(finding) : nil)
    }

    private func held(_ finding: TargetFinding) -> TargetProgress.Held {
        let attainment = facts.attainments[Int(finding.best)]
        var held = TargetProgress.Held(
            attainment: attainment.id, level: attainment.level, basis: attainment.basis, from: attainment.from,
            until: attainment.until)
        let way = pathway.layout.ways[Int(finding.source)]
        guard !way.isEmpty else { return held }
        let source = pathway.layout.sources[Int(finding.source)], crosswalks = pathway.document.crosswalks
        held.target = attainment.target
        held.through = way
        held.arrived = way.last { crosswalks[$0].level != nil }.flatMap { crosswalks[$0].level } ?? attainment.level
        let reading = FactReading(layout: pathway.layout, day: Int32(clamping: day.daysSince1970))
        let missing = source.topUps.map { pathway.layout.topUps[Int($0)] }
            .filter { reading.holdsDirectly($0, facts) != .yes }.map { pathway.targets[Int($0)] }
        held.topUpMissing = missing.isEmpty ? nil : missing
        return held
    }

    // MARK: Conditions

    private func conditionProgress(of component: Int) -> ConditionProgress? {
        var done: [ConditionProgress] = []
        // Parts come outermost first, so from behind each finds what is nested in it at the end, the first one last.
        for part in pathway.layout.components[component].reversed() {
            var progress = ConditionProgress(
                required: part.required, operands: part.operands.count, isNone: part.isNone, met: [], unmet: [],
                nested: [])
            reserve(part, &progress)
            for operand in part.operands {
                switch operand {
                case .component(let number):
                    let id = pathway.layout.ids[number]
                    switch truth(ofNode: pathway.componentNode[number]) {
                    case .yes: progress.met.append(id)
                    case .unknown: progress.unknown.append(id)
                    case .no: progress.unmet.append(id)
                    }
                case .constraint(let number): progress.constraints.append(self.progress(ofConstraint: number))
                case .nested: progress.nested.append(done.removeLast())
                }
            }
            done.append(progress)
        }
        return done.last
    }

    /// One allocation for each list that is not empty.
    private func reserve(_ part: ConditionPart, _ progress: inout ConditionProgress) {
        var met = 0, unmet = 0, nested = 0
        for operand in part.operands {
            switch operand {
            case .component(let number):
                switch truth(ofNode: pathway.componentNode[number]) {
                case .yes: met += 1
                case .no: unmet += 1
                case .unknown: break
                }
            case .nested: nested += 1
            case .constraint: break
            }
        }
        if met > 0 { progress.met.reserveCapacity(met) }
        if unmet > 0 { progress.unmet.reserveCapacity(unmet) }
        if nested > 0 { progress.nested.reserveCapacity(nested) }
    }

    private func progress(ofConstraint number: Int) -> ConstraintProgress {
        guard case .constraint(let rule) = pathway.leafMeanings[pathway.targetLeaves + number] else {
            preconditionFailure("constraints come after the targets")
        }
        let reading = FactReading(layout: pathway.layout, day: Int32(clamping: day.daysSince1970))
        return reading.progress(
            rule, pathway.layout.constraints[number], constraints[number].truth, targets, facts)
    }
}
