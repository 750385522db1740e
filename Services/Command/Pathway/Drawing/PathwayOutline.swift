import Domain
import PathwayEngine

/// What a picture of a pathway shows, as lines of text.
struct PathwayOutline {
    let lines: [String]

    init(_ document: PathwayDocument, _ standing: PathwayStanding?) {
        let titles = Dictionary(document.components.map { ($0.id, $0.title) }, uniquingKeysWith: { first, _ in first })
        func title(_ id: String) -> String { titles[id] ?? id }
        let sentences = FulfillmentSentences(document)
        let goals = document.destinations.map(title).joined(separator: "; ")
        var lines = ["A pathway with \(Spoken.count(document.components.count, "component")). It leads to: \(goals)."]
        for (number, component) in document.components.enumerated() {
            var line = "\(number + 1). \(component.title) (\(component.kind.rawValue))"
            if let fulfillment = standing?.components[component.id] {
                line = "\(number + 1). " + sentences.sentence(for: component.id, fulfillment)
            } else if let condition = component.condition {
                line += ": needs \(Spoken.condition(condition, title))"
            }
            if let milestone = component.milestone { line += " Milestone: \(milestone.title)." }
            if !component.precedes.isEmpty {
                line += " Better before: \(component.precedes.prefix(5).map(title).joined(separator: "; "))."
            }
            lines.append(line)
        }
        self.lines = lines
    }
}

/// Plain English for parts of a pathway.
enum Spoken {
    static func count(_ number: Int, _ what: String) -> String { "\(number) \(what)\(number == 1 ? "" : "s")" }

    /// `all of A; B; 1 of (C; D)`. Lists are cut after eight, nesting after three.
    static func condition(
        _ condition: PathwayDocument.Condition, _ title: (String) -> String, depth: Int = 0
    ) -> String {
        let names = condition.of.prefix(8).map { operand in
            switch operand {
            case .component(let id): title(id)
            case .condition(let inner): depth < 3 ? "(\(self.condition(inner, title, depth: depth + 1)))" : "(a group)"
            case .constraint(let constraint): self.constraint(constraint)
            }
        }
        let rest = condition.of.count - names.count
        let list = names.joined(separator: "; ") + (rest > 0 ? "; and \(rest) more" : "")
        switch condition.require {
        case .all: return condition.of.count == 1 ? list : "all of \(list)"
        case .any: return condition.of.count == 1 ? list : "one of \(list)"
        case .none: return "none of \(list)"
        case .atLeast(let number): return "\(number) of \(list)"
        }
    }

    static func constraint(_ constraint: PathwayDocument.Constraint) -> String {
        let value = switch constraint.value {
        case .number(let number): PathwayDocument.Level.number(number).description
        case .asOf: "today"
        case .text(let text): shownLevel(.text(text))
        }
        let compared = constraint.comparator.words
        switch constraint.measure {
        case .credits: return "\(compared) \(value) credits over \(count(constraint.over.count, "part"))"
        case .count: return "\(compared) \(value) of \(count(constraint.over.count, "part")) held"
        case .level: return "a level of \(compared) \(value)"
        case .until: return "current until \(compared) \(value)"
        }
    }
}
