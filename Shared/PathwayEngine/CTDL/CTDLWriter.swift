import Domain

/// Writes a document as a CTDL graph, in the newer terms, and lists what CTDL has no words for.
package struct CTDLWriter {
    private let document: PathwayDocument
    private let names: CTDLNames
    private var notes = CTDLNotes()
    private var nodes: [JSONValue] = []

    /// - Parameter names: those of the file that the document was read from, to be given back; without them things are
    ///   named `urn:cairn:…` and their id.
    package static func write(
        _ document: PathwayDocument, names: CTDLNames = CTDLNames()
    ) -> (graph: JSONValue, notes: [CTDLNote]) {
        var writer = CTDLWriter(document: document, names: names)
        writer.all()
        return (.object([
            "@context": "https://credreg.net/ctdl/schema/context/json", "@graph": .array(writer.nodes),
        ]), writer.notes.all)
    }

    private init(document: PathwayDocument, names: CTDLNames) {
        self.document = document
        self.names = names
    }

    private var pathwayID: String { names.pathway ?? "urn:cairn:pathway" }
    /// What stands for a constraint, as that constraint again.
    private func constraint(_ component: String) -> JSONValue? {
        guard var object = names.constraints[component]?.object else { return nil }
        let description = document.components.first { $0.id == component }?.description
        object["ceterms:description"] = description.map(Self.text)
        return .object(object)
    }

    private func name(_ component: String) -> String { names.components[component]?.id ?? "urn:cairn:component:\(component)" }

    private mutating func all() {
        nodes.append(pathway())
        for component in document.components where names.constraints[component.id] == nil {
            write(component)
        }
        for progression in document.progressions { write(progression) }
        noteTheRest()
    }

    private func pathway() -> JSONValue {
        var node: JSONObject = ["@id": .string(pathwayID), "@type": "ceterms:Pathway"]
        node["ceterms:ctid"] = names.pathwayCTID.map { .string($0) }
        node["ceterms:name"] = Self.text(document.title)
        node["ceterms:description"] = document.description.map(Self.text)
        node["ceterms:hasDestinationComponent"] = .array(document.destinations.map { .string(name($0)) })
        node["ceterms:hasPart"] = .array(document.components.filter { names.constraints[$0.id] == nil }
            .map { .string(name($0.id)) })
        if !document.progressions.isEmpty {
            node["asn:hasProgressionModel"] = .array(document.progressions.map { .string(name(of: $0)) })
        }
        if !document.occupations.isEmpty {
            node["ceterms:occupationType"] = .array(document.occupations.map { occupation in
                .object(["@type": "ceterms:CredentialAlignmentObject", "ceterms:codedNotation": .string(occupation.code),
                         "ceterms:targetNodeName": Self.text(occupation.title)])
            })
        }
        if let sector = document.sector {
            node["ceterms:industryType"] = [.object(
                ["@type": "ceterms:CredentialAlignmentObject", "ceterms:targetNodeName": Self.text(sector)])]
        }
        return .object(node)
    }

    private mutating func write(_ component: PathwayDocument.Component) {
        let known = names.components[component.id], (type, category) = CTDLTerms.type(component.kind)
        var node: JSONObject = [
            "@id": .string(name(component.id)), "@type": .string("ceterms:\(known?.type ?? type)"),
        ]
        node["ceterms:ctid"] = known?.ctid.map { .string($0) }
        node["ceterms:name"] = Self.text(component.title)
        node["ceterms:description"] = component.description.map(Self.text)
        if (known?.type ?? type) == type { node["ceterms:componentCategory"] = category.map { Self.text($0) } }
        node["ceterms:isPartOf"] = .string(pathwayID)
        if document.destinations.contains(component.id) {
            node["ceterms:isDestinationComponentOf"] = .string(pathwayID)
        }
        if !component.precedes.isEmpty {
            node["ceterms:precedes"] = .array(component.precedes.map { .string(name($0)) })
        }
        writeRequirement(of: component, into: &node)
        nodes.append(.object(node))
    }

    /// Target, level and condition. A group in CTDL is met by its condition, so what also has a target of its own gets
    /// that as a component to be met with the rest.
    private mutating func writeRequirement(of component: PathwayDocument.Component, into node: inout JSONObject) {
        let isGroup = [.credential, .basic, .selection, .capstone].contains(component.kind)
        if let target = component.target {
            if component.condition != nil, isGroup {
                let own = "\(name(component.id))-itself"
                var inner: JSONObject = ["@id": .string(own), "@type": "ceterms:CompetencyComponent"]
                inner["ceterms:name"] = Self.text(String(component.title.prefix(190)) + " (itself)")
                inner["ceterms:isPartOf"] = .string(pathwayID)
                inner["ceterms:proxyFor"] = .string(target)
                writeLevel(component.level, into: &inner)
                nodes.append(.object(inner))
                notes.add(.readAs, component.id, "target",
                          "In CTDL a group is met by its condition; its own target became the component \(own).")
                node["ceterms:hasCondition"] = .array([.object([
                    "@type": "ceterms:ComponentCondition", "ceterms:name": Self.text("Itself, with what it needs"),
                    "ceterms:logicalOperator": "logic:And", "ceterms:targetComponent": .array([.string(own)]),
                    "ceterms:hasCondition": .array([component.condition.map { condition($0) } ?? .null]),
                ])])
                return
            }
            if target != name(component.id) { node["ceterms:proxyFor"] = .string(target) }
            if component.condition == nil { writeLevel(component.level, into: &node) }
            else if let level = component.level {
                notes.add(.notKept, component.id, "level", "CTDL has no level beside a condition: \(level).")
            }
        }
        if let condition = component.condition {
            node["ceterms:hasCondition"] = .array([self.condition(condition)])
        }
    }

    private func writeLevel(_ level: PathwayDocument.Level?, into node: inout JSONObject) {
        guard let level else { return }
        let value: JSONValue = switch level {
        case .text(let text): .string(text)
        case .number(let number): JSONNumber(number).map { .number($0) } ?? .null
        }
        node["ceterms:hasCondition"] = .array([.object([
            "@type": "ceterms:ComponentCondition", "ceterms:name": Self.text("Level \(level) or above"),
            "ceterms:hasConstraint": .array([.object([
                "@type": "ceterms:Constraint", "ceterms:leftSource": "asn:hasProgressionLevel",
                "ceterms:comparator": "compare:GTEQ", "ceterms:rightSource": value,
            ])]),
        ])])
    }

    // MARK: Conditions

    /// Nested conditions are at most `PathwayDocument.Bounds.depth` deep, which decoding has made sure of.
    private mutating func condition(_ condition: PathwayDocument.Condition) -> JSONValue {
        var targets: [JSONValue] = [], conditions: [JSONValue] = [], constraints: [JSONValue] = []
        for operand in condition.of {
            switch operand {
            case .component(let id):
                if let constraint = constraint(id) {
                    if case .atLeast = condition.require, condition.of.count > 1 {
                        conditions.append(.object([
                            "@type": "ceterms:ComponentCondition", "ceterms:name": Self.text(Self.sentence(.all, 1)),
                            "ceterms:hasConstraint": .array([constraint]),
                        ]))
                    } else {
                        constraints.append(constraint)
                    }
                } else {
                    targets.append(.string(name(id)))
                }
            case .condition(let inner): conditions.append(self.condition(inner))
            case .constraint(let constraint): conditions.append(measured(constraint))
            }
        }
        var node: JSONObject = [
            "@type": "ceterms:ComponentCondition",
            "ceterms:name": Self.text(Self.sentence(condition.require, condition.of.count)),
        ]
        let count = targets.count + conditions.count
        switch condition.require {
        case .all:
            node["ceterms:logicalOperator"] = "logic:And"
            if constraints.isEmpty { node["ceterms:requiredNumber"] = .number(JSONNumber(Int64(count))) }
        case .any:
            node["ceterms:logicalOperator"] = "logic:Or"
            if constraints.isEmpty { node["ceterms:requiredNumber"] = 1 }
        case .none: node["ceterms:logicalOperator"] = "logic:Not"
        case .atLeast(let number): node["ceterms:requiredNumber"] = .number(JSONNumber(Int64(number)))
        }
        if !targets.isEmpty { node["ceterms:targetComponent"] = .array(targets) }
        if !conditions.isEmpty { node["ceterms:hasCondition"] = .array(conditions) }
        if !constraints.isEmpty { node["ceterms:hasConstraint"] = .array(constraints) }
        return .object(node)
    }

    /// A constraint over what is named beside it.
    private mutating func measured(_ constraint: PathwayDocument.Constraint) -> JSONValue {
        let (action, source) = switch constraint.measure {
        case .credits: ("array:Sum", "schema:value")
        case .count: ("array:CountDistinct", "ceterms:targetComponent")
        case .level: ("array:Max", "asn:hasProgressionLevel")
        case .until: ("array:Max", "ceterms:expirationDate")
        }
        if !constraint.caps.isEmpty {
            notes.add(.notKept, "", "caps", "CTDL cannot bound what some of the credits of a sum may contribute.")
        }
        let value: JSONValue = switch constraint.value {
        case .asOf: .string(CTDLReader.dayOfEvaluation)
        case .text(let text): .string(text)
        case .number(let number): JSONNumber(number).map { .number($0) } ?? .null
        }
        let known = Set(document.components.map(\.id))
        return .object([
            "@type": "ceterms:ComponentCondition", "ceterms:name": Self.text("A measure over what is named"),
            "ceterms:targetComponent": .array(constraint.over.map { .string(known.contains($0) ? name($0) : $0) }),
            "ceterms:hasConstraint": .array([.object([
                "@type": "ceterms:Constraint", "ceterms:leftSource": .string(source), "ceterms:leftAction": .string(action),
                "ceterms:comparator": .string("compare:\(CTDLTerms.comparator(constraint.comparator))"),
                "ceterms:rightSource": value,
            ])]),
        ])
    }

    private static func sentence(_ require: PathwayDocument.Condition.Requirement, _ count: Int) -> String {
        switch require {
        case .all: count == 1 ? "Required" : "All \(count) required"
        case .any: "One of \(count) required"
        case .none: "None of \(count)"
        case .atLeast(let number): "\(number) of \(count) required"
        }
    }

    // MARK: The rest

    private func name(of progression: PathwayDocument.Progression) -> String {
        names.progressions[progression.id] ?? "urn:cairn:progression:\(progression.id)"
    }

    private mutating func write(_ progression: PathwayDocument.Progression) {
        var node: JSONObject = [
            "@id": .string(name(of: progression)), "@type": ["asn:ProgressionModel", "skos:ConceptScheme"],
        ]
        node["ceterms:name"] = progression.title.map(Self.text)
        node["skos:hasTopConcept"] = .array(progression.levels.map { .string($0) })
        nodes.append(.object(node))
        for (number, level) in progression.levels.enumerated() {
            var concept: JSONObject = [
                "@id": .string(level), "@type": ["asn:ProgressionLevel", "skos:Concept"],
                "skos:prefLabel": Self.text(CTDLVocabulary.last(level)), "skos:inScheme": .string(name(of: progression)),
            ]
            if number + 1 < progression.levels.count {
                concept["ceterms:precedes"] = .string(progression.levels[number + 1])
            }
            nodes.append(.object(concept))
        }
    }

    private mutating func noteTheRest() {
        for component in document.components {
            func note(_ what: String, _ why: String) { notes.add(.notKept, component.id, what, why) }
            if component.milestone != nil { note("milestone", "CTDL has no milestone within a pathway.") }
            if component.bases != nil { note("bases", "CTDL does not say on which basis something counts.") }
            if component.currency != nil { note("currency", "CTDL does not say how long something counts.") }
        }
        for crosswalk in document.crosswalks {
            notes.add(.notKept, crosswalk.from, "crosswalks",
                      "To \(crosswalk.to). Publish it as a ceterms:TransferValueProfile or an alignment of the frameworks.")
        }
        for waiver in document.waivers { notes.add(.notKept, waiver.zone, "waivers", "CTDL has no innovation zones.") }
        for entitlement in document.entitlements {
            notes.add(.notKept, entitlement.id, "entitlements", "CTDL has no right that completing gives, with who owes it.")
        }
        if document.requires != nil {
            notes.add(.notKept, "", "requires", "CTDL does not say what must be in force for a pathway to be certified.")
        }
    }

    private static func text(_ text: String) -> JSONValue { .object(["en": .string(text)]) }
}
