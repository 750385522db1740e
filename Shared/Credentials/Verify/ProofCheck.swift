import Domain

/// Semantics and proofs together, since both need the canonical form.
struct ProofCheck {
    let verifier: Verifier

    struct Result {
        var semantics: Check
        var proof: Check
        /// The first good proof's key, the one that is the issuer's own if there is such.
        var key: FoundKey?
        var notes: [String] = []
    }

    func run(_ opened: Opened) async -> Result {
        if let token = opened.token { return await check(token, opened.credential) }
        let secured: SecuredDocument
        do { secured = try SecuredDocument(opened.credential) } catch {
            return Result(semantics: semantics { () throws(CredentialError) in try Canonical.checkTerms(opened.credential) }, proof: Check(.proof, failed: error))
        }
        var hashes = DocumentHashes()
        let semantics = semantics(of: secured, &hashes)
        guard !secured.proofs.isEmpty else {
            return Result(semantics: semantics, proof: Check(.proof, .failed, "There is no proof: anybody could have written it.", rule: "proof.none"))
        }
        var findings: [ProofFinding] = [], isExhausted = false
        for proof in secured.proofs {
            if case .bad(let error)? = findings.last, error.rule == "rdfc.work_limit" { isExhausted = true }
            guard !isExhausted else {
                findings.append(.unchecked("an earlier one used up the work that is allowed"))
                continue
            }
            findings.append(await DataIntegrity.verify(proof, of: secured, hashes: &hashes, keys: verifier.keys, at: verifier.now))
        }
        return combine(chained(findings, secured.proofs), semantics, issuer: opened.credential.issuerID)
    }

    private func check(_ token: Token, _ credential: JSONObject) async -> Result {
        let semantics = semantics { () throws(CredentialError) in try Canonical.checkTerms(credential) }
        let finding = await CredentialJWT.verify(token, credential: credential, keys: verifier.keys, at: verifier.now)
        return combine([finding], semantics, issuer: credential.issuerID)
    }

    private func semantics(_ work: () throws(CredentialError) -> Void) -> Check {
        do { try work() } catch { return Check(.semantics, failed: error) }
        return Check(.semantics, .passed, "Every term is defined by its contexts.")
    }

    private func semantics(of secured: SecuredDocument, _ hashes: inout DocumentHashes) -> Check {
        var kinds: [ProofKind?] = []
        for proof in secured.proofs {
            if case .known(let kind)? = try? ProofKind.of(proof) { kinds.append(kind) } else { kinds.append(nil) }
        }
        let hashed = kinds.contains { $0?.suite == .eddsaRDFC }
            ? hashes.hash(of: secured.unsecured, .eddsaRDFC).map { _ in } : nil
        return semantics { () throws(CredentialError) in
            if let hashed { try hashed.get() } else { try Canonical.checkTerms(secured.unsecured) }
            // Proofs we check are expanded with their check; the others' terms must mean something too.
            for (place, kind) in kinds.enumerated() where kind?.suite != .eddsaRDFC {
                var proof = secured.proofs[place]
                proof["proofValue"] = nil
                if proof["@context"] == nil { proof["@context"] = secured.unsecured["@context"] }
                do throws(CredentialError) { try Canonical.checkTerms(proof) } catch {
                    throw CredentialError(error.rule, error.message, at: "/proof/\(place)\(error.pointer)")
                }
            }
        }
    }

    /// A link of a chain is good only when those it builds on are.
    private func chained(_ findings: [ProofFinding], _ proofs: [JSONObject]) -> [ProofFinding] {
        var findings = findings
        // Each round settles at least one more link; a ring never gets good signatures in the first place.
        for _ in proofs.indices {
            for (place, proof) in proofs.enumerated() {
                guard case .good = findings[place] else { continue }
                let names = proof["previousProof"].map { $0.array?.compactMap(\.text) ?? [$0.text ?? ""] } ?? []
                for name in names {
                    let isGood = proofs.indices.contains { index in
                        if case .good = findings[index], proofs[index]["id"]?.text?.isExactly(name) ?? false { true } else { false }
                    }
                    if !isGood {
                        findings[place] = .bad(CredentialError("proof.chain", "The proof builds on \(name), which is not good.", at: "/proof/\(place)"))
                    }
                }
            }
        }
        return findings
    }

    private func combine(_ findings: [ProofFinding], _ semantics: Check, issuer: String?) -> Result {
        var good: [FoundKey] = [], notes: [String] = [], bad: CredentialError?, unchecked: String?
        for finding in findings {
            switch finding {
            case .good(let key, let remarks):
                good.append(key)
                notes += remarks
            case .bad(let error): bad = bad ?? error
            case .unchecked(let reason): unchecked = unchecked ?? reason
            }
        }
        if let key = good.first(where: { $0.method.controller == issuer && $0.standing == .listed }) ?? good.first {
            if let bad { notes.append("another proof is not good: \(bad.message)") }
            if let unchecked { notes.append("another proof could not be checked: \(unchecked)") }
            let count = findings.count > 1 ? "\(good.count) of \(findings.count) proofs are good" : "The signature is good"
            return Result(semantics: semantics, proof: Check(.proof, .passed, "\(count); made with \(key.method.id)."), key: key, notes: notes)
        }
        if let bad { return Result(semantics: semantics, proof: Check(.proof, failed: bad), notes: notes) }
        return Result(semantics: semantics, proof: Check(.proof, .unchecked, "\(unchecked ?? "There was no proof to check")."), notes: notes)
    }
}
