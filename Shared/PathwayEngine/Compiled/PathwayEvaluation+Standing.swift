import Domain

extension PathwayEvaluation {
    /// With all reasons.
    package var standing: PathwayStanding {
        let layout = pathway.layout
        var components = layout.untold
        var inner: [ConditionProgress] = []
        for (number, index) in layout.untoldIndex.enumerated() { tell(number, &components.values[index], &inner) }
        func isMet(_ node: Int32) -> Bool { truth(ofNode: node) == .yes }
        return PathwayStanding(
            components: components, isComplete: completion == .yes,
            milestonesReached: layout.milestones.filter { isMet($0.node) }.map(\.id),
            entitlementsEarned: layout.entitlements.filter { isMet($0.node) }.map(\.id))
    }

    /// By number of the component.
    package func fulfillment(of component: Int) -> Fulfillment {
        var fulfillment = pathway.layout.untold.values[pathway.layout.untoldIndex[component]]
        var inner: [ConditionProgress] = []
        tell(component, &fulfillment, &inner)
        return fulfillment
    }

    /// - Parameters:
    ///   - fulfillment: of the component, with nothing said yet.
    ///   - inner: memory to work in, empty before and after.
    private func tell(_ component: Int, _ fulfillment: inout Fulfillment, _ inner: inout [ConditionProgress]) {
        fulfillment.state = state(of: component)
        if let leaf = pathway.componentTargetLeaf[component] {
            let finding = targets[Int(leaf)]
            fulfillment.reason.target!.finding = Self.said(finding)
            if finding.hasEvidence { fulfillment.reason.target!.best = held(finding) }
        }
        let parts = pathway.layout.conditions.ofComponent[component]
        if !parts.isEmpty {
            for part in parts { inner.append(progress(ofPart: part, &inner)) }
            fulfillment.reason.condition = inner.removeLast()
        }
        if !pathway.zones.isEmpty { fulfillment.reason.waived = waived(component) }
    }

    private func waived(_ component: Int) -> Fulfillment.Waived? {
        let leaves = pathway.componentWaiverLeaves[component]
        guard leaves.contains(where: { truth(ofNode: $0) == .yes }) else { return nil }
        let id = pathway.layout.ids[component]
        return pathway.document.waivers.first { waiver in
            facts.zones.contains(waiver.zone) && waiver.components.contains(id)
        }.map { Fulfillment.Waived(zone: $0.zone, decision: $0.decision) }
    }

    // MARK: Targets

    private static func said(_ finding: TargetFinding) -> TargetProgress.Finding {
        switch finding.stage {
        case .held: .held
        case _ where finding.mayGrow: .unknown
        case .belowLevel: .belowLevel
        case .lapsed: .lapsed
        case .topUpMissing: .topUpMissing
        case .otherBasis: .otherBasis
        case .related: .related
        case .missing: .missing
        }
    }

    private func held(_ finding: TargetFinding) -> TargetProgress.Held {
        let slot = Int(finding.best), attainments = facts.attainments
        var held = TargetProgress.Held(
            attainment: attainments[slot].id, level: attainments[slot].level, basis: attainments[slot].basis,
            from: attainments[slot].from, until: attainments[slot].until)
        let way = pathway.layout.ways[Int(finding.source)]
        guard !way.isEmpty else { return held }
        let source = pathway.layout.sources[Int(finding.source)], crosswalks = pathway.document.crosswalks
        held.target = attainments[slot].target
        held.through = way
        held.arrived = way.last { crosswalks[$0].level != nil }.flatMap { crosswalks[$0].level } ?? attainments[slot].level
        let reading = FactReading(layout: pathway.layout, day: Int32(clamping: day.daysSince1970))
        let missing = source.topUps.map { pathway.layout.topUps[Int($0)] }
            .filter { reading.holdsDirectly($0, facts) != .yes }.map { pathway.targets[Int($0)] }
        held.topUpMissing = missing.isEmpty ? nil : missing
        return held
    }

    // MARK: Conditions

    /// - Parameter inner: what is nested is taken from its end.
    private func progress(ofPart number: Int, _ inner: inout [ConditionProgress]) -> ConditionProgress {
        let conditions = pathway.layout.conditions, part = conditions.parts[number]
        var met = 0, unknown = 0
        for place in part.components {
            let truth = nodes[Int(conditions.nodes[place])] & 3
            met += Int(truth >> 1)
            unknown += Int(truth & 1)
        }
        var nested: [ConditionProgress] = []
        if part.nested > 0 {
            nested.reserveCapacity(part.nested)
            for _ in 0..<part.nested { nested.append(inner.removeLast()) }
        }
        return ConditionProgress(
            required: part.required, operands: part.operands, isNone: part.isNone, met: ids(of: number, .yes, met),
            unmet: ids(of: number, .no, part.components.count - met - unknown),
            unknown: ids(of: number, .unknown, unknown), nested: nested,
            constraints: part.constraints.map { progress(ofConstraint: conditions.constraints[$0]) })
    }

    /// Of the operands of this truth, which are so many.
    @inline(__always)
    private func ids(of part: Int, _ truth: Truth, _ count: Int) -> [String] {
        if count == 0 { return [] }
        let conditions = pathway.layout.conditions, components = conditions.parts[part].components
        guard count < components.count else { return conditions.allIDs[part] }
        var ids: [String] = []
        ids.reserveCapacity(count)
        for place in components where nodes[Int(conditions.nodes[place])] & 3 == truth.rawValue {
            ids.append(conditions.ids[place])
        }
        return ids
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
