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
    /// milestones, completion, entitlements, withdrawals before gains within a group. Equal standings give none.
    package func changes(from old: PathwayStanding?) -> [StandingChange] {
        var changes: [StandingChange] = []
        func compare(
            _ before: [String], _ now: [String],
            lost: (String) -> StandingChange, gained: (String) -> StandingChange
        ) {
            changes += Set(before).subtracting(now).sorted().map(lost)
            changes += Set(now).subtracting(before).sorted().map(gained)
        }
        compare(old?.componentsMet ?? [], componentsMet,
                lost: StandingChange.componentFulfillmentWithdrawn, gained: StandingChange.componentFulfilled)
        compare(old?.milestonesReached ?? [], milestonesReached,
                lost: StandingChange.milestoneWithdrawn, gained: StandingChange.milestoneReached)
        switch (old?.isComplete ?? false, isComplete) {
        case (false, true): changes.append(.completed)
        case (true, false): changes.append(.completionWithdrawn)
        case (true, true), (false, false): break
        }
        compare(old?.entitlementsEarned ?? [], entitlementsEarned,
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
