import Domain

/// The pathway document decodes by hand and nests within itself, so its shape is written out here;
/// `docs/pathway-files.md` explains it to people, and a test holds both against a document that uses every member.
extension PathwayDocument: SchemaStated {
    static var specimen: PathwayDocument { PathwayDocument(title: "", components: [], destinations: []) }

    static var stated: Schema { .named("PathwayDocument", definitions: definitions) }

    private static let definitions: [String: JSONValue] = [
        "PathwayDocument": object("One version of a pathway.", [
            "format": ["const": .string(format)], "title": text(Bounds.title),
            "description": text(Bounds.description),
            "occupations": list(reference("PathwayOccupation"), Bounds.occupations),
            "sector": text(200), "components": list(reference("PathwayComponent"), Bounds.components),
            "destinations": described(list(id, Bounds.components), """
                Ids of the components that all have to be met for the pathway to be complete.
                """),
            "entitlements": list(reference("PathwayEntitlement"), Bounds.entitlements),
            "requires": reference("PathwayRequires"),
            "progressions": list(reference("PathwayProgression"), Bounds.progressions),
            "crosswalks": list(reference("PathwayCrosswalk"), Bounds.crosswalks),
            "waivers": list(reference("PathwayWaiver"), Bounds.waivers),
        ], required: ["format", "title", "components", "destinations"]),
        "PathwayOccupation": object("An occupation that the pathway leads to.", [
            "code": text(64), "title": text(Bounds.title),
        ], required: ["code", "title"]),
        "PathwayComponent": object("One requirement; it has a target, a condition or both.", [
            "id": id, "kind": words(Component.Kind.allCases), "title": text(Bounds.title),
            "description": text(Bounds.description),
            "target": described(text(Bounds.target), "IRI of what an attainment must be of."),
            "level": described(level, "The lowest level that counts; any when absent."),
            "bases": described(list(words(AttainmentBasis.allCases), AttainmentBasis.allCases.count), """
                Those that count; all when absent.
                """),
            "currency": described(["oneOf": [
                ["const": "issuer"],
                ["type": "object", "properties": ["days": ["type": "integer", "minimum": 1, "maximum": 36_500]],
                 "required": ["days"], "additionalProperties": false],
            ]], """
                How long an attainment counts: through its own `until`, or through so many days after its beginning. For ever \
                when absent.
                """),
            "condition": reference("PathwayCondition"), "milestone": reference("PathwayMilestone"),
            "precedes": described(list(id, Bounds.operands), "Components better done after this one. Advice, never a lock."),
        ], required: ["id", "kind", "title"]),
        "PathwayCondition": object("How many of the operands have to be met; nested at most \(Bounds.depth) deep.", [
            "require": ["oneOf": [["enum": ["all", "any", "none"]], ["type": "integer", "minimum": 1]]],
            "of": ["type": "array", "minItems": 1,
                   "items": ["oneOf": [id, reference("PathwayCondition"), reference("PathwayConstraint")]]],
        ], required: ["require", "of"]),
        "PathwayConstraint": object("A comparison of something measured over the learner's attainments.", [
            "measure": words(Constraint.Measure.allCases), "over": described(over, """
                Ids of components with a target, and IRIs.
                """),
            "comparator": words(Constraint.Comparator.allCases),
            "value": described(["oneOf": [["type": "number"], ["type": "string"]]], """
                A level, an amount of credits, a count, or a date, `as_of` being the day of the evaluation.
                """),
            "caps": list(reference("PathwayCap"), Bounds.caps),
        ], required: ["measure", "over", "comparator", "value"]),
        "PathwayCap": object("The most credits that some of what a constraint is over may contribute.", [
            "over": over, "most": ["type": "number", "minimum": 0],
        ], required: ["over", "most"]),
        "PathwayProgression": object("Levels in an order.", [
            "id": id, "title": text(Bounds.title),
            "levels": described(list(text(Bounds.target), Bounds.levels), "The lowest first."),
        ], required: ["id", "levels"]),
        "PathwayCrosswalk": object("One direction from what is held to what is asked.", [
            "from": text(Bounds.target), "to": text(Bounds.target),
            "confers": described(["type": "boolean"], "Whether it counts; otherwise it is shown as related."),
            "strength": words(Crosswalk.Strength.allCases),
            "topUp": described(list(text(Bounds.target), Bounds.operands), """
                What must be held beside it for a strength other than equivalent.
                """),
            "level": described(level, "The level at which it arrives; that of the attainment when absent."),
            "chains": described(["type": "boolean"], "Takes also what arrived through another crosswalk."),
            "decision": text(Bounds.description),
        ], required: ["from", "to", "confers"]),
        "PathwayWaiver": object("Components that count as met for learners of an innovation zone.", [
            "zone": id, "components": list(id, Bounds.operands), "decision": text(Bounds.description),
        ], required: ["zone", "components"]),
        "PathwayMilestone": object("A point of advancement and an honorable exit.", [
            "title": text(Bounds.title), "level": ["type": "integer"],
        ], required: ["title"]),
        "PathwayEntitlement": object("What meeting a component gives a right to.", [
            "id": id, "after": described(id, "Id of the component."),
            "kind": described(text(64), "`admission`, `interview`, `employment`, `credit`, `advancement` or a token of your own."),
            "title": text(Bounds.title), "obligor": described(uuid, "The organization that owes it."),
            "days": ["type": "integer", "minimum": 1, "maximum": 36_500], "terms": text(Bounds.description),
        ], required: ["id", "after", "kind", "title", "obligor", "days"]),
        "PathwayRequires": object("What has to be in force on the day of certification.", [
            "recognitions": list(reference("PathwayRequiredRecognitions"), Bounds.recognitions),
        ], required: ["recognitions"]),
        "PathwayRequiredRecognitions": object("So many recognitions of one kind, each by another organization.", [
            "kind": words(Recognitions.Kind.allCases), "organizations": ["type": "array", "items": uuid],
            "atLeast": ["type": "integer", "minimum": 1],
        ], required: ["kind", "atLeast"]),
    ]

    private static let id: JSONValue = ["type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"]
    private static let level: JSONValue = ["oneOf": [["type": "number"], text(Bounds.target)]]
    private static let over: JSONValue = ["type": "array", "minItems": 1, "items": text(Bounds.target)]
    private static let uuid: JSONValue = ["type": "string", "format": "uuid"]

    private static func text(_ lengthMax: Int) -> JSONValue {
        ["type": "string", "maxLength": .number(JSONNumber(Int64(lengthMax)))]
    }

    private static func list(_ items: JSONValue, _ countMax: Int) -> JSONValue {
        ["type": "array", "items": items, "maxItems": .number(JSONNumber(Int64(countMax)))]
    }

    private static func reference(_ name: String) -> JSONValue { ["$ref": .string("#/components/schemas/\(name)")] }

    private static func words(_ cases: [some RawRepresentable<String>]) -> JSONValue {
        ["type": "string", "enum": .array(cases.map { .string($0.rawValue) })]
    }

    private static func described(_ schema: JSONValue, _ text: String) -> JSONValue {
        guard case .object(var object) = schema else { return schema }
        object["description"] = .string(text)
        return .object(object)
    }

    private static func object(_ text: String, _ members: JSONObject, required: [String]) -> JSONValue {
        ["type": "object", "description": .string(text), "properties": .object(members),
         "required": .array(required.map { .string($0) }), "additionalProperties": false]
    }
}
