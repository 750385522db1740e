/// Where one learner stands on one pathway version on one day: derived, never set by hand. Every list is sorted by
/// id, so that equal standings are equal values whatever the order of the components or attainments was.
package struct PathwayStanding: Hashable, Sendable, Codable {
    /// By component id; every component of the document has an entry.
    package var components: [String: Fulfillment]
    /// Every destination is met.
    package var isComplete: Bool
    /// Ids of the met components that are milestones.
    package var milestonesReached: [String]
    /// Ids of the entitlements whose component is met.
    package var entitlementsEarned: [String]

    package init(
        components: [String: Fulfillment], isComplete: Bool, milestonesReached: [String], entitlementsEarned: [String]
    ) {
        self.components = components
        self.isComplete = isComplete
        self.milestonesReached = milestonesReached
        self.entitlementsEarned = entitlementsEarned
    }
}

/// The state of one component, with why.
package struct Fulfillment: Hashable, Sendable, Codable {
    /// `inProgress`: some evidence counts toward it, be it that its target is or was held (if only at a lower level),
    /// or that something its condition names is in progress or met.
    package var state: FulfillmentState
    package var reason: Reason

    package init(state: FulfillmentState, reason: Reason) {
        self.state = state
        self.reason = reason
    }

    /// One part for the target, one for the condition; a component has at least one of them, so has its reason.
    package struct Reason: Hashable, Sendable, Codable {
        package var target: TargetProgress?
        package var condition: ConditionProgress?

        package init(target: TargetProgress? = nil, condition: ConditionProgress? = nil) {
            self.target = target
            self.condition = condition
        }
    }
}

/// What a learner's attainments say about one target on one day.
package struct TargetProgress: Hashable, Sendable, Codable {
    package var finding: Finding
    package var target: String
    /// The lowest level that counts; absent when any attainment does.
    package var wanted: Double?
    /// The attainment that `finding` is about, chosen by the highest level, then the earliest start, then the id;
    /// absent when there is none.
    package var best: Held?

    package init(finding: Finding, target: String, wanted: Double?, best: Held?) {
        self.finding = finding
        self.target = target
        self.wanted = wanted
        self.best = best
    }

    package enum Finding: String, Hashable, Sendable, Codable, CaseIterable {
        /// `best` meets it.
        case held
        /// `best` is current but below the level that is wanted.
        case belowLevel = "below_level"
        /// Nothing is current; `best` was, until the day its own currency ended.
        case lapsed
        /// There is no attainment of it yet.
        case missing
    }

    package struct Held: Hashable, Sendable, Codable {
        package var attainment: EntityID<Attainment>
        package var level: Double?
        package var basis: AttainmentBasis
        package var from: CalendarDate
        package var until: CalendarDate?

        package init(
            attainment: EntityID<Attainment>, level: Double?, basis: AttainmentBasis, from: CalendarDate,
            until: CalendarDate?
        ) {
            self.attainment = attainment
            self.level = level
            self.basis = basis
            self.from = from
            self.until = until
        }
    }
}

/// How far one condition is: `required` of `operands` have to be met.
package struct ConditionProgress: Hashable, Sendable, Codable {
    package var required: Int
    /// How many there are in all: components and nested conditions.
    package var operands: Int
    /// Component ids in the order of the document; an id named twice is here twice, as it counts.
    package var met: [String]
    package var unmet: [String]
    /// The nested conditions in the order of the document.
    package var nested: [ConditionProgress]

    package init(required: Int, operands: Int, met: [String], unmet: [String], nested: [ConditionProgress]) {
        self.required = required
        self.operands = operands
        self.met = met
        self.unmet = unmet
        self.nested = nested
    }

    package var metCount: Int { met.count + nested.count { $0.isSatisfied } }

    /// A condition without operands, which the check refuses, is never satisfied.
    package var isSatisfied: Bool { operands > 0 && metCount >= required }
}
