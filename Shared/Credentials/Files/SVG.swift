/// Baked badges as SVG (Open Badges 3.0 §5.3.2): an element `credential` of the namespace
/// `https://purl.imsglobal.org/ob/v3p0`, first in the root; JSON stands in it as CDATA, a JWT in its attribute `verify`.
/// Tags are scanned, nothing is expanded, and no entity but the five of XML is known.
package enum SVG {
    package static let namespace = "https://purl.imsglobal.org/ob/v3p0"

    /// Does it begin like XML with an `svg` root?
    package static func matches(_ bytes: [UInt8]) -> Bool {
        guard bytes.first(where: { ![0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }) == UInt8(ascii: "<") else { return false }
        var tags = XMLTags(bytes)
        return (try? tags.root())?.localName == "svg"
    }

    /// - Throws: `svg.has_credential` when there is one already; `svg.malformed`, `svg.too_large`.
    package static func bake(_ credential: [UInt8], into image: [UInt8]) throws(CredentialError) -> [UInt8] {
        try checkSize(image)
        guard credential.count <= CredentialLimits.documentBytesMax else { throw tooLarge }
        if try find(in: image) != nil {
            throw CredentialError("svg.has_credential", "The picture holds a credential already.")
        }
        var tags = XMLTags(image)
        let root = try tags.root()
        var element = Array("<openbadges:credential".utf8)
        if credential.first == UInt8(ascii: "{") {
            // A bracket pair before > ends CDATA. In JSON it can only stand in a string, where > has another spelling.
            let text = String(decoding: credential, as: UTF8.self).replacing("]]>", with: "]]\\u003e")
            element += Array("><![CDATA[\(text)]]></openbadges:credential>".utf8)
        } else {
            guard credential.allSatisfy({ $0 > 32 && $0 < 127 && ![34, 38, 60].contains($0) }) else {
                throw CredentialError("svg.credential", "The credential is neither a JSON object nor a compact JWS.")
            }
            element += Array(" verify=\"".utf8) + credential + Array("\"/>".utf8)
        }
        let declared = root.attributes["xmlns:openbadges"] == namespace
        var tag = Array(image[root.range].dropLast(root.isEmpty ? 2 : 1))
        if !declared { tag += Array(" xmlns:openbadges=\"\(namespace)\"".utf8) }
        let close = root.isEmpty ? Array("</\(root.name)>".utf8) : []
        return Array(image[..<root.range.lowerBound]) + tag + [UInt8(ascii: ">")] + element + close + image[root.range.upperBound...]
    }

    /// The text of the credential inside.
    /// - Throws: `svg.no_credential`, `svg.several`, `svg.credential`, `svg.malformed`, `svg.too_large`.
    package static func extract(_ image: [UInt8]) throws(CredentialError) -> [UInt8] {
        try checkSize(image)
        guard let found = try find(in: image) else {
            throw CredentialError("svg.no_credential", "The picture holds no credential: no element credential of \(namespace).")
        }
        guard found.count <= CredentialLimits.documentBytesMax else { throw tooLarge }
        return found
    }

    private static func find(in image: [UInt8]) throws(CredentialError) -> [UInt8]? {
        var tags = XMLTags(image)
        let root = try tags.root()
        guard root.localName == "svg" else { throw CredentialError("svg.malformed", "The root is not svg.") }
        var prefixes = Set(root.attributes.filter { $0.value == namespace && $0.key.hasPrefix("xmlns:") }.map { String($0.key.dropFirst(6)) })
        var found: [UInt8]?
        while let tag = try tags.next() {
            guard tag.localName == "credential" else { continue }
            for (name, value) in tag.attributes where value == namespace && name.hasPrefix("xmlns:") { prefixes.insert(String(name.dropFirst(6))) }
            guard prefixes.contains(tag.prefix) else { continue }
            guard found == nil else { throw CredentialError("svg.several", "The picture holds more than one credential.") }
            if let token = tag.attributes["verify"], !token.isEmpty {
                found = Array(token.utf8)
            } else {
                guard !tag.isEmpty else { throw CredentialError("svg.credential", "The credential element is empty.") }
                found = try tags.text()
            }
        }
        return found
    }

    private static func checkSize(_ image: [UInt8]) throws(CredentialError) {
        guard image.count <= CredentialLimits.imageBytesMax else { throw tooLarge }
    }

    private static var tooLarge: CredentialError {
        CredentialError("svg.too_large", "The picture or its credential is too large: \(CredentialLimits.imageBytesMax) and \(CredentialLimits.documentBytesMax) bytes are allowed.")
    }
}
