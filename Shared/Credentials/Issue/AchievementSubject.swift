import Domain

/// Whose achievement it is, and how it went.
package struct AchievementSubject: Sendable {
    /// A DID or another address of the learner. Needed for a JWT; without it `identifiers` must tell who it is.
    package var id: String?
    package var identifiers: [IdentityObject] = []
    package var achievement: Achievement
    package var results: [AchievementResult] = []
    package var activityStart: Timestamp?
    package var activityEnd: Timestamp?
    package var creditsEarned: JSONNumber?
    package var narrative: String?
    package var role: String?
    package var source: Profile?
    package var term: String?

    package init(id: String?, identifiers: [IdentityObject] = [], achievement: Achievement, results: [AchievementResult] = []) {
        self.id = id
        self.identifiers = identifiers
        self.achievement = achievement
        self.results = results
    }

    package var json: JSONValue {
        var object = JSONObject()
        object.put("id", id)
        object.put("type", list: ["AchievementSubject"])
        object.put("identifier", list: identifiers.map(\.json))
        object.put("achievement", achievement.json)
        object.put("result", list: results.map(\.json))
        object.put("activityStartDate", activityStart)
        object.put("activityEndDate", activityEnd)
        object.put("creditsEarned", creditsEarned)
        object.put("narrative", narrative)
        object.put("role", role)
        object.put("source", source?.json)
        object.put("term", term)
        return .object(object)
    }
}

/// One result: a level, a value or a status.
package struct AchievementResult: Sendable {
    package enum Status: String, Sendable, CaseIterable {
        case completed = "Completed", enrolled = "Enrolled", failed = "Failed", inProgress = "InProgress"
        case onHold = "OnHold", provisional = "Provisional", withdrew = "Withdrew"
    }

    /// The id of one of the achievement's result descriptions.
    package var description: String?
    /// The id of one of that description's levels.
    package var achievedLevel: String?
    package var value: String?
    package var status: Status?
    package var alignments: [Alignment]

    package init(
        description: String? = nil, achievedLevel: String? = nil, value: String? = nil, status: Status? = nil,
        alignments: [Alignment] = []
    ) {
        self.description = description
        self.achievedLevel = achievedLevel
        self.value = value
        self.status = status
        self.alignments = alignments
    }

    package var json: JSONValue {
        var object = JSONObject(type: "Result")
        object.put("resultDescription", description)
        object.put("achievedLevel", achievedLevel)
        object.put("value", value)
        object.put("status", status?.rawValue)
        object.put("alignment", list: alignments.map(\.json))
        return .object(object)
    }
}

/// What shows that it was achieved.
package struct Evidence: Sendable {
    package var id: String?
    package var name: String?
    package var narrative: String?
    package var description: String?
    package var genre: String?
    package var audience: String?

    package init(
        id: String? = nil, name: String? = nil, narrative: String? = nil, description: String? = nil,
        genre: String? = nil, audience: String? = nil
    ) {
        self.id = id
        self.name = name
        self.narrative = narrative
        self.description = description
        self.genre = genre
        self.audience = audience
    }

    package var json: JSONValue {
        var object = JSONObject()
        object.put("id", id)
        object.put("type", list: ["Evidence"])
        object.put("name", name)
        object.put("narrative", narrative)
        object.put("description", description)
        object.put("genre", genre)
        object.put("audience", audience)
        return .object(object)
    }
}
