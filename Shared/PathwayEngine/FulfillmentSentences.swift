import Domain

/// Says a fulfillment in one plain sentence of English. Lists are cut after five names, nesting after two levels,
/// so that a sentence stays one that can be read out.
package struct FulfillmentSentences: Sendable {
    private let titles: [String: String]
    /// Of the first component that has the target.
    private let targetTitles: [String: String]

    package init(_ document: PathwayDocument) {
        titles = Dictionary(document.components.map { ($0.id, $0.title) }, uniquingKeysWith: { first, _ in first })
        targetTitles = Dictionary(
            document.components.compactMap { component in component.target.map { ($0, component.title) } },
            uniquingKeysWith: { first, _ in first })
    }

    package func sentence(for component: String, _ fulfillment: Fulfillment) -> String {
        let state = switch fulfillment.state {
        case .met: "is met"
        case .inProgress: "is in progress"
        case .noEvidence: "has no evidence yet"
        case .unknown: "is not known yet"
        }
        let reason = fulfillment.reason
        let clauses = if let waived = reason.waived {
            ["waived in the zone \(waived.zone)" + (waived.decision.map { " by \($0)" } ?? "")]
        } else {
            [reason.target.map(clause), reason.condition.map(clause)].compactMap { $0 }
        }
        let why = clauses.isEmpty ? "" : ": " + clauses.joined(separator: "; ")
        return "\(name(component)) \(state)\(why)."
    }

    // MARK: Targets

    private func clause(_ progress: TargetProgress) -> String {
        let wanted = progress.wanted.map { "level \($0)" }
        let ask = wanted.map { "an attainment at \($0) is wanted" } ?? "an attainment of it is wanted"
        let open = "records that may hold it have not arrived here yet"
        guard let best = progress.best else { return progress.finding == .unknown ? open : ask }
        let level = (best.arrived ?? best.level).map { "at level \($0)" }
        let origin = best.target.map { "counted from \(targetName($0))" }
        let held = [basis(best.basis), level, "since \(best.from)", origin].compactMap { $0 }.joined(separator: " ")
        switch progress.finding {
        case .held: return held
        case .unknown: return "\(held), and \(open)"
        case .belowLevel:
            let known = ["held", level ?? "without a level", origin].compactMap { $0 }.joined(separator: " ")
            return "\(known), and \(wanted ?? "an attainment") is wanted"
        case .lapsed, .missing:
            let end = best.until.map { "until \($0)" } ?? "since \(best.from)"
            return "held \(end), and " + (wanted.map { "a renewal at \($0) is wanted" } ?? "a renewal is wanted")
        case .topUpMissing:
            let missing = (best.topUpMissing ?? []).prefix(5).map(targetName).joined(separator: ", ")
            return "\(held), and \(missing) is wanted beside it"
        case .otherBasis: return "\(held), which is a basis that does not count here"
        case .related: return "\(targetName(best.target ?? progress.target)) is held and related to it; \(ask)"
        }
    }

    // MARK: Conditions

    private func clause(_ progress: ConditionProgress) -> String {
        if progress.isNone { return excluding(progress) }
        let parts = progress.operands == 1 ? "1 part" : "\(progress.operands) parts"
        let done = "\(progress.metCount) of \(parts) \(progress.metCount == 1 ? "is" : "are") done"
        let need = progress.required == progress.operands ? "all are required" : "\(progress.required) required"
        let open = progress.unknownCount > 0 ? ", \(progress.unknownCount) not known yet" : ""
        if progress.isSatisfied { return "\(done)\(open), \(need)" }
        return "\(done)\(open), \(need); still open: \(list(progress, depth: 0))"
    }

    private func excluding(_ progress: ConditionProgress) -> String {
        switch progress.truth {
        case .yes: "nothing is held that it excludes"
        case .unknown: "whether something is held that it excludes is not known yet"
        case .no:
            "it excludes " + (progress.met.isEmpty
                ? "a combination that is held" : progress.met.prefix(5).map(name).joined(separator: ", "))
        }
    }

    /// What is not done, at most five names of a level.
    private func list(_ progress: ConditionProgress, depth: Int) -> String {
        let names = progress.unmet + progress.unknown
        let nested = progress.nested.filter { !$0.isSatisfied }
        let constraints = progress.constraints.filter { $0.truth != .yes }
        let count = names.count + nested.count + constraints.count
        guard depth < 2 else { return "\(count) more" }
        var shown = names.prefix(5).map(name)
        shown += nested.prefix(max(0, 5 - shown.count)).map { "\(amount($0)) (\(list($0, depth: depth + 1)))" }
        shown += constraints.prefix(max(0, 5 - shown.count)).map(clause)
        return shown.joined(separator: ", ") + (count > shown.count ? " and \(count - shown.count) more" : "")
    }

    private func amount(_ progress: ConditionProgress) -> String {
        if progress.isNone { return "none of" }
        let missing = progress.required - progress.metCount
        let open = progress.unmet.count + progress.unknown.count + progress.nested.count { !$0.isSatisfied }
            + progress.constraints.count { $0.truth != .yes }
        return (missing == open ? "all" : "\(missing)") + " of"
    }

    // MARK: Constraints

    /// `4.5 credits of at least 12`.
    private func clause(_ progress: ConstraintProgress) -> String {
        let constraint = progress.constraint
        let measured = switch progress.measured {
        case nil: constraint.measure == .level ? "no level to compare" : "no date to compare"
        case .level(let level): "level \(level)"
        case .credits(let thousandths): credits(thousandths)
        case .count(let count): count == 1 ? "1 of those named" : "\(count) of those named"
        case .until(let day?): "current until \(day)"
        case .until(nil): "current without end"
        }
        let value = switch constraint.value {
        case .number(let number): PathwayDocument.Level.number(number).description
        case .asOf: "today"
        case .text(let text): text
        }
        let open = progress.truth == .unknown ? ", not all of it known yet" : ""
        return "\(measured) where \(constraint.comparator.words) \(value) is wanted\(open)"
    }

    private func credits(_ thousandths: Int64) -> String {
        let amount = Credits(thousandths: thousandths).map { "\($0)" } ?? "\(thousandths / 1000)"
        return amount == "1" ? "1 credit" : "\(amount) credits"
    }

    // MARK: Names

    private func name(_ component: String) -> String { "“\(titles[component] ?? component)”" }
    private func targetName(_ target: String) -> String { "“\(targetTitles[target] ?? target)”" }

    private func basis(_ basis: AttainmentBasis) -> String {
        switch basis {
        case .assessed: "assessed"
        case .priorLearning: "recognized as prior learning"
        case .articulated: "articulated"
        case .granted: "granted by decision"
        }
    }
}

extension PathwayDocument.Constraint.Comparator {
    /// As a sentence says it: “at least”.
    package var words: String {
        switch self {
        case .atLeast: "at least"
        case .atMost: "at most"
        case .greater: "more than"
        case .less: "less than"
        case .equal: "exactly"
        case .notEqual: "anything but"
        }
    }
}
