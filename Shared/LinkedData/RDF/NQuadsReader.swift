/// One pass over the bytes, a statement a line.
struct NQuadsReader {
    private let bytes: [UInt8]
    private let quadsMax: Int
    private var at = 0
    private var line = 1

    init(bytes: [UInt8], quadsMax: Int) {
        self.bytes = bytes
        self.quadsMax = quadsMax
    }

    mutating func dataset() throws(LinkedDataError) -> RDFDataset {
        var dataset = RDFDataset()
        while true {
            skipSpace()
            guard let byte = peek else { return dataset }
            switch byte {
            case 0x0A:
                line += 1
                at += 1
            case 0x0D: at += 1
            case UInt8(ascii: "#"): skipComment()
            default:
                guard dataset.quads.count < quadsMax else {
                    throw LinkedDataError(rule: "nquads.too_many_quads",
                                          message: "There are more than \(quadsMax) statements.")
                }
                dataset.quads.append(try quad())
            }
        }
    }

    private mutating func quad() throws(LinkedDataError) -> RDFQuad {
        let subject = try node("a subject")
        let predicate = try node("a predicate")
        guard case .iri = predicate else { throw fail("The predicate must be an IRI.") }
        skipSpace()
        let object = peek == UInt8(ascii: "\"") ? try literal() : try node("an object")
        skipSpace()
        let graph = peek == UInt8(ascii: ".") ? nil : try node("a graph name or a full stop")
        skipSpace()
        guard take(UInt8(ascii: ".")) else { throw fail("The statement must end with a full stop.") }
        skipSpace()
        if peek == UInt8(ascii: "#") { skipComment() }
        guard peek == nil || peek == 0x0A || peek == 0x0D else { throw fail("One line holds one statement.") }
        return RDFQuad(subject, predicate, object, in: graph)
    }

    private mutating func node(_ what: String) throws(LinkedDataError) -> RDFTerm {
        skipSpace()
        switch peek {
        case UInt8(ascii: "<"): return .iri(try iri())
        case UInt8(ascii: "_"): return .blank(try label())
        default: throw fail("Expected \(what).")
        }
    }

    private mutating func iri() throws(LinkedDataError) -> String {
        at += 1
        var text: [UInt8] = []
        while let byte = peek {
            at += 1
            switch byte {
            case UInt8(ascii: ">"):
                let iri = try string(text)
                guard IRI.isAbsolute(iri) else { throw fail("An IRI must be absolute and hold no space or <>\"{}|^`.") }
                return iri
            case 0x5C: text.append(contentsOf: String(try escape(allowsShort: false)).utf8)
            case 0x0A, 0x0D: throw fail("The IRI is not closed.")
            default: text.append(byte)
            }
        }
        throw fail("The IRI is not closed.")
    }

    private mutating func label() throws(LinkedDataError) -> String {
        at += 1
        guard take(UInt8(ascii: ":")) else { throw fail("A blank node begins with _:.") }
        let start = at
        while let byte = peek, Self.isLabel(byte) { at += 1 }
        // A full stop may stand inside a label, not at its end.
        while at > start, bytes[at - 1] == UInt8(ascii: ".") { at -= 1 }
        guard at > start, bytes[start] != UInt8(ascii: "-"), bytes[start] != UInt8(ascii: ".") else {
            throw fail("The blank node has no label.")
        }
        return try string(bytes[start..<at])
    }

    private static func isLabel(_ byte: UInt8) -> Bool {
        byte >= 0x80 || (0x30...0x3A).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
            || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }

    private mutating func literal() throws(LinkedDataError) -> RDFTerm {
        at += 1
        var text: [UInt8] = []
        while true {
            guard let byte = peek, byte != 0x0A, byte != 0x0D else { throw fail("The literal is not closed.") }
            at += 1
            if byte == 0x22 { break }
            if byte == 0x5C { text.append(contentsOf: String(try escape(allowsShort: true)).utf8) } else {
                text.append(byte)
            }
        }
        let value = try string(text)
        if take(UInt8(ascii: "@")) { return .literal(value, datatype: Vocabulary.langString, language: try language()) }
        guard take(UInt8(ascii: "^")) else { return .literal(value, datatype: Vocabulary.string, language: nil) }
        guard take(UInt8(ascii: "^")), peek == UInt8(ascii: "<") else { throw fail("Expected ^^ and a datatype.") }
        return .literal(value, datatype: try iri(), language: nil)
    }

    private mutating func language() throws(LinkedDataError) -> String {
        let start = at
        while let byte = peek, (0x61...0x7A).contains(byte | 0x20)
            || (at > start && (byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte))) { at += 1 }
        guard at > start, bytes[at - 1] != UInt8(ascii: "-") else { throw fail("The language tag is not one.") }
        return try string(bytes[start..<at])
    }

    private mutating func escape(allowsShort: Bool) throws(LinkedDataError) -> Unicode.Scalar {
        guard let letter = peek else { throw fail("The escape is not finished.") }
        at += 1
        switch letter {
        case UInt8(ascii: "u"): return try hexScalar(4)
        case UInt8(ascii: "U"): return try hexScalar(8)
        default: break
        }
        let short: [UInt8: Unicode.Scalar] = [
            UInt8(ascii: "t"): "\t", UInt8(ascii: "b"): "\u{08}", UInt8(ascii: "n"): "\n", UInt8(ascii: "r"): "\r",
            UInt8(ascii: "f"): "\u{0C}", 0x22: "\"", 0x27: "'", 0x5C: "\\",
        ]
        guard allowsShort, let scalar = short[letter] else { throw fail("There is no such escape.") }
        return scalar
    }

    private mutating func hexScalar(_ count: Int) throws(LinkedDataError) -> Unicode.Scalar {
        guard at + count <= bytes.count,
              let text = String(validating: bytes[at..<(at + count)], as: UTF8.self),
              text.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0 | 0x20) }),
              let value = UInt32(text, radix: 16), let scalar = Unicode.Scalar(value)
        else { throw fail("The escape is no character.") }
        at += count
        return scalar
    }

    private func string(_ bytes: some Collection<UInt8>) throws(LinkedDataError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw fail("The text is not valid UTF-8.") }
        return text
    }

    // MARK: Places

    private var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        at += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x09 { at += 1 }
    }

    private mutating func skipComment() {
        while let byte = peek, byte != 0x0A { _ = byte; at += 1 }
    }

    private func fail(_ message: String) -> LinkedDataError {
        LinkedDataError(rule: "nquads.syntax", message: "Line \(line): \(message)")
    }
}
