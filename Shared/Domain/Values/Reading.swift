import Foundation

/// Reads a caller's text: bounded, not blank, without control characters, in NFC. U+0000 in particular cannot be
/// stored.
/// - Parameters:
///   - limit: in Unicode scalars after NFC, so that a pile of combining marks is no way around it.
///   - lines: whether line ends and tabs are welcome.
/// - Throws: `.invalid` with `text.length`, `text.blank` or `text.control`.
package func readText(_ text: String, at pointer: String, limit: Int, lines: Bool = false) throws(Fault) -> String {
    // ASCII is in NFC as it stands.
    let read = text.utf8.allSatisfy { $0 < 0x80 } ? text : text.precomposedStringWithCanonicalMapping
    guard (1...limit).contains(read.unicodeScalars.count) else {
        throw .invalid(pointer, "text.length", "Give 1 to \(limit) characters.")
    }
    guard !read.isBlank else { throw .invalid(pointer, "text.blank", "Give something other than blanks.") }
    // The category Cc, which is fixed for ever (Unicode stability policy).
    for scalar in read.unicodeScalars where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) {
        guard lines, scalar == "\n" || scalar == "\r" || scalar == "\t" else {
            throw .invalid(pointer, "text.control", "Leave out control characters.")
        }
    }
    return read
}

/// How many rows a list answers: `Page.limitDefault` where the caller says nothing.
/// - Throws: `.invalid` with `limit` outside 1...`Page.limitMax`.
package func readLimit(_ limit: Int?) throws(Fault) -> Int {
    let limit = limit ?? Page<Done>.limitDefault
    guard (1...Page<Done>.limitMax).contains(limit) else {
        throw .invalid("/limit", "limit", "Ask for 1 to \(Page<Done>.limitMax).")
    }
    return limit
}

extension String {
    package var isBlank: Bool { unicodeScalars.allSatisfy(\.properties.isWhitespace) }
}
