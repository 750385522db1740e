import Domain
import Foundation

/// What a valid access token says: who asks, through which client, until when.
struct AccessToken: Sendable, Hashable {
    let subject: Subject
    let client: String
    /// Seconds since 1970.
    let issuedAt: Int64
    let expiresAt: Int64

    static let lifetimeSeconds: Int64 = 600
    /// How far clocks may differ.
    static let leewaySeconds: Int64 = 60
    static let bytesMax = 8 << 10
    static let audience = "cairn"
}

/// Gives and reads our own access tokens: JWS in compact form, ES256, claims as in RFC 9068, read by the rules of
/// RFC 8725. The algorithm is fixed by us and never taken from the token; the header may hold `alg`, `kid` and `typ`
/// and nothing else, so that there is no `jku`, `jwk`, `x5u` or `crit` to be fooled by.
struct TokenAuthority: Sendable {
    private let keys: SigningKeys
    private let issuer: String
    private let header: String

    init(keys: SigningKeys, issuer: String) {
        self.keys = keys
        self.issuer = issuer
        header = Base64URL.encode(JSONValue.object([
            "alg": "ES256", "kid": .string(keys.keyID), "typ": "at+jwt",
        ]).serialized())
    }

    var keySet: JSONValue { keys.keySet }

    /// Nil only if the signing key is unusable.
    func issue(to client: String, subject: Subject, at now: Timestamp) -> String? {
        let seconds = now.microseconds / 1_000_000
        let claims: JSONValue = [
            "iss": .string(issuer), "aud": .string(AccessToken.audience), "sub": .string(subject.id),
            "client_id": .string(client), "iat": .number(JSONNumber(seconds)), "nbf": .number(JSONNumber(seconds)),
            "exp": .number(JSONNumber(seconds + AccessToken.lifetimeSeconds)), "jti": .string(UUID().text),
            "grants": .array(subject.grants.map { grant in
                var members: JSONObject = ["role": .string(grant.role.rawValue)]
                members["scope"] = grant.scope.map { .string($0.text) }
                return .object(members)
            }),
        ]
        let signed = "\(header).\(Base64URL.encode(claims.serialized()))"
        return keys.sign(Array(signed.utf8)).map { "\(signed).\(Base64URL.encode($0))" }
    }

    /// Nil for whatever is wrong: nobody outside is told what it was.
    func read(_ text: String, at now: Timestamp) -> AccessToken? {
        guard text.utf8.count <= AccessToken.bytesMax else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.object(parts[0]), let claims = Self.object(parts[1]),
              let signature = Base64URL.decode(parts[2]),
              Set(header.names) == ["alg", "kid", "typ"], header["alg"] == "ES256", header["typ"] == "at+jwt",
              let keyID = header["kid"]?.text, keys.knows(keyID),
              keys.verifies(signature, over: Array("\(parts[0]).\(parts[1])".utf8), by: keyID)
        else { return nil }
        return token(claims, at: now.microseconds / 1_000_000)
    }

    private func token(_ claims: JSONObject, at now: Int64) -> AccessToken? {
        guard claims["iss"]?.text == issuer, claims["aud"]?.text == AccessToken.audience,
              let subject = claims["sub"]?.text, !subject.isEmpty, subject.utf8.count <= 200,
              let client = claims["client_id"]?.text, !client.isEmpty, claims["jti"]?.text?.isEmpty == false,
              let issued = claims["iat"]?.number?.int64, let begins = claims["nbf"]?.number?.int64,
              let expires = claims["exp"]?.number?.int64,
              let grants = try? claims["grants"]?.decode([RoleGrant].self),
              !grants.contains(where: { $0.role == .service })
        else { return nil }
        let leeway = AccessToken.leewaySeconds
        // Compared by subtraction on one side only: a claim near the ends of the range must not overflow.
        guard expires > now - leeway, begins <= now + leeway, issued <= now + leeway,
              expires <= now + AccessToken.lifetimeSeconds + leeway
        else { return nil }
        return AccessToken(
            subject: Subject(id: subject, grants: grants), client: client, issuedAt: issued, expiresAt: expires)
    }

    private static func object(_ part: Substring) -> JSONObject? {
        guard let bytes = Base64URL.decode(part), let value = try? JSONValue.parse(bytes) else { return nil }
        return value.object
    }
}
