import Crypto
import Domain

/// W3C Data Integrity with EdDSA (VC-DI-EDDSA 1.0): what is signed is the hash of the canonical proof without its
/// value, followed by the hash of the canonical document.
package enum DataIntegrity {
    /// The document with one more proof. Proofs already on it stay: several make a set, and with `previousProof` a
    /// chain. The result has `proof` as an array.
    /// - Throws: `proof.key_kind` unless the key is Ed25519; `proof.chain`; what the canonical form throws.
    package static func add(
        _ options: ProofOptions, to document: JSONObject, with key: SigningKey
    ) throws(CredentialError) -> JSONObject {
        guard case .ed25519 = key else {
            throw CredentialError("proof.key_kind", "\(options.suite.rawValue) needs an Ed25519 key, not \(key.kind).")
        }
        let secured = try SecuredDocument(document)
        guard secured.proofs.count < CredentialLimits.proofsMax else {
            throw CredentialError("proof.too_many", "A document may have at most \(CredentialLimits.proofsMax) proofs.", at: "/proof")
        }
        var proof = options.object
        // The standard wants it signed with the proof, so that the proof keeps its meaning elsewhere.
        if options.suite == .eddsaJCS { proof["@context"] = document["@context"] }
        let covered = try secured.covered(by: proof)
        let signed = try Canonical.hash(of: config(proof, options.suite, document: covered), options.suite)
            + Canonical.hash(of: covered, options.suite)
        proof["proofValue"] = .string(Multibase.base58(try key.signature(for: signed)))
        var result = secured.unsecured
        result["proof"] = .array((secured.proofs + [proof]).map(JSONValue.object))
        return result
    }

    /// The proof as it is hashed: without its value, and for RDF with the document's context.
    static func config(_ proof: JSONObject, _ suite: Cryptosuite, document: JSONObject) -> JSONObject {
        var config = proof
        config["proofValue"] = nil
        guard suite == .eddsaRDFC else { return config }
        // Some older signers give the proof contexts of its own; they count after the document's.
        let own = proof.list("@context"), outer = document.list("@context")
        config["@context"] = own.isEmpty || own == outer ? document["@context"] : .array(outer + own)
        return config
    }
}

extension Canonical {
    /// SHA-256 of the suite's canonical form.
    static func hash(of object: JSONObject, _ suite: Cryptosuite) throws(CredentialError) -> [UInt8] {
        let canonical = switch suite {
        case .eddsaRDFC: try rdf(object)
        case .eddsaJCS: try json(.object(object))
        }
        return SHA256.hash(data: canonical).withUnsafeBytes { Array($0) }
    }
}
