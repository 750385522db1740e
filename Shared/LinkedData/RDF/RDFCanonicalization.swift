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
        fileprivate(set) var inputLabels: [String]
        let numbers: [Int]

        /// The issued identifiers map: input label → canonical label (`c14n0`), both without `_:`.
        package var labels: [String: String] {
            Dictionary(zip(inputLabels, numbers.map { "c14n\($0)" })) { first, _ in first }
        }
    }

    /// - Parameter workMax: hashes of neighborhoods that may be computed to tell blank nodes apart; about 1 µs each.
    /// - Throws: `rdfc.work_limit` for datasets made to take for ever; `rdfc.predicate` for generalized RDF.
    package static func canonicalize(
        _ dataset: RDFDataset, hash: Hash = .sha256, workMax: Int = Self.workMax
    ) throws(LinkedDataError) -> Result {
        var lines = QuadLines(), labels = BlankLabels()
        for quad in dataset.quads {
            try lines.add(labels.term(quad.subject), labels.term(quad.predicate), labels.term(quad.object), in: quad.graph.map { labels.term($0) })
        }
        var result = try canonicalize(lines, hash: hash, workMax: workMax)
        result.inputLabels = lines.blanks.map { labels.labels[$0] }
        return result
    }

    static func canonicalize(
        _ lines: QuadLines, hash: Hash, workMax: Int = Self.workMax
    ) throws(LinkedDataError) -> Result {
        var naming = CanonicalNaming(lines: lines, hash: hash, workMax: workMax)
        let numbers = try naming.numbers()
        return Result(nquads: lines.sorted(naming: numbers), inputLabels: [], numbers: numbers)
    }

    package static let workMax = 50_000
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

/// Blank nodes of a dataset by their labels, numbered as they come.
private struct BlankLabels {
    private(set) var labels: [String] = []
    private var numbers: [ExactText: Int] = [:]

    mutating func term(_ term: RDFTerm) -> QuadTerm {
        switch term {
        case .iri(let iri): return .iri(iri)
        case .literal(let text, let datatype, let language): return .literal(text, datatype: datatype, language: language)
        case .blank(let label):
            if let known = numbers[ExactText(label)] { return .blank(known) }
            numbers[ExactText(label)] = labels.count
            labels.append(label)
            return .blank(labels.count - 1)
        }
    }
}
