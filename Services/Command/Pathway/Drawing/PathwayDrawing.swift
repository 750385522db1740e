import Domain
import PathwayEngine

/// A pathway as boxes, joints and lines, before anything has a place.
///
/// Every component is one box. A condition is a small joint that says how many of what flows into it are needed; a
/// constraint is a joint that says what is measured. Lines lead from what is needed to what needs it.
struct PathwayDrawing {
    struct Node {
        enum Role: Hashable {
            /// Number of the component in the document.
            case component(Int)
            case joint
        }

        var role: Role
        /// Lines of text, wrapped; for a joint its label.
        var lines: [String]
        var width: Double
        var height: Double
        var isMet = false
    }

    private(set) var nodes: [Node] = []
    /// From what is needed to what needs it.
    private(set) var edges: [(from: Int, to: Int)] = []
    let document: PathwayDocument
    let standing: PathwayStanding?

    enum Size {
        static let boxWidth = 226.0
        /// Left of the text, for the mark of the state.
        static let markWidth = 34.0
        static let lineHeight = 17.0
        static let padding = 9.0
        /// Of the widest letters in common use, at 13 px.
        static let letterWidth = 7.7
        static let jointHeight = 24.0
    }

    init(_ document: PathwayDocument, standing: PathwayStanding?) {
        self.document = document
        self.standing = standing
        let destinations = Set(document.destinations)
        var numbers: [String: Int] = [:]
        for (number, component) in document.components.enumerated() {
            let lines = Self.lines(of: component, isDestination: destinations.contains(component.id))
            numbers[component.id] = number
            nodes.append(Node(
                role: .component(number), lines: lines, width: Size.boxWidth,
                height: Double(lines.count + 1) * Size.lineHeight + 2 * Size.padding,
                isMet: standing?.components[component.id]?.state == .met))
        }
        for (number, component) in document.components.enumerated() {
            guard let condition = component.condition else { continue }
            add(condition, to: number, numbers, standing?.components[component.id]?.reason.condition)
        }
    }

    private static func lines(of component: PathwayDocument.Component, isDestination: Bool) -> [String] {
        let perLine = Int((Size.boxWidth - Size.markWidth - Size.padding) / Size.letterWidth)
        var lines = wrapped(component.title, perLine)
        if let level = component.level { lines += wrapped("level \(shownLevel(level)) or above", perLine) }
        if let milestone = component.milestone { lines += wrapped("◆ milestone: \(milestone.title)", perLine) }
        if isDestination { lines.append("★ destination") }
        return lines
    }

    /// Joints for a condition and those in it; a loop, for they nest as deep as the format lets them.
    private mutating func add(
        _ condition: PathwayDocument.Condition, to component: Int, _ numbers: [String: Int], _ progress: ConditionProgress?
    ) {
        var open = [(condition: condition, progress: progress, into: component)]
        while let (condition, progress, into) = open.popLast() {
            let joint = addJoint(label(condition), isMet: progress?.isSatisfied ?? false, into: into)
            var nested = 0, constraints = 0
            for operand in condition.of {
                switch operand {
                case .component(let id):
                    if let number = numbers[id] { edges.append((number, joint)) }
                case .condition(let inner):
                    let below = progress.flatMap { $0.nested.indices.contains(nested) ? $0.nested[nested] : nil }
                    open.append((inner, below, joint))
                    nested += 1
                case .constraint(let constraint):
                    let below = progress.flatMap { $0.constraints.indices.contains(constraints) ? $0.constraints[constraints] : nil }
                    let measure = addJoint(label(constraint), isMet: below?.truth == .yes, into: joint)
                    for id in constraint.over { if let number = numbers[id] { edges.append((number, measure)) } }
                    constraints += 1
                }
            }
        }
    }

    private mutating func addJoint(_ label: String, isMet: Bool, into node: Int) -> Int {
        let lines = Self.wrapped(label, 22)
        let longest = lines.map(Self.columns).max() ?? 1
        nodes.append(Node(
            role: .joint, lines: lines, width: Double(longest) * Size.letterWidth + 22,
            height: Double(lines.count - 1) * Size.lineHeight + Size.jointHeight, isMet: isMet))
        edges.append((nodes.count - 1, node))
        return nodes.count - 1
    }

    // MARK: Words

    private func label(_ condition: PathwayDocument.Condition) -> String {
        let count = condition.of.count
        switch condition.require {
        case .all: return count == 1 ? "needs" : "all \(count)"
        case .any: return count == 1 ? "needs" : "1 of \(count)"
        case .none: return count == 1 ? "not" : "none of \(count)"
        case .atLeast(let number): return count == 1 ? "needs" : "\(number) of \(count)"
        }
    }

    private func label(_ constraint: PathwayDocument.Constraint) -> String {
        let value = switch constraint.value {
        case .number(let number): PathwayDocument.Level.number(number).description
        case .asOf: "today"
        case .text(let text): shownLevel(.text(text))
        }
        let compared = switch constraint.comparator {
        case .atLeast: "≥"
        case .atMost: "≤"
        case .greater: ">"
        case .less: "<"
        case .equal: "="
        case .notEqual: "≠"
        }
        let what = switch constraint.measure {
        case .credits: "credits"
        case .count: "held"
        case .level: "level"
        case .until: "current until"
        }
        return "\(what) \(compared) \(value)" + (constraint.caps.isEmpty ? "" : ", capped")
    }

    // MARK: Text

    /// Columns that a text takes: two for what is drawn wide in East Asian scripts and for pictures.
    static func columns(_ text: String) -> Int {
        text.unicodeScalars.reduce(0) { sum, scalar in
            let value = scalar.value
            let isWide = (0x1100...0x115F).contains(value) || (0x2E80...0xA4CF).contains(value)
                || (0xAC00...0xD7A3).contains(value) || (0xF900...0xFAFF).contains(value)
                || (0xFE30...0xFE4F).contains(value) || (0xFF00...0xFF60).contains(value)
                || (0x1F300...0x1FAFF).contains(value) || (0x20000...0x3FFFD).contains(value)
            return sum + (isWide ? 2 : 1)
        }
    }

    /// Lines of at most so many columns, broken between words, and within a word that is longer than a line.
    static func wrapped(_ text: String, _ columnsMax: Int) -> [String] {
        var lines: [String] = [], line = "", width = 0
        for word in text.split(whereSeparator: \.isWhitespace) {
            let needed = columns(String(word))
            if width > 0, width + 1 + needed <= columnsMax {
                line += " " + word
                width += 1 + needed
                continue
            }
            if width > 0 { lines.append(line) }
            (line, width) = ("", 0)
            for character in word {
                let needed = columns(String(character))
                if width > 0, width + needed > columnsMax {
                    lines.append(line)
                    (line, width) = ("", 0)
                }
                line.append(character)
                width += needed
            }
        }
        if width > 0 { lines.append(line) }
        return lines.isEmpty ? [" "] : lines
    }
}

/// A level as people call it: of an IRI its last part.
func shownLevel(_ level: PathwayDocument.Level) -> String {
    guard case .text(let text) = level, text.contains(":") else { return level.description }
    let parts = text.split { $0 == "/" || $0 == "#" || $0 == ":" }
    return parts.last.map(String.init) ?? text
}
