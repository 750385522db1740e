import Domain

/// Rules of the prose that no schema says: what belongs together, and what an id must lead to.
enum RuleCheck {
    static func problems(of credential: JSONObject, _ kind: CredentialClass) -> [CredentialError] {
        var problems: [CredentialError] = []
        if !credential.types.contains("VerifiableCredential") {
            problems.append(CredentialError("structure.type", "type must contain VerifiableCredential.", at: "/type"))
        }
        if let issuer = credential.issuerID, !isAddress(issuer) {
            problems.append(CredentialError("structure.address", "The issuer's id must be an absolute address.", at: "/issuer"))
        }
        if let id = credential["id"]?.text, !isAddress(id) {
            problems.append(CredentialError("structure.address", "id must be an absolute address.", at: "/id"))
        }
        let model = DataModel(of: credential) ?? .v2
        if let from = credential[model.validFrom]?.text.flatMap(Timestamp.init),
           let until = credential[model.validUntil]?.text.flatMap(Timestamp.init), until < from {
            problems.append(CredentialError("structure.period", "\(model.validUntil) is before \(model.validFrom).", at: "/\(model.validUntil)"))
        }
        if kind == .badge, let subject = credential["credentialSubject"]?.object { problems += badge(subject) }
        return problems
    }

    static func isAddress(_ text: String) -> Bool {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return false }
        let scheme = text.utf8[..<colon]
        guard let first = scheme.first, (97...122).contains(first | 0x20), text.utf8.index(after: colon) < text.utf8.endIndex else { return false }
        return scheme.allSatisfy { (97...122).contains($0 | 0x20) || (48...57).contains($0) || [43, 45, 46].contains($0) }
            && !text.utf8.contains { $0 <= 32 || $0 == 60 || $0 == 62 || $0 == 34 }
    }

    private static func badge(_ subject: JSONObject) -> [CredentialError] {
        var problems: [CredentialError] = []
        if subject["id"] == nil, subject["identifier"] == nil {
            problems.append(CredentialError("structure.subject", "The subject needs an id or an identifier: otherwise nobody can tell whose it is.", at: "/credentialSubject"))
        }
        let descriptions = subject["achievement"]?.object?.list("resultDescription") ?? []
        for (place, result) in subject.list("result").enumerated() {
            problems += self.result(result, descriptions, at: "/credentialSubject/result/\(place)")
        }
        return problems
    }

    private static func result(_ result: JSONValue, _ descriptions: [JSONValue], at pointer: String) -> [CredentialError] {
        var described: JSONValue?
        if let id = result["resultDescription"]?.text {
            described = descriptions.first { $0["id"]?.text?.isExactly(id) ?? false }
            if described == nil {
                return [CredentialError("structure.dangling", "\(id) is none of the achievement's result descriptions.", at: pointer + "/resultDescription")]
            }
        }
        if described?["resultType"]?.text == "Status", result["status"] == nil {
            return [CredentialError("structure.status", "The result description is of type Status, so the result needs a status.", at: pointer + "/status")]
        }
        if let level = result["achievedLevel"]?.text {
            let levels = descriptions.flatMap { $0.object?.list("rubricCriterionLevel") ?? [] }
            if !levels.contains(where: { $0["id"]?.text?.isExactly(level) ?? false }) {
                return [CredentialError("structure.dangling", "\(level) is none of the described rubric levels.", at: pointer + "/achievedLevel")]
            }
        }
        return []
    }
}

/// Which contexts, and in which order.
enum ContextCheck {
    static func problems(of credential: JSONObject, _ model: DataModel) -> [CredentialError] {
        let contexts = credential.list("@context")
        let expected: [(name: String, prefix: String)] = switch CredentialClass(of: credential) {
        case .clr: [("CLR", "https://purl.imsglobal.org/spec/clr/v2p0/context"), ("Open Badges", "https://purl.imsglobal.org/spec/ob/v3p0/context")]
        case .badge, .endorsement: [("Open Badges", "https://purl.imsglobal.org/spec/ob/v3p0/context")]
        case .other: []
        }
        for (place, context) in expected.enumerated() {
            guard contexts.count > place + 1, let url = contexts[place + 1].text, isVersion(url, of: context.prefix) else {
                return [CredentialError(
                    "structure.context", "Context \(place + 2) must be that of \(context.name): order matters.",
                    at: "/@context/\(place + 1)")]
            }
        }
        return []
    }

    /// `context.json`, or `context-3.0.3.json`.
    private static func isVersion(_ url: String, of prefix: String) -> Bool {
        guard url.hasPrefix(prefix), url.hasSuffix(".json") else { return false }
        let middle = url.utf8.dropFirst(prefix.utf8.count).dropLast(5)
        let numbers = middle.dropFirst().split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return middle.isEmpty || middle.first == UInt8(ascii: "-")
            && numbers.allSatisfy { number in !number.isEmpty && number.allSatisfy { (48...57).contains($0) } }
    }

    /// Contexts that are old or stand for whatever is newest; for a note.
    static func notes(of credential: JSONObject) -> [String] {
        credential.list("@context").compactMap { context in
            guard let url = context.text else { return nil }
            switch url {
            case DataModel.v1.rawValue: return "the data model is 1.1, of before 2025"
            case CredentialContexts.openBadges, CredentialContexts.comprehensiveLearnerRecord: return nil
            default:
                guard url.hasPrefix("https://purl.imsglobal.org/spec/"), url.contains("/context") else { return nil }
                return url.hasSuffix("/context.json")
                    ? "the context \(url) names no version; what it meant when it was signed may change" : "the context \(url) is an older version"
            }
        }
    }
}
