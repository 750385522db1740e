import Crypto
import Domain

/// Who a credential is about without saying it: a salted hash of an identifier that the learner can repeat
/// (Open Badges 3.0 §B.4). The salt keeps equal learners from looking equal; it hides nothing from somebody who guesses.
package struct IdentityObject: Sendable, Hashable {
    /// `emailAddress`, `sourcedId`, `systemId`, … or `ext:` and a name.
    package var type: String
    /// `sha256$` and hex, or the identifier itself when `isHashed` is false.
    package var hash: String
    package var isHashed: Bool
    package var salt: String?

    /// Hashed with SHA-256. The salt should be of 16 random bytes or more, as text.
    package init(_ identifier: String, type: String, salt: String) {
        self.type = type
        self.salt = salt
        isHashed = true
        hash = "sha256$" + Hex.encode(SHA256.hash(data: Array(identifier.utf8) + Array(salt.utf8)))
    }

    /// A salt of 128 random bits.
    package static func salt(using generator: inout some RandomNumberGenerator) -> String {
        Base64URL.encode((0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }

    package var json: JSONValue {
        var object: JSONObject = [
            "type": "IdentityObject", "hashed": .bool(isHashed), "identityHash": .string(hash), "identityType": .string(type),
        ]
        object.put("salt", salt)
        return .object(object)
    }

    /// Nil for what is none.
    init?(_ json: JSONValue) {
        guard let hash = json["identityHash"]?.text, let isHashed = json["hashed"]?.bool else { return nil }
        self.hash = hash
        self.isHashed = isHashed
        type = json["identityType"]?.text ?? ""
        salt = json["salt"]?.text
    }

    enum Match: Hashable { case same, other, unknownAlgorithm(String) }

    /// Hex is compared without regard to case, and so is MD5, which others still write and we never do.
    func match(_ identifier: String) -> Match {
        guard isHashed else { return hash.isExactly(identifier) ? .same : .other }
        let parts = hash.split(separator: "$", maxSplits: 1, omittingEmptySubsequences: false)
        let input = Array(identifier.utf8) + Array((salt ?? "").utf8)
        let digest: [UInt8]
        switch parts[0] {
        case "sha256": digest = Array(SHA256.hash(data: input))
        case "md5": digest = Array(Insecure.MD5.hash(data: input))
        default: return .unknownAlgorithm(String(parts[0].prefix(20)))
        }
        return parts.count == 2 && parts[1].lowercased() == Hex.encode(digest) ? .same : .other
    }
}
