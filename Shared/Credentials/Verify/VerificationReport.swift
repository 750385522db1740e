import Domain

/// One question about a credential, and the answer.
package struct Check: Sendable, Hashable {
    package enum Name: String, Sendable, CaseIterable {
        /// It is a credential of a known class, with what that class must have.
        case structure
        /// Every term means something under its contexts.
        case semantics
        /// A proof fits the document and the key it names.
        case proof
        /// The key is the issuer's, and the issuer is one we know.
        case issuer
        /// It was neither revoked nor suspended.
        case status
        /// Now is within its period.
        case validity
        /// It is about who it should be about. Only when that was asked.
        case recipient
        /// What others say of it. Only when somebody does.
        case endorsements
        /// The credentials within a CLR. Only for those.
        case credentials
    }

    package enum Outcome: String, Sendable, CaseIterable {
        case passed
        case failed
        /// Neither: something was missing to tell. Not a sign of forgery.
        case unchecked = "could not be checked"
    }

    package var name: Name
    package var outcome: Outcome
    /// A plain sentence.
    package var reason: String
    /// The stable rule that failed, when one did.
    package var rule: String?

    package init(_ name: Name, _ outcome: Outcome, _ reason: String, rule: String? = nil) {
        self.name = name
        self.outcome = outcome
        self.reason = reason
        self.rule = rule
    }

    init(_ name: Name, failed error: CredentialError) {
        self.init(name, .failed, error.pointer.isEmpty ? error.message : "\(error.message) (at \(error.pointer))", rule: error.rule)
    }
}

/// What was found out about one document: a list, and no verdict over it. An expired credential is still history, and a
/// status host that is down is not a forgery; which checks must pass is for the reader to say.
package struct VerificationReport: Sendable {
    package var id: String?
    package var types: [String] = []
    package var name: String?
    package var issuer: String?
    package var checks: [Check] = []
    /// Worth knowing, and no failing: old contexts, a refresh service that was not asked.
    package var notes: [String] = []
    /// Of the credentials within a CLR, in their order.
    package var nested: [VerificationReport] = []
    /// Of the endorsements, in the order they were found.
    package var endorsements: [VerificationReport] = []

    package subscript(name: Check.Name) -> Check? { checks.first { $0.name == name } }

    func outcome(of names: [Check.Name]) -> Check.Outcome {
        let outcomes = checks.filter { names.contains($0.name) }.map(\.outcome)
        return outcomes.contains(.failed) ? .failed : outcomes.contains(.unchecked) ? .unchecked : .passed
    }

    /// Passed only when all did; failed as soon as one did. For exit codes, not for people.
    package var combined: Check.Outcome { outcome(of: Check.Name.allCases) }

    package var json: JSONValue {
        var object = JSONObject()
        object.put("id", id)
        object.put("type", texts: types)
        object.put("name", name)
        object.put("issuer", issuer)
        object["checks"] = .array(checks.map { check in
            var json: JSONObject = ["check": .string(check.name.rawValue), "outcome": .string(check.outcome.rawValue), "reason": .string(check.reason)]
            json.put("rule", check.rule)
            return .object(json)
        })
        object.put("notes", texts: notes)
        object.put("credentials", list: nested.map(\.json))
        object.put("endorsements", list: endorsements.map(\.json))
        return .object(object)
    }
}
