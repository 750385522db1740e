import Domain

/// What follows from all rules together, found on the compiled circuit. Work is bounded: what the bound cuts is not
/// looked for, and nothing wrong is said.
extension PathwayCheck {
    /// Gates and leaves that may be visited in search of contradictions.
    private static let stepsMax = 4_000_000
    /// Ways by which all constraints of a document together may be reached.
    private static let readsMax = 1_000_000

    static func checkLogic(_ document: PathwayDocument, _ findings: inout FindingList) {
        checkRedundancy(document, &findings)
        let parts = PathwayCompiler(document)
        checkGroups(document, parts, &findings)
        guard !findings.hasRefusals, !parts.circuit.isMonotone || parts.constraintLeaves > 0 else { return }
        var logic = ForcedTruths(parts), found = 0
        for number in PathwayGraph(document).dependenciesFirst where logic.steps < stepsMax && found < findingsMax {
            guard document.components[number].condition != nil else { continue }
            if let conflict = logic.conflict(forcing: [parts.componentNode[number]]) {
                found += 1
                let id = shortened(document.components[number].id)
                findings.refuse(
                    place(ofNode: conflict, document, parts) ?? "/components/\(number)/condition",
                    "condition.contradiction",
                    "“\(id)” asks here for what it excludes elsewhere on the way to it, so nobody could ever meet it. "
                        + "Take out one of the two.")
            }
        }
        guard !findings.hasRefusals else { return }
        if logic.conflict(forcing: parts.destinations) != nil {
            findings.refuse("/destinations", "destinations.contradiction",
                            "One destination asks for what another one excludes, so nobody could ever complete the "
                                + "pathway. Take out one of the two.")
        }
    }

    /// The place of the condition whose gate it is.
    private static func place(
        ofNode node: Int32, _ document: PathwayDocument, _ parts: PathwayCompiler
    ) -> String? {
        for (number, component) in document.components.enumerated() {
            guard let part = parts.componentParts[number].firstIndex(where: { $0.node == node }) else { continue }
            return component.condition.map { pointer(number, $0.parts()[part].path) }
        }
        return nil
    }

    /// A condition within another that can never make a difference: a nested `all` in an `any`, or a nested `any` in an
    /// `all`, that names a component which stands beside it.
    private static func checkRedundancy(_ document: PathwayDocument, _ findings: inout FindingList) {
        for (number, component) in document.components.enumerated() {
            for part in component.condition?.parts() ?? [] {
                let outer = part.condition
                guard let isAll = isAll(outer) else { continue }
                let beside = Set(outer.of.compactMap(\.componentID))
                for (position, operand) in outer.of.enumerated() {
                    guard case .condition(let inner) = operand, inner.of.count > 1, let isInnerAll = self.isAll(inner),
                          isInnerAll != isAll, let shared = inner.of.lazy.compactMap(\.componentID).first(where: beside.contains)
                    else { continue }
                    findings.warn(
                        pointer(number, part.path + [position]), "condition.redundant",
                        "“\(shortened(shared))” stands beside this and in it, so this makes no difference. Remove it, or "
                            + "name something else.")
                }
            }
        }
    }

    /// Nil for one that is neither all nor any, or both.
    private static func isAll(_ condition: PathwayDocument.Condition) -> Bool? {
        let count = condition.of.count, required = condition.require.count(of: count)
        guard condition.require != .none, count > 1 else { return nil }
        return required == count ? true : required == 1 ? false : nil
    }

    /// No attainment may count under two caps, or under one and beside it: which would it be?
    private static func checkGroups(
        _ document: PathwayDocument, _ parts: PathwayCompiler, _ findings: inout FindingList
    ) {
        var reads = 0
        for (number, leaf) in parts.leaves.dropFirst(parts.targetLeaves).prefix(parts.constraintLeaves).enumerated() {
            guard case .constraint(let rule) = leaf else { continue }
            reads += rule.over.reduce(0) { $0 + parts.sourceCount(ofLeaf: $1) }
            guard reads <= readsMax else {
                findings.refuse("/crosswalks", "bounds.ways",
                                "There are more than \(readsMax) ways through crosswalks to what the constraints are "
                                    + "over. Measure less, or let fewer crosswalks chain.")
                return
            }
            guard rule.groups.count > 1 else { continue }
            var groupOf: [Int32: Int] = [:]
            for (group, members) in rule.groups.enumerated() {
                for leaf in members.leaves {
                    guard case .target(let target) = parts.leaves[Int(leaf)] else { continue }
                    for source in target.sources {
                        guard let first = groupOf.updateValue(group, forKey: source.target), first != group else {
                            continue
                        }
                        findings.refuse(
                            place(ofConstraint: number, document) + "/caps", "cap.overlap",
                            "An attainment of \(shortened(parts.targets[Int(source.target)])) would count in two places "
                                + "here, of which a cap bounds at least one. Put what it counts for under one cap.")
                        break
                    }
                }
            }
        }
    }

    private static func place(ofConstraint wanted: Int, _ document: PathwayDocument) -> String {
        var number = 0
        for (component, written) in document.components.enumerated() {
            for part in written.condition?.parts() ?? [] {
                for (position, operand) in part.condition.of.enumerated() {
                    guard case .constraint = operand else { continue }
                    if number == wanted { return pointer(component, part.path + [position]) }
                    number += 1
                }
            }
        }
        return ""
    }
}

extension PathwayDocument.Condition.Operand {
    fileprivate var componentID: String? { if case .component(let id) = self { id } else { nil } }
}
