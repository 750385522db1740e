import Domain

/// Is it about whom it should be about?
enum RecipientCheck {
    static func run(_ credential: JSONObject, _ recipient: String) -> Check {
        var unknown: String?, asked = false
        for subject in credential.list("credentialSubject") {
            if let id = subject["id"]?.text {
                asked = true
                if id.isExactly(recipient) { return Check(.recipient, .passed, "The subject's id is \(recipient).") }
            }
            for identity in subject.object?.list("identifier") ?? [] {
                guard let identity = IdentityObject(identity) else { continue }
                asked = true
                switch identity.match(recipient) {
                case .same: return Check(.recipient, .passed, "An identifier of the subject (\(identity.type)) is that of the recipient.")
                case .other: break
                case .unknownAlgorithm(let name): unknown = name
                }
            }
        }
        if let unknown { return Check(.recipient, .unchecked, "An identifier is hashed with \(unknown), which is none of sha256 and md5.") }
        return asked
            ? Check(.recipient, .failed, "Neither the subject's id nor an identifier is that of the recipient.", rule: "recipient.other")
            : Check(.recipient, .unchecked, "The subject has neither id nor identifier.")
    }
}
