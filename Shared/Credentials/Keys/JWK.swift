import Crypto
import CryptoExtras
import Domain
import Foundation

/// JSON Web Keys (RFC 7517, RFC 7518 §6, RFC 8037): `OKP` with Ed25519, `EC` with P-256, P-384 and P-521, `RSA`.
extension PublicKey {
    /// - Throws: `key.secret` when there is a `d`, `key.unknown_kind`, `key.malformed`, `key.rsa_size`.
    package init(jwk: JSONValue) throws(CredentialError) {
        guard let members = jwk.object else { throw CredentialError("key.malformed", "A JWK is an object.") }
        guard members["d"] == nil else {
            throw CredentialError("key.secret", "This JWK has a secret member d where a public key belongs.")
        }
        try self.init(publicMembers: members)
    }

    init(publicMembers jwk: JSONObject) throws(CredentialError) {
        do {
            switch (jwk["kty"]?.text, jwk["crv"]?.text) {
            case ("OKP", "Ed25519"):
                self = .ed25519(try .init(rawRepresentation: try jwk.bytes("x", length: 32)))
            case ("EC", "P-256"):
                self = .p256(try .init(rawRepresentation: try jwk.bytes("x", length: 32) + jwk.bytes("y", length: 32)))
            case ("EC", "P-384"):
                self = .p384(try .init(rawRepresentation: try jwk.bytes("x", length: 48) + jwk.bytes("y", length: 48)))
            case ("EC", "P-521"):
                self = .p521(try .init(rawRepresentation: try jwk.bytes("x", length: 66) + jwk.bytes("y", length: 66)))
            case ("RSA", _):
                let modulus = try jwk.bytes("n"), exponent = try jwk.bytes("e")
                guard modulus.count <= Self.rsaBits.upperBound / 8 + 1, exponent.count <= 4 else {
                    throw CredentialError("key.rsa_size", "RSA keys must have at most \(Self.rsaBits.upperBound) bits and a short exponent.")
                }
                self = .rsa(try Self.checked(.init(n: modulus, e: exponent)))
            default:
                throw CredentialError("key.unknown_kind", "The kty and crv of this JWK are none of Ed25519, P-256, P-384, P-521 and RSA.")
            }
        } catch let error as CredentialError { throw error } catch {
            throw CredentialError("key.malformed", "The numbers of this JWK are no valid key.")
        }
    }

    /// The members that matter, in the order of RFC 7638, so that this is also what a thumbprint is taken of.
    package var jwk: JSONObject {
        switch self {
        case .ed25519(let key):
            return ["crv": "Ed25519", "kty": "OKP", "x": .string(Base64URL.encode(key.rawRepresentation))]
        case .p256(let key): return Self.curve("P-256", Array(key.rawRepresentation))
        case .p384(let key): return Self.curve("P-384", Array(key.rawRepresentation))
        case .p521(let key): return Self.curve("P-521", Array(key.rawRepresentation))
        case .rsa(let key):
            guard let numbers = try? key.getKeyPrimitives() else { return [:] }
            return [
                "e": .string(Base64URL.encode(numbers.publicExponent)), "kty": "RSA",
                "n": .string(Base64URL.encode(numbers.modulus.drop { $0 == 0 })),
            ]
        }
    }

    private static func curve(_ name: String, _ point: [UInt8]) -> JSONObject {
        let half = point.count / 2
        return [
            "crv": .string(name), "kty": "EC", "x": .string(Base64URL.encode(point[..<half])),
            "y": .string(Base64URL.encode(point[half...])),
        ]
    }

    /// RFC 7638, SHA-256: a name for the key that everybody computes alike.
    package var thumbprint: String { Base64URL.encode(Array(SHA256.hash(data: JSONValue.object(jwk).serialized()))) }
}

extension SigningKey {
    /// A JWK with its secret members. RSA needs `p` and `q`.
    /// - Throws: as `PublicKey.init(jwk:)`; `key.not_secret` without `d`; `key.mismatch` when the public members are
    ///   of another key than the secret ones.
    package init(jwk: JSONValue) throws(CredentialError) {
        guard let members = jwk.object else { throw CredentialError("key.malformed", "A JWK is an object.") }
        guard members["d"] != nil else {
            throw CredentialError("key.not_secret", "This JWK is a public key; signing needs the secret one, with its member d.")
        }
        let announced = try PublicKey(publicMembers: members)
        do {
            switch announced {
            case .ed25519: self = .ed25519(try .init(rawRepresentation: try members.bytes("d", length: 32)))
            case .p256: self = .p256(try .init(rawRepresentation: try members.bytes("d", length: 32)))
            case .rsa:
                self = .rsa(try .init(
                    n: try members.bytes("n"), e: try members.bytes("e"), d: try members.bytes("d"),
                    p: try members.bytes("p"), q: try members.bytes("q")))
            case .p384, .p521:
                throw CredentialError("key.unknown_kind", "We sign with Ed25519, P-256 and RSA only.")
            }
        } catch let error as CredentialError { throw error } catch {
            throw CredentialError("key.malformed", "The numbers of this JWK are no valid secret key.")
        }
        guard publicKey == announced else {
            throw CredentialError("key.mismatch", "The secret and the public members of this JWK are of different keys.")
        }
    }

    /// With the secret members. RSA is written as PKCS#8 elsewhere: JWK's `p` and `q` are not to be had from the
    /// library, so an RSA key gives nil.
    package var secretJWK: JSONObject? {
        var jwk = publicKey.jwk
        switch self {
        case .ed25519(let key): jwk["d"] = .string(Base64URL.encode(key.rawRepresentation))
        case .p256(let key): jwk["d"] = .string(Base64URL.encode(key.rawRepresentation))
        case .rsa: return nil
        }
        return jwk
    }
}

extension JSONObject {
    fileprivate func bytes(_ name: String, length: Int? = nil) throws(CredentialError) -> [UInt8] {
        guard let text = self[name]?.text, text.utf8.count <= CredentialLimits.keyTextMax, let bytes = Base64URL.decode(text),
              !bytes.isEmpty, length == nil || bytes.count == length
        else {
            throw CredentialError("key.malformed", "The member \(name) of this JWK must be base64url\(length.map { " of \($0) bytes" } ?? "").")
        }
        return bytes
    }
}
