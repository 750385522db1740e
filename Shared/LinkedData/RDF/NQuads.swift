/// N-Quads 1.1.
package enum NQuads {
    /// - Throws: `nquads.syntax` with the line in the message; `nquads.too_many_quads`.
    package static func parse(_ bytes: [UInt8], quadsMax: Int = 2_000_000) throws(LinkedDataError) -> RDFDataset {
        throw LinkedDataError(rule: "nquads.not_yet", message: "Being written.")
    }

    /// In the canonical form of each line, in the order of the dataset, labels as they are.
    package static func serialize(_ dataset: RDFDataset) -> [UInt8] { [] }
}
