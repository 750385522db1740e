/// What became different between two standings of one enrollment; each becomes an event of the pathways service.
package enum StandingChange: Hashable, Sendable {
    case componentFulfilled(component: String)
    /// The reason of the new standing says what is missing now.
    case componentFulfillmentWithdrawn(component: String)
    case milestoneReached(component: String)
    case milestoneWithdrawn(component: String)
    case completed
    case completionWithdrawn
    case entitlementEarned(entitlement: String)
    /// The right no longer follows from the record. What was honored stands unless a body decides otherwise.
    case entitlementWithdrawn(entitlement: String)
}

extension PathwayStanding {
    /// The steps from `old` (nil: before the first evaluation) to this standing, each group sorted by id: components,
    /// milestones, completion, entitlements, withdrawals before gains within a group. Equal standings give none. What is
    /// not known takes nothing away: no component that is unknown now, and while any is, nothing that follows from them.
    package func changes(from old: PathwayStanding?) -> [StandingChange] {
        var changes: [StandingChange] = []
        let unknown = Set(components.filter { $0.value.state == .unknown }.keys)
        func compare(
            _ before: [String], _ now: [String], keeping kept: Set<String>? = nil,
            lost: (String) -> StandingChange, gained: (String) -> StandingChange
        ) {
            if let kept { changes += Set(before).subtracting(now).subtracting(kept).sorted().map(lost) }
            changes += Set(now).subtracting(before).sorted().map(gained)
        }
        let nothingKept: Set<String>? = unknown.isEmpty ? [] : nil
        compare(old?.componentsMet ?? [], componentsMet, keeping: unknown,
                lost: StandingChange.componentFulfillmentWithdrawn, gained: StandingChange.componentFulfilled)
        compare(old?.milestonesReached ?? [], milestonesReached, keeping: nothingKept,
                lost: StandingChange.milestoneWithdrawn, gained: StandingChange.milestoneReached)
        switch (old?.isComplete ?? false, isComplete) {
        case (false, true): changes.append(.completed)
        case (true, false): if unknown.isEmpty { changes.append(.completionWithdrawn) }
        case (true, true), (false, false): break
        }
        compare(old?.entitlementsEarned ?? [], entitlementsEarned, keeping: nothingKept,
                lost: StandingChange.entitlementWithdrawn, gained: StandingChange.entitlementEarned)
        return changes
    }

    /// Ids of the met components, sorted.
    package var componentsMet: [String] {
        components.filter { $0.value.state == .met }.keys.sorted()
    }

    /// The attainments that make a met component met, through its condition and the components behind it: every met
    /// operand contributes, also where fewer would have been enough. Sorted; empty for a component that is not met, and
    /// for one that is met by a waiver or by the absence of something.
    package func attainments(behind component: String) -> [EntityID<Attainment>] {
        var found: Set<EntityID<Attainment>> = [], seen: Set<String> = [component]
        var open = [component]
        while let id = open.popLast() {
            guard let fulfillment = components[id], fulfillment.state == .met else { continue }
            if let target = fulfillment.reason.target, target.finding == .held, let best = target.best {
                found.insert(best.attainment)
            }
            var conditions = fulfillment.reason.condition.map { [$0] } ?? []
            while let condition = conditions.popLast() {
                for operand in condition.met where seen.insert(operand).inserted { open.append(operand) }
                conditions += condition.nested.filter(\.isSatisfied)
                for constraint in condition.constraints where constraint.truth == .yes {
                    found.formUnion(constraint.attainments)
                }
            }
        }
        return found.sorted()
    }
}
