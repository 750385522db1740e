import CryptoExtras
import Domain
import Foundation

/// A secret key as it lies in a file: a JWK, or for RSA the PEM of PKCS#8. Anything of ours that writes such a file
/// gives it mode 0600.
extension SigningKey {
    package var fileText: String {
        if case .rsa(let key) = self { return key.pkcs8PEMRepresentation + "\n" }
        return String(decoding: JSONValue.object(secretJWK ?? [:]).serialized(), as: UTF8.self) + "\n"
    }

    /// - Throws: `key.malformed` and what the form itself throws.
    package init(fileText text: String) throws(CredentialError) {
        let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard text.utf8.count <= 4 * CredentialLimits.keyTextMax else {
            throw CredentialError("key.malformed", "This is too long for a key.")
        }
        if text.hasPrefix("{") {
            let jwk: JSONValue
            do { jwk = try JSONValue.parse(Array(text.utf8)) } catch {
                throw CredentialError("key.malformed", "The JWK is no valid JSON: \(error.message)")
            }
            try self.init(jwk: jwk)
        } else if text.hasPrefix("-----BEGIN") {
            do {
                let key = try _RSA.Signing.PrivateKey(pemRepresentation: text)
                _ = try PublicKey.checked(key.publicKey)
                self = .rsa(key)
            } catch let error as CredentialError { throw error } catch {
                throw CredentialError("key.malformed", "The PEM is no RSA secret key of at least 2048 bits.")
            }
        } else {
            try self.init(secretMultikey: text)
        }
    }
}
