import Domain
import Foundation

/// Reads a caller's text: bounded, not blank, without control characters, in NFC. U+0000 in particular cannot be
/// stored.
/// - Parameters:
///   - limit: in Unicode scalars after NFC, so that a pile of combining marks is no way around it.
///   - lines: whether line ends and tabs are welcome.
func readText(_ text: String, at pointer: String, limit: Int, lines: Bool = false) throws(Fault) -> String {
    let read = text.precomposedStringWithCanonicalMapping
    guard (1...limit).contains(read.unicodeScalars.count) else {
        throw .invalid(pointer, "text.length", "Give 1 to \(limit) characters.")
    }
    guard read.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else {
        throw .invalid(pointer, "text.blank", "Give something other than blanks.")
    }
    let welcome: Set<Unicode.Scalar> = lines ? ["\n", "\r", "\t"] : []
    guard !read.unicodeScalars.contains(where: { $0.properties.generalCategory == .control && !welcome.contains($0) })
    else { throw .invalid(pointer, "text.control", "Leave out control characters.") }
    return read
}

extension IdentifierClaim {
    /// All three parts in NFC, so that equal identifiers are equal bytes.
    func read(at pointer: String) throws(Fault) -> IdentifierClaim {
        IdentifierClaim(
            system: try readText(system, at: "\(pointer)/system", limit: 200),
            kind: try readText(kind, at: "\(pointer)/kind", limit: 100),
            value: try readText(value, at: "\(pointer)/value", limit: 200))
    }
}

/// How many rows a list answers.
func readLimit(_ limit: Int?) throws(Fault) -> Int {
    let limit = limit ?? Page<Done>.limitDefault
    guard (1...Page<Done>.limitMax).contains(limit) else {
        throw .invalid("/limit", "limit", "Ask for 1 to \(Page<Done>.limitMax).")
    }
    return limit
}
