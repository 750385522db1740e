import Domain

/// Judges credentials by what is given to it. It has no network, no clock and no list of its own.
package struct Verifier: Sendable {
    package var keys: any KeyResolver
    package var documents: any DocumentSource
    /// Ids of issuers we know. Nil: no list was given, and no issuer can be called known.
    package var knownIssuers: Set<String>?
    package var now: Timestamp
    /// Whose it should be: an id, or an identifier such as an e-mail address. Nil: not asked.
    package var recipient: String?

    package init(
        keys: any KeyResolver = LocalKeys(), documents: any DocumentSource = LocalDocuments(),
        knownIssuers: Set<String>? = nil, now: Timestamp, recipient: String? = nil
    ) {
        self.keys = keys
        self.documents = documents
        self.knownIssuers = knownIssuers
        self.now = now
        self.recipient = recipient
    }

    /// A credential as JSON, or as compact JWS. What cannot be read is a report too.
    package func verify(_ bytes: [UInt8]) async -> VerificationReport {
        do {
            return await report(of: try Opened(bytes), depth: 0)
        } catch { return unreadable(error) }
    }

    package func verify(_ credential: JSONObject) async -> VerificationReport {
        do {
            return await report(of: try Opened(credential), depth: 0)
        } catch { return unreadable(error) }
    }

    /// Any file that `CredentialFile` opens. What cannot be opened is a report too.
    package func verify(file bytes: [UInt8]) async -> VerificationReport {
        do { return await verify(try CredentialFile.open(bytes).text) } catch { return unreadable(error) }
    }

    /// What a document says, nothing of it checked: the credential, and the header when it is a JWT.
    package static func readable(_ bytes: [UInt8]) throws(CredentialError) -> (credential: JSONObject, header: JSONObject?) {
        let opened = try Opened(bytes)
        return (opened.credential, opened.token?.jws.header)
    }

    func unreadable(_ error: CredentialError) -> VerificationReport {
        var report = VerificationReport()
        report.checks = [Check(.structure, failed: error)] + [.semantics, .proof, .issuer, .status, .validity].map {
            Check($0, .unchecked, "The document could not be read.")
        }
        return report
    }

    /// - Parameter depth: of CLRs and endorsements within each other; endorsements have none of their own.
    func report(of opened: Opened, depth: Int, isEndorsement: Bool = false) async -> VerificationReport {
        let credential = opened.credential
        var report = VerificationReport()
        report.id = credential["id"]?.text
        report.types = credential.types
        report.name = credential["name"]?.text
        report.issuer = credential.issuerID
        report.notes = ContextCheck.notes(of: credential)

        report.checks.append(structure(of: credential))
        let proofs = await ProofCheck(verifier: self).run(opened)
        report.checks += [proofs.semantics, proofs.proof]
        report.notes += proofs.notes
        report.checks.append(await issuer(of: credential, proofs))
        report.checks.append(await StatusCheck(verifier: self).run(credential, depth: depth, &report.notes))
        report.checks.append(validity(of: credential))
        if let recipient, depth == 0 { report.checks.append(RecipientCheck.run(credential, recipient)) }
        for service in credential.list("refreshService") {
            report.notes.append("a newer version can be asked for at \(service["id"]?.text ?? "an address that is missing"); it was not")
        }
        if !isEndorsement { await nested(in: credential, depth, proofs.proof.outcome, &report) }
        return report
    }

    private func structure(of credential: JSONObject) -> Check {
        let problems = StructureCheck.problems(of: credential)
        guard let first = problems.first else {
            return Check(.structure, .passed, "It has what a credential of its class must have.")
        }
        var check = Check(.structure, failed: first)
        if problems.count > 1 { check.reason += " And \(problems.count - 1) more: " + problems.dropFirst().prefix(4).map { "\($0.pointer) \($0.rule)" }.joined(separator: ", ") }
        return check
    }

    private func validity(of credential: JSONObject) -> Check {
        let model = DataModel(of: credential) ?? .v2
        var times: [Timestamp?] = []
        for name in [model.validFrom, model.validUntil] {
            let value = credential[name]
            guard value == nil || value?.text.flatMap(Timestamp.init) != nil else {
                return Check(.validity, .unchecked, "\(name) is no date and time.")
            }
            times.append(value?.text.flatMap(Timestamp.init))
        }
        if let from = times[0], from > now { return Check(.validity, .failed, "It is valid only from \(from).", rule: "validity.not_yet") }
        if let until = times[1], until < now {
            return Check(.validity, .failed, "It expired at \(until); what it says of the time before stands.", rule: "validity.expired")
        }
        return Check(.validity, .passed, times[1].map { "It is valid until \($0)." } ?? "It names no end.")
    }
}

/// A document read: the credential, and the JWT it came in when it did.
struct Opened: Sendable {
    var credential: JSONObject
    var token: Token?

    /// - Throws: the reader's rule (`json.…`), `jws.…`, `jwt.…`, `structure.kind`.
    init(_ bytes: [UInt8]) throws(CredentialError) {
        func isText(_ byte: UInt8) -> Bool { byte != 0x20 && byte != 0x09 && byte != 0x0A && byte != 0x0D }
        let start = bytes.firstIndex(where: isText) ?? bytes.endIndex, end = (bytes.lastIndex(where: isText) ?? bytes.endIndex - 1) + 1
        guard start < end else { throw CredentialError("json.syntax", "The document is empty.") }
        if bytes[start] == UInt8(ascii: "e") {
            try self.init(token: Array(bytes[start..<end]))
            return
        }
        let value: JSONValue
        do { value = try JSONValue.parse(bytes, limits: .credential) } catch {
            throw CredentialError(error.rule, error.message, at: error.pointer)
        }
        guard let object = value.object else { throw CredentialError("structure.kind", "A credential is a JSON object, not \(value.kind).") }
        try self.init(object)
    }

    /// An enveloped credential is opened (VCDM 2.0 §4.13).
    init(_ object: JSONObject) throws(CredentialError) {
        guard object.types.contains("EnvelopedVerifiableCredential") else {
            self.init(plain: object)
            return
        }
        for type in ["data:application/vc+jwt,", "data:application/vc-ld+jwt,", "data:application/jwt,"] {
            guard let id = object["id"]?.text, id.hasPrefix(type) else { continue }
            try self.init(token: Array(id.utf8.dropFirst(type.utf8.count)))
            return
        }
        throw CredentialError("structure.envelope", "The id of an enveloped credential must be a data: address of a JWT.", at: "/id")
    }

    private init(plain credential: JSONObject) {
        self.credential = credential
        token = nil
    }

    private init(token: [UInt8]) throws(CredentialError) {
        let opened = try CredentialJWT.open(CompactJWS(token))
        credential = opened.credential
        self.token = opened.0
    }
}
