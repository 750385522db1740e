/// An address outside that we connect to because somebody said so, such as a webhook's: parsed once by a grammar so
/// narrow that no other parser can read it differently.
package struct PublicURL: Sendable, Hashable {
    package static let lengthMax = 2000

    package var isSecure: Bool
    /// A registered name in lower case; in development also `localhost`, `127.0.0.1` or `::1`.
    package var host: String
    package var port: Int
    /// Path and query, beginning with a slash.
    package var target: String
    /// Only loopback addresses, by the development switch.
    package var isLoopback: Bool

    package var text: String {
        let name = host.contains(":") ? "[\(host)]" : host
        let usual = isSecure ? 443 : 80
        return "\(isSecure ? "https" : "http")://\(name)\(port == usual ? "" : ":\(port)")\(target)"
    }

    package struct Problem: Error, Hashable {
        /// `length`, `characters`, `scheme`, `host`, `port`, `userinfo` or `fragment`.
        package let rule: String
        /// What it must be: the rest of a sentence.
        package let message: String
    }

    package static func parse(_ text: String, loopbackAllowed: Bool) -> Result<PublicURL, Problem> {
        do throws(Problem) { return .success(try read(text, loopbackAllowed)) } catch { return .failure(error) }
    }

    package init(isSecure: Bool, host: String, port: Int, target: String, isLoopback: Bool) {
        self.isSecure = isSecure
        self.host = host
        self.port = port
        self.target = target
        self.isLoopback = isLoopback
    }

    private static func read(_ text: String, _ loopbackAllowed: Bool) throws(Problem) -> PublicURL {
        guard text.utf8.count <= lengthMax else {
            throw Problem(rule: "length", message: "must have at most \(lengthMax) characters")
        }
        // Visible ASCII without what parsers disagree on. Everything else has its percent or punycode form.
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"\\\"<>^`{|}".utf8.contains($0) }) else {
            throw Problem(
                rule: "characters", message: "must be ASCII; write names in punycode and escape the rest")
        }
        let isSecure = text.lowercased().hasPrefix("https://")
        guard isSecure || text.lowercased().hasPrefix("http://") else {
            throw Problem(rule: "scheme", message: "must begin with https://")
        }
        let rest = text.dropFirst(isSecure ? 8 : 7)
        guard !rest.contains("#") else {
            throw Problem(rule: "fragment", message: "must not have a fragment")
        }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard !authority.contains("@") else {
            throw Problem(rule: "userinfo", message: "must not carry a user name or password")
        }
        let after = rest[authority.endIndex...]
        let target = after.hasPrefix("/") ? String(after) : "/" + after
        // What a client would write in another way than it was given.
        let bytes = Array(target.utf8)
        guard !bytes.contains(where: { $0 == 0x5B || $0 == 0x5D }), bytes.indices.allSatisfy({ place in
            bytes[place] != 0x25 || place + 2 < bytes.count
                && bytes[place + 1...place + 2].allSatisfy { Character(UnicodeScalar($0)).isHexDigit }
        }) else {
            throw Problem(rule: "characters", message: "must escape brackets, and write % only before two hexadecimal digits")
        }
        let (host, port) = try split(authority, isSecure)
        if loopbackAllowed, ["localhost", "127.0.0.1", "::1"].contains(host) {
            return PublicURL(isSecure: isSecure, host: host, port: port, target: target, isLoopback: true)
        }
        guard isSecure else { throw Problem(rule: "scheme", message: "must begin with https://") }
        guard isRegistered(host) else {
            throw Problem(
                rule: "host", message: "must name a public host; addresses and local names are not accepted")
        }
        guard port == 443 || port == 8443 else {
            throw Problem(rule: "port", message: "must use port 443 or 8443")
        }
        return PublicURL(isSecure: true, host: host, port: port, target: target, isLoopback: false)
    }

    private static func split(_ authority: Substring, _ isSecure: Bool) throws(Problem) -> (String, Int) {
        let host: Substring
        var digits: Substring?
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            host = authority[authority.index(after: authority.startIndex)..<end]
            let tail = authority[authority.index(after: end)...]
            guard tail.isEmpty || tail.hasPrefix(":") else {
                throw Problem(rule: "host", message: "must name a public host")
            }
            digits = tail.isEmpty ? nil : tail.dropFirst()
        } else {
            let parts = authority.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            host = parts[0]
            digits = parts.count > 1 ? parts[1] : nil
        }
        guard let digits else { return (host.lowercased(), isSecure ? 443 : 80) }
        guard (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy({ (48...57).contains($0) }),
              let port = Int(digits), (1...65535).contains(port)
        else { throw Problem(rule: "port", message: "must use port 443 or 8443") }
        return (host.lowercased(), port)
    }

    /// Labels of letters, digits and hyphens, at least two, the last beginning with a letter: so `127.1`, `0x7f.1`,
    /// `2130706433` and `localhost` are none, and neither is a name with a dot at its end.
    private static func isRegistered(_ host: String) -> Bool {
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        guard host.utf8.count <= 253, labels.count >= 2, !localSuffixes.contains(where: host.hasSuffix),
              let first = labels.last?.utf8.first, (97...122).contains(first)
        else { return false }
        return labels.allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
        }
    }

    /// Names that mean something inside a network only (RFC 6761, RFC 6762, RFC 8375, and what clusters use).
    private static let localSuffixes = [
        ".localhost", ".local", ".internal", ".intranet", ".lan", ".home", ".corp", ".private", ".home.arpa", ".svc",
        ".test", ".invalid", ".example", ".onion", ".arpa",
    ]
}
