import Domain

/// What decides how attainments count, each rule by itself.
extension PathwayCheck {
    /// Level, bases and currency of a component.
    static func checkCounting(
        _ component: PathwayDocument.Component, at place: String, _ levels: LevelScales,
        _ findings: inout FindingList
    ) {
        if component.target == nil {
            for (member, isThere) in [("level", component.level != nil), ("bases", component.bases != nil),
                                      ("currency", component.currency != nil)] where isThere {
                findings.refuse("\(place)/\(member)", "\(member).without_target",
                                "A \(member) says how the target must be held, and there is no target. "
                                    + "Add `target`, or remove `\(member)`.")
            }
        } else if let level = component.level {
            findings.level(level, levels, at: place + "/level")
        }
        if let bases = component.bases, bases.isEmpty {
            findings.refuse(place + "/bases", "bases.empty",
                            "No basis counts, so nothing could ever meet it. Name those that count, or remove "
                                + "`bases` if all do.")
        }
        if case .days(let days) = component.currency, !(1...36_500).contains(days) {
            findings.refuse(place + "/currency/days", "currency.days",
                            "An attainment counts for 1 to 36 500 days, and this says \(days). Write how many, or "
                                + "remove `currency` if it never lapses.")
        }
    }

    static func checkProgressions(_ document: PathwayDocument, _ findings: inout FindingList) {
        var ids: Set<String> = [], places: [String: String] = [:]
        for (number, progression) in document.progressions.enumerated() {
            let place = "/progressions/\(number)"
            findings.id(progression.id, at: place + "/id", seen: &ids)
            if let title = progression.title { findings.title(title, at: place + "/title") }
            if progression.levels.isEmpty {
                findings.refuse(place + "/levels", "progression.empty",
                                "This progression has no levels. Name them, the lowest first, or remove it.")
            }
            for (rank, level) in progression.levels.enumerated() {
                findings.text(level, max: Bounds.target, at: "\(place)/levels/\(rank)")
                guard let first = places.updateValue("\(place)/levels/\(rank)", forKey: level) else { continue }
                findings.refuse("\(place)/levels/\(rank)", "level.duplicate",
                                "The level “\(shortened(level))” is at \(first) already, and a level has one place. "
                                    + "Remove it from one, or give it another text.")
            }
        }
    }

    static func checkCrosswalks(_ document: PathwayDocument, _ findings: inout FindingList) {
        let levels = LevelScales(document.progressions)
        var seen: [[String]: Int] = [:]
        for (number, crosswalk) in document.crosswalks.enumerated() {
            let place = "/crosswalks/\(number)"
            findings.target(crosswalk.from, at: place + "/from")
            findings.target(crosswalk.to, at: place + "/to")
            findings.long(crosswalk.decision, at: place + "/decision")
            if let level = crosswalk.level { findings.level(level, levels, at: place + "/level") }
            for (position, target) in crosswalk.topUp.enumerated() {
                findings.target(target, at: "\(place)/topUp/\(position)")
            }
            if crosswalk.from == crosswalk.to {
                findings.refuse(place + "/to", "crosswalk.to_itself",
                                "This leads from a target to itself. Correct one of the two, or remove it.")
            } else if let first = seen.updateValue(number, forKey: [crosswalk.from, crosswalk.to]) {
                findings.refuse(place, "crosswalk.duplicate",
                                "Crosswalk \(first) leads from the same target to the same one. Keep the one that "
                                    + "was adopted.")
            }
            if !crosswalk.topUp.isEmpty, crosswalk.strength == .equivalent || !crosswalk.confers {
                findings.warn(place + "/topUp", "crosswalk.top_up_unused",
                              crosswalk.confers
                                  ? "An equivalent asks for nothing beside it, so this changes nothing. Write another "
                                      + "`strength`, or remove `topUp`."
                                  : "What does not confer never counts, with or without a top-up. Remove `topUp`.")
            }
        }
        guard !findings.hasRefusals else { return }
        checkChains(document, &findings)
        checkWays(document, &findings)
    }

    /// Crosswalks that chain may lead round; nobody goes round, but somebody meant something else.
    private static func checkChains(_ document: PathwayDocument, _ findings: inout FindingList) {
        var next: [String: [Int]] = [:]
        for (number, crosswalk) in document.crosswalks.enumerated() where crosswalk.confers && crosswalk.chains {
            next[crosswalk.from, default: []].append(number)
        }
        var done: Set<String> = []
        for root in document.crosswalks.map(\.from) where !done.contains(root) {
            var chain: [(target: String, next: Int)] = [(root, 0)], open: Set<String> = [root]
            while let (target, place) = chain.last {
                guard let ways = next[target], place < ways.count else {
                    done.insert(target)
                    open.remove(target)
                    chain.removeLast()
                    continue
                }
                chain[chain.count - 1].next += 1
                let to = document.crosswalks[ways[place]].to
                if open.contains(to) {
                    findings.warn("/crosswalks/\(ways[place])", "crosswalk.cycle",
                                  "Crosswalks that chain lead from here back to where they began. No attainment goes "
                                      + "round; remove `chains` from one of them.")
                } else if !done.contains(to) {
                    open.insert(to)
                    chain.append((to, 0))
                }
            }
        }
    }

    private static func checkWays(_ document: PathwayDocument, _ findings: inout FindingList) {
        guard document.crosswalks.contains(where: \.chains) || document.crosswalks.count > 1000 else { return }
        let ways = CrosswalkWays(document.crosswalks)
        var rest = Bounds.ways
        for target in PathwayCompiler.rules(of: document).map(\.target) {
            guard let found = ways.ways(to: target, limit: rest + 1), found.count <= rest else {
                findings.refuse("/crosswalks", "bounds.ways",
                                "There are more than \(Bounds.ways) ways through these crosswalks to what is asked. "
                                    + "Let fewer of them chain.")
                return
            }
            rest -= found.count
        }
    }

    static func checkWaivers(_ document: PathwayDocument, _ findings: inout FindingList) {
        guard !document.waivers.isEmpty else { return }
        let ids = Set(document.components.map(\.id))
        for (number, waiver) in document.waivers.enumerated() {
            let place = "/waivers/\(number)"
            if !isToken(waiver.zone) {
                findings.refuse(place + "/zone", "id.shape",
                                "“\(shortened(waiver.zone))” is not an id: 1 to \(Bounds.id) of the letters A-Z and "
                                    + "a-z, digits, dot, underscore and hyphen.")
            }
            findings.long(waiver.decision, at: place + "/decision")
            if waiver.components.isEmpty {
                findings.refuse(place + "/components", "waiver.empty",
                                "This waives nothing. Name the components that it waives, or remove it.")
            }
            for (position, id) in waiver.components.enumerated() where !ids.contains(id) {
                findings.unknown(id, at: "\(place)/components/\(position)")
            }
        }
    }
}

extension FindingList {
    mutating func level(_ level: PathwayDocument.Level, _ levels: LevelScales, at place: String) {
        switch level {
        case .number(let number):
            if !number.isFinite { refuse(place, "level.shape", "A level is a finite number, or the text of one.") }
        case .text(let text):
            if levels[level].scale == 0 {
                refuse(place, "level.unknown",
                       "The level “\(shortened(text))” is in no progression of this document, so nothing compares "
                           + "with it. Add it to one of `progressions`, or correct it.")
            }
        }
    }
}
