import Domain

/// The processing algorithms of JSON-LD 1.1 (W3C Recommendation, API §5 and §8), by value: no network, no files, no
/// clock. Contexts that were given by URL are computed once and shared by all documents, so keep one processor.
package final class JSONLDProcessor: Sendable {
    package let options: JSONLDOptions
    private let source: any ContextSource
    private let shared = SharedContexts(countMax: 4096)
    private let initial: ActiveContext

    package init(contexts: any ContextSource, options: JSONLDOptions = JSONLDOptions()) {
        source = contexts
        self.options = options
        let state = ContextState(base: options.base)
        initial = shared.keep(state) ?? ActiveContext(state)
    }

    /// The expanded form: an array of node objects.
    /// - Throws: `jsonld.…`; in safe mode also for what expansion would drop.
    package func expand(_ document: JSONValue) throws(LinkedDataError) -> JSONValue {
        ExpandedItem.json(try expandedItems(document))
    }

    /// The RDF that the document means.
    /// - Throws: as `expand`, `jsonld.too_many_quads`, `jsonld.too_many_bytes`.
    package func dataset(_ document: JSONValue) throws(LinkedDataError) -> RDFDataset {
        try quads(of: document, into: RDFDataset())
    }

    /// The canonical N-Quads (RDFC-1.0) of the document: what Data Integrity suites of the kind `…-rdfc-…` hash.
    /// - Throws: as `dataset`, and `rdfc.work_limit`.
    package func canonicalNQuads(
        _ document: JSONValue, hash: RDFCanonicalization.Hash = .sha256
    ) throws(LinkedDataError) -> [UInt8] {
        try RDFCanonicalization.canonicalize(quads(of: document, into: QuadLines()), hash: hash).nquads
    }

    private func quads<Sink: QuadSink>(of document: JSONValue, into sink: Sink) throws(LinkedDataError) -> Sink {
        var writer = RDFWriter(options: options, sink: sink)
        try writer.write(try expandedItems(document))
        return writer.sink
    }

    private func expandedItems(_ document: JSONValue) throws(LinkedDataError) -> [ExpandedItem] {
        let expander = Expander(options: options, source: source, shared: shared)
        var context = initial
        if let given = options.expandContext {
            context = try expander.context(context, with: given[Keyword.context.rawValue] ?? given)
        }
        return try expander.expandDocument(document, in: context)
    }
}
