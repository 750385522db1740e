import Domain

extension Verifier {
    /// Credentials within a CLR, and endorsements: each judged as a document of its own, and summed up in one check each.
    func nested(in credential: JSONObject, _ depth: Int, _ outer: Check.Outcome, _ report: inout VerificationReport) async {
        if CredentialClass(of: credential) == .clr {
            report.checks.append(await credentials(in: credential, depth, outer, &report))
        }
        let endorsements = Self.endorsements(in: credential)
        guard !endorsements.isEmpty else { return }
        guard endorsements.count <= CredentialLimits.endorsementsMax else {
            report.checks.append(Check(.endorsements, .unchecked, "There are more than \(CredentialLimits.endorsementsMax) endorsements."))
            return
        }
        for endorsement in endorsements {
            report.endorsements.append(await self.report(ofNested: endorsement, depth + 1, isEndorsement: true))
        }
        report.checks.append(Self.sum(.endorsements, report.endorsements, "endorsement"))
    }

    private static let exhaustedMax = 3

    private func credentials(
        in clr: JSONObject, _ depth: Int, _ outer: Check.Outcome, _ report: inout VerificationReport
    ) async -> Check {
        guard depth < CredentialLimits.nestingMax else {
            return Check(.credentials, .unchecked, "CLRs lie in each other more than \(CredentialLimits.nestingMax) deep.")
        }
        let listed = clr["credentialSubject"]?.object?.list("verifiableCredential") ?? []
        guard listed.count <= CredentialLimits.nestedMax else {
            return Check(.credentials, .unchecked, "There are more than \(CredentialLimits.nestedMax) credentials in it.")
        }
        var exhausted = 0
        for value in listed {
            // One graph made to take long is an accident that can be afforded; two thousand are an attack.
            guard exhausted < Self.exhaustedMax else {
                report.nested.append(unreadable(CredentialError("credentials.work_limit", "Too many others used up the work that is allowed.")))
                continue
            }
            var nested = await self.report(ofNested: value, depth + 1)
            if value["proof"] == nil, value.object != nil, nested[.proof]?.rule == "proof.none" {
                nested.replace(Check(.proof, outer, outer == .passed
                    ? "It has no proof of its own; the proof of the whole covers it."
                    : "It has no proof of its own, and that of the whole is not good."))
                nested.replace(Check(.issuer, .unchecked, "It has no proof of its own issuer; whoever signed the whole vouches for it."))
            }
            if nested.checks.contains(where: { $0.rule == "rdfc.work_limit" }) { exhausted += 1 }
            report.nested.append(nested)
        }
        return Self.sum(.credentials, report.nested, "credential")
    }

    private func report(ofNested value: JSONValue, _ depth: Int, isEndorsement: Bool = false) async -> VerificationReport {
        do throws(CredentialError) {
            switch value {
            case .object(let object): return await report(of: try Opened(object), depth: depth, isEndorsement: isEndorsement)
            case .string(let text): return await report(of: try Opened(Array(text.utf8)), depth: depth, isEndorsement: isEndorsement)
            default: throw CredentialError("structure.kind", "A credential must be an object or a JWT.")
            }
        } catch { return unreadable(error) }
    }

    /// Of the credential, its issuer, its achievement, and that achievement's creator.
    static func endorsements(in credential: JSONObject) -> [JSONValue] {
        let subject = credential["credentialSubject"]?.object
        let achievement = subject?["achievement"]?.object
        return [credential, credential["issuer"]?.object, achievement, achievement?["creator"]?.object, subject?["source"]?.object]
            .compactMap(\.self).flatMap { $0.list("endorsement") + $0.list("endorsementJwt") }
    }

    /// Whether an issuer is known is not asked of those: whoever knows the outer one may know none of them.
    private static func sum(_ name: Check.Name, _ reports: [VerificationReport], _ word: String) -> Check {
        let judged: [Check.Name] = [.structure, .semantics, .proof, .status, .validity, .credentials]
        let outcomes = reports.map { $0.outcome(of: judged) }
        let plural = reports.count == 1 ? word : word + "s"
        for outcome in [Check.Outcome.failed, .unchecked] {
            guard let place = outcomes.firstIndex(of: outcome) else { continue }
            let count = outcomes.count { $0 == outcome }
            let check = reports[place].checks.first { judged.contains($0.name) && $0.outcome == outcome }
            return Check(
                name, outcome, "\(count) of \(reports.count) \(plural) \(outcome == .failed ? "failed" : "could not be checked"); the first, number \(place + 1), by \(check?.name.rawValue ?? ""): \(check?.reason ?? "")",
                rule: check?.rule)
        }
        return Check(name, .passed, "\(reports.count) \(plural), all good.")
    }
}

extension VerificationReport {
    fileprivate mutating func replace(_ check: Check) {
        guard let place = checks.firstIndex(where: { $0.name == check.name }) else { return }
        checks[place] = check
    }
}
