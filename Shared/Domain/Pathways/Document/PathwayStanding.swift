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
        /// The component is met because of it, whatever the other parts say.
        package var waived: Waived?

        package init(
            target: TargetProgress? = nil, condition: ConditionProgress? = nil, waived: Waived? = nil
        ) {
            self.target = target
            self.condition = condition
            self.waived = waived
        }
    }

    /// The first waiver of the document that names the component and a zone of the learner.
    package struct Waived: Hashable, Sendable, Codable {
        package var zone: String
        package var decision: String?

        package init(zone: String, decision: String? = nil) {
            self.zone = zone
            self.decision = decision
        }
    }
}

/// What a learner's attainments say about one target on one day.
package struct TargetProgress: Hashable, Sendable, Codable {
    package var finding: Finding
    package var target: String
    /// The lowest level that counts; absent when any attainment does.
    package var wanted: PathwayDocument.Level?
    /// The attainment that `finding` is about, and the way it came: chosen by the highest level at which it arrives (one
    /// that does not compare with `wanted` is like none), then the earliest start, the id, the fewest crosswalks, and
    /// those of the lowest numbers; absent when there is none. Of `unknown` it is the best that is known.
    package var best: Held?

    package init(finding: Finding, target: String, wanted: PathwayDocument.Level?, best: Held?) {
        self.finding = finding
        self.target = target
        self.wanted = wanted
        self.best = best
    }

    /// From the last one up each wants less of `best`; the first that applies is said.
    package enum Finding: String, Hashable, Sendable, Codable, CaseIterable {
        /// `best` meets it.
        case held
        /// Nothing known holds it, and what is not known yet might.
        case unknown
        /// `best` would count but for its level, which is lower than wanted or cannot be compared.
        case belowLevel = "below_level"
        /// `best` counted, until the day its currency ended.
        case lapsed
        /// `best` comes through a crosswalk that wants more beside it: `Held.topUpMissing`.
        case topUpMissing = "top_up_missing"
        /// `best` has a basis that does not count here.
        case otherBasis = "other_basis"
        /// `best` is of something that a crosswalk calls related; it never counts.
        case related
        /// There is no attainment of it yet.
        case missing
    }

    package struct Held: Hashable, Sendable, Codable {
        package var attainment: EntityID<Attainment>
        /// As the attainment has it; through crosswalks it may have arrived at another, `arrived`.
        package var level: PathwayDocument.Level?
        package var basis: AttainmentBasis
        package var from: CalendarDate
        package var until: CalendarDate?
        /// What it is an attainment of, when it came through crosswalks.
        package var target: String?
        /// Numbers of the document's crosswalks that it passed, from the attainment to the target.
        package var through: [Int]?
        /// The level at which it arrived, when it came through crosswalks and has one here.
        package var arrived: PathwayDocument.Level?
        /// What the crosswalks ask for beside it and the learner does not hold, in the order of the document.
        package var topUpMissing: [String]?

        package init(
            attainment: EntityID<Attainment>, level: PathwayDocument.Level?, basis: AttainmentBasis,
            from: CalendarDate, until: CalendarDate?, target: String? = nil, through: [Int]? = nil,
            arrived: PathwayDocument.Level? = nil, topUpMissing: [String]? = nil
        ) {
            self.attainment = attainment
            self.level = level
            self.basis = basis
            self.from = from
            self.until = until
            self.target = target
            self.through = through
            self.arrived = arrived
            self.topUpMissing = topUpMissing
        }
    }
}

/// How far one condition is: `required` of `operands` have to be met, or with `isNone` not one of them.
package struct ConditionProgress: Hashable, Sendable {
    /// For `isNone` 1: how many would break it.
    package var required: Int
    /// How many there are in all: components, nested conditions and constraints.
    package var operands: Int
    package var isNone: Bool
    /// Component ids in the order of the document; an id named twice is here twice, as it counts.
    package var met: [String]
    package var unmet: [String]
    /// Those of which it is not known yet whether they are met.
    package var unknown: [String]
    /// The nested conditions in the order of the document.
    package var nested: [ConditionProgress]
    /// The constraints in the order of the document.
    package var constraints: [ConstraintProgress]

    package init(
        required: Int, operands: Int, isNone: Bool = false, met: [String], unmet: [String], unknown: [String] = [],
        nested: [ConditionProgress], constraints: [ConstraintProgress] = []
    ) {
        self.required = required
        self.operands = operands
        self.isNone = isNone
        self.met = met
        self.unmet = unmet
        self.unknown = unknown
        self.nested = nested
        self.constraints = constraints
    }

    package var metCount: Int { met.count + count(.yes) }
    package var unknownCount: Int { unknown.count + count(.unknown) }

    private func count(_ truth: Truth) -> Int {
        nested.count { $0.truth == truth } + constraints.count { $0.truth == truth }
    }

    /// A condition without operands, which the check refuses, is never satisfied.
    package var truth: Truth {
        guard operands > 0 else { return .no }
        let reached = Truth.atLeast(required, yes: metCount, unknown: unknownCount)
        return isNone ? !reached : reached
    }

    package var isSatisfied: Bool { truth == .yes }
}

extension ConditionProgress: Codable {
    private enum Member: String, CodingKey {
        case required, operands, isNone, met, unmet, unknown, nested, constraints
    }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Member.self)
        required = try members.decode(Int.self, forKey: .required)
        operands = try members.decode(Int.self, forKey: .operands)
        isNone = try members.decodeIfPresent(Bool.self, forKey: .isNone) ?? false
        met = try members.decode([String].self, forKey: .met)
        unmet = try members.decode([String].self, forKey: .unmet)
        unknown = try members.decodeIfPresent([String].self, forKey: .unknown) ?? []
        nested = try members.decode([ConditionProgress].self, forKey: .nested)
        constraints = try members.decodeIfPresent([ConstraintProgress].self, forKey: .constraints) ?? []
    }

    /// Members that only newer pathways need are left out where they say nothing.
    package func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Member.self)
        try members.encode(required, forKey: .required)
        try members.encode(operands, forKey: .operands)
        if isNone { try members.encode(isNone, forKey: .isNone) }
        try members.encode(met, forKey: .met)
        try members.encode(unmet, forKey: .unmet)
        if !unknown.isEmpty { try members.encode(unknown, forKey: .unknown) }
        try members.encode(nested, forKey: .nested)
        if !constraints.isEmpty { try members.encode(constraints, forKey: .constraints) }
    }
}

/// How far one constraint is.
package struct ConstraintProgress: Hashable, Sendable, Codable {
    package var truth: Truth
    package var constraint: PathwayDocument.Constraint
    /// By what is known; absent where a level or a date is asked and nothing that counts has one to compare.
    package var measured: Measured?
    /// All that counts, sorted.
    package var attainments: [EntityID<Attainment>]

    package init(
        truth: Truth, constraint: PathwayDocument.Constraint, measured: Measured?,
        attainments: [EntityID<Attainment>]
    ) {
        self.truth = truth
        self.constraint = constraint
        self.measured = measured
        self.attainments = attainments
    }

    /// One member is there, by the measure.
    package enum Measured: Hashable, Sendable {
        case level(PathwayDocument.Level)
        /// What the caps leave of the sum, in thousandths of a credit.
        case credits(thousandths: Int64)
        case count(Int)
        /// Nil: something that counts never ends.
        case until(CalendarDate?)
    }
}

extension ConstraintProgress.Measured: Codable {
    private enum Member: String, CodingKey { case level, creditThousandths, count, until }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Member.self)
        if let level = try members.decodeIfPresent(PathwayDocument.Level.self, forKey: .level) {
            self = .level(level)
        } else if let thousandths = try members.decodeIfPresent(Int64.self, forKey: .creditThousandths) {
            self = .credits(thousandths: thousandths)
        } else if let count = try members.decodeIfPresent(Int.self, forKey: .count) {
            self = .count(count)
        } else {
            self = .until(try members.decodeIfPresent(CalendarDate.self, forKey: .until))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Member.self)
        switch self {
        case .level(let level): try members.encode(level, forKey: .level)
        case .credits(let thousandths): try members.encode(thousandths, forKey: .creditThousandths)
        case .count(let count): try members.encode(count, forKey: .count)
        case .until(let day?): try members.encode(day, forKey: .until)
        case .until(nil): try members.encodeNil(forKey: .until)
        }
    }
}
