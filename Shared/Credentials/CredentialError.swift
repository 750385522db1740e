/// Why a credential, a key, a proof or a file is not acceptable. The rule is stable across releases; the message is
/// for a person and repeats nothing secret.
package struct CredentialError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A part and a name in snake case: `proof.unknown_suite`.
    package var rule: String
    package var message: String
    /// RFC 6901 pointer into the document; empty for the whole.
    package var pointer: String

    package init(_ rule: String, _ message: String, at pointer: String = "") {
        self.rule = rule
        self.message = message
        self.pointer = pointer
    }

    package var description: String {
        pointer.isEmpty ? "\(message) [\(rule)]" : "\(pointer): \(message) [\(rule)]"
    }
}

/// Bounds of what is read from outside. Everything larger is refused by name before work is done on it.
package enum CredentialLimits {
    /// A credential as JSON or compact JWS, in bytes. A transcript with embedded documents has a few MiB.
    package static let documentBytesMax = 16 << 20
    /// A PNG or SVG, in bytes.
    package static let imageBytesMax = 32 << 20
    /// Chunks of one PNG.
    package static let chunksMax = 100_000
    /// Proofs of one document; endorsements of one document; both are verified one by one.
    package static let proofsMax = 16
    package static let endorsementsMax = 64
    /// Credentials in one CLR, and how deep CLRs lie in each other.
    package static let nestedMax = 2_000
    package static let nestingMax = 4
    /// Entries of `credentialStatus`.
    package static let statusEntriesMax = 16
    /// Bits of a status list once expanded: 16 Mi entries.
    package static let statusBitsMax = 1 << 24
    /// A key as text: RSA with 4096 bits fits four times.
    package static let keyTextMax = 4096
}
