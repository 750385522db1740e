/// RDF Dataset Canonicalization, RDFC-1.0 (W3C Recommendation, 2024).
package enum RDFCanonicalization {
    package enum Hash: Sendable, Hashable {
        case sha256
        case sha384
    }

    package struct Result: Sendable {
        /// The canonical N-Quads, sorted by code point, each once, each ended by a line feed.
        package var nquads: [UInt8]
        /// The issued identifiers map: input label → canonical label (`c14n0`), both without `_:`.
        package var labels: [String: String]
    }

    /// - Parameter workMax: hashes of neighborhoods that may be computed to tell blank nodes apart; about 1 µs each.
    /// - Throws: `rdfc.work_limit` for datasets made to take for ever.
    package static func canonicalize(
        _ dataset: RDFDataset, hash: Hash = .sha256, workMax: Int = 50_000
    ) throws(LinkedDataError) -> Result {
        throw LinkedDataError(rule: "rdfc.not_yet", message: "Being written.")
    }
}
