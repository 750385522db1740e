import Crypto

/// RDF Dataset Canonicalization, RDFC-1.0 (W3C Recommendation, 2024).
package enum RDFCanonicalization {
    package enum Hash: Sendable, Hashable {
        case sha256
        case sha384
    }

    package struct Result: Sendable {
        /// The canonical N-Quads, sorted by code point, each once, each ended by a line feed.
        package let nquads: [UInt8]
        /// Labels of the input; the number in `c14n…` of each stands at the same place in `numbers`.
        let inputLabels: [String]
        let numbers: [Int]

        /// The issued identifiers map: input label → canonical label (`c14n0`), both without `_:`.
        package var labels: [String: String] {
            Dictionary(zip(inputLabels, numbers.map { "c14n\($0)" })) { first, _ in first }
        }
    }

    /// - Parameter workMax: hashes of neighborhoods that may be computed to tell blank nodes apart; about 1 µs each.
    /// - Throws: `rdfc.work_limit` for datasets made to take for ever; `rdfc.predicate` for generalized RDF.
    package static func canonicalize(
        _ dataset: RDFDataset, hash: Hash = .sha256, workMax: Int = 50_000
    ) throws(LinkedDataError) -> Result {
        let lines = try QuadLines(dataset)
        var naming = CanonicalNaming(lines: lines, hash: hash, workMax: workMax)
        let numbers = try naming.numbers()
        return Result(nquads: lines.sorted(naming: numbers), inputLabels: lines.labels, numbers: numbers)
    }
}

extension RDFCanonicalization.Hash {
    /// The digest in lower-case hexadecimal.
    func hex(of bytes: [UInt8]) -> [UInt8] {
        switch self {
        case .sha256: Self.hex(SHA256.hash(data: bytes))
        case .sha384: Self.hex(SHA384.hash(data: bytes))
        }
    }

    private static func hex(_ digest: some Digest) -> [UInt8] {
        digest.withUnsafeBytes { bytes in
            [UInt8](unsafeUninitializedCapacity: bytes.count * 2) { text, count in
                for (place, byte) in bytes.enumerated() {
                    text[2 * place] = digit(byte >> 4)
                    text[2 * place + 1] = digit(byte & 15)
                }
                count = bytes.count * 2
            }
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }
}
