import Crypto
import Domain
import Foundation

/// The ids by which one partner, and no other, knows a learner, an event or a thing of the learner's (EDGE).
///
///     partner key = HMAC-SHA256(master key, "partner" ‖ partner id)
///     id          = UUIDv8(HMAC-SHA256(partner key, "learner" | "event" | "reference" ‖ our id))
///
/// Ids enter as their 16 bytes. The word before them keeps the three kinds apart: without it, somebody who can have an
/// id of one kind made for bytes of another could join them. The result carries no partition.
struct PairwiseIDs: Sendable {
    static let masterKeyBytesMin = 32

    private let master: SymmetricKey

    /// Nil for a key shorter than 32 bytes.
    init?(masterKey: [UInt8]) {
        guard masterKey.count >= Self.masterKeyBytesMin else { return nil }
        master = SymmetricKey(data: masterKey)
    }

    struct OfPartner: Sendable {
        fileprivate let key: SymmetricKey

        func learner(_ id: EntityID<Learner>) -> UUID { make("learner", id.uuid) }
        func event(_ id: UUID) -> UUID { make("event", id) }
        func reference(_ id: UUID) -> UUID { make("reference", id) }

        private func make(_ kind: String, _ id: UUID) -> UUID { .version8(mac(key, kind, id)) }
    }

    func of(_ partner: EntityID<Partner>) -> OfPartner {
        OfPartner(key: SymmetricKey(data: mac(master, "partner", partner.uuid)))
    }
}

private func mac(_ key: SymmetricKey, _ kind: String, _ id: UUID) -> [UInt8] {
    Array(HMAC<SHA256>.authenticationCode(for: Array(kind.utf8) + id.bytes, using: key))
}
