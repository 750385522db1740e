import Domain

/// An IRI as it stands (it is compared by its characters): a scheme, a colon and something after it, without blanks,
/// controls and the delimiters that RFC 3987 leaves out; at most 500 characters.
func readIRI(_ text: String, at pointer: String) throws(Fault) -> String {
    let bytes = Array(text.utf8)
    let scheme = bytes.prefix { $0 != UInt8(ascii: ":") }
    let isScheme = scheme.first.map(\.isLetter) == true
        && scheme.allSatisfy { $0.isLetter || $0.isDigit || "+-.".utf8.contains($0) }
    let isClean = text.unicodeScalars.allSatisfy {
        !$0.properties.isWhitespace && $0.properties.generalCategory != .control
            && !"<>\"{}|\\^`".unicodeScalars.contains($0)
    }
    guard isScheme, bytes.count > scheme.count + 1, isClean, text.unicodeScalars.count <= 500 else {
        throw .invalid(pointer, "iri.format", "Give an IRI of at most 500 characters, such as urn:uuid:… or https://….")
    }
    return text
}

/// A level of achievement: bounded, so that it is the same number wherever it is written.
func readLevel(_ level: Double, at pointer: String) throws(Fault) -> Double {
    guard (-1000.0...1000.0).contains(level) else {
        throw .invalid(pointer, "level.range", "Give a level from -1000 to 1000.")
    }
    return level
}

extension String {
    /// 1...64 of `A-Z a-z 0-9 . _ -`.
    var isToken: Bool {
        (1...64).contains(utf8.count) && utf8.allSatisfy { $0.isLetter || $0.isDigit || "._-".utf8.contains($0) }
    }

    /// SHA-256 in hexadecimal, of either case.
    var isSHA256: Bool {
        utf8.count == 64
            && utf8.allSatisfy { $0.isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0 | 0x20) }
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    fileprivate var isLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) }
}
