/// A node or a literal of an RDF 1.1 dataset.
package enum RDFTerm: Sendable {
    /// Absolute, without the angle brackets.
    case iri(String)
    /// The label, without `_:`.
    case blank(String)
    /// A datatype is always given: `xsd:string` for plain text, `rdf:langString` with a language.
    case literal(String, datatype: String, language: String?)
}

package struct RDFQuad: Sendable {
    /// An IRI or a blank node.
    package var subject: RDFTerm
    /// An IRI; a blank node only in generalized RDF.
    package var predicate: RDFTerm
    package var object: RDFTerm
    /// The graph's name; nil is the default graph.
    package var graph: RDFTerm?

    package init(_ subject: RDFTerm, _ predicate: RDFTerm, _ object: RDFTerm, in graph: RDFTerm? = nil) {
        self.subject = subject
        self.predicate = predicate
        self.object = object
        self.graph = graph
    }
}

/// Quads in no particular order. A quad that is given twice counts once: writers and the canonicalization see to it.
package struct RDFDataset: Sendable {
    package var quads: [RDFQuad]

    package init(_ quads: [RDFQuad] = []) { self.quads = quads }
}

extension RDFDataset: QuadSink {
    mutating func add(_ subject: QuadTerm, _ predicate: QuadTerm, _ object: QuadTerm, in graph: QuadTerm?) {
        quads.append(RDFQuad(RDFTerm(subject), RDFTerm(predicate), RDFTerm(object), in: graph.map(RDFTerm.init)))
    }
}

extension RDFTerm {
    fileprivate init(_ term: QuadTerm) {
        self = switch term {
        case .iri(let iri): .iri(iri)
        case .blank(let number): .blank("b\(number)")
        case .literal(let text, let datatype, let language): .literal(text, datatype: datatype, language: language)
        }
    }
}

/// IRIs that the algorithms know by name.
enum Vocabulary {
    static let rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    static let type = rdf + "type"
    static let first = rdf + "first"
    static let rest = rdf + "rest"
    static let nothing = rdf + "nil"
    static let langString = rdf + "langString"
    static let json = rdf + "JSON"
    static let value = rdf + "value"
    static let language = rdf + "language"
    static let direction = rdf + "direction"
    static let xsd = "http://www.w3.org/2001/XMLSchema#"
    static let string = xsd + "string"
    static let boolean = xsd + "boolean"
    static let integer = xsd + "integer"
    static let double = xsd + "double"
    static let i18n = "https://www.w3.org/ns/i18n#"
}
