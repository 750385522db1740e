import Domain

/// What a learner has shown to be able to do, as a CLR: one credential for each competency, with the level reached on
/// the rubric it was judged by and the evidence. There is no place in it for anything that ranks learners: no average,
/// no percentile, no points. A foreign document that has such things goes in verbatim.
package struct MasteryTranscript: Sendable {
    package var id: String
    package var name: String
    package var issuer: Profile
    package var issued: Timestamp
    package var learner: String?
    package var identifiers: [IdentityObject] = []
    package var competencies: [Competency]
    /// Other issuers' credentials, untouched.
    package var foreign: [JSONObject] = []
    package var status: StatusEntry?

    package struct Competency: Sendable {
        /// Of the credential.
        package var id: String
        /// Of the competency; the base of the ids of its levels.
        package var achievement: String
        package var name: String
        package var description: String
        package var criteria: Achievement.Criteria
        package var alignments: [Alignment] = []
        /// The rubric's levels from low to high, with ids.
        package var levels: [RubricLevel]
        /// The id of one of `levels`.
        package var reached: String
        package var demonstrated: Timestamp
        package var evidence: [Evidence] = []
        /// The competency this one is a part of, by its `achievement`.
        package var partOf: String?

        package init(
            id: String, achievement: String, name: String, description: String, criteria: Achievement.Criteria,
            levels: [RubricLevel], reached: String, demonstrated: Timestamp
        ) {
            self.id = id
            self.achievement = achievement
            self.name = name
            self.description = description
            self.criteria = criteria
            self.levels = levels
            self.reached = reached
            self.demonstrated = demonstrated
        }
    }

    package init(
        id: String, name: String, issuer: Profile, issued: Timestamp, learner: String?, competencies: [Competency]
    ) {
        self.id = id
        self.name = name
        self.issuer = issuer
        self.issued = issued
        self.learner = learner
        self.competencies = competencies
    }

    /// The CLR without its proof.
    /// - Parameter sign: puts a proof on each competency's credential, so that it can be shown alone; the identity
    ///   function leaves that to the proof of the whole.
    package func unsigned(
        signingEach sign: (JSONObject) throws(CredentialError) -> JSONObject = { $0 }
    ) throws(CredentialError) -> JSONObject {
        var credentials: [JSONObject] = []
        for competency in competencies { credentials.append(try sign(badge(of: competency).unsigned())) }
        var clr = ClrCredential(
            id: id, name: name, issuer: issuer, validFrom: issued, learner: learner, credentials: credentials + foreign)
        clr.identifiers = identifiers
        clr.status = status
        clr.associations = competencies.compactMap { competency in
            competency.partOf.map { ClrAssociation(.isPartOf, from: competency.achievement, to: $0) }
        }
        return try clr.unsigned()
    }

    private func badge(of competency: Competency) -> OpenBadgeCredential {
        var description = ResultDescription(
            id: competency.achievement + "#level", name: "Level of mastery", type: "RubricCriterionLevel")
        description.levels = competency.levels.map { level in
            var level = level
            level.points = nil
            return level
        }
        var achievement = Achievement(
            id: competency.achievement, type: "Competency", name: competency.name, description: competency.description,
            criteria: competency.criteria)
        achievement.alignments = competency.alignments
        achievement.resultDescriptions = [description]
        var badge = OpenBadgeCredential(
            id: competency.id, name: competency.name, issuer: issuer, validFrom: issued,
            subject: AchievementSubject(
                id: learner, identifiers: identifiers, achievement: achievement,
                results: [AchievementResult(description: description.id, achievedLevel: competency.reached)]))
        badge.awarded = competency.demonstrated
        badge.evidence = competency.evidence
        return badge
    }
}
