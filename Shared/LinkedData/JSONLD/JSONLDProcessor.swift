import Domain

/// The processing algorithms of JSON-LD 1.1 (W3C Recommendation, API §5 and §8), by value: no network, no files, no
/// clock. Contexts that were given by URL are computed once and shared by all documents, so keep one processor.
package final class JSONLDProcessor: Sendable {
    package let options: JSONLDOptions
    let contexts: any ContextSource

    package init(contexts: any ContextSource, options: JSONLDOptions = JSONLDOptions()) {
        self.contexts = contexts
        self.options = options
    }

    /// The expanded form: an array of node objects.
    /// - Throws: `jsonld.…`; in safe mode also for what expansion would drop.
    package func expand(_ document: JSONValue) throws(LinkedDataError) -> JSONValue {
        throw LinkedDataError(rule: "jsonld.not_yet", message: "Being written.")
    }

    /// The RDF that the document means.
    /// - Throws: as `expand`, and `jsonld.too_many_quads`.
    package func dataset(_ document: JSONValue) throws(LinkedDataError) -> RDFDataset {
        throw LinkedDataError(rule: "jsonld.not_yet", message: "Being written.")
    }

    /// The canonical N-Quads (RDFC-1.0) of the document: what Data Integrity suites of the kind `…-rdfc-…` hash.
    /// - Throws: as `dataset`, and `rdfc.work_limit`.
    package func canonicalNQuads(
        _ document: JSONValue, hash: RDFCanonicalization.Hash = .sha256
    ) throws(LinkedDataError) -> [UInt8] {
        try RDFCanonicalization.canonicalize(dataset(document), hash: hash).nquads
    }
}
