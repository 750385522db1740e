import Domain

/// Comparisons over what counts.
extension NaiveReading {
    /// The distinct entries of a list of ids and IRIs.
    private func entries(_ over: [String]) -> [(name: String, asked: Asked)] {
        var entries: [(name: String, asked: Asked)] = []
        for name in over where !entries.contains(where: { $0.name == name }) {
            if name.contains(":") {
                entries.append((name, Asked(target: name)))
            } else if let component = document.components.first(where: { $0.id == name }), let asked = asked(by: component) {
                entries.append((name, asked))
            }
        }
        return entries
    }

    private func counting(for asked: Asked) -> [Candidate] {
        ways(to: asked.target).flatMap { candidates(on: $0, to: asked.target) }.filter { candidate in
            (asked.bases?.contains(candidate.attainment.basis) ?? true)
                && topUpsMissing(on: candidate.way).isEmpty
                && isCurrent(candidate.attainment, asked.currency)
                && suffices(candidate.level, asked.wanted)
        }
    }

    func progress(of constraint: PathwayDocument.Constraint) -> ConstraintProgress {
        let entries = entries(constraint.over)
        let candidates = entries.flatMap { counting(for: $0.asked) }
        let (truth, measured) = switch constraint.measure {
        case .level: level(constraint, candidates, mayGrow: entries.contains { mayGrow($0.asked) })
        case .until: until(constraint, candidates, mayGrow: entries.contains { mayGrow($0.asked) })
        case .count: count(constraint, entries)
        case .credits: credits(constraint, entries)
        }
        return ConstraintProgress(
            truth: truth, constraint: constraint, measured: measured,
            attainments: Set(candidates.map(\.attainment.id)).sorted())
    }

    private func level(
        _ constraint: PathwayDocument.Constraint, _ candidates: [Candidate], mayGrow: Bool
    ) -> (Truth, ConstraintProgress.Measured?) {
        let wanted: PathwayDocument.Level = switch constraint.value {
        case .number(let number): .number(number)
        case .text(let text): .text(text)
        }
        let scale = place(wanted)
        let comparable = candidates.filter { place($0.level) != nil && place($0.level)?.scale == scale?.scale }
        let best = comparable.max { place($0.level)!.rank < place($1.level)!.rank }?.level
        var truth = Truth.no
        if let best, let held = place(best), let scale {
            truth = Truth(constraint.comparator.holds(held.rank, scale.rank))
        }
        return (opened(truth, constraint, mayGrow: mayGrow), best.map { .level($0) })
    }

    private func until(
        _ constraint: PathwayDocument.Constraint, _ candidates: [Candidate], mayGrow: Bool
    ) -> (Truth, ConstraintProgress.Measured?) {
        let date: CalendarDate? = switch constraint.value {
        case .asOf: day
        case .text(let text): CalendarDate(text)
        case .number: nil
        }
        let latest = candidates.map { $0.attainment.until?.daysSince1970 ?? .max }.max()
        var truth = Truth.no
        if let latest, let date { truth = Truth(constraint.comparator.holds(latest, date.daysSince1970)) }
        let measured = latest.map { latest in
            ConstraintProgress.Measured.until(latest == .max ? nil : CalendarDate(daysSince1970: latest))
        }
        return (opened(truth, constraint, mayGrow: mayGrow), measured)
    }

    /// Of levels and dates more may come, and then only what more cannot change is certain.
    private func opened(_ truth: Truth, _ constraint: PathwayDocument.Constraint, mayGrow: Bool) -> Truth {
        guard mayGrow else { return truth }
        return truth == .yes && constraint.comparator.isMonotone ? .yes : .unknown
    }

    private func count(
        _ constraint: PathwayDocument.Constraint, _ entries: [(name: String, asked: Asked)]
    ) -> (Truth, ConstraintProgress.Measured?) {
        let held = entries.count { !counting(for: $0.asked).isEmpty }
        let open = entries.count { counting(for: $0.asked).isEmpty && mayGrow($0.asked) }
        guard case .number(let value) = constraint.value else { return (.no, .count(held)) }
        return (within(constraint.comparator, Double(held), Double(held + open), value), .count(held))
    }

    private func credits(
        _ constraint: PathwayDocument.Constraint, _ entries: [(name: String, asked: Asked)]
    ) -> (Truth, ConstraintProgress.Measured?) {
        var counted: Set<EntityID<Attainment>> = []
        func sum(_ entries: [(name: String, asked: Asked)]) -> Int64 {
            var sum: Int64 = 0
            for candidate in entries.flatMap({ counting(for: $0.asked) })
            where counted.insert(candidate.attainment.id).inserted {
                sum += candidate.attainment.credits?.thousandths ?? 0
            }
            return sum
        }
        let capped = Set(constraint.caps.flatMap(\.over))
        let free = entries.filter { !capped.contains($0.name) }
        var least = sum(free), most: Int64? = free.contains { mayGrow($0.asked) } ? nil : least
        for cap in constraint.caps {
            let part = entries.filter { cap.over.contains($0.name) }
            let known = min(cap.most.thousandths, sum(part))
            least += known
            most = most.map { $0 + (part.contains { mayGrow($0.asked) } ? cap.most.thousandths : known) }
        }
        guard case .number(let number) = constraint.value, let value = Credits(number) else {
            return (.no, .credits(thousandths: least))
        }
        return (within(constraint.comparator, least, most ?? .max, value.thousandths), .credits(thousandths: least))
    }

    /// What a comparison is when the measured value lies somewhere from `least` to `most`.
    private func within<T: Comparable>(
        _ comparator: PathwayDocument.Constraint.Comparator, _ least: T, _ most: T, _ value: T
    ) -> Truth {
        switch comparator {
        case .atLeast: least >= value ? .yes : most < value ? .no : .unknown
        case .greater: least > value ? .yes : most <= value ? .no : .unknown
        case .atMost: most <= value ? .yes : least > value ? .no : .unknown
        case .less: most < value ? .yes : least >= value ? .no : .unknown
        case .equal: least == value && most == value ? .yes : value < least || value > most ? .no : .unknown
        case .notEqual: !within(.equal, least, most, value)
        }
    }
}
