import Domain

/// The Data Integrity suites we make and check. Open Badges certifies `eddsa-rdfc-2022`; `eddsa-jcs-2022` is quicker
/// and for use among ourselves.
package enum Cryptosuite: String, Sendable, CaseIterable {
    case eddsaRDFC = "eddsa-rdfc-2022"
    case eddsaJCS = "eddsa-jcs-2022"
}

/// The members of a Data Integrity proof besides its value.
package struct ProofOptions: Sendable {
    package var suite: Cryptosuite
    /// The address of the key: `did:web:example.gov#key-2026`.
    package var verificationMethod: String
    package var created: Timestamp?
    package var expires: Timestamp?
    /// Needed on a proof that a later one builds on.
    package var id: String?
    /// Ids of proofs already on the document that this one covers too.
    package var previousProof: [String]

    package init(
        _ suite: Cryptosuite, verificationMethod: String, created: Timestamp?, expires: Timestamp? = nil,
        id: String? = nil, previousProof: [String] = []
    ) {
        self.suite = suite
        self.verificationMethod = verificationMethod
        self.created = created
        self.expires = expires
        self.id = id
        self.previousProof = previousProof
    }

    var object: JSONObject {
        var proof = JSONObject()
        proof["id"] = id.map(JSONValue.string)
        proof["type"] = "DataIntegrityProof"
        proof["cryptosuite"] = .string(suite.rawValue)
        proof["created"] = created.map { .string($0.description) }
        proof["expires"] = expires.map { .string($0.description) }
        proof["verificationMethod"] = .string(verificationMethod)
        proof["proofPurpose"] = "assertionMethod"
        switch previousProof.count {
        case 0: break
        case 1: proof["previousProof"] = .string(previousProof[0])
        default: proof["previousProof"] = .array(previousProof.map(JSONValue.string))
        }
        return proof
    }
}
