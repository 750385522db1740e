/// Who is at the other end, as the server's door (ZAP) attests it: never what a message claims.
/// `role` and `name` are 1–64 characters of `A–Z a–z 0–9 . _ -`.
package struct Peer: Hashable, Sendable, CustomStringConvertible {
    package let name: String
    package let role: String

    /// For values the program itself writes; text from a file goes through `AllowList(contentsOfFile:)`.
    package init(name: String, role: String) {
        precondition(Self.isWord(name) && Self.isWord(role), "name and role are 1–64 of A–Z a–z 0–9 . _ -")
        self.name = name
        self.role = role
    }

    /// The ZAP User-Id: `<role>/<name>`.
    package var description: String { "\(role)/\(name)" }

    init?(userID: String) {
        let halves = userID.split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2, Self.isWord(halves[0]), Self.isWord(halves[1]) else { return nil }
        self.init(name: String(halves[1]), role: String(halves[0]))
    }

    static func isWord(_ text: some StringProtocol) -> Bool {
        (1...64).contains(text.utf8.count) && text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
            default: false
            }
        }
    }
}

/// The keys a server admits, each with the identity it stands for. One peer may have several keys (rotation).
package struct AllowList: Sendable {
    package let peers: [CurveKey: Peer]

    package init(_ peers: [CurveKey: Peer]) { self.peers = peers }

    /// Reads lines `<z85 public key> <role> <name>`; blank lines and lines beginning with `#` are skipped. At most
    /// 1 MiB.
    /// - Throws: `.allowList` naming the first line that is wrong or repeats a key: a list that is half understood
    ///   is not used.
    package init(contentsOfFile path: String) throws(SetupError) {
        let text: String
        switch SmallFile.read(path, limitBytes: 1 << 20) {
        case .success(let contents): text = contents.text
        case .failure(let reason): throw .allowList(reason.text)
        }
        var peers: [CurveKey: Peer] = [:]
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            // A Z85 key may itself begin with `#`, so a comment is a first word that is not a key.
            if words.isEmpty { continue }
            if words[0].hasPrefix("#"), CurveKey(z85: words[0]) == nil || words.count != 3 { continue }
            guard words.count == 3, let key = CurveKey(z85: words[0]), Peer.isWord(words[1]), Peer.isWord(words[2])
            else { throw .allowList("\(path):\(index + 1): expected `<z85 public key> <role> <name>`") }
            guard peers.updateValue(Peer(name: String(words[2]), role: String(words[1])), forKey: key) == nil
            else { throw .allowList("\(path):\(index + 1): the key is listed twice") }
        }
        self.peers = peers
    }
}
