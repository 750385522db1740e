import Crypto
import Domain

/// What came of one proof.
enum ProofFinding: Sendable {
    case good(FoundKey, notes: [String])
    case bad(CredentialError)
    case unchecked(String)
}

/// Hashes of one document in its canonical forms, computed once for the semantics check and all proofs.
struct DocumentHashes {
    private var hashes: [Cryptosuite: Result<[UInt8], CredentialError>] = [:]

    mutating func hash(of document: JSONObject, _ suite: Cryptosuite) -> Result<[UInt8], CredentialError> {
        if let known = hashes[suite] { return known }
        let hash = Result<[UInt8], CredentialError> { () throws(CredentialError) in try Canonical.hash(of: document, suite) }
        hashes[suite] = hash
        return hash
    }
}

extension DataIntegrity {
    /// Checks one proof of the document against the key it names.
    static func verify(
        _ proof: JSONObject, of secured: SecuredDocument, hashes: inout DocumentHashes, keys: any KeyResolver, at now: Timestamp
    ) async -> ProofFinding {
        do throws(CredentialError) {
            let kind: ProofKind
            switch try ProofKind.of(proof) {
            case .known(let known): kind = known
            case .unknown(let name): return .unchecked("the proof is of a kind we do not check: \(name)")
            }
            let times = try times(of: proof, now)
            guard let name = proof["verificationMethod"]?.text ?? proof["verificationMethod"]?["id"]?.text else {
                throw CredentialError("proof.method", "The proof names no verificationMethod.", at: "/proof")
            }
            let found: FoundKey
            switch await keys.key(named: name) {
            case .found(let key): found = key
            case .refused(let error): return .bad(error)
            case .unresolved(let reason): return .unchecked("the key \(name) could not be had: \(reason)")
            }
            try checkTimes(of: found.method, created: times, now)
            let (document, unsecured) = try covered(proof, secured, kind)
            if kind.isSelective {
                return try SelectiveDisclosure.verify(proof, of: unsecured, key: found.method.key)
                    ? .good(found, notes: kind.notes) : .bad(Self.noMatch)
            }
            guard case .ed25519 = found.method.key else {
                throw CredentialError("proof.key_kind", "The suite needs an Ed25519 key; the proof names one of kind \(found.method.key.kind).")
            }
            let signature = try value(of: proof)
            let configHash = try Canonical.hash(of: config(proof, kind.suite, document: unsecured), kind.suite)
            let documentHash = try document
                ? hashes.hash(of: unsecured, kind.suite).get() : Canonical.hash(of: unsecured, kind.suite)
            return found.method.key.isValid(signature, for: configHash + documentHash)
                ? .good(found, notes: kind.notes) : .bad(Self.noMatch)
        } catch { return .bad(error) }
    }

    private static var noMatch: CredentialError {
        CredentialError("proof.signature", "The signature does not fit: the document, the proof or the key is not the one that was signed.", at: "/proof")
    }

    /// What is covered, and whether that is the plain document, whose hash may be known already.
    private static func covered(
        _ proof: JSONObject, _ secured: SecuredDocument, _ kind: ProofKind
    ) throws(CredentialError) -> (isPlain: Bool, JSONObject) {
        var document = try secured.covered(by: proof)
        let isPlain = proof["previousProof"] == nil
        guard kind.suite == .eddsaJCS, let context = proof["@context"] else { return (isPlain, document) }
        // VC-DI-EDDSA §3.3.2: the document's contexts must begin with the proof's, which are the ones that were signed.
        let signed = context.array ?? [context], given = document["@context"].map { $0.array ?? [$0] } ?? []
        guard given.starts(with: signed) else {
            throw CredentialError("proof.context", "The document's contexts do not begin with those the proof was made for.", at: "/@context")
        }
        guard document["@context"] != context else { return (isPlain, document) }
        document["@context"] = context
        return (false, document)
    }

    private static func value(of proof: JSONObject) throws(CredentialError) -> [UInt8] {
        guard let text = proof["proofValue"]?.text, text.utf8.first == UInt8(ascii: "z"), text.utf8.count <= 128,
              let signature = Multibase.decode(text), signature.count == 64
        else { throw CredentialError("proof.value", "proofValue must be 64 bytes in base58btc, beginning with z.", at: "/proof/proofValue") }
        return signature
    }

    /// When the proof says it was made. Both times are optional; one that cannot be read is an error.
    private static func times(of proof: JSONObject, _ now: Timestamp) throws(CredentialError) -> Timestamp? {
        guard proof["proofPurpose"]?.text == "assertionMethod" else {
            throw CredentialError("proof.purpose", "proofPurpose must be assertionMethod.", at: "/proof/proofPurpose")
        }
        var read: [Timestamp?] = []
        for name in ["created", "expires"] {
            guard let value = proof[name] else { read.append(nil); continue }
            guard let time = value.text.flatMap(Timestamp.init) else {
                throw CredentialError("proof.\(name)", "\(name) must be a date and time with an offset.", at: "/proof/\(name)")
            }
            read.append(time)
        }
        if let expires = read[1], expires < now {
            throw CredentialError("proof.expired", "The proof expired at \(expires).", at: "/proof/expires")
        }
        return read[0]
    }

    private static func checkTimes(
        of method: VerificationMethod, created: Timestamp?, _ now: Timestamp
    ) throws(CredentialError) {
        if let revoked = method.revoked, revoked <= now {
            throw CredentialError("key.revoked", "The key \(method.id) was revoked at \(revoked).")
        }
        if let expires = method.expires, (created ?? now) > expires {
            throw CredentialError("key.expired", "The key \(method.id) expired at \(expires), before the proof was made.")
        }
    }
}

/// What a proof's `type` and `cryptosuite` ask for.
struct ProofKind {
    var suite: Cryptosuite
    var isSelective = false
    var notes: [String] = []

    enum Reading { case known(ProofKind), unknown(String) }

    static func of(_ proof: JSONObject) throws(CredentialError) -> Reading {
        let listed = proof["type"].map { $0.array ?? [$0] } ?? []
        guard let type = listed.first?.text, listed.count == 1 else {
            throw CredentialError("proof.type", "A proof must have one type.", at: "/proof/type")
        }
        switch (type, proof["cryptosuite"]?.text) {
        case ("DataIntegrityProof", "eddsa-rdfc-2022"): return .known(ProofKind(suite: .eddsaRDFC))
        case ("DataIntegrityProof", "eddsa-jcs-2022"): return .known(ProofKind(suite: .eddsaJCS))
        case ("DataIntegrityProof", "eddsa-2022"):
            return .known(ProofKind(suite: .eddsaRDFC, notes: ["the suite is named eddsa-2022, as drafts of eddsa-rdfc-2022 were"]))
        case ("DataIntegrityProof", "ecdsa-sd-2023"): return .known(ProofKind(suite: .eddsaRDFC, isSelective: true))
        case ("DataIntegrityProof", let suite?): return .unknown("cryptosuite \(suite)")
        case ("DataIntegrityProof", nil):
            throw CredentialError("proof.suite", "A DataIntegrityProof must name its cryptosuite.", at: "/proof/cryptosuite")
        case ("Ed25519Signature2020", _):
            return .known(ProofKind(suite: .eddsaRDFC, notes: ["Ed25519Signature2020 is the predecessor of eddsa-rdfc-2022"]))
        default: return .unknown("type \(type)")
        }
    }
}
