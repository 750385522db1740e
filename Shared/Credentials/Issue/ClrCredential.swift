import Domain

/// Credentials of one learner together, with what connects them (CLR 2.0).
package struct ClrCredential: Sendable {
    package var id: String
    package var name: String
    package var description: String?
    package var issuer: Profile
    package var validFrom: Timestamp
    package var validUntil: Timestamp?
    package var awarded: Timestamp?
    package var learner: String?
    package var identifiers: [IdentityObject] = []
    /// At least one. Each as it is, with its own contexts and proofs: other issuers' documents are kept verbatim.
    package var credentials: [JSONObject]
    /// Achievements that associations name and no credential has.
    package var achievements: [Achievement] = []
    package var associations: [ClrAssociation] = []
    /// Not everything that there is.
    package var isPartial: Bool?
    package var status: StatusEntry?

    package init(
        id: String, name: String, issuer: Profile, validFrom: Timestamp, learner: String?, credentials: [JSONObject]
    ) {
        self.id = id
        self.name = name
        self.issuer = issuer
        self.validFrom = validFrom
        self.learner = learner
        self.credentials = credentials
    }

    /// Without proofs.
    /// - Throws: `structure.…`.
    package func unsigned() throws(CredentialError) -> JSONObject {
        var subject = JSONObject()
        subject.put("id", learner)
        subject.put("type", list: ["ClrSubject"])
        subject.put("identifier", list: identifiers.map(\.json))
        subject.put("achievement", list: achievements.map(\.json))
        subject.put("verifiableCredential", list: credentials.map(JSONValue.object))
        subject.put("association", list: associations.map(\.json))
        var object: JSONObject = [
            "@context": [.string(DataModel.v2.rawValue), .string(CredentialContexts.comprehensiveLearnerRecord),
                         .string(CredentialContexts.openBadges)],
            "id": .string(id), "type": ["VerifiableCredential", "ClrCredential"], "name": .string(name),
        ]
        object.put("description", description)
        object.put("issuer", issuer.json)
        object.put("validFrom", validFrom)
        object.put("validUntil", validUntil)
        object.put("awardedDate", awarded)
        object.put("partial", isPartial.map(JSONValue.bool))
        object.put("credentialSubject", .object(subject))
        object.put("credentialStatus", status?.json)
        return try object.checkedToIssue()
    }
}

/// How two achievements of a CLR belong together. The list is CLR's own and differs from CASE's.
package struct ClrAssociation: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case exactMatchOf, isChildOf, isParentOf, isPartOf, isPeerOf, isRelatedTo, precedes, replacedBy
    }

    package var kind: Kind
    package var source: String
    package var target: String

    package init(_ kind: Kind, from source: String, to target: String) {
        self.kind = kind
        self.source = source
        self.target = target
    }

    package var json: JSONValue {
        ["type": "Association", "associationType": .string(kind.rawValue), "sourceId": .string(source), "targetId": .string(target)]
    }
}
