import Crypto
import Domain
import Synchronization

/// Remembers tokens whose signature was checked, by a digest of their text: a client sends the same token hundreds of
/// times, and the check costs more than all the rest of a request's way through here. At most 4096, then it starts
/// anew. Times and the client's standing are checked on every use.
final class VerifiedTokens: Sendable {
    private static let countMax = 4096
    private let known = Mutex<[SHA256.Digest: AccessToken]>([:])

    func token(_ text: String, at now: Timestamp, else read: (String) -> AccessToken?) -> AccessToken? {
        guard text.utf8.count <= AccessToken.bytesMax else { return nil }
        let digest = SHA256.hash(data: Array(text.utf8))
        if let token = known.withLock({ $0[digest] }) {
            return token.expiresAt > now.microseconds / 1_000_000 - AccessToken.leewaySeconds ? token : nil
        }
        guard let token = read(text) else { return nil }
        known.withLock { known in
            if known.count >= Self.countMax { known.removeAll(keepingCapacity: true) }
            known[digest] = token
        }
        return token
    }
}
