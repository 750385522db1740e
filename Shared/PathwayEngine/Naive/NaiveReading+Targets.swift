import Domain

/// Which attainments count for a target.
extension NaiveReading {
    /// What has to be held, and which attainments of it count.
    struct Asked {
        var target: String
        var wanted: PathwayDocument.Level?
        var bases: [AttainmentBasis]?
        var currency: PathwayDocument.Currency?
    }

    func asked(by component: PathwayDocument.Component) -> Asked? {
        component.target.map {
            Asked(target: $0, wanted: component.level, bases: component.bases, currency: component.currency)
        }
    }

    /// An attainment and a way on which it comes to a target: the numbers of the crosswalks, from it to the target.
    struct Candidate {
        var attainment: HeldAttainment
        var way: [Int]
        /// The level at which it arrives.
        var level: PathwayDocument.Level?
    }

    func progress(toward asked: Asked) -> TargetProgress {
        let begun = ways(to: asked.target).flatMap { candidates(on: $0, to: asked.target) }
        let based = begun.filter { asked.bases?.contains($0.attainment.basis) ?? true }
        let topped = based.filter { topUpsMissing(on: $0.way).isEmpty }
        let current = topped.filter { isCurrent($0.attainment, asked.currency) }
        let enough = current.filter { suffices($0.level, asked.wanted) }
        let related = document.crosswalks.indices
            .filter { !document.crosswalks[$0].confers && document.crosswalks[$0].to == asked.target }
            .flatMap { candidates(on: [$0], to: asked.target) }
        let findings: [(TargetProgress.Finding, [Candidate])] = [
            (.held, enough), (.belowLevel, current), (.lapsed, topped), (.topUpMissing, based), (.otherBasis, begun),
            (.related, related),
        ]
        let (finding, found) = findings.first { !$0.1.isEmpty } ?? (.missing, [])
        return TargetProgress(
            finding: finding != .held && mayGrow(asked) ? .unknown : finding, target: asked.target,
            wanted: asked.wanted, best: best(of: found, asked))
    }

    /// The target itself, and each way through conferring crosswalks: only a crosswalk that chains takes what came
    /// through another one, at most `Bounds.hops` follow one another, and no target is passed twice.
    func ways(to target: String) -> [[Int]] {
        var ways: [[Int]] = [[]], open: [[Int]] = [[]]
        while !open.isEmpty {
            var longer: [[Int]] = []
            for way in open {
                if let first = way.first, !document.crosswalks[first].chains { continue }
                let start = way.first.map { document.crosswalks[$0].from } ?? target
                let passed = [target] + way.map { document.crosswalks[$0].from }
                for (number, crosswalk) in document.crosswalks.enumerated()
                where crosswalk.confers && crosswalk.to == start && !passed.contains(crosswalk.from) {
                    longer.append([number] + way)
                }
            }
            ways += longer
            open = (longer.first?.count ?? 0) < PathwayDocument.Bounds.hops ? longer : []
        }
        return ways
    }

    func source(of way: [Int], to target: String) -> String {
        way.first.map { document.crosswalks[$0].from } ?? target
    }

    /// What has begun, with the level at which it arrives.
    func candidates(on way: [Int], to target: String) -> [Candidate] {
        (byTarget[source(of: way, to: target)] ?? []).filter { $0.from <= day }.map { attainment in
            Candidate(attainment: attainment, way: way, level: arrival(on: way) ?? attainment.level)
        }
    }

    /// The level that the last crosswalk which sets one sets.
    func arrival(on way: [Int]) -> PathwayDocument.Level? {
        way.last { document.crosswalks[$0].level != nil }.flatMap { document.crosswalks[$0].level }
    }

    func isCurrent(_ attainment: HeldAttainment, _ currency: PathwayDocument.Currency?) -> Bool {
        guard let currency else { return true }
        if let until = attainment.until, until < day { return false }
        guard case .days(let days) = currency else { return true }
        return day.daysSince1970 <= attainment.from.daysSince1970 + days
    }

    func topUps(on way: [Int]) -> [String] {
        way.flatMap { document.crosswalks[$0].topUpNeeded }
    }

    func holdsDirectly(_ target: String) -> Truth {
        let isHeld = byTarget[target]?.contains { $0.from <= day } ?? false
        return isHeld ? .yes : facts.unknown.contains(target) ? .unknown : .no
    }

    /// Distinct, in the order of the crosswalks.
    func topUpsMissing(on way: [Int]) -> [String] {
        var missing: [String] = []
        for target in topUps(on: way) where holdsDirectly(target) != .yes && !missing.contains(target) {
            missing.append(target)
        }
        return missing
    }

    /// What is not known yet may bring something that counts here, besides what does already.
    func mayGrow(_ asked: Asked) -> Bool {
        ways(to: asked.target).contains { way in
            let toppedUp = topUps(on: way).map(holdsDirectly).reduce(.yes, &)
            guard toppedUp != .no else { return false }
            let arrival = arrival(on: way)
            let isSourceOpen = facts.unknown.contains(source(of: way, to: asked.target))
            if isSourceOpen && (arrival == nil || suffices(arrival, asked.wanted)) { return true }
            return toppedUp == .unknown && candidates(on: way, to: asked.target).contains { candidate in
                asked.bases?.contains(candidate.attainment.basis) ?? true
                    && isCurrent(candidate.attainment, asked.currency) && suffices(candidate.level, asked.wanted)
            }
        }
    }

    // MARK: Levels

    /// The progression a level belongs to and its place in it; nil for one that compares with nothing.
    func place(_ level: PathwayDocument.Level?) -> (scale: Int, rank: Double)? {
        switch level {
        case nil: return nil
        case .number(let number): return (-1, number)
        case .text(let text):
            var found: [(Int, Double)] = []
            for (scale, progression) in document.progressions.enumerated() {
                for (rank, word) in progression.levels.enumerated() where word == text {
                    found.append((scale, Double(rank)))
                }
            }
            return found.count == 1 ? found[0] : nil
        }
    }

    func suffices(_ level: PathwayDocument.Level?, _ wanted: PathwayDocument.Level?) -> Bool {
        guard let wanted else { return true }
        guard let level = place(level), let wanted = place(wanted) else { return false }
        return level.scale == wanted.scale && level.rank >= wanted.rank
    }

    /// The order of `TargetProgress.best`: whatever the order of the list was.
    private func best(of candidates: [Candidate], _ asked: Asked) -> TargetProgress.Held? {
        func key(_ candidate: Candidate) -> (Int, Double) {
            guard let level = place(candidate.level) else { return (-2, 0) }
            if asked.wanted != nil, place(asked.wanted)?.scale != level.scale { return (-2, 0) }
            return level
        }
        let best = candidates.min { one, other in
            let (mine, theirs) = (key(one), key(other))
            if mine != theirs { return mine > theirs }
            if one.attainment.from != other.attainment.from { return one.attainment.from < other.attainment.from }
            if one.attainment.id != other.attainment.id { return one.attainment.id < other.attainment.id }
            if one.way.count != other.way.count { return one.way.count < other.way.count }
            return one.way.lexicographicallyPrecedes(other.way)
        }
        return best.map { best in
            let attainment = best.attainment
            var held = TargetProgress.Held(
                attainment: attainment.id, level: attainment.level, basis: attainment.basis, from: attainment.from,
                until: attainment.until)
            if !best.way.isEmpty {
                held.target = attainment.target
                held.through = best.way
                held.arrived = best.level
                let missing = topUpsMissing(on: best.way)
                held.topUpMissing = missing.isEmpty ? nil : missing
            }
            return held
        }
    }
}
