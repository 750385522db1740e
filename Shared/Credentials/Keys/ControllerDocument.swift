import Domain

/// A key with its name, as a controller document lists it.
package struct VerificationMethod: Sendable, Hashable {
    /// Absolute: `did:web:example.gov#key-2026`.
    package var id: String
    package var controller: String
    package var key: PublicKey
    /// A proof made later than this does not count. The key may go on being listed, so that older ones do.
    package var expires: Timestamp?
    /// From then on no proof counts, however old it says it is: the key may be in other hands.
    package var revoked: Timestamp?

    package init(
        id: String, controller: String, key: PublicKey, expires: Timestamp? = nil, revoked: Timestamp? = nil
    ) {
        self.id = id
        self.controller = controller
        self.key = key
        self.expires = expires
        self.revoked = revoked
    }
}

/// A DID document or controlled identifier document: which keys speak for an identifier, and for what purpose.
package struct ControllerDocument: Sendable {
    package let id: String
    package let methods: [VerificationMethod]
    /// Ids of the methods that may sign credentials (`assertionMethod`).
    package let asserting: Set<String>

    package static let methodsMax = 100

    package init(id: String, methods: [VerificationMethod], asserting: Set<String>? = nil) {
        self.id = id
        self.methods = methods
        self.asserting = asserting ?? Set(methods.map(\.id))
    }

    /// Members that are not about signing credentials are ignored, and so are methods of kinds we do not know. A bare
    /// JWK, which Open Badges has at the address that `kid` names (§8.2), is a document with that one key.
    /// - Throws: `did.document` when the id is not `expected`, or is none; `key.…` for a JWK that is no public key.
    package init(_ document: JSONValue, expected: String? = nil) throws(CredentialError) {
        if let expected, document["id"] == nil, document["kty"] != nil {
            id = expected
            methods = [VerificationMethod(id: expected, controller: expected, key: try PublicKey(jwk: document))]
            asserting = [expected]
            return
        }
        guard let id = document["id"]?.text, expected.map({ $0.isExactly(id) }) ?? true else {
            throw CredentialError("did.document", "The document's id is not \(expected ?? "given").", at: "/id")
        }
        let asserting = document["assertionMethod"]?.array ?? []
        let listed = (document["verificationMethod"]?.array ?? []) + asserting.filter { $0.object != nil }
        guard listed.count <= Self.methodsMax else {
            throw CredentialError("did.document", "The document has more than \(Self.methodsMax) verification methods.")
        }
        self.id = id
        methods = listed.compactMap { VerificationMethod($0, in: id) }
        self.asserting = Set(asserting.compactMap { ($0.text ?? $0["id"]?.text).map { Self.absolute($0, in: id) } })
    }

    /// Relative DID URLs (`#key-1`) belong to the document. did:web forbids them, and they are common.
    static func absolute(_ reference: String, in id: String) -> String { reference.hasPrefix("#") ? id + reference : reference }

    package func method(_ id: String) -> VerificationMethod? { methods.first { $0.id.isExactly(id) } }

    /// The document to serve, in the order people expect. Ed25519 keys, which make embedded proofs, are given as Multikey;
    /// the others, which make JWTs, as JWK: the form that each kind's readers take as it is.
    package var json: JSONValue {
        let listed = methods.map { method -> JSONValue in
            var object: JSONObject = [
                "id": .string(method.id), "type": "Multikey", "controller": .string(method.controller),
            ]
            if case .ed25519 = method.key {
                object["publicKeyMultibase"] = .string(method.key.multikey)
            } else {
                object["type"] = "JsonWebKey"
                object["publicKeyJwk"] = .object(method.key.jwk)
            }
            object["expires"] = method.expires.map { .string($0.description) }
            object["revoked"] = method.revoked.map { .string($0.description) }
            return .object(object)
        }
        return [
            "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1", "https://w3id.org/security/jwk/v1"],
            "id": .string(id), "verificationMethod": .array(listed),
            "assertionMethod": .array(methods.map(\.id).filter(asserting.contains).map(JSONValue.string)),
        ]
    }
}

extension VerificationMethod {
    /// Multikey, JsonWebKey, JsonWebKey2020, Ed25519VerificationKey2020 and 2018. Nil for what cannot be used.
    init?(_ method: JSONValue, in document: String) {
        guard let id = method["id"]?.text, let controller = method["controller"]?.text else { return nil }
        let key: PublicKey?
        if let multikey = method["publicKeyMultibase"]?.text {
            key = try? PublicKey(multikey: multikey)
        } else if let jwk = method["publicKeyJwk"] {
            key = try? PublicKey(jwk: jwk)
        } else if let base58 = method["publicKeyBase58"]?.text, method["type"]?.text == "Ed25519VerificationKey2018",
                  let bytes = Base58.decode(base58) {
            key = (try? .init(rawRepresentation: bytes)).map(PublicKey.ed25519)
        } else {
            key = nil
        }
        guard let key else { return nil }
        var times: [Timestamp?] = []
        for name in ["expires", "revoked"] {
            // A time that cannot be read must not make a key good for ever.
            let text = method[name]?.text
            let time = text.flatMap(Timestamp.init)
            guard (text == nil && method[name] == nil) || time != nil else { return nil }
            times.append(time)
        }
        self.init(
            id: ControllerDocument.absolute(id, in: document), controller: controller, key: key, expires: times[0],
            revoked: times[1])
    }
}
