import Domain

/// Was it revoked or suspended? Lists come from the verifier's source, and their own proof is checked.
struct StatusCheck {
    let verifier: Verifier

    private enum Answer {
        case clear(String)
        case bad(CredentialError)
        case unchecked(String)
    }

    func run(_ credential: JSONObject, depth: Int, _ notes: inout [String]) async -> Check {
        let entries = credential.list("credentialStatus")
        guard !entries.isEmpty else { return Check(.status, .passed, "It names no status list: it cannot be revoked.") }
        guard entries.count <= CredentialLimits.statusEntriesMax else {
            return Check(.status, failed: CredentialError("status.too_many", "More than \(CredentialLimits.statusEntriesMax) entries.", at: "/credentialStatus"))
        }
        var clear: [String] = [], unchecked: String?
        for entry in entries {
            switch await answer(to: entry, of: credential, &notes) {
            case .bad(let error): return Check(.status, failed: error)
            case .clear(let text): clear.append(text)
            case .unchecked(let reason): unchecked = unchecked ?? reason
            }
        }
        if let unchecked { return Check(.status, .unchecked, "\(unchecked).") }
        return Check(.status, .passed, clear.joined(separator: " "))
    }

    private func answer(to entry: JSONValue, of credential: JSONObject, _ notes: inout [String]) async -> Answer {
        guard let entry = entry.object else {
            return .bad(CredentialError("status.malformed", "credentialStatus must be an object.", at: "/credentialStatus"))
        }
        do {
            if entry.types.contains("BitstringStatusListEntry") { return try await bitstring(entry, &notes) }
            if entry.types.contains("1EdTechRevocationList") { return try await revocationList(entry, credential) }
            return .unchecked("status of kind \(entry.types.joined(separator: ", ")) is not one we know")
        } catch { return .bad(error) }
    }

    // MARK: Bitstring Status List 1.0 §3.2

    private func bitstring(_ entry: JSONObject, _ notes: inout [String]) async throws(CredentialError) -> Answer {
        guard let purpose = entry["statusPurpose"]?.text, let url = entry["statusListCredential"]?.text,
              let index = Self.index(entry["statusListIndex"])
        else {
            throw CredentialError("status.malformed", "A BitstringStatusListEntry needs statusPurpose, statusListCredential and statusListIndex, a whole number as text.", at: "/credentialStatus")
        }
        if entry["statusListIndex"]?.text == nil { notes.append("statusListIndex is a number; the standard wants it as text") }
        guard entry["id"]?.text.map({ !$0.isExactly(url) }) ?? true else {
            throw CredentialError("status.malformed", "The entry's id must not be the address of the list.", at: "/credentialStatus/id")
        }
        let size = entry["statusSize"].map { $0.number?.int64 ?? 0 } ?? 1
        guard (1...8).contains(size) else {
            throw CredentialError("status.malformed", "statusSize must be 1 to 8.", at: "/credentialStatus/statusSize")
        }
        let bytes: [UInt8]
        switch await verifier.documents.document(at: url) {
        case .found(let found): bytes = found
        case .unknown(let reason), .unavailable(let reason): return .unchecked("the status list could not be had: \(reason)")
        }
        let bits: BitString
        do { bits = try await list(bytes, purpose: purpose) } catch {
            return .unchecked("the status list is not usable: \(error.message)")
        }
        guard let value = bits.value(at: index, size: Int(size)) else {
            throw CredentialError("status.range", "statusListIndex \(index) lies beyond the list's \(bits.bits / Int(size)) places.", at: "/credentialStatus/statusListIndex")
        }
        return meaning(of: value, purpose, at: url, &notes)
    }

    private func meaning(of value: Int, _ purpose: String, at url: String, _ notes: inout [String]) -> Answer {
        switch (purpose, value) {
        case ("revocation", 0): return .clear("It is not revoked.")
        case ("revocation", _): return .bad(CredentialError("status.revoked", "It was revoked, says \(url)."))
        case ("suspension", 0): return .clear("It is not suspended.")
        case ("suspension", _): return .bad(CredentialError("status.suspended", "It is suspended for now, says \(url)."))
        case ("refresh", let value), ("message", let value):
            if value != 0 { notes.append("the status list \(url) says \(purpose) \(value)") }
            return .clear("")
        default: return .unchecked("the status purpose \(purpose) is not one we know")
        }
    }

    /// Text in base 10; a number is what some write, and means the same.
    private static func index(_ value: JSONValue?) -> Int? {
        switch value {
        case .string(let text)?:
            guard !text.isEmpty, text.utf8.count <= 12, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
            return Int(text)
        case .number(let number)?: return number.int64.flatMap { (0...Int64(CredentialLimits.statusBitsMax)).contains($0) ? Int($0) : nil }
        default: return nil
        }
    }

    /// The bits of a list credential whose own proof is good and that is valid now.
    private func list(_ bytes: [UInt8], purpose: String) async throws(CredentialError) -> BitString {
        let opened = try Opened(bytes)
        guard opened.credential.types.contains("BitstringStatusListCredential"), let subject = opened.credential["credentialSubject"]?.object,
              subject.types.contains("BitstringStatusList"), let encoded = subject["encodedList"]?.text
        else { throw CredentialError("status.malformed", "it is no BitstringStatusListCredential") }
        let proofs = await ProofCheck(verifier: verifier).run(opened)
        guard proofs.proof.outcome == .passed else { throw CredentialError("status.verification", "its own proof: \(proofs.proof.reason)") }
        for (name, isOver) in [("validFrom", { $0 > verifier.now }), ("validUntil", { $0 < verifier.now })] as [(String, (Timestamp) -> Bool)] {
            guard let value = opened.credential[name] else { continue }
            guard let time = value.text.flatMap(Timestamp.init), !isOver(time) else {
                throw CredentialError("status.stale", "it is not valid now, by its \(name)")
            }
        }
        guard subject.list("statusPurpose").contains(.string(purpose)) else {
            throw CredentialError("status.purpose", "it is not about \(purpose)")
        }
        return try BitString(encoded: encoded)
    }

    // MARK: 1EdTech Revocation List

    private func revocationList(_ entry: JSONObject, _ credential: JSONObject) async throws(CredentialError) -> Answer {
        guard let url = entry["id"]?.text, let id = credential["id"]?.text else {
            throw CredentialError("status.malformed", "A 1EdTechRevocationList needs an id, and the credential too.", at: "/credentialStatus")
        }
        let bytes: [UInt8]
        switch await verifier.documents.document(at: url) {
        case .found(let found): bytes = found
        case .unknown(let reason), .unavailable(let reason): return .unchecked("the revocation list could not be had: \(reason)")
        }
        guard let list = try? JSONValue.parse(bytes, limits: .credential).object else { return .unchecked("the revocation list \(url) is no JSON object") }
        for revoked in list.list("revokedCredential") {
            guard let listed = revoked["id"]?.text ?? revoked.text, listed.isExactly(id), revoked["revoked"]?.bool ?? true else { continue }
            let why = revoked["revocationReason"]?.text.map { ": \($0.prefix(200))" } ?? ""
            return .bad(CredentialError("status.revoked", "It was revoked, says \(url)\(why)."))
        }
        return .clear("It is not on the revocation list, which nobody signed.")
    }
}
