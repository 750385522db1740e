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
        let graph = PathwayGraph(document)
        checkCycles(graph, &findings)
        checkReach(document, graph, &findings)
        return findings.all
    }

    private typealias Bounds = PathwayDocument.Bounds

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
        var operands = 0
        for (number, component) in document.components.enumerated() {
            guard let condition = component.condition else { continue }
            for part in condition.parts() {
                operands += part.condition.of.count
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
            if let level = component.level {
                if component.target == nil {
                    findings.refuse(place + "/level", "level.without_target",
                                    "A level says how well the target must be held, and there is no target. "
                                        + "Add `target`, or remove `level`.")
                } else if case .number(let number) = level, !number.isFinite {
                    findings.refuse(place + "/level", "level.shape", "A level is a finite number.")
                }
            }
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

    private static func pointer(_ component: Int, _ path: [Int]) -> String {
        path.reduce("/components/\(component)/condition") { "\($0)/of/\($1)" }
    }
}

/// What was found so far, bounded.
private struct FindingList {
    private var refusals: [PathwayFinding] = []
    private var warnings: [PathwayFinding] = []
    private var dropped = 0

    var hasRefusals: Bool { !refusals.isEmpty }

    var all: [PathwayFinding] {
        guard dropped > 0 else { return refusals + warnings }
        let severity: PathwayFinding.Severity = hasRefusals ? .refused : .warning
        return refusals + warnings + [
            PathwayFinding(severity, "", "check.more",
                           "There are \(dropped) more findings. Mend these and check again.")
        ]
    }

    mutating func refuse(_ place: String, _ rule: String, _ message: String) {
        guard refusals.count < PathwayCheck.findingsMax else { return dropped += 1 }
        refusals.append(PathwayFinding(.refused, place, rule, message))
    }

    mutating func warn(_ place: String, _ rule: String, _ message: String) {
        guard warnings.count < PathwayCheck.findingsMax else { return dropped += 1 }
        warnings.append(PathwayFinding(.warning, place, rule, message))
    }

    mutating func unknown(_ id: String, at place: String) {
        refuse(place, "reference.unknown",
               "There is no component “\(shortened(id))” in this document. Add it, or correct the id.")
    }

    mutating func id(_ id: String, at place: String, seen: inout Set<String>) {
        if !isToken(id) {
            refuse(place, "id.shape", "“\(shortened(id))” is not an id: 1 to \(PathwayDocument.Bounds.id) of the "
                + "letters A-Z and a-z, digits, dot, underscore and hyphen.")
        }
        if !seen.insert(id).inserted {
            refuse(place, "id.duplicate", "The id “\(shortened(id))” is used twice. Give one of them another.")
        }
    }

    mutating func title(_ text: String, at place: String) {
        self.text(text, max: PathwayDocument.Bounds.title, at: place)
    }

    mutating func text(_ text: String, max: Int, at place: String) {
        if text.allSatisfy(\.isWhitespace) {
            refuse(place, "text.empty", "This text is empty. Say in a few words what it is.")
        }
        bound(text, max: max, at: place)
    }

    mutating func long(_ text: String?, at place: String) {
        if let text { bound(text, max: PathwayDocument.Bounds.description, at: place) }
    }

    private mutating func bound(_ text: String, max: Int, at place: String) {
        let length = text.unicodeScalars.count
        if length > max {
            refuse(place, "text.too_long", "This text has \(length) characters and may have \(max). Shorten it.")
        }
    }

    /// An IRI as far as it must be one to be compared: a scheme, something after it, no spaces or controls.
    mutating func target(_ target: String, at place: String) {
        let urn = "urn:uuid:"
        let parts = target.split(separator: ":", maxSplits: 1)
        let isIRI = parts.count == 2 && parts[0].utf8.allSatisfy { isToken($0) || $0 == UInt8(ascii: "+") }
            && target.utf8.count <= PathwayDocument.Bounds.target
            && target.unicodeScalars.allSatisfy { scalar in
                scalar.value > 0x20 && scalar.value != 0x7F && !"<>\"{}|\\^`".unicodeScalars.contains(scalar)
            }
        if !isIRI {
            refuse(place, "target.shape", "A target is an IRI without spaces, like urn:uuid: and the identifier of a "
                + "CASE item, or the item's uri.")
        } else if target.lowercased().hasPrefix(urn) {
            let identifier = String(target.dropFirst(urn.utf8.count))
            if EntityID<Attainment>(identifier)?.description != identifier || !target.hasPrefix(urn) {
                refuse(place, "target.uuid", "After urn:uuid: comes a UUID in lower case, as targets are compared "
                    + "letter by letter.")
            }
        }
    }
}

private func isToken(_ text: String) -> Bool {
    (1...PathwayDocument.Bounds.id).contains(text.utf8.count) && text.utf8.allSatisfy(isToken)
}

private func isToken(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
         UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
    default: false
    }
}

/// Ids come from outside and end up in messages.
private func shortened(_ id: String) -> String {
    id.unicodeScalars.count <= PathwayDocument.Bounds.id ? id : String(id.prefix(PathwayDocument.Bounds.id)) + "…"
}
