import Domain

/// A JWT read, and nothing of it believed.
struct Token: Sendable {
    let jws: CompactJWS
    /// The payload as it is.
    let claims: JSONObject
}

extension CredentialJWT {
    private static let headers: Set<String> = ["alg", "kid", "jwk", "typ", "cty"]
    private static let types: Set<String> = ["JWT", "vc+jwt", "vc-ld+jwt"]

    /// The credential inside without the registered claims, whatever the signature is worth.
    /// - Throws: `jwt.payload`, `jwt.vc_claim`.
    static func open(_ jws: CompactJWS) throws(CredentialError) -> (Token, credential: JSONObject) {
        let claims = try claims(of: jws)
        return (Token(jws: jws, claims: claims), try credential(in: claims))
    }

    private static func claims(of jws: CompactJWS) throws(CredentialError) -> JSONObject {
        let payload: JSONValue
        do { payload = try JSONValue.parse(jws.payload, limits: .credential) } catch {
            throw CredentialError("jwt.payload", "The payload is no valid JSON: \(error.message)", at: error.pointer)
        }
        guard let claims = payload.object else { throw CredentialError("jwt.payload", "The payload must be a JSON object.") }
        return claims
    }

    private static func credential(in claims: JSONObject) throws(CredentialError) -> JSONObject {
        guard let inner = claims["vc"] else {
            guard claims["vp"] == nil else {
                throw CredentialError("jwt.vc_claim", "This is a presentation, not a credential.", at: "/vp")
            }
            return JSONObject(claims.members.filter { !registered.contains($0.name) }.map { ($0.name, $0.value) })
        }
        guard let inner = inner.object, claims["@context"] == nil else {
            throw CredentialError("jwt.vc_claim", "The claim vc must be an object, and the credential must not be beside it too.", at: "/vc")
        }
        guard DataModel(of: inner) == .v1 else {
            throw CredentialError("jwt.vc_claim", "A claim vc belongs to the data model 1.1; in 2.0 the payload is the credential.", at: "/vc")
        }
        return completed(inner, by: claims)
    }

    /// VCDM 1.1 §6.3.1: the registered claims stand for members that were left out.
    private static func completed(_ credential: JSONObject, by claims: JSONObject) -> JSONObject {
        var credential = credential
        if credential["id"] == nil { credential["id"] = claims["jti"] }
        if credential["issuer"] == nil { credential["issuer"] = claims["iss"] }
        for (name, claim) in [("issuanceDate", "nbf"), ("expirationDate", "exp")]
        where credential[name] == nil {
            credential[name] = claims[claim]?.number?.int64.flatMap(Timestamp.init(wholeSeconds:)).map { .string($0.description) }
        }
        if case .object(var subject)? = credential["credentialSubject"], subject["id"] == nil, let sub = claims["sub"] {
            subject["id"] = sub
            credential["credentialSubject"] = .object(subject)
        }
        return credential
    }

    /// Checks header, key, signature and claims. Which algorithm counts is decided by the key, never by the token alone.
    static func verify(
        _ token: Token, credential: JSONObject, keys: any KeyResolver, at now: Timestamp
    ) async -> ProofFinding {
        do throws(CredentialError) {
            let jws = token.jws
            try check(header: jws.header)
            let found: FoundKey
            switch try await key(of: jws.header, credential, keys) {
            case .found(let key): found = key
            case .refused(let error): return .bad(error)
            case .unresolved(let reason): return .unchecked("the key could not be had: \(reason)")
            }
            switch (jws.header["alg"]?.text, found.method.key) {
            case ("ES256", .p256), ("RS256", .rsa): break
            default:
                throw CredentialError("jwt.algorithm", "The key is of kind \(found.method.key.kind), which is not what alg \(jws.header["alg"]?.text ?? "") uses.")
            }
            if let revoked = found.method.revoked, revoked <= now {
                throw CredentialError("key.revoked", "The key \(found.method.id) was revoked at \(revoked).")
            }
            guard found.method.key.isValid(jws.signature, for: jws.signed) else {
                throw CredentialError("proof.signature", "The signature does not fit: the token or the key is not the one that was signed.")
            }
            return .good(found, notes: try compare(token, with: credential, found.method))
        } catch { return .bad(error) }
    }

    private static func check(header: JSONObject) throws(CredentialError) {
        guard let algorithm = header["alg"]?.text, ["ES256", "RS256"].contains(algorithm) else {
            throw CredentialError("jwt.algorithm", "alg must be ES256 or RS256\(header["alg"]?.text.map { ", not \($0)" } ?? "").")
        }
        if let other = header.names.first(where: { !headers.contains($0) }) {
            throw CredentialError("jwt.header", "The header may have alg, kid, jwk and typ, not \(other).")
        }
        if let type = header["typ"] {
            guard let type = type.text, types.contains(type) else {
                throw CredentialError("jwt.header", "typ must be JWT or vc+jwt, or absent.")
            }
        }
        guard header["kid"] != nil || header["jwk"] != nil else {
            throw CredentialError("jwt.no_key", "The header names no key: it needs kid or jwk.")
        }
    }

    private static func key(
        of header: JSONObject, _ credential: JSONObject, _ keys: any KeyResolver
    ) async throws(CredentialError) -> KeyFinding {
        let carried = try header["jwk"].map { (jwk) throws(CredentialError) in try PublicKey(jwk: jwk) }
        var unresolved: KeyFinding?
        if let kid = header["kid"] {
            guard let name = kid.text else { throw CredentialError("jwt.header", "kid must be text.") }
            let finding = await keys.key(named: name)
            switch finding {
            case .found(let found):
                guard carried.map({ $0 == found.method.key }) ?? true else {
                    throw CredentialError("jwt.key_conflict", "kid and jwk are different keys.")
                }
                return finding
            case .refused: return finding
            case .unresolved: unresolved = finding
            }
        }
        guard let carried else { return unresolved ?? .unresolved("no key was named") }
        return await standing(of: carried, credential, keys)
    }

    /// A key that came along counts as the issuer's when the issuer's document has it too.
    private static func standing(
        of key: PublicKey, _ credential: JSONObject, _ keys: any KeyResolver
    ) async -> KeyFinding {
        let issuer = credential.issuerID ?? ""
        if let did = DID(issuer), did.method == "key", (try? did.key()) == key {
            return .found(FoundKey(method: VerificationMethod(id: issuer, controller: issuer, key: key), standing: .listed))
        }
        if case .found(let document) = await keys.controllerDocument(of: issuer) {
            guard let method = document.methods.first(where: { $0.key == key && document.asserting.contains($0.id) }) else {
                return .refused(CredentialError("key.not_listed", "The document of \(issuer) does not list the key the token carries."))
            }
            return .found(FoundKey(method: method, standing: .listed))
        }
        return .found(FoundKey(method: VerificationMethod(id: "jwk", controller: issuer, key: key), standing: .claimed))
    }

    /// Each registered claim must say what the credential says. Notes name those that Open Badges wants and that are absent.
    private static func compare(
        _ token: Token, with credential: JSONObject, _ method: VerificationMethod
    ) throws(CredentialError) -> [String] {
        let claims = token.claims
        let model = DataModel(of: credential) ?? .v2
        try same(claims["iss"], credential.issuerID, "iss", "issuer")
        try same(claims["jti"], credential["id"]?.text, "jti", "id")
        try same(claims["sub"], credential["credentialSubject"]?["id"]?.text, "sub", "credentialSubject.id")
        let from = try same(time: claims["nbf"], credential[model.validFrom], "nbf", model.validFrom)
        _ = try same(time: claims["exp"], credential[model.validUntil], "exp", model.validUntil)
        if let expires = method.expires, let from, from > expires {
            throw CredentialError("key.expired", "The key \(method.id) expired at \(expires), before the credential was valid.")
        }
        guard token.jws.header["typ"]?.text != "vc+jwt", claims["vc"] == nil else { return [] }
        let absent = ["iss", "jti", "nbf", "sub"].filter { claims[$0] == nil }
        return absent.isEmpty ? [] : ["Open Badges wants the claims \(absent.joined(separator: ", ")), which are absent"]
    }

    private static func same(
        _ claim: JSONValue?, _ member: String?, _ name: String, _ path: String
    ) throws(CredentialError) {
        guard let claim else { return }
        guard let text = claim.text, let member, text.isExactly(member) else {
            throw CredentialError("jwt.claim", "The claim \(name) is not the credential's \(path).", at: "/\(name)")
        }
    }

    private static func same(
        time claim: JSONValue?, _ member: JSONValue?, _ name: String, _ path: String
    ) throws(CredentialError) -> Timestamp? {
        let time = member?.text.flatMap(Timestamp.init)
        guard let claim else { return time }
        guard let seconds = claim.number?.double, let time, seconds.magnitude < 1e12,
              (seconds - Double(time.microseconds) / 1e6).magnitude < 1
        else { throw CredentialError("jwt.claim", "The claim \(name) is not the credential's \(path).", at: "/\(name)") }
        return time
    }
}

extension Timestamp {
    /// Nil outside the years that can be written.
    init?(wholeSeconds: Int64) {
        guard (-62_135_596_800...253_402_300_799).contains(wholeSeconds) else { return nil }
        self.init(microseconds: wholeSeconds * 1_000_000)
    }
}
