import Domain

/// One thing that a learner can do next: come to hold a target at a level, from today on, without an end.
struct Acquisition: Hashable, Sendable {
    /// Index into `CompiledPathway.targets`.
    var target: Int32
    /// Nil: any level, or none.
    var level: LevelKey?
    /// Assessed, where that counts.
    var basis: AttainmentBasis

    init(target: Int32, level: LevelKey? = nil, bases: BasisSet = .all) {
        self.target = target
        self.level = level
        basis = [.assessed, .priorLearning, .articulated, .granted].first { bases.contains(BasisSet($0)) } ?? .assessed
    }

    /// Whether it counts by the rule on this way, if the top-ups of the way are held.
    func counts(on source: Source, of rule: TargetRule) -> Bool {
        guard target == source.target, rule.bases.contains(BasisSet(basis)) else { return false }
        guard let wanted = rule.wanted else { return true }
        return (source.arrival ?? level ?? .none).suffices(wanted)
    }
}

/// What a learner holds, read by the rules of a compiled pathway: only what has begun on the day.
struct HeldTargets: Sendable {
    private var attainments: [Int32: [HeldAttainment]] = [:]
    private let pathway: CompiledPathway
    private let facts: LearnerFacts
    let day: CalendarDate

    init(_ pathway: CompiledPathway, _ facts: LearnerFacts, on day: CalendarDate) {
        self.pathway = pathway
        self.facts = facts
        self.day = day
        for attainment in facts.attainments where attainment.from <= day {
            if let target = pathway.targetIndex[attainment.target] { attainments[target, default: []].append(attainment) }
        }
    }

    func isHeld(_ target: Int32) -> Bool { attainments[target] != nil }

    /// The source of this target is behind, so that it may be held already.
    func isUnknown(_ target: Int32) -> Bool { facts.unknown.contains(pathway.targets[Int(target)]) }

    func belongs(toZone zone: Int32) -> Bool { facts.zones.contains(pathway.zones[Int(zone)]) }

    /// What counts on this way but for top-ups.
    func candidates(on source: Source, of rule: TargetRule) -> [HeldAttainment] {
        (attainments[source.target] ?? []).filter { attainment in
            guard rule.bases.contains(BasisSet(attainment.basis)), isCurrent(attainment, rule.currency) else {
                return false
            }
            guard let wanted = rule.wanted else { return true }
            return (source.arrival ?? pathway.levels[attainment.level]).suffices(wanted)
        }
    }

    func topUpsMissing(_ source: Source) -> [Int32] { source.topUps.filter { !isHeld($0) } }

    /// All that counts.
    func counting(_ rule: TargetRule) -> [(attainment: HeldAttainment, source: Source)] {
        rule.sources.flatMap { source in
            topUpsMissing(source).isEmpty ? candidates(on: source, of: rule).map { ($0, source) } : []
        }
    }

    private func isCurrent(_ attainment: HeldAttainment, _ currency: PathwayDocument.Currency?) -> Bool {
        guard let currency else { return true }
        if let until = attainment.until, until < day { return false }
        guard case .days(let days) = currency else { return true }
        return day.daysSince1970 <= attainment.from.daysSince1970 + days
    }
}
