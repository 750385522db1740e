import Foundation

/// Reads one package, each object in its own method; `CaseMembers` knows how a member may be misspelled.
struct CasePackageReader {
    let log: CaseLog

    func read(_ json: JSONValue) -> CasePackage? {
        guard var members = package(in: json) else { return nil }
        guard members.has("CFDocument") else {
            members.missing("CFDocument")
            return nil
        }
        let document = members.members("CFDocument", isRequired: true).flatMap { readDocument($0.unwrapped("CFDocument")) }
        let listed = members.list("CFItems", wrapper: "CFItem")
        if (members.object["CFItems"]?.array ?? []).isEmpty {
            members.repair("CFItems", "case.no_items", "the package has no items")
        }
        let items = distinctItems(listed)
        let associations = distinctAssociations(
            members.list("CFAssociations", wrapper: "CFAssociation"), document: document,
            items: Dictionary(items.map { ($0.item.identifier, $0.item) }, uniquingKeysWith: { first, _ in first }))
        let rubrics = objects("CFRubrics", in: &members) { rubric($0) }
        let definitions = members.members("CFDefinitions")?.object
        guard let document else { return nil }
        if let same = items.first(where: { $0.item.identifier == document.identifier }) {
            log.refuse("\(same.pointer)/identifier", "case.duplicate_item", "is the identifier of the document")
        }
        refuseCycles(document: document, associations: associations)
        let package = CasePackage(
            document: document, items: items.map(\.item), associations: associations.map(\.association),
            rubrics: rubrics, definitions: definitions, extra: members.repairedExtra())
        for place in package.inferredRoots {
            log.repair(items[place].pointer, "case.root_inferred",
                       "has no parent in this package and was taken for a child of the document")
        }
        return package
    }

    // MARK: Document and items

    private func readDocument(_ members: CaseMembers) -> CaseDocument? {
        var members = members
        let identifier = members.requiredIdentifier(), uri = members.required("uri")
        let title = members.required("title"), creator = members.required("creator")
        let lastChange = members.requiredTime("lastChangeDateTime")
        // Read on after a required member was missing: the publisher should see everything at once.
        var document = CaseDocument(
            identifier: identifier ?? UUID(bytes: []), uri: uri ?? "", title: title ?? "", creator: creator ?? "",
            lastChange: lastChange ?? CaseTime(Timestamp(microseconds: 0)))
        document.packageURI = members.link("CFPackageURI")
        document.frameworkType = members.line("frameworkType")
        document.caseVersion = members.line("caseVersion")
        document.officialSourceURL = members.line("officialSourceURL")
        document.publisher = members.line("publisher")
        document.description = members.text("description")
        document.subjects = members.lines("subject")
        document.subjectURIs = members.links("subjectURI")
        document.language = language(&members)
        document.version = members.line("version")
        document.adoptionStatus = members.line("adoptionStatus")
        document.statusStart = members.date("statusStartDate")
        document.statusEnd = members.date("statusEndDate")
        document.license = members.link("licenseURI")
        document.notes = members.text("notes")
        document.extra = members.repairedExtra()
        guard identifier != nil, uri != nil, title != nil, creator != nil, lastChange != nil else { return nil }
        return document
    }

    private func distinctItems(_ list: [CaseMembers]) -> [(item: CaseItem, pointer: String)] {
        var distinct: [(item: CaseItem, pointer: String)] = []
        var known: [UUID: CaseItem] = [:]
        for members in list {
            guard let item = readItem(members) else { continue }
            if let same = known[item.identifier] {
                if same == item {
                    log.repair(members.pointer, "case.duplicate_item", "the same item again was left out")
                } else {
                    members.refuse("identifier", "case.duplicate_item", "belongs to another item too")
                }
                continue
            }
            known[item.identifier] = item
            distinct.append((item, members.pointer))
        }
        return distinct
    }

    private func readItem(_ members: CaseMembers) -> CaseItem? {
        var members = members
        let identifier = members.requiredIdentifier(), uri = members.required("uri")
        let statement = members.required("fullStatement", verbatim: true)
        let lastChange = members.requiredTime("lastChangeDateTime")
        var item = CaseItem(
            identifier: identifier ?? UUID(bytes: []), uri: uri ?? "", fullStatement: statement ?? "",
            lastChange: lastChange ?? CaseTime(Timestamp(microseconds: 0)))
        item.alternativeLabel = members.line("alternativeLabel")
        item.itemType = itemType(&members)
        item.itemTypeURI = members.link("CFItemTypeURI")
        item.humanCodingScheme = members.line("humanCodingScheme")
        item.listEnumeration = members.line("listEnumeration")
        item.abbreviatedStatement = members.text("abbreviatedStatement")
        item.conceptKeywords = members.lines("conceptKeywords")
        item.conceptKeywordsURI = members.link("conceptKeywordsURI")
        item.notes = members.text("notes")
        item.subjects = members.lines("subject")
        item.subjectURIs = members.links("subjectURI")
        item.language = language(&members)
        item.educationLevels = educationLevels(&members)
        item.license = members.link("licenseURI")
        item.statusStart = members.date("statusStartDate")
        item.statusEnd = members.date("statusEndDate")
        item.documentURI = members.link("CFDocumentURI")
        item.extra = members.repairedExtra()
        guard identifier != nil, uri != nil, statement != nil, lastChange != nil else { return nil }
        return item
    }

    private func itemType(_ members: inout CaseMembers) -> String? {
        if members.has("CFItemType") || !members.has("Type") { return members.line("CFItemType") }
        // A null CFItemType beside it is read here too, so that it is reported.
        _ = members.value("CFItemType")
        let type = members.line("Type")
        members.repair("Type", "case.type_member", "Type was read as CFItemType")
        return type
    }

    private func language(_ members: inout CaseMembers) -> String? {
        guard let given = members.line("language") else { return nil }
        let tag = CaseVocabulary.language(given)
        if tag != given { members.repair("language", "case.language", "\(given) was read as \(tag)") }
        return tag
    }

    private func educationLevels(_ members: inout CaseMembers) -> [String] {
        // OpenSALT once wrote educationalLevel; where both stand, the right one counts and the other stays in extra.
        let name = members.has("educationLevel") || !members.has("educationalLevel")
            ? "educationLevel" : "educationalLevel"
        if name != "educationLevel" { _ = members.value("educationLevel") }
        guard let value = members.object[name]?.array == nil ? members.filled(name) : members.value(name)
        else { return [] }
        let elements: [JSONValue] = switch value {
        case .array(let elements): elements.filter { !$0.isNull }
        case .string(let text):
            text.split(whereSeparator: CaseVocabulary.separators.contains).map { .string(String($0)) }
        default: [value]
        }
        let isPlainList = value.array != nil && name == "educationLevel"
        if isPlainList && elements.isEmpty { members.leave(name) }
        var levels: [String] = []
        var isAsGiven = isPlainList && value.array?.count == elements.count
        for element in elements {
            guard let given = element.text ?? element.number?.text else {
                members.keep(name, not: "an array of strings")
                return []
            }
            let level = CaseVocabulary.educationLevel(given)
            isAsGiven = isAsGiven && element == .string(level)
            levels.append(level)
        }
        if !isAsGiven {
            members.repair(name, "case.education_level", "was read as \(levels.joined(separator: ", "))")
        }
        return levels
    }

    // MARK: Rubrics

    func rubric(_ members: CaseMembers) -> CaseRubric? {
        var members = members
        let head = readHead(&members)
        var rubric = CaseRubric(identifier: head.identifier, uri: head.uri, lastChange: head.lastChange)
        rubric.title = members.line("title")
        rubric.description = members.text("description")
        rubric.criteria = objects("CFRubricCriteria", in: &members) { criterion($0) }
        rubric.extra = members.repairedExtra()
        return head.isComplete ? rubric : nil
    }

    private func criterion(_ members: CaseMembers) -> CaseCriterion? {
        var members = members
        let head = readHead(&members)
        var criterion = CaseCriterion(identifier: head.identifier, uri: head.uri, lastChange: head.lastChange)
        criterion.category = members.line("category")
        criterion.description = members.text("description")
        criterion.item = members.link("CFItemURI")
        criterion.weight = members.number("weight")
        criterion.position = members.integer("position")
        criterion.rubricID = members.uuid("rubricId")
        criterion.levels = objects("CFRubricCriterionLevels", in: &members) { level($0) }
        criterion.extra = members.repairedExtra()
        return head.isComplete ? criterion : nil
    }

    private func level(_ members: CaseMembers) -> CaseLevel? {
        var members = members
        let head = readHead(&members)
        var level = CaseLevel(identifier: head.identifier, uri: head.uri, lastChange: head.lastChange)
        level.description = members.text("description")
        level.quality = members.line("quality")
        level.score = members.number("score")
        level.feedback = members.text("feedback")
        level.position = members.integer("position")
        level.criterionID = members.uuid("rubricCriterionId")
        level.extra = members.extra
        return head.isComplete ? level : nil
    }

    private func objects<T>(
        _ name: String, in members: inout CaseMembers, _ read: (CaseMembers) -> T?
    ) -> [T] {
        let list = members.list(name)
        if case .array(let elements)? = members.object[name], elements.isEmpty { members.leave(name) }
        return list.compactMap(read)
    }

    private func readHead(
        _ members: inout CaseMembers
    ) -> (identifier: UUID, uri: String, lastChange: CaseTime, isComplete: Bool) {
        let identifier = members.requiredIdentifier(), uri = members.required("uri")
        let lastChange = members.requiredTime("lastChangeDateTime")
        return (identifier ?? UUID(bytes: []), uri ?? "", lastChange ?? CaseTime(Timestamp(microseconds: 0)),
                identifier != nil && uri != nil && lastChange != nil)
    }
}
