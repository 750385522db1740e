import Domain

extension PathwayStanding {
    /// Ids of the components whose own target is still missing on the way to the unmet destinations, in the order of
    /// the document. Honest, not minimal: where two of five would do, it lists all that are open; what a satisfied
    /// condition no longer needs is left out; of an open constraint all components it is over. For a document of
    /// targets and all / any / n-of that the check does not refuse it is empty exactly when the pathway is complete.
    package func remaining(of document: PathwayDocument) -> [String] {
        func isMet(_ id: String) -> Bool { components[id]?.state == .met }
        var open = document.destinations.filter { !isMet($0) }
        var seen = Set(open), asked: Set<String> = []
        while let id = open.popLast() {
            var conditions = components[id]?.reason.condition.map { [$0] } ?? []
            while let condition = conditions.popLast() {
                // What is excluded is nothing to be done.
                guard !condition.isSatisfied, !condition.isNone else { continue }
                for operand in condition.unmet + condition.unknown where seen.insert(operand).inserted {
                    open.append(operand)
                }
                conditions += condition.nested
                for constraint in condition.constraints where constraint.truth != .yes {
                    for entry in constraint.constraint.over where components[entry] != nil { asked.insert(entry) }
                }
            }
        }
        return document.components.map(\.id).filter { id in
            guard seen.contains(id) || asked.contains(id), let target = components[id]?.reason.target else { return false }
            return target.finding != .held
        }
    }
}
