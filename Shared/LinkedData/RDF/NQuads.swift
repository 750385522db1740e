/// N-Quads 1.1 (W3C Recommendation), with the canonical form of RDFC-1.0 §5 for writing.
package enum NQuads {
    /// - Throws: `nquads.syntax` with the line in the message; `nquads.too_many_quads`.
    package static func parse(
        _ bytes: [UInt8], quadsMax: Int = 2_000_000
    ) throws(LinkedDataError) -> RDFDataset {
        var reader = NQuadsReader(bytes: bytes, quadsMax: quadsMax)
        return try reader.dataset()
    }

    /// Each line in canonical form, in the order of the dataset, labels as they are, repeated quads included.
    package static func serialize(_ dataset: RDFDataset) -> [UInt8] {
        var bytes: [UInt8] = []
        for quad in dataset.quads {
            append(quad.subject, to: &bytes)
            bytes.append(0x20)
            append(quad.predicate, to: &bytes)
            bytes.append(0x20)
            append(quad.object, to: &bytes)
            if let graph = quad.graph {
                bytes.append(0x20)
                append(graph, to: &bytes)
            }
            bytes.append(contentsOf: end)
        }
        return bytes
    }

    static let end: [UInt8] = [0x20, UInt8(ascii: "."), 0x0A]

    static func append(_ term: RDFTerm, to bytes: inout [UInt8]) {
        switch term {
        case .iri(let iri): append(iri: iri, to: &bytes)
        case .blank(let label):
            bytes.append(UInt8(ascii: "_"))
            bytes.append(UInt8(ascii: ":"))
            append(raw: label, to: &bytes)
        case .literal(let value, let datatype, let language):
            append(literal: value, datatype: datatype, language: language, to: &bytes)
        }
    }

    static func append(literal value: String, datatype: String, language: String?, to bytes: inout [UInt8]) {
        append(literal: value, to: &bytes)
        if let language {
            bytes.append(UInt8(ascii: "@"))
            append(raw: language, to: &bytes)
        } else if !datatype.isExactly(Vocabulary.string) {
            bytes.append(UInt8(ascii: "^"))
            bytes.append(UInt8(ascii: "^"))
            append(iri: datatype, to: &bytes)
        }
    }

    static func append(iri: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "<"))
        append(raw: iri, to: &bytes)
        bytes.append(UInt8(ascii: ">"))
    }

    private static func append(raw text: String, to bytes: inout [UInt8]) {
        text.withBytes { bytes.append(contentsOf: $0) }
    }

    private static func append(literal text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        text.withBytes { source in
            if source.contains(where: needsEscape) {
                for byte in source { append(escaped: byte, to: &bytes) }
            } else {
                bytes.append(contentsOf: source)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == 0x22 || byte == 0x5C || byte == 0x7F
    }

    private static func append(escaped byte: UInt8, to bytes: inout [UInt8]) {
        guard needsEscape(byte) else { return bytes.append(byte) }
        bytes.append(0x5C)
        switch byte {
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        case 0x22, 0x5C: bytes.append(byte)
        default:
            let digits = Array("0123456789ABCDEF".utf8)
            bytes.append(contentsOf: "u00".utf8)
            bytes.append(digits[Int(byte >> 4)])
            bytes.append(digits[Int(byte & 15)])
        }
    }
}
