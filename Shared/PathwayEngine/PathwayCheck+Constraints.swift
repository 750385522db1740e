import Domain

extension PathwayCheck {
    static func checkConstraints(_ document: PathwayDocument, _ findings: inout FindingList) {
        let levels = LevelScales(document.progressions)
        let components = Dictionary(
            document.components.map { ($0.id, $0.target != nil) }, uniquingKeysWith: { first, _ in first })
        for (number, component) in document.components.enumerated() {
            for part in component.condition?.parts() ?? [] {
                for (position, operand) in part.condition.of.enumerated() {
                    guard case .constraint(let constraint) = operand else { continue }
                    let place = pointer(number, part.path + [position])
                    checkOver(constraint.over, at: place + "/over", components, &findings)
                    checkValue(constraint, at: place, levels, &findings)
                    checkCaps(constraint, at: place, &findings)
                    checkRange(constraint, at: place, &findings)
                }
            }
        }
    }

    private static func checkOver(
        _ over: [String], at place: String, _ hasTarget: [String: Bool], _ findings: inout FindingList
    ) {
        if over.isEmpty {
            findings.refuse(place, "constraint.empty",
                            "This measures nothing. Name the components or targets that it is over.")
        }
        var seen: Set<String> = []
        for (position, entry) in over.enumerated() {
            let place = "\(place)/\(position)"
            if entry.contains(":") {
                findings.target(entry, at: place)
            } else if let hasTarget = hasTarget[entry] {
                if !hasTarget {
                    findings.refuse(place, "constraint.no_target",
                                    "“\(shortened(entry))” has no target, so there is nothing to measure. Name the "
                                        + "components with targets that it is made of.")
                }
            } else {
                findings.unknown(entry, at: place)
            }
            if !seen.insert(entry).inserted {
                findings.warn(place, "constraint.duplicate",
                              "“\(shortened(entry))” is named twice and counts once. Remove one.")
            }
        }
    }

    private static func checkValue(
        _ constraint: PathwayDocument.Constraint, at place: String, _ levels: LevelScales,
        _ findings: inout FindingList
    ) {
        func refuse(_ what: String) {
            findings.refuse(place + "/value", "constraint.value", what)
        }
        switch (constraint.measure, constraint.value) {
        case (.level, .number(let number)): findings.level(.number(number), levels, at: place + "/value")
        case (.level, .text(let text)): findings.level(.text(text), levels, at: place + "/value")
        case (.credits, .number(let number)):
            if Credits(number) == nil { refuse("Credits are a number from 0 with at most 3 decimal places.") }
        case (.credits, .text): refuse("Credits are compared with a number.")
        case (.count, .number(let number)):
            if Int32(exactly: number).map({ $0 < 0 }) ?? true { refuse("A count is compared with a whole number from 0.") }
        case (.count, .text): refuse("A count is compared with a whole number.")
        case (.until, .text(let text)):
            if constraint.value != .asOf, CalendarDate(text) == nil {
                refuse("A date is written YYYY-MM-DD; \"as_of\" is the day of the evaluation.")
            }
        case (.until, .number): refuse("A date is written YYYY-MM-DD; \"as_of\" is the day of the evaluation.")
        }
    }

    private static func checkCaps(
        _ constraint: PathwayDocument.Constraint, at place: String, _ findings: inout FindingList
    ) {
        guard !constraint.caps.isEmpty else { return }
        if constraint.measure != .credits {
            findings.refuse(place + "/caps", "cap.not_credits",
                            "A cap bounds credits, and this measures something else. Remove `caps`.")
        }
        let over = Set(constraint.over)
        var seen: [String: Int] = [:]
        for (number, cap) in constraint.caps.enumerated() {
            let place = "\(place)/caps/\(number)/over"
            if cap.over.isEmpty {
                findings.refuse(place, "constraint.empty", "This bounds nothing. Name some of what the constraint is over.")
            }
            for (position, entry) in cap.over.enumerated() {
                if !over.contains(entry) {
                    findings.refuse("\(place)/\(position)", "cap.not_over",
                                    "The constraint is not over “\(shortened(entry))”. Add it to `over`, or remove it "
                                        + "here.")
                }
                if let first = seen.updateValue(number, forKey: entry), first != number {
                    findings.refuse("\(place)/\(position)", "cap.overlap",
                                    "“\(shortened(entry))” is under cap \(first) already, and what it earns counts "
                                        + "under one. Remove it from one of them.")
                }
            }
        }
    }

    /// What no learner could have, and what every learner has.
    private static func checkRange(
        _ constraint: PathwayDocument.Constraint, at place: String, _ findings: inout FindingList
    ) {
        guard case .number(let value) = constraint.value else { return }
        let most: Double
        switch constraint.measure {
        case .level, .until: return
        case .count: most = Double(Set(constraint.over).count)
        case .credits:
            let isAllCapped = Set(constraint.over).isSubset(of: constraint.caps.flatMap(\.over))
            most = isAllCapped ? constraint.caps.reduce(0) { $0 + $1.most.value } : .infinity
        }
        let comparator = constraint.comparator
        let holds = comparator.holds(0, orUpTo: most, value)
        let isBetween = comparator == .equal && value > 0 && value < most
        if holds == .no, !isBetween {
            findings.refuse(place, "constraint.never",
                            "The \(constraint.measure) lies from 0 to \(shown(most)), so this can never hold. Correct "
                                + "the value or the comparator.")
        } else if holds == .yes {
            findings.warn(place, "constraint.always",
                          "The \(constraint.measure) lies from 0 to \(shown(most)), so this always holds. Correct the "
                              + "value or the comparator, or remove it.")
        }
    }

    private static func shown(_ number: Double) -> String {
        number.isFinite ? PathwayDocument.Level.number(number).description : "any amount"
    }
}
