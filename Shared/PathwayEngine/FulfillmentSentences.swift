import Domain

/// Says a fulfillment in one plain sentence of English. Lists are cut after five names, nesting after two levels,
/// so that a sentence stays one that can be read out.
package struct FulfillmentSentences: Sendable {
    private let titles: [String: String]

    package init(_ document: PathwayDocument) {
        titles = Dictionary(document.components.map { ($0.id, $0.title) }, uniquingKeysWith: { first, _ in first })
    }

    package func sentence(for component: String, _ fulfillment: Fulfillment) -> String {
        let state = switch fulfillment.state {
        case .met: "is met"
        case .inProgress: "is in progress"
        case .noEvidence: "has no evidence yet"
        }
        let clauses = [fulfillment.reason.target.map(clause), fulfillment.reason.condition.map(clause)]
            .compactMap { $0 }
        let why = clauses.isEmpty ? "" : ": " + clauses.joined(separator: "; ")
        return "\(name(component)) \(state)\(why)."
    }

    private func clause(_ progress: TargetProgress) -> String {
        let wanted = progress.wanted.map { "level \(number($0))" }
        guard let best = progress.best else {
            return wanted.map { "an attainment at \($0) is wanted" } ?? "an attainment of it is wanted"
        }
        let level = best.level.map { "at level \(number($0))" }
        switch progress.finding {
        case .held:
            return [basis(best.basis), level, "since \(best.from)"].compactMap { $0 }.joined(separator: " ")
        case .belowLevel:
            return "held \(level ?? "without a level"), and \(wanted ?? "an attainment") is wanted"
        case .lapsed, .missing:
            let end = best.until.map { "until \($0)" } ?? "before"
            return "held \(end), and " + (wanted.map { "a renewal at \($0) is wanted" } ?? "a renewal is wanted")
        }
    }

    private func clause(_ progress: ConditionProgress) -> String {
        let parts = progress.operands == 1 ? "1 part" : "\(progress.operands) parts"
        let done = "\(progress.metCount) of \(parts) \(progress.metCount == 1 ? "is" : "are") done"
        let need = progress.required == progress.operands ? "all are required" : "\(progress.required) required"
        if progress.isSatisfied { return "\(done), \(need)" }
        return "\(done), \(need); still open: \(open(progress, depth: 0))"
    }

    private func open(_ progress: ConditionProgress, depth: Int) -> String {
        let nested = progress.nested.filter { !$0.isSatisfied }
        guard depth < 2 else { return "\(progress.unmet.count + nested.count) more" }
        let names = progress.unmet.prefix(5).map(name)
            + nested.prefix(max(0, 5 - progress.unmet.count)).map { inner in
                let missing = inner.required - inner.metCount
                let all = missing == inner.unmet.count + inner.nested.count { !$0.isSatisfied }
                return "\(all ? "all" : "\(missing)") of (\(open(inner, depth: depth + 1)))"
            }
        let rest = progress.unmet.count + nested.count - names.count
        return names.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }

    private func name(_ component: String) -> String { "“\(titles[component] ?? component)”" }

    private func basis(_ basis: AttainmentBasis) -> String {
        switch basis {
        case .assessed: "assessed"
        case .priorLearning: "recognized as prior learning"
        case .articulated: "articulated"
        case .granted: "granted by decision"
        }
    }

    /// 3, not 3.0.
    private func number(_ value: Double) -> String {
        Int(exactly: value).map { String($0) } ?? String(value)
    }
}
