import Domain

/// What an achievement, a level or a result answers to in somebody's framework.
package struct Alignment: Sendable {
    package enum Target: String, Sendable {
        case caseItem = "CFItem"
        case caseRubric = "CFRubric"
        case caseCriterion = "CFRubricCriterion"
        case caseLevel = "CFRubricCriterionLevel"
        case ctdl = "CTDL"
        case ctdlCompetency = "ceasn:Competency"
        case ctdlCredential = "ceterms:Credential"
    }

    package var target: Target
    package var url: String
    package var name: String
    package var code: String?
    package var description: String?
    package var framework: String?

    /// - Parameters:
    ///   - url: the item's own address: a CASE `uri`, a CTID's page in the registry.
    ///   - code: a CASE `humanCodingScheme`, a CTID.
    package init(
        _ target: Target, url: String, name: String, code: String? = nil, description: String? = nil,
        framework: String? = nil
    ) {
        self.target = target
        self.url = url
        self.name = name
        self.code = code
        self.description = description
        self.framework = framework
    }

    package var json: JSONValue {
        var object = JSONObject(type: "Alignment")
        object.put("targetCode", code)
        object.put("targetDescription", description)
        object.put("targetName", name)
        object.put("targetFramework", framework)
        object.put("targetType", target.rawValue)
        object.put("targetUrl", url)
        return .object(object)
    }
}
