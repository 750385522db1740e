import Domain

/// A document taken apart into what is secured and its proofs.
struct SecuredDocument: Sendable {
    /// Without `proof`.
    let unsecured: JSONObject
    /// In the order they were written.
    let proofs: [JSONObject]

    /// - Throws: `proof.shape` when `proof` is neither an object nor an array of objects, `proof.too_many`.
    init(_ document: JSONObject) throws(CredentialError) {
        var unsecured = document
        unsecured["proof"] = nil
        self.unsecured = unsecured
        switch document["proof"] {
        case nil: proofs = []
        case .object(let proof)?: proofs = [proof]
        case .array(let listed)?:
            guard listed.count <= CredentialLimits.proofsMax else {
                throw CredentialError("proof.too_many", "A document may have at most \(CredentialLimits.proofsMax) proofs.", at: "/proof")
            }
            let objects = listed.compactMap(\.object)
            guard objects.count == listed.count else {
                throw CredentialError("proof.shape", "Each proof must be an object.", at: "/proof")
            }
            proofs = objects
        default: throw CredentialError("proof.shape", "A proof must be an object, or an array of them.", at: "/proof")
        }
    }

    /// What a proof covers: the document, and of a chain the proofs it builds on, put back
    /// (VC Data Integrity §4.3, §4.5).
    func covered(by proof: JSONObject) throws(CredentialError) -> JSONObject {
        let names: [String]
        switch proof["previousProof"] {
        case nil: return unsecured
        case .string(let name)?: names = [name]
        case .array(let listed)? where !listed.isEmpty && listed.allSatisfy({ $0.text != nil }): names = listed.compactMap(\.text)
        default: throw CredentialError("proof.chain", "previousProof must name proofs by their ids.", at: "/proof")
        }
        guard names.count <= CredentialLimits.proofsMax else {
            throw CredentialError("proof.chain", "previousProof names too many proofs.", at: "/proof")
        }
        var previous: [JSONValue] = []
        for name in names {
            guard let match = proofs.first(where: { $0["id"]?.text?.isExactly(name) ?? false }) else {
                throw CredentialError("proof.chain", "The proof builds on \(name), which is not on the document.", at: "/proof")
            }
            previous.append(.object(match))
        }
        var document = unsecured
        document["proof"] = .array(previous)
        return document
    }
}
