import Domain

/// A `ceterms:Constraint` as it is written: left, comparator, right, and what is done to either side first.
struct CTDLConstraint {
    typealias Comparator = PathwayDocument.Constraint.Comparator

    var id: String
    /// Addresses or texts.
    var left: [String]
    var leftAction: String?
    var comparator: Comparator?
    var right: [CTDLGraph.Value]
    var rightAction: String?

    init(_ node: CTDLGraph.Node, in graph: CTDLGraph) {
        id = node.id
        left = node.references("leftSource").map(graph.resolved)
        leftAction = node.references("leftAction").first.map { CTDLVocabulary.last($0).lowercased() }
        comparator = node.references("comparator").first.flatMap(Self.comparator)
        right = (node.values["rightSource"] ?? []).map { value in
            guard let reference = value.reference else { return value }
            return .text(graph.resolved(reference), language: nil)
        }
        rightAction = node.references("rightAction").first.map { CTDLVocabulary.last($0).lowercased() }
    }

    private static func comparator(_ word: String) -> Comparator? {
        switch CTDLVocabulary.last(word).lowercased() {
        case "eq", "=", "==": .equal
        case "neq", "ne", "!=": .notEqual
        case "gt", ">": .greater
        case "lt", "<": .less
        case "gteq", "gte", ">=": .atLeast
        case "lteq", "lte", "<=": .atMost
        default: nil
        }
    }

    /// What is compared, without its namespace and in lower case.
    var subject: String { left.first.map { CTDLVocabulary.last($0).lowercased() } ?? "" }

    /// The levels or grades to which the right side limits the left: one, or any of several.
    var levels: [String]? {
        guard left.count == 1, leftAction == nil || leftAction == "max", isAboutLevels else { return nil }
        let texts = right.compactMap(\.text)
        guard texts.count == right.count, !texts.isEmpty else { return nil }
        if texts.count == 1 { return rightAction == nil || rightAction == "anyof" || rightAction == "oneof" ? texts : nil }
        return comparator == .equal && (rightAction == "anyof" || rightAction == "oneof" || rightAction == nil) ? texts : nil
    }

    /// The level of a credit is not a level at which somebody holds something.
    var isAboutLevels: Bool {
        (subject.contains("grade") || subject.contains("level")) && !subject.contains("credit")
    }

    var number: Double? {
        guard right.count == 1 else { return nil }
        switch right[0] {
        case .number(let number): return number.double
        case .text(let text, _): return JSONNumber(text)?.double
        default: return nil
        }
    }

    // MARK: In words

    /// “Exit program is false”, “Repeatability is at most 3”.
    var words: String {
        let name = left.map(Self.words).joined(separator: " and ")
        let subject = [leftAction.map(Self.words), name.isEmpty ? "what is asked" : name].compactMap { $0 }.joined(separator: " of ")
        let compared = switch comparator {
        case .equal: rightAction == "allof" ? "is all of" : right.count > 1 ? "is any of" : "is"
        case .notEqual: "is not"
        case .greater: "is more than"
        case .less: "is less than"
        case .atLeast: "is at least"
        case .atMost: "is at most"
        case nil: "compares with"
        }
        let values = right.map(Self.words).joined(separator: ", ")
        let sentence = "\(subject) \(compared) \(values)"
        return sentence.prefix(1).uppercased() + sentence.dropFirst()
    }

    private static func words(_ value: CTDLGraph.Value) -> String {
        switch value {
        case .text(let text, _): words(text)
        case .number(let number): number.text
        case .bool(let bool): bool ? "true" : "false"
        case .node(let id): words(id)
        }
    }

    /// `financialAssistanceType` in words; what is no name stays.
    private static func words(_ name: String) -> String {
        let last = CTDLVocabulary.last(name)
        if let span = span(last) { return span }
        var words = "", wasLower = false
        for scalar in last.unicodeScalars {
            if wasLower, scalar.properties.isUppercase { words += " " }
            wasLower = scalar.properties.isLowercase
            words += wasLower || !scalar.properties.isUppercase ? String(scalar) : scalar.properties.lowercaseMapping
        }
        return last.count <= 2 || last.contains(where: \.isNumber) ? last : words
    }

    /// `P3Y` as 3 years; nil for what is no ISO 8601 span of one unit.
    private static func span(_ text: String) -> String? {
        guard text.hasPrefix("P"), let unit = text.last, let number = Int(text.dropFirst().dropLast()),
              let name = ["Y": "year", "M": "month", "W": "week", "D": "day"][String(unit)] else { return nil }
        return "\(number) \(name)\(number == 1 ? "" : "s")"
    }

    /// As it is written in the newer terms, for giving it back.
    var json: JSONValue {
        var object: JSONObject = ["@type": "ceterms:Constraint"]
        func list(_ values: [JSONValue]) -> JSONValue? { values.isEmpty ? nil : values.count == 1 ? values[0] : .array(values) }
        object["ceterms:leftSource"] = list(left.map { .string($0) })
        object["ceterms:leftAction"] = leftAction.map { .string("array:\(CTDLTerms.action($0))") }
        object["ceterms:comparator"] = comparator.map { .string("compare:\(CTDLTerms.comparator($0))") }
        object["ceterms:rightSource"] = list(right.map { value in
            switch value {
            case .text(let text, _): .string(text)
            case .number(let number): .number(number)
            case .bool(let bool): .bool(bool)
            case .node(let id): .string(id)
            }
        })
        object["ceterms:rightAction"] = rightAction.map { .string("array:\(CTDLTerms.action($0))") }
        return .object(object)
    }
}

/// Words of CTDL's own lists, as they are written today.
enum CTDLTerms {
    static func comparator(_ comparator: PathwayDocument.Constraint.Comparator) -> String {
        switch comparator {
        case .equal: "EQ"
        case .notEqual: "NEQ"
        case .greater: "GT"
        case .less: "LT"
        case .atLeast: "GTEQ"
        case .atMost: "LTEQ"
        }
    }

    /// By its lower-case form; one that is not of the list stays as it is.
    static func action(_ word: String) -> String {
        ["Sum", "Mean", "Min", "Max", "CountDistinct", "OneOf", "AnyOf", "AllOf"].first { $0.lowercased() == word } ?? word
    }

    /// The class for a kind; `category` tells those apart that have none of their own.
    static func type(_ kind: PathwayDocument.Component.Kind) -> (name: String, category: String?) {
        switch kind {
        case .competency: ("CompetencyComponent", nil)
        case .credential: ("CredentialComponent", nil)
        case .assessment: ("AssessmentComponent", nil)
        case .experience: ("WorkExperienceComponent", nil)
        case .course: ("CourseComponent", nil)
        case .capstone: ("BasicComponent", "Capstone")
        case .basic: ("BasicComponent", nil)
        case .selection: ("BasicComponent", "Selection")
        }
    }
}
