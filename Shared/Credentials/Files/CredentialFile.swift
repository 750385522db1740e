/// A credential in whatever kind of file it came.
package enum CredentialFile {
    package enum Kind: String, Sendable { case json, jwt, png, svg }

    /// The credential's text and where it was. The content tells the kind, never the file's name.
    /// - Throws: `file.empty`, `file.unknown`, and what the pictures throw.
    package static func open(_ bytes: [UInt8]) throws(CredentialError) -> (kind: Kind, text: [UInt8]) {
        guard let first = bytes.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) else {
            throw CredentialError("file.empty", "The file is empty.")
        }
        if PNG.matches(bytes) { return (.png, try PNG.extract(bytes)) }
        if SVG.matches(bytes) { return (.svg, try SVG.extract(bytes)) }
        switch first {
        case UInt8(ascii: "{"): return (.json, bytes)
        case UInt8(ascii: "e"): return (.jwt, bytes)
        default: throw CredentialError("file.unknown", "This is neither JSON nor a JWT, nor a PNG or SVG with a credential in it.")
        }
    }
}
