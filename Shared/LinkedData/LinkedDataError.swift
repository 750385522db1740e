import Domain

/// Why a document, a dataset or a text was not accepted, and where.
package struct LinkedDataError: Error, Hashable, Sendable, CustomStringConvertible {
    /// `jsonld.`, `rdfc.`, `nquads.` or `jcs.` and a name in snake case, stable across releases. The error codes of
    /// JSON-LD 1.1 (API §9.4) keep their words: `jsonld.invalid_scoped_context`.
    package var rule: String
    /// RFC 6901 pointer to the value in the document, also inside its `@context`; empty where there is no document.
    package var pointer: String
    /// The key, type, IRI or URL the rule speaks of.
    package var term: String?
    package var message: String

    package init(rule: String, pointer: String = "", term: String? = nil, message: String) {
        self.rule = rule
        self.pointer = pointer
        self.term = term
        self.message = message
    }

    package var description: String {
        "\(rule)\(pointer.isEmpty ? "" : " at \(pointer)"): \(message)"
    }

    /// `.tooLarge` when a limit was passed, else `.invalid`; with one violation.
    package var fault: Fault {
        Fault(Self.limits.contains(rule) ? .tooLarge : .invalid, message,
              violations: [Fault.Violation(pointer, rule, message)])
    }

    /// Rules that say a bound of ours was passed.
    static let limits: Set<String> = [
        "jsonld.too_deep", "jsonld.context_work", "jsonld.context_overflow", "jsonld.too_many_quads", "jsonld.too_many_bytes",
        "rdfc.work_limit", "nquads.too_many_quads", "jcs.too_deep",
    ]

    /// The same error seen from one level further out.
    func below(_ token: String) -> LinkedDataError {
        var error = self
        error.pointer = JSONPointer.appending(token, to: "") + pointer
        return error
    }

    func below(_ index: Int) -> LinkedDataError {
        var error = self
        error.pointer = "/\(index)\(pointer)"
        return error
    }
}
