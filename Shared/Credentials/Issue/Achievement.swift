import Domain

/// What can be achieved: a competency, a course, a badge.
package struct Achievement: Sendable {
    package var id: String
    /// One of the published names (`Competency`, `Course`, `MicroCredential`, …) or `ext:` and a name.
    package var type: String?
    package var name: String
    package var description: String
    package var criteria: Criteria
    package var alignments: [Alignment] = []
    package var creator: Profile?
    package var fieldOfStudy: String?
    package var humanCode: String?
    package var image: BadgeImage?
    package var language: String?
    package var creditsAvailable: JSONNumber?
    package var resultDescriptions: [ResultDescription] = []
    package var tags: [String] = []
    package var version: String?

    /// How it is earned. At least one of both says something.
    package struct Criteria: Sendable {
        package var id: String?
        package var narrative: String?

        package init(id: String? = nil, narrative: String? = nil) {
            self.id = id
            self.narrative = narrative
        }
    }

    package init(id: String, type: String? = nil, name: String, description: String, criteria: Criteria) {
        self.id = id
        self.type = type
        self.name = name
        self.description = description
        self.criteria = criteria
    }

    package var json: JSONValue {
        var object: JSONObject = ["id": .string(id), "type": ["Achievement"]]
        object.put("achievementType", type)
        object.put("name", name)
        object.put("description", description)
        var criteria = JSONObject()
        criteria.put("id", self.criteria.id)
        criteria.put("narrative", self.criteria.narrative)
        object.put("criteria", .object(criteria))
        object.put("alignment", list: alignments.map(\.json))
        object.put("creator", creator?.json)
        object.put("fieldOfStudy", fieldOfStudy)
        object.put("humanCode", humanCode)
        object.put("image", image?.json)
        object.put("inLanguage", language)
        object.put("creditsAvailable", creditsAvailable)
        object.put("resultDescription", list: resultDescriptions.map(\.json))
        object.put("tag", texts: tags)
        object.put("version", version)
        return .object(object)
    }
}

/// A kind of result an achievement can have, with the rubric's levels when it is judged by one.
package struct ResultDescription: Sendable {
    package var id: String
    package var name: String
    /// `RubricCriterionLevel`, `Status`, `LetterGrade`, … or `ext:` and a name.
    package var type: String
    package var alignments: [Alignment] = []
    /// From low to high. The order is kept: it means something.
    package var allowedValues: [String] = []
    package var levels: [RubricLevel] = []
    /// The id of one of `levels`.
    package var requiredLevel: String?
    package var requiredValue: String?

    package init(id: String, name: String, type: String) {
        self.id = id
        self.name = name
        self.type = type
    }

    package var json: JSONValue {
        var object: JSONObject = ["id": .string(id), "type": ["ResultDescription"]]
        object.put("name", name)
        object.put("resultType", type)
        object.put("alignment", list: alignments.map(\.json))
        object.put("allowedValue", texts: allowedValues)
        object.put("requiredLevel", requiredLevel)
        object.put("requiredValue", requiredValue)
        object.put("rubricCriterionLevel", list: levels.map(\.json))
        return .object(object)
    }
}

/// A level of a rubric.
package struct RubricLevel: Sendable {
    package var id: String
    package var name: String
    package var level: String?
    package var description: String?
    package var points: String?
    package var alignments: [Alignment]

    package init(
        id: String, name: String, level: String? = nil, description: String? = nil, points: String? = nil,
        alignments: [Alignment] = []
    ) {
        self.id = id
        self.name = name
        self.level = level
        self.description = description
        self.points = points
        self.alignments = alignments
    }

    package var json: JSONValue {
        var object: JSONObject = ["id": .string(id), "type": ["RubricCriterionLevel"]]
        object.put("name", name)
        object.put("level", level)
        object.put("description", description)
        object.put("points", points)
        object.put("alignment", list: alignments.map(\.json))
        return .object(object)
    }
}
