import Domain

/// Where contexts come from: a lookup in what is at hand, never a fetch.
package protocol ContextSource: Sendable {
    /// The document known under this absolute URL, an object with a member `@context`; nil when it is not known.
    func document(at url: String) -> JSONValue?
}

/// Contexts in a dictionary, by absolute URL.
package struct ContextLibrary: ContextSource {
    package var documents: [String: JSONValue]

    package init(_ documents: [String: JSONValue]) { self.documents = documents }

    package func document(at url: String) -> JSONValue? { documents[url] }
}

package enum JSONLDMode: Sendable, Hashable {
    case jsonLD11
    /// Refuses what JSON-LD 1.1 added, as the 1.1 algorithms require of this mode.
    case jsonLD10
}

/// How a literal with a base direction is said in RDF; without one the direction is left out.
package enum RDFDirection: Sendable, Hashable {
    case i18nDatatype
    case compoundLiteral
}

package struct JSONLDOptions: Sendable {
    /// The document's own IRI, against which relative references are resolved.
    package var base: String?
    package var mode = JSONLDMode.jsonLD11
    /// What would be dropped in silence is an error that names the term and the place.
    package var isSafe = true
    package var rdfDirection: RDFDirection?
    /// Blank nodes may be predicates.
    package var producesGeneralizedRDF = false
    /// A local context (or a document that holds one) that comes before the document's own.
    package var expandContext: JSONValue?
    package var limits = JSONLDLimits()

    package init() {}
}

/// Bounds of one document.
package struct JSONLDLimits: Sendable, Hashable {
    /// Values within each other.
    package var depthMax = 128
    /// Contexts loaded by URL within each other.
    package var remoteContextsMax = 32
    /// Term definitions made or carried over while contexts are processed; about 100 ns each.
    package var contextWorkMax = 2_000_000
    /// Quads of the dataset.
    package var quadsMax = 2_000_000
    /// Of all IRIs and literals together.
    package var bytesMax = 128 << 20

    package init() {}
}
