import Domain

/// Context addresses in the order they must have.
package enum CredentialContexts {
    package static let openBadges = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
    package static let comprehensiveLearnerRecord = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"
    /// Terms for 1EdTech's kinds of status, schema and refresh.
    package static let extensions = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"

    static func badge(extended: Bool) -> JSONValue {
        .array(([DataModel.v2.rawValue, openBadges] + (extended ? [extensions] : [])).map(JSONValue.string))
    }
}

/// An achievement of one learner (Open Badges 3.0), to be secured by `DataIntegrity` or `CredentialJWT`.
package struct OpenBadgeCredential: Sendable {
    package var id: String
    package var name: String
    package var description: String?
    package var issuer: Profile
    package var validFrom: Timestamp
    package var validUntil: Timestamp?
    package var awarded: Timestamp?
    package var subject: AchievementSubject
    package var evidence: [Evidence] = []
    package var image: BadgeImage?
    package var status: StatusEntry?
    /// Signed endorsements, kept as they are: objects, and compact JWS.
    package var endorsements: [JSONObject] = []
    package var endorsementJWTs: [String] = []
    /// Where a newer version can be asked for.
    package var refresh: String?

    package init(id: String, name: String, issuer: Profile, validFrom: Timestamp, subject: AchievementSubject) {
        self.id = id
        self.name = name
        self.issuer = issuer
        self.validFrom = validFrom
        self.subject = subject
    }

    /// Without proofs.
    /// - Throws: `structure.…` when ids dangle, nobody can tell whose it is, or a rule of the schema is broken.
    package func unsigned() throws(CredentialError) -> JSONObject {
        var object: JSONObject = [
            "@context": CredentialContexts.badge(extended: refresh != nil), "id": .string(id),
            "type": ["VerifiableCredential", "OpenBadgeCredential"], "name": .string(name),
        ]
        object.put("description", description)
        object.put("image", image?.json)
        object.put("issuer", issuer.json)
        object.put("validFrom", validFrom)
        object.put("validUntil", validUntil)
        object.put("awardedDate", awarded)
        object.put("credentialSubject", subject.json)
        object.put("evidence", list: evidence.map(\.json))
        object.put("credentialStatus", status?.json)
        object.put("endorsement", list: endorsements.map(JSONValue.object))
        object.put("endorsementJwt", texts: endorsementJWTs)
        object.put("refreshService", refresh.map { ["id": .string($0), "type": "1EdTechCredentialRefresh"] })
        return try object.checkedToIssue()
    }
}

/// Somebody's word for an issuer, an achievement or a credential.
package struct EndorsementCredential: Sendable {
    package var id: String
    package var name: String
    package var issuer: Profile
    package var validFrom: Timestamp
    package var validUntil: Timestamp?
    /// The id of what is endorsed.
    package var endorsed: String
    package var comment: String?
    package var status: StatusEntry?

    package init(
        id: String, name: String, issuer: Profile, validFrom: Timestamp, validUntil: Timestamp? = nil,
        endorsed: String, comment: String? = nil, status: StatusEntry? = nil
    ) {
        self.id = id
        self.name = name
        self.issuer = issuer
        self.validFrom = validFrom
        self.validUntil = validUntil
        self.endorsed = endorsed
        self.comment = comment
        self.status = status
    }

    /// Without proofs.
    package func unsigned() throws(CredentialError) -> JSONObject {
        var subject: JSONObject = ["id": .string(endorsed), "type": ["EndorsementSubject"]]
        subject.put("endorsementComment", comment)
        var object: JSONObject = [
            "@context": CredentialContexts.badge(extended: false), "id": .string(id),
            "type": ["VerifiableCredential", "EndorsementCredential"], "name": .string(name),
        ]
        object.put("issuer", issuer.json)
        object.put("validFrom", validFrom)
        object.put("validUntil", validUntil)
        object.put("credentialSubject", .object(subject))
        object.put("credentialStatus", status?.json)
        return try object.checkedToIssue()
    }
}

extension JSONObject {
    /// Nothing leaves that our own verifier would not take.
    package func checkedToIssue() throws(CredentialError) -> JSONObject {
        if let problem = StructureCheck.problems(of: self).first { throw problem }
        return self
    }
}
