import Crypto
import CryptoExtras
import Foundation

/// A key that signs. Kept parsed, since parsing costs as much as a signature.
package enum SigningKey: Sendable {
    case ed25519(Curve25519.Signing.PrivateKey)
    case p256(P256.Signing.PrivateKey)
    case rsa(_RSA.Signing.PrivateKey)

    package enum Kind: String, Sendable, CaseIterable { case ed25519, p256, rsa }

    /// A new one from the system's generator. RSA has 2048 bits.
    package static func generate(_ kind: Kind) throws(CredentialError) -> SigningKey {
        switch kind {
        case .ed25519: return .ed25519(.init())
        case .p256: return .p256(.init())
        case .rsa:
            do { return .rsa(try .init(keySize: .bits2048)) } catch {
                throw CredentialError("key.generation", "The system could not generate an RSA key.")
            }
        }
    }

    package var kind: Kind {
        switch self {
        case .ed25519: .ed25519
        case .p256: .p256
        case .rsa: .rsa
        }
    }

    package var publicKey: PublicKey {
        switch self {
        case .ed25519(let key): .ed25519(key.publicKey)
        case .p256(let key): .p256(key.publicKey)
        case .rsa(let key): .rsa(key.publicKey)
        }
    }

    /// What `PublicKey.isValid` accepts.
    package func signature(for message: [UInt8]) throws(CredentialError) -> [UInt8] {
        do {
            switch self {
            case .ed25519(let key): return Array(try key.signature(for: message))
            case .p256(let key): return Array(try key.signature(for: message).rawRepresentation)
            case .rsa(let key):
                return Array(try key.signature(for: message, padding: .insecurePKCS1v1_5).rawRepresentation)
            }
        } catch {
            throw CredentialError("key.cannot_sign", "The \(kind) key could not sign.")
        }
    }

    /// A secret Multikey: Ed25519 (`z3u2…`) or P-256.
    /// - Throws: `key.malformed`, `key.unknown_kind`.
    package init(secretMultikey text: some StringProtocol) throws(CredentialError) {
        guard text.utf8.count <= CredentialLimits.keyTextMax, let bytes = Multibase.decode(text),
              let (code, rest) = Multicodec.split(bytes)
        else { throw CredentialError("key.malformed", "This is no secret key in Multikey form.") }
        do {
            switch code {
            case .ed25519Private: self = .ed25519(try .init(rawRepresentation: rest))
            case .p256Private: self = .p256(try .init(rawRepresentation: rest))
            default: throw CredentialError("key.unknown_kind", "Only Ed25519 and P-256 secrets are read in Multikey form.")
            }
        } catch let error as CredentialError { throw error } catch {
            throw CredentialError("key.malformed", "The bytes are no valid secret key of kind \(code).")
        }
    }
}
