import Domain

/// One thing that is wrong or doubtful about a document, with the place and a way out.
package struct PathwayFinding: Hashable, Sendable, Codable, CustomStringConvertible {
    package var severity: Severity
    /// RFC 6901 pointer into the document; empty for the whole.
    package var place: String
    /// Stable across releases, in dotted snake case: `condition.cycle`. `docs/pathway-files.md` lists them.
    package var rule: String
    /// Plain sentences: what it is and what to do.
    package var message: String

    package init(_ severity: Severity, _ place: String, _ rule: String, _ message: String) {
        self.severity = severity
        self.place = place
        self.rule = rule
        self.message = message
    }

    package enum Severity: String, Hashable, Sendable, Codable, CaseIterable {
        /// The document may not be saved.
        case refused
        /// It may be saved; somebody should look.
        case warning
    }

    package var description: String {
        "\(severity.rawValue) \(place.isEmpty ? "(document)" : place): \(message) [\(rule)]"
    }

    /// As a member of a `Fault`; `pointer` is where the document sits in the request's body.
    package func violation(under pointer: String = "") -> Fault.Violation {
        Fault.Violation(pointer + place, rule, message)
    }
}
