import Domain

/// What a new version of a pathway would change for a whole population, before anybody decides on it.
///
/// Of each thing that both versions know and each learner one of four is said: it is **gained** (the new version says
/// met and the old one does not), **lost** (the other way round), **unknown** (either version's answer is not known
/// yet for this learner), or unchanged. Of each learner likewise, the first that applies: **losing** (something known
/// is lost), **unknown** (something is unknown), **gaining** (something is gained), **unchanged**. So a learner who
/// is said to gain loses nothing.
///
/// As JSON: the members below under these names; counts are whole numbers, learners opaque ids.
package struct Rehearsal: Hashable, Sendable, Codable {
    /// How many learners there are: the sum of the next four.
    package var learners: Int
    package var unchanged: Group
    package var gaining: Group
    package var losing: Group
    package var unknown: Group
    /// In the order of the new version, then those that only the old one has in its order.
    package var components: [Change]
    package var milestones: [Change]
    package var entitlements: [Change]
    /// Of the whole pathway.
    package var completion: Change
    package var holdHarmless: HoldHarmless

    package init(
        learners: Int, unchanged: Group, gaining: Group, losing: Group, unknown: Group, components: [Change],
        milestones: [Change], entitlements: [Change], completion: Change, holdHarmless: HoldHarmless
    ) {
        self.learners = learners
        self.unchanged = unchanged
        self.gaining = gaining
        self.losing = losing
        self.unknown = unknown
        self.components = components
        self.milestones = milestones
        self.entitlements = entitlements
        self.completion = completion
        self.holdHarmless = holdHarmless
    }

    package struct Group: Hashable, Sendable, Codable {
        package var count: Int
        /// The first of them in the order of the population, at most as many as were asked for. Empty for `unchanged`.
        package var witnesses: [String]

        package init(count: Int, witnesses: [String]) {
            self.count = count
            self.witnesses = witnesses
        }
    }

    /// One component, milestone or entitlement under both versions.
    package struct Change: Hashable, Sendable, Codable {
        package var id: String
        package var presence: Presence
        /// Learners for whom the old version says met; nil when it does not know it. Same for the new one.
        package var metBefore: Int?
        package var metAfter: Int?
        package var gained: Group
        package var lost: Group
        package var unknown: Int

        package init(
            id: String, presence: Presence, metBefore: Int?, metAfter: Int?, gained: Group, lost: Group, unknown: Int
        ) {
            self.id = id
            self.presence = presence
            self.metBefore = metBefore
            self.metAfter = metAfter
            self.gained = gained
            self.lost = lost
            self.unknown = unknown
        }

        /// A component that only one version has is neither gained nor lost, what it means shows in what needs it;
        /// milestones and entitlements that the new version lacks are lost by those who had them.
        package enum Presence: String, Hashable, Sendable, Codable, CaseIterable {
            case both, added, removed
        }
    }

    /// Why nobody who is enrolled is worse off: an enrollment stays with the version it was made under, and moves only
    /// when its learner says so.
    package struct HoldHarmless: Hashable, Sendable, Codable {
        /// Losing learners: each keeps all that `metBefore` counts by staying with the old version.
        package var pinned: Int
        /// Nobody loses anything known, and nothing is unknown: the new version could replace the old one for all.
        package var isNobodyWorseOff: Bool
        package var statement: String
    }
}

/// Two versions of a pathway made ready for one population and day; can be run again and again.
package struct PopulationRehearsal: Sendable {
    private let population: Population
    private let plan: PlanePlan
    private let items: [RehearsalItem]
    private let groups: RehearsalGroups
    private let old: [CertainPlanes], new: [CertainPlanes]
    private let destinationsOld: CertainPlanes, destinationsNew: CertainPlanes
    private var memory: PlaneBuffer?

    /// - Parameters:
    ///   - columns: gets those that the versions need and it does not have yet.
    ///   - keepsFulfillment: the truth of every component under both versions can be asked afterwards; takes one bit
    ///     for each learner, version and component.
    package init(
        from old: CompiledPathway, to new: CompiledPathway, on day: CalendarDate, over columns: inout PopulationColumns,
        keepsFulfillment: Bool = true
    ) {
        var graph = PlaneGraph()
        let oldPlanes = PathwayPlanes(old, on: day, in: &graph, &columns)
        let newPlanes = PathwayPlanes(new, on: day, in: &graph, &columns)
        self.old = oldPlanes.components(of: old)
        self.new = newPlanes.components(of: new)
        destinationsOld = oldPlanes.completion(of: old, in: &graph)
        destinationsNew = newPlanes.completion(of: new, in: &graph)
        let sides = RehearsalSides(
            old: .init(old.document, self.old, destinationsOld), new: .init(new.document, self.new, destinationsNew))
        items = sides.items(in: &graph)
        groups = RehearsalGroups(items, in: &graph)
        population = columns.population

        let changes = items.flatMap(\.counted) + groups.counted
        let truths = (self.old + self.new + [destinationsOld, destinationsNew]).flatMap { [$0.yes, $0.possible] }
        let witnessed = items.flatMap { [$0.gained, $0.lost] } + groups.counted
        let kept = keepsFulfillment ? truths + groups.counted : groups.counted
        columns.add(neededBy: changes + witnessed + kept, of: graph)
        plan = PlanePlan(graph, columns, counted: changes, witnessed: witnessed, kept: kept)
    }

    /// One bit for each learner and plane that is kept.
    package var bytesKept: Int { plan.keptPlanes * plan.shape.words * 8 }

    /// Memory of an earlier run is used again.
    /// - Parameters:
    ///   - witnesses: at most so many learners are named in each list.
    ///   - cores: how many threads share the work; populations of some 100 000 learners and more gain by it.
    package mutating func run(witnesses: Int = 10, cores: Int = 1) -> Rehearsal {
        // A copy of this value may still answer from it.
        let isFree = isKnownUniquelyReferenced(&memory)
        let outcome = plan.run(witnesses: witnesses, reusing: isFree ? memory.take() : nil, cores: cores)
        memory = outcome.kept
        return report(outcome)
    }

    /// The truth of a component, by its number in the document of one version, after the last run with
    /// `keepsFulfillment`; nil before the first.
    package func truth(ofOldComponent component: Int, forLearner learner: Int) -> Truth? { truth(old[component], learner) }
    package func truth(ofNewComponent component: Int, forLearner learner: Int) -> Truth? { truth(new[component], learner) }

    private func truth(_ planes: CertainPlanes, _ learner: Int) -> Truth? {
        guard let memory else { return nil }
        if plan.bit(planes.yes, learner, memory) { return .yes }
        return plan.bit(planes.possible, learner, memory) ? .unknown : .no
    }

    // MARK: The report

    private func report(_ outcome: PlanePlan.Outcome) -> Rehearsal {
        func names(_ list: Int) -> [String] { outcome.witnesses[list].map(population.name) }
        let compared = items.enumerated().map { number, item in
            let counts = outcome.counts[(number * RehearsalItem.countedPlanes)...]
            func count(_ place: Int) -> Int { counts[counts.startIndex + place] }
            let lost = item.isLostDerived ? count(0) + count(2) - count(1) : count(3)
            return Rehearsal.Change(
                id: item.id, presence: item.presence, metBefore: item.old == nil ? nil : count(0),
                metAfter: item.new == nil ? nil : count(1), gained: .init(count: count(2), witnesses: names(number * 2)),
                lost: .init(count: lost, witnesses: names(number * 2 + 1)), unknown: count(4))
        }
        func changes(_ kind: RehearsalItem.Kind) -> [Rehearsal.Change] {
            zip(items, compared).filter { $0.0.kind == kind }.map(\.1)
        }
        let groups = (0..<3).map { number in
            Rehearsal.Group(count: outcome.counts[items.count * RehearsalItem.countedPlanes + number],
                            witnesses: names(items.count * 2 + number))
        }
        let unchanged = population.count - groups.reduce(0) { $0 + $1.count }
        return Rehearsal(
            learners: population.count, unchanged: .init(count: unchanged, witnesses: []), gaining: groups[2],
            losing: groups[0], unknown: groups[1], components: changes(.component), milestones: changes(.milestone),
            entitlements: changes(.entitlement), completion: changes(.completion)[0],
            holdHarmless: .init(losing: groups[0].count, unknown: groups[1].count))
    }
}

extension Rehearsal.HoldHarmless {
    /// What is claimed, and by what: a pinned evaluation is the old version's evaluation, so its outcome is exactly the
    /// one that was computed here for the old version, whatever the new one says.
    package init(losing: Int, unknown: Int) {
        pinned = losing
        isNobodyWorseOff = losing == 0 && unknown == 0
        statement = switch (losing, unknown) {
        case (0, 0): "Under the new version nobody loses anything."
        case (0, _):
            "Nobody is known to lose anything under the new version; of \(unknown) learners it is not known yet. "
                + "Everybody enrolled stays with the old version until moving is their own choice."
        default:
            "\(losing) learners would lose something under the new version"
                + (unknown > 0 ? ", and of \(unknown) more it is not known yet" : "")
                + ". Each who is enrolled stays with the old version, by which all that is met stays met, and every "
                + "milestone, entitlement and completion that it gives can still be reached; moving is their own choice."
        }
    }
}
