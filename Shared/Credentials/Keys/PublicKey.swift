import Crypto
import CryptoExtras
import Foundation

/// A key that checks signatures.
package enum PublicKey: Sendable {
    case ed25519(Curve25519.Signing.PublicKey)
    case p256(P256.Signing.PublicKey)
    case p384(P384.Signing.PublicKey)
    case p521(P521.Signing.PublicKey)
    case rsa(_RSA.Signing.PublicKey)

    /// RSA below this is not a signature any more (NIST SP 800-131A), and above it only costs time.
    package static let rsaBits = 2048...8192

    /// `Ed25519`, `P-256`, … as JWK spells them; `RSA`.
    package var kind: String {
        switch self {
        case .ed25519: "Ed25519"
        case .p256: "P-256"
        case .p384: "P-384"
        case .p521: "P-521"
        case .rsa: "RSA"
        }
    }

    /// With the primitive's own hash over `message`: none (Ed25519), SHA-256, SHA-384, SHA-512; RSA is PKCS#1 v1.5 with
    /// SHA-256. ECDSA signatures are r and s, one after the other. Any length is safe to give.
    package func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
        switch self {
        case .ed25519(let key):
            key.isValidSignature(signature, for: message)
        case .p256(let key):
            (try? P256.Signing.ECDSASignature(rawRepresentation: signature)).map { key.isValidSignature($0, for: message) } ?? false
        case .p384(let key):
            (try? P384.Signing.ECDSASignature(rawRepresentation: signature)).map { key.isValidSignature($0, for: message) } ?? false
        case .p521(let key):
            (try? P521.Signing.ECDSASignature(rawRepresentation: signature)).map { key.isValidSignature($0, for: message) } ?? false
        case .rsa(let key):
            key.isValidSignature(.init(rawRepresentation: signature), for: message, padding: .insecurePKCS1v1_5)
        }
    }
}

extension PublicKey: Hashable {
    package static func == (one: Self, other: Self) -> Bool { one.multikeyBytes == other.multikeyBytes }
    package func hash(into hasher: inout Hasher) { hasher.combine(multikeyBytes) }
}

/// Multikey: a Multicodec and the key. NIST curves are compressed points, RSA is the DER of PKCS#1 (CID 1.0 §2.2.2,
/// did:key).
extension PublicKey {
    package var multikeyBytes: [UInt8] {
        switch self {
        case .ed25519(let key): Multicodec.ed25519Public.prefix + key.rawRepresentation
        case .p256(let key): Multicodec.p256Public.prefix + key.compressedRepresentation
        case .p384(let key): Multicodec.p384Public.prefix + key.compressedRepresentation
        case .p521(let key): Multicodec.p521Public.prefix + key.compressedRepresentation
        case .rsa(let key): Multicodec.rsaPublic.prefix + key.pkcs1DERRepresentation
        }
    }

    /// `z6Mk…` for Ed25519, `zDna…` for P-256.
    package var multikey: String { Multibase.base58(multikeyBytes) }

    /// How a multikey of a curve begins (did:key §3.1: Ed25519, P-256, P-384, P-521): a text that begins so means to be one.
    static let multikeyBeginnings = ["z6Mk", "zDn", "z82L", "z2J9"]

    /// - Throws: `key.malformed`, `key.unknown_kind`.
    package init(multikey text: some StringProtocol) throws(CredentialError) {
        guard text.utf8.count <= CredentialLimits.keyTextMax, let bytes = Multibase.decode(text) else {
            throw CredentialError("key.malformed", "This is no multibase text in base58btc (z) or base64url (u).")
        }
        try self.init(multikeyBytes: bytes)
    }

    init(multikeyBytes bytes: [UInt8]) throws(CredentialError) {
        guard let (code, rest) = Multicodec.split(bytes) else {
            throw CredentialError("key.unknown_kind", "The key does not begin with the code of a kind we know.")
        }
        try self.init(code: code, bytes: rest)
    }

    private init(code: Multicodec, bytes: ArraySlice<UInt8>) throws(CredentialError) {
        do {
            switch code {
            case .ed25519Public: self = .ed25519(try .init(rawRepresentation: bytes))
            case .p256Public: self = .p256(try .init(compressedRepresentation: bytes))
            case .p384Public: self = .p384(try .init(compressedRepresentation: bytes))
            case .p521Public: self = .p521(try .init(compressedRepresentation: bytes))
            case .rsaPublic: self = .rsa(try Self.checked(.init(derRepresentation: Data(bytes))))
            case .x25519Public:
                throw CredentialError("key.not_for_signing", "X25519 keys agree on secrets; they cannot sign.")
            case .ed25519Private, .p256Private, .p384Private:
                throw CredentialError("key.secret", "This is a secret key where a public one belongs.")
            }
        } catch let error as CredentialError { throw error } catch {
            throw CredentialError("key.malformed", "The bytes are no valid public key of kind \(code).")
        }
    }

    static func checked(_ key: _RSA.Signing.PublicKey) throws(CredentialError) -> _RSA.Signing.PublicKey {
        guard rsaBits.contains(key.keySizeInBits) else {
            throw CredentialError("key.rsa_size", "RSA keys must have \(rsaBits.lowerBound) to \(rsaBits.upperBound) bits, not \(key.keySizeInBits).")
        }
        return key
    }
}
