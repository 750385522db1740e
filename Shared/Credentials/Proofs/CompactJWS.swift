import Domain

/// A JWS in compact form (RFC 7515 §7.1), taken apart and not yet believed.
package struct CompactJWS: Sendable {
    package let header: JSONObject
    package let payload: [UInt8]
    package let signature: [UInt8]
    /// The bytes that were signed: header, dot, payload as they came.
    package let signed: [UInt8]

    package static let headerBytesMax = 16 << 10

    /// - Throws: `jws.too_large`, `jws.shape`, `jws.header`.
    package init(_ text: [UInt8]) throws(CredentialError) {
        guard text.count <= CredentialLimits.documentBytesMax * 4 / 3 else {
            throw CredentialError("jws.too_large", "The JWS is larger than what \(CredentialLimits.documentBytesMax) bytes give.")
        }
        let parts = text.split(separator: UInt8(ascii: "."), maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 3 else {
            throw CredentialError("jws.shape", "A compact JWS has three parts with dots between them, not \(parts.count).")
        }
        guard parts[0].count <= Self.headerBytesMax, let headerBytes = Base64URL.decode(utf8: parts[0]),
              let payload = Base64URL.decode(utf8: parts[1]), let signature = Base64URL.decode(utf8: parts[2])
        else { throw CredentialError("jws.shape", "Each part of a compact JWS is base64url without padding.") }
        let header: JSONValue
        do { header = try JSONValue.parse(headerBytes) } catch {
            throw CredentialError("jws.header", "The header is no valid JSON: \(error.message)")
        }
        guard let header = header.object else { throw CredentialError("jws.header", "The header must be a JSON object.") }
        self.header = header
        self.payload = payload
        self.signature = signature
        signed = Array(text[..<parts[1].endIndex])
    }

    /// Signs; the header is written as given.
    static func sign(
        header: JSONObject, payload: [UInt8], with key: SigningKey
    ) throws(CredentialError) -> [UInt8] {
        var text = Base64URL.encoded(JSONValue.object(header).serialized())
        text.append(UInt8(ascii: "."))
        text.append(contentsOf: Base64URL.encoded(payload))
        let signature = try key.signature(for: text)
        text.append(UInt8(ascii: "."))
        text.append(contentsOf: Base64URL.encoded(signature))
        return text
    }
}
