import Crypto
import Domain
import Foundation

/// Signatures of Standard Webhooks, version `v1`: HMAC-SHA256 over `id.timestamp.body`.
struct WebhookSecret: Sendable {
    let bytes: [UInt8]

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// From `whsec_` and base64, padded or not; the prefix may be missing.
    init?(_ text: String) {
        var base64 = text.hasPrefix("whsec_") ? String(text.dropFirst(6)) : text
        base64 += String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: base64), !data.isEmpty else { return nil }
        bytes = Array(data)
    }

    var text: String { "whsec_" + Data(bytes).base64EncodedString() }

    /// - Parameter timestamp: of the attempt, in Unix seconds.
    func signature(id: String, timestamp: Int64, body: [UInt8]) -> String {
        var mac = HMAC<SHA256>(key: SymmetricKey(data: bytes))
        mac.update(data: Array("\(id).\(timestamp).".utf8))
        mac.update(data: body)
        return "v1," + Data(mac.finalize()).base64EncodedString()
    }
}

/// The one key from which the secrets of all subscriptions follow, so that none of them lies in the database.
struct SigningKey: Sendable {
    static let bytesMin = 32
    /// Counts up when secrets are to be renewed.
    static let generation: UInt32 = 1

    private let master: SymmetricKey

    init(_ bytes: [UInt8]) { master = SymmetricKey(data: bytes) }

    func secret(of subscription: EntityID<Subscription>) -> WebhookSecret {
        var mac = HMAC<SHA256>(key: master)
        mac.update(data: Array("webhook".utf8))
        mac.update(data: subscription.uuid.bytes)
        withUnsafeBytes(of: Self.generation.bigEndian) { mac.update(data: Array($0)) }
        return WebhookSecret(bytes: Array(mac.finalize()))
    }
}
