import Foundation

/// How much of a package to write.
package enum CaseForm: Sendable {
    /// All of it, with members that CASE 1.1 does not name: for keeping and exchanging.
    case whole
    /// Only what the closed CASE 1.1 schemas allow: for serving CASE, without `extensions` and 1.0 members.
    case strict
}

extension CasePackage {
    /// The flat CASE 1.1 form, without an envelope. Reading the whole form again gives an equal package.
    package func json(_ form: CaseForm = .whole) -> JSONValue {
        var object = JSONObject()
        object["CFDocument"] = document.json(form)
        object["CFItems"] = .array(items.map { $0.json(form) })
        object["CFAssociations"] = .array(associations.map { $0.json(form) })
        object["CFDefinitions"] = definitions.map { .object($0) }
        object.set("CFRubrics", rubrics) { $0.json(form) }
        return object.finished(with: extra, form)
    }
}

extension CaseDocument {
    fileprivate func json(_ form: CaseForm) -> JSONValue {
        var object = JSONObject()
        object.set("identifier", identifier.text)
        object.set("uri", uri)
        object.set("frameworkType", frameworkType)
        object.set("caseVersion", form == .strict ? "1.1" : caseVersion)
        object.set("creator", creator)
        object.set("title", title)
        object.set("lastChangeDateTime", lastChange.text)
        object.set("officialSourceURL", officialSourceURL)
        object.set("publisher", publisher)
        object.set("description", description)
        object.set("subject", subjects) { .string($0) }
        object.set("subjectURI", subjectURIs) { $0.json(form) }
        object.set("language", language)
        object.set("version", version)
        object.set("adoptionStatus", adoptionStatus)
        object.set("statusStartDate", statusStart?.description)
        object.set("statusEndDate", statusEnd?.description)
        object["licenseURI"] = license?.json(form)
        object.set("notes", notes)
        if form == .whole { object["CFPackageURI"] = packageURI?.json(form) }
        return object.finished(with: extra, form)
    }
}

extension CaseItem {
    fileprivate func json(_ form: CaseForm) -> JSONValue {
        var object = JSONObject()
        object.set("identifier", identifier.text)
        object.set("fullStatement", fullStatement)
        object.set("alternativeLabel", alternativeLabel)
        object.set("CFItemType", itemType)
        object.set("uri", uri)
        object.set("humanCodingScheme", humanCodingScheme)
        object.set("listEnumeration", listEnumeration)
        object.set("abbreviatedStatement", abbreviatedStatement)
        object.set("conceptKeywords", conceptKeywords) { .string($0) }
        object["conceptKeywordsURI"] = conceptKeywordsURI?.json(form)
        object.set("notes", notes)
        object.set("subject", subjects) { .string($0) }
        object.set("subjectURI", subjectURIs) { $0.json(form) }
        object.set("language", language)
        object.set("educationLevel", educationLevels) { .string($0) }
        object["CFItemTypeURI"] = itemTypeURI?.json(form)
        object["licenseURI"] = license?.json(form)
        object.set("statusStartDate", statusStart?.description)
        object.set("statusEndDate", statusEnd?.description)
        object.set("lastChangeDateTime", lastChange.text)
        if form == .whole { object["CFDocumentURI"] = documentURI?.json(form) }
        return object.finished(with: extra, form)
    }
}

extension CaseAssociation {
    fileprivate func json(_ form: CaseForm) -> JSONValue {
        var object = JSONObject()
        object.set("identifier", identifier.text)
        object.set("associationType", type.rawValue)
        object["sequenceNumber"] = sequenceNumber.map { .number(JSONNumber($0)) }
        object.set("uri", uri)
        object["originNodeURI"] = origin.json(form)
        object["destinationNodeURI"] = destination.json(form)
        object["CFAssociationGroupingURI"] = grouping?.json(form)
        object.set("lastChangeDateTime", lastChange.text)
        object.set("notes", notes)
        if form == .whole { object["CFDocumentURI"] = documentURI?.json(form) }
        return object.finished(with: extra, form)
    }
}

extension CaseLink {
    fileprivate func json(_ form: CaseForm) -> JSONValue {
        var object = JSONObject()
        object.set("title", title)
        object.set("identifier", identifier)
        object.set("uri", uri)
        object.set("targetType", targetType)
        return object.finished(with: extra, form)
    }
}

extension CaseRubric {
    package func json(_ form: CaseForm = .whole) -> JSONValue {
        var object = JSONObject()
        object.set("identifier", identifier.text)
        object.set("uri", uri)
        object.set("title", title)
        object.set("description", description)
        object.set("lastChangeDateTime", lastChange.text)
        object.set("CFRubricCriteria", criteria) { $0.json(form) }
        return object.finished(with: extra, form)
    }
}

extension CaseCriterion {
    fileprivate func json(_ form: CaseForm) -> JSONValue {
        var object = JSONObject()
        object.set("identifier", identifier.text)
        object.set("uri", uri)
        object.set("category", category)
        object.set("description", description)
        object["CFItemURI"] = item?.json(form)
        object["weight"] = weight.map { .number($0) }
        object["position"] = position.map { .number(JSONNumber($0)) }
        object.set("rubricId", rubricID?.text)
        object.set("lastChangeDateTime", lastChange.text)
        object.set("CFRubricCriterionLevels", levels) { $0.json(form) }
        return object.finished(with: extra, form)
    }
}

extension CaseLevel {
    fileprivate func json(_ form: CaseForm) -> JSONValue {
        var object = JSONObject()
        object.set("identifier", identifier.text)
        object.set("uri", uri)
        object.set("description", description)
        object.set("quality", quality)
        object["score"] = score.map { .number($0) }
        object.set("feedback", feedback)
        object["position"] = position.map { .number(JSONNumber($0)) }
        object.set("rubricCriterionId", criterionID?.text)
        object.set("lastChangeDateTime", lastChange.text)
        return object.finished(with: extra, form)
    }
}

extension JSONObject {
    fileprivate mutating func set(_ name: String, _ text: String?) {
        if let text { self[name] = .string(text) }
    }

    /// An empty list is absent; one that a file held empty comes back from `extra`.
    fileprivate mutating func set<T>(_ name: String, _ list: [T], _ write: (T) -> JSONValue) {
        if !list.isEmpty { self[name] = .array(list.map(write)) }
    }

    fileprivate func finished(with extra: JSONObject, _ form: CaseForm) -> JSONValue {
        var object = self
        if form == .whole {
            for member in extra.members where object[member.name] == nil { object[member.name] = member.value }
        }
        return .object(object)
    }
}
