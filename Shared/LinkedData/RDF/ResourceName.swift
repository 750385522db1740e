/// What text names, told apart once and remembered with it: checking an IRI costs more than writing it.
struct ResourceName: Sendable {
    enum Kind: Sendable {
        /// Absolute, and free of what no IRI may hold.
        case iri
        /// Begins with `_:`.
        case blank
        /// Neither: relative, malformed, or a keyword.
        case other
    }

    let text: String
    let kind: Kind

    init(_ text: String) {
        self.text = text
        kind = text.utf8.starts(with: "_:".utf8) ? .blank : IRI.isAbsolute(text) ? .iri : .other
    }
}
