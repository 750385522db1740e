import Domain

/// Finds what is wrong with a pathway before anybody walks it. A document without a refusal can be evaluated, stored
/// and certified; warnings ask somebody to look.
package enum PathwayCheck {
    /// Refusals and warnings are each cut after so many; a last finding `check.more` then says so.
    package static let findingsMax = 200

    /// Refusals first, each group in the order it was found. Takes time in proportion to the document.
    package static func check(_ document: PathwayDocument) -> [PathwayFinding] {
        var findings = FindingList()
        checkBounds(document, &findings)
        // Beyond the bounds nothing else is looked at, so that the work stays bounded as well.
        guard !findings.hasRefusals else { return findings.all }
        checkTexts(document, &findings)
        checkComponents(document, &findings)
        checkDestinations(document, &findings)
        checkEntitlements(document, &findings)
        checkRecognitions(document, &findings)
        checkProgressions(document, &findings)
        checkCrosswalks(document, &findings)
        checkWaivers(document, &findings)
        checkConstraints(document, &findings)
        let graph = PathwayGraph(document)
        checkCycles(graph, &findings)
        checkReach(document, graph, &findings)
        // What follows from the rules together is looked at only when each of them means something.
        if !findings.hasRefusals { checkLogic(document, &findings) }
        return findings.all
    }

    typealias Bounds = PathwayDocument.Bounds

    private static func checkBounds(_ document: PathwayDocument, _ findings: inout FindingList) {
        func bound(_ count: Int, _ limit: Int, _ place: String, _ what: String) {
            guard count > limit else { return }
            findings.refuse(place, "bounds.\(what)",
                            "There are \(count) \(what) and at most \(limit) may be. Split the pathway in two.")
        }
        bound(document.components.count, Bounds.components, "/components", "components")
        bound(document.destinations.count, Bounds.components, "/destinations", "destinations")
        bound(document.entitlements.count, Bounds.entitlements, "/entitlements", "entitlements")
        bound(document.occupations.count, Bounds.occupations, "/occupations", "occupations")
        bound(document.requires?.recognitions.count ?? 0, Bounds.recognitions, "/requires/recognitions",
              "recognitions")
        bound(document.components.reduce(0) { $0 + $1.precedes.count }, Bounds.operands, "/components", "precedes")
        bound(document.progressions.count, Bounds.progressions, "/progressions", "progressions")
        bound(document.crosswalks.count, Bounds.crosswalks, "/crosswalks", "crosswalks")
        bound(document.crosswalks.reduce(0) { $0 + $1.topUp.count }, Bounds.operands, "/crosswalks", "top_ups")
        bound(document.waivers.count, Bounds.waivers, "/waivers", "waivers")
        bound(document.waivers.reduce(0) { $0 + $1.components.count }, Bounds.operands, "/waivers", "waived")
        for (number, progression) in document.progressions.enumerated() {
            bound(progression.levels.count, Bounds.levels, "/progressions/\(number)/levels", "levels")
        }
        var operands = 0, over = 0
        for (number, component) in document.components.enumerated() {
            guard let condition = component.condition else { continue }
            for part in condition.parts() {
                operands += part.condition.of.count
                for case .constraint(let constraint) in part.condition.of {
                    over += constraint.over.count + constraint.caps.reduce(0) { $0 + $1.over.count }
                    bound(constraint.caps.count, Bounds.caps, pointer(number, part.path), "caps")
                }
                if part.path.count >= Bounds.depth {
                    findings.refuse(
                        pointer(number, part.path), "bounds.depth",
                        "Conditions are nested more than \(Bounds.depth) deep. Give the inner part a component of "
                            + "its own and name that here.")
                    break
                }
            }
        }
        bound(operands, Bounds.operands, "/components", "operands")
        bound(over, Bounds.operands, "/components", "over")
    }

    private static func checkTexts(_ document: PathwayDocument, _ findings: inout FindingList) {
        findings.title(document.title, at: "/title")
        findings.long(document.description, at: "/description")
        if let sector = document.sector { findings.title(sector, at: "/sector") }
        for (number, occupation) in document.occupations.enumerated() {
            findings.text(occupation.code, max: Bounds.id, at: "/occupations/\(number)/code")
            findings.title(occupation.title, at: "/occupations/\(number)/title")
        }
    }

    private static func checkComponents(_ document: PathwayDocument, _ findings: inout FindingList) {
        let ids = Set(document.components.map(\.id))
        let levels = LevelScales(document.progressions)
        var seen: Set<String> = []
        for (number, component) in document.components.enumerated() {
            let place = "/components/\(number)"
            findings.id(component.id, at: place + "/id", seen: &seen)
            findings.title(component.title, at: place + "/title")
            findings.long(component.description, at: place + "/description")
            if let milestone = component.milestone {
                findings.title(milestone.title, at: place + "/milestone/title")
            }
            if let target = component.target { findings.target(target, at: place + "/target") }
            checkCounting(component, at: place, levels, &findings)
            if component.target == nil, component.condition == nil {
                findings.refuse(place, "component.no_requirement",
                                "“\(shortened(component.id))” has neither a target nor a condition, so nothing "
                                    + "could ever meet it. Give it a `target`, a `condition`, or both.")
            }
            for (position, next) in component.precedes.enumerated() where !ids.contains(next) {
                findings.unknown(next, at: place + "/precedes/\(position)")
            }
            for part in component.condition?.parts() ?? [] {
                checkCondition(part.condition, at: pointer(number, part.path), ids, &findings)
            }
        }
    }

    private static func checkCondition(
        _ condition: PathwayDocument.Condition, at place: String, _ ids: Set<String>, _ findings: inout FindingList
    ) {
        guard !condition.of.isEmpty else {
            findings.refuse(place + "/of", "condition.empty",
                            "This condition has no operands. Name at least one component, or remove the condition.")
            return
        }
        if case .atLeast(let number) = condition.require {
            if number <= 0 {
                findings.refuse(place + "/require", "condition.required_not_positive",
                                "\(number) operands would always be met. Write 1 or more, \"any\" or \"all\".")
            } else if number > condition.of.count {
                findings.refuse(
                    place + "/require", "condition.too_many_required",
                    "\(number) are required and there are only \(condition.of.count) operands, so this can never "
                        + "hold. Write at most \(condition.of.count), or add operands.")
            }
        }
        var seen: Set<String> = []
        for (position, operand) in condition.of.enumerated() {
            guard case .component(let id) = operand else { continue }
            if !ids.contains(id) { findings.unknown(id, at: place + "/of/\(position)") }
            if !seen.insert(id).inserted {
                findings.warn(place + "/of/\(position)", "condition.duplicate_operand",
                              "“\(shortened(id))” is named twice here and counts twice. Remove one, unless that "
                                  + "is meant.")
            }
        }
    }

    private static func checkDestinations(_ document: PathwayDocument, _ findings: inout FindingList) {
        if document.destinations.isEmpty {
            findings.refuse("/destinations", "destinations.empty",
                            "There is no destination, so the pathway could never be completed. Name the component "
                                + "that it leads to.")
        }
        let ids = Set(document.components.map(\.id))
        var seen: Set<String> = []
        for (number, id) in document.destinations.enumerated() {
            if !ids.contains(id) { findings.unknown(id, at: "/destinations/\(number)") }
            if !seen.insert(id).inserted {
                findings.warn("/destinations/\(number)", "destinations.duplicate",
                              "“\(shortened(id))” is a destination already. Remove one of them.")
            }
        }
    }

    private static func checkEntitlements(_ document: PathwayDocument, _ findings: inout FindingList) {
        let ids = Set(document.components.map(\.id))
        var seen: Set<String> = []
        for (number, entitlement) in document.entitlements.enumerated() {
            let place = "/entitlements/\(number)"
            findings.id(entitlement.id, at: place + "/id", seen: &seen)
            findings.title(entitlement.title, at: place + "/title")
            findings.long(entitlement.terms, at: place + "/terms")
            if !ids.contains(entitlement.after) { findings.unknown(entitlement.after, at: place + "/after") }
            if !(1...36_500).contains(entitlement.days) {
                findings.refuse(place + "/days", "entitlement.days",
                                "An entitlement may be claimed for 1 to 36 500 days, and this says "
                                    + "\(entitlement.days). Write how many days the obligor stands by it.")
            }
            let kind = entitlement.kind.rawValue.utf8
            if kind.isEmpty || kind.count > Bounds.id || !kind.allSatisfy({ (97...122).contains($0) || $0 == 95 }) {
                findings.refuse(place + "/kind", "entitlement.kind",
                                "A kind is a word in lower case, like admission, interview, employment, credit or "
                                    + "advancement.")
            }
        }
    }

    private static func checkRecognitions(_ document: PathwayDocument, _ findings: inout FindingList) {
        for (number, wanted) in (document.requires?.recognitions ?? []).enumerated() {
            let place = "/requires/recognitions/\(number)"
            let organizations = wanted.organizations.map(Set.init)
            if wanted.atLeast < 1 {
                findings.refuse(place + "/atLeast", "recognition.at_least",
                                "\(wanted.atLeast) recognitions would always be there. Write 1 or more, or remove "
                                    + "the requirement.")
            } else if let organizations, wanted.atLeast > organizations.count {
                findings.refuse(
                    place + "/atLeast", "recognition.too_many_required",
                    "\(wanted.atLeast) recognitions are required and only \(organizations.count) organizations are "
                        + "named, each of which counts once. Write fewer, or name more.")
            }
        }
    }

    private static func checkCycles(_ graph: PathwayGraph, _ findings: inout FindingList) {
        for cycle in graph.cycles(limit: findingsMax) {
            guard let last = cycle.last else { continue }
            let ids = cycle.map { graph.components[$0.component].id }
            let shown = ids.prefix(8).map(shortened).joined(separator: " → ") + (ids.count > 8 ? " → …" : "")
            let way = ids.count == 1
                ? "“\(shown)” waits for itself. Take it out of its own condition."
                : "These wait for one another and none can ever be met: \(shown) → \(shortened(ids[0])). Take one "
                    + "out of the other's condition; if only the order matters, use `precedes`."
            findings.refuse(pointer(last.component, last.need.path), "condition.cycle", way)
        }
    }

    private static func checkReach(
        _ document: PathwayDocument, _ graph: PathwayGraph, _ findings: inout FindingList
    ) {
        let milestones = graph.components.filter { $0.milestone != nil }.map(\.id)
        let roots = document.destinations + milestones + document.entitlements.map(\.after)
        let reached = graph.reachable(from: roots.compactMap { graph.index[$0] })
        for (number, component) in graph.components.enumerated() where !reached.contains(number) {
            // A second component of the same id is refused already.
            guard graph.index[component.id] == number else { continue }
            findings.warn("/components/\(number)", "component.unreachable",
                          "No destination, milestone or entitlement needs “\(shortened(component.id))”, so it "
                              + "changes nothing. Name it in a condition, or remove it.")
        }
    }

    static func pointer(_ component: Int, _ path: [Int]) -> String {
        path.reduce("/components/\(component)/condition") { "\($0)/of/\($1)" }
    }
}
