import Domain

/// A credential as JWT, the way Open Badges 3.0 §8.2 wants it: the credential itself is the payload, and the registered
/// claims repeat what it says.
///
/// Plain swift-crypto and our own JSON: jwt-kit decodes a payload into types and forgets duplicate names, the order of
/// members and the spelling of numbers, all of which have to be looked at or kept here.
package enum CredentialJWT {
    /// Claims that belong to the JWT, not to the credential.
    static let registered: Set<String> = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "cnf", "nonce"]

    /// Compact JWS with `alg` ES256 or RS256 by the key, `typ` JWT and `kid`.
    /// - Parameter keyID: the absolute address of the verification method.
    /// - Throws: `jwt.key_kind` for an Ed25519 key, `jwt.member` when the credential lacks what a claim repeats: `id`,
    ///   `issuer`, `validFrom`, and the subject's `id`.
    package static func issue(
        _ credential: JSONObject, with key: SigningKey, keyID: String
    ) throws(CredentialError) -> String {
        let algorithm: String
        switch key {
        case .p256: algorithm = "ES256"
        case .rsa: algorithm = "RS256"
        case .ed25519:
            throw CredentialError("jwt.key_kind", "Open Badges takes ES256 and RS256: a JWT needs a P-256 or RSA key, not Ed25519.")
        }
        var payload = credential
        payload["proof"] = nil
        try add(claims: &payload)
        let header: JSONObject = ["alg": .string(algorithm), "typ": "JWT", "kid": .string(keyID)]
        let text = try CompactJWS.sign(header: header, payload: JSONValue.object(payload).serialized(), with: key)
        return String(decoding: text, as: UTF8.self)
    }

    private static func add(claims payload: inout JSONObject) throws(CredentialError) {
        guard let issuer = payload["issuer"]?.text ?? payload["issuer"]?["id"]?.text else { throw missing("issuer") }
        guard let id = payload["id"]?.text else { throw missing("id") }
        guard let subject = payload["credentialSubject"]?["id"]?.text else {
            throw CredentialError("jwt.member", "A JWT needs credentialSubject.id; a credential for an identifier alone takes an embedded proof.", at: "/credentialSubject/id")
        }
        guard let from = payload["validFrom"]?.text.flatMap(Timestamp.init) else { throw missing("validFrom") }
        payload["iss"] = .string(issuer)
        payload["jti"] = .string(id)
        payload["nbf"] = .number(JSONNumber(from.wholeSeconds))
        payload["sub"] = .string(subject)
        if let until = payload["validUntil"] {
            guard let until = until.text.flatMap(Timestamp.init) else { throw missing("validUntil") }
            payload["exp"] = .number(JSONNumber(until.wholeSeconds))
        }
    }

    private static func missing(_ name: String) -> CredentialError {
        CredentialError("jwt.member", "A JWT needs the credential's \(name).", at: "/\(name)")
    }
}

extension Timestamp {
    /// Seconds since 1970, rounded down: NumericDate.
    var wholeSeconds: Int64 { microseconds >= 0 ? microseconds / 1_000_000 : (microseconds - 999_999) / 1_000_000 }
}
