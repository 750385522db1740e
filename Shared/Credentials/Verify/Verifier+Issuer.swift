import Domain

extension Verifier {
    /// Is the key the issuer's, and do we know the issuer?
    func issuer(of credential: JSONObject, _ proofs: ProofCheck.Result) async -> Check {
        guard let issuer = credential.issuerID else { return Check(.issuer, .failed, "No issuer is named.", rule: "issuer.missing") }
        guard let key = proofs.key else { return Check(.issuer, .unchecked, "No good proof ties it to \(issuer).") }
        if let doubt = await doubt(that: key, speaksFor: issuer) { return doubt }
        guard let knownIssuers else {
            return Check(.issuer, .unchecked, "The key is that of \(issuer); no list of known issuers was given.")
        }
        return knownIssuers.contains(issuer)
            ? Check(.issuer, .passed, "\(issuer) is known, and the key is its own.")
            : Check(.issuer, .failed, "\(issuer) is not among the known issuers; the key is its own.", rule: "issuer.unknown")
    }

    /// Nil when the issuer's own document, or the DID itself, says that the key is its own.
    private func doubt(that found: FoundKey, speaksFor issuer: String) async -> Check? {
        let holder = String(found.method.id.prefix { $0 != "#" })
        if holder.isExactly(issuer) || found.method.controller.isExactly(issuer) {
            guard found.standing == .claimed else { return holder.isExactly(issuer) ? nil : await listing(found, issuer) }
            return Check(.issuer, .unchecked, "Only the proof itself says that its key is that of \(issuer); the issuer's own document was not to be had.")
        }
        return await listing(found, issuer)
    }

    /// A key with another holder's name counts when the issuer's document lists it.
    private func listing(_ found: FoundKey, _ issuer: String) async -> Check? {
        switch await keys.controllerDocument(of: issuer) {
        case .found(let document):
            if document.methods.contains(where: { $0.key == found.method.key && document.asserting.contains($0.id) })
                || document.asserting.contains(found.method.id) { return nil }
            return Check(.issuer, .failed, "The document of \(issuer) does not list the key \(found.method.id).", rule: "issuer.key_not_listed")
        case .unknown(let reason), .unavailable(let reason):
            if DID(issuer)?.method == "key" {
                return Check(.issuer, .failed, "The key \(found.method.id) is not \(issuer).", rule: "issuer.key_not_listed")
            }
            return Check(.issuer, .unchecked, "Whether \(found.method.id) may sign for \(issuer) cannot be told: \(reason).")
        }
    }
}
