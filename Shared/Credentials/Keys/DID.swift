/// A DID with its method (DID Core §3.1). Nothing is looked up here.
package struct DID: Hashable, Sendable, CustomStringConvertible {
    package let method: String
    /// What follows the method and its colon.
    package let identifier: String

    package var description: String { "did:\(method):\(identifier)" }

    /// Nil for what is no DID: another scheme, an empty or impossible part, a path, a query, a fragment.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "did", text.utf8.count <= CredentialLimits.keyTextMax,
              !parts[1].isEmpty, parts[1].utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) }),
              !parts[2].isEmpty, !parts[2].hasSuffix(":"), parts[2].utf8.allSatisfy(Self.isAllowed)
        else { return nil }
        method = String(parts[1])
        identifier = String(parts[2])
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (65...90).contains(byte) || (48...57).contains(byte)
            || [UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "%")].contains(byte)
    }
}

/// did:key: the key is the identifier.
extension DID {
    package init(key: PublicKey) {
        method = "key"
        identifier = key.multikey
    }

    private init(method: String, identifier: String) {
        self.method = method
        self.identifier = identifier
    }

    /// - Throws: `did.not_key` for another method, and what `PublicKey.init(multikey:)` throws.
    package func key() throws(CredentialError) -> PublicKey {
        guard method == "key", identifier.utf8.first == UInt8(ascii: "z") else {
            throw CredentialError("did.not_key", "\(self) is not a did:key in base58btc.")
        }
        return try PublicKey(multikey: identifier)
    }
}

/// did:web: the address of its document tells everything.
extension DID {
    /// `example.gov`, `example.gov:8443`, and the segments of a path.
    /// - Throws: `did.web_host` for an IP address or an impossible name; `did.web_path`.
    package static func web(host: String, path: [String] = []) throws(CredentialError) -> DID {
        let encoded = host.replacing(":", with: "%3A")
        guard let did = DID("did:web:\(([encoded] + path).joined(separator: ":"))") else {
            throw CredentialError("did.web_host", "\(host) and its path cannot be written as did:web.")
        }
        _ = try did.webAddress()
        return did
    }

    /// Where the document lies: `https://host/.well-known/did.json`, or `https://host/a/b/did.json` for a path.
    package func webAddress() throws(CredentialError) -> String {
        guard method == "web" else { throw CredentialError("did.not_web", "\(self) is not a did:web.") }
        let parts = identifier.split(separator: ":", omittingEmptySubsequences: false)
        var host = String(parts[0])
        if host.utf8.contains(UInt8(ascii: "%")) { host = host.replacing("%3A", with: ":").replacing("%3a", with: ":") }
        guard Self.isRegisteredName(host) else {
            throw CredentialError("did.web_host", "did:web needs a host name, with at most a port; IP addresses are not allowed.")
        }
        for part in parts.dropFirst() where part.isEmpty || part == "." || part == ".." || Self.decodesToSlash(part) {
            throw CredentialError("did.web_path", "A segment of this did:web's path is empty or climbs.")
        }
        let path = parts.count == 1 ? "/.well-known" : parts.dropFirst().map { "/\($0)" }.joined()
        return "https://\(host)\(path)/did.json"
    }

    private static func decodesToSlash(_ part: Substring) -> Bool {
        guard part.utf8.contains(UInt8(ascii: "%")) else { return false }
        let lower = part.lowercased()
        return ["%2f", "%5c", "%2e", "%00"].contains { lower.contains($0) }
    }

    /// ASCII labels with at least one letter in the last one, so that no spelling of an IP address passes.
    private static func isRegisteredName(_ host: String) -> Bool {
        let parts = host.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.count == 1 || UInt16(parts[1]) ?? 0 > 0 else { return false }
        let labels = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        guard parts[0].utf8.count <= 253, let last = labels.last, last.utf8.contains(where: { $0 > 57 }),
              !last.lowercased().hasPrefix("0x") else { return false }
        return labels.allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy { (97...122).contains($0) || (65...90).contains($0) || (48...57).contains($0) || $0 == 45 }
        }
    }
}
