import Foundation

/// The members of one object of a package, read one by one. What is never asked for stays in `extra`.
struct CaseMembers {
    let object: JSONObject
    let pointer: String
    let log: CaseLog
    private var taken: [Bool]

    init(_ object: JSONObject, at pointer: String, _ log: CaseLog) {
        self.object = object
        self.pointer = pointer
        self.log = log
        taken = Array(repeating: false, count: object.count)
    }

    var extra: JSONObject {
        JSONObject(distinct: object.members.indices.filter { !taken[$0] }.map { object.members[$0] })
    }

    func has(_ name: String) -> Bool { object[name].map { !$0.isNull } ?? false }
    func pointer(_ name: String) -> String { JSONPointer.appending(name, to: pointer) }

    func repair(_ name: String, _ rule: String, _ message: String) { log.repair(pointer(name), rule, message) }
    func refuse(_ name: String, _ rule: String, _ message: String) { log.refuse(pointer(name), rule, message) }

    func mismatch(_ name: String, _ value: JSONValue, _ expected: String) {
        refuse(name, "member.type", "must be \(expected), not \(value.kind)")
    }

    // MARK: Any value

    /// The value, marked as read. A null is what publishers write for "absent".
    mutating func value(_ name: String) -> JSONValue? {
        guard let place = object.place(of: name) else { return nil }
        taken[place] = true
        let value = object.members[place].value
        guard !value.isNull else {
            repair(name, "case.null", "null was read as absent")
            return nil
        }
        return value
    }

    /// The value, unless it is `""`, `{}` or `[]`: what exporters write where they have nothing.
    mutating func filled(_ name: String) -> JSONValue? {
        guard let value = value(name) else { return nil }
        guard !value.isBlank else {
            repair(name, "case.blank", "nothing was in it, so it was read as absent")
            return nil
        }
        return value
    }

    /// Gives an unusual value back to `extra`.
    mutating func leave(_ name: String) {
        if let place = object.place(of: name) { taken[place] = false }
    }

    /// Keeps an optional member that cannot be read: it survives in `extra`, and nothing is made of it.
    mutating func keep(_ name: String, not expected: String) {
        leave(name)
        repair(name, "case.kept_unread", "is not \(expected); it was kept as it is and is not used")
    }

    // MARK: Texts

    /// Markdown, verbatim.
    mutating func text(_ name: String, isRequired: Bool = false) -> String? {
        switch value(name) {
        case nil: return nil
        case .string(let text)?: return text
        case .number(let number)?:
            repair(name, "case.number_text", "a number was read as text")
            return number.text
        case let other? where isRequired:
            mismatch(name, other, "a string")
            return nil
        case let other?:
            if other.isBlank { _ = filled(name) } else { keep(name, not: "a string") }
            return nil
        }
    }

    /// A single line, where spaces at the ends are slips.
    mutating func line(_ name: String, isRequired: Bool = false) -> String? {
        guard let text = text(name, isRequired: isRequired) else { return nil }
        // Nearly every text begins and ends with a visible ASCII character; the full look is slow.
        if let first = text.utf8.first, let last = text.utf8.last,
           (0x21...0x7E).contains(first), (0x21...0x7E).contains(last) { return text }
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        if trimmed != text { repair(name, "case.trailing_space", "spaces at the ends were cut") }
        return trimmed
    }

    mutating func required(_ name: String, verbatim: Bool = false) -> String? {
        guard has(name) else {
            missing(name)
            return nil
        }
        guard let text = verbatim ? text(name, isRequired: true) : line(name, isRequired: true) else { return nil }
        guard text.contains(where: { !$0.isWhitespace }) else {
            refuse(name, "member.missing", "must not be blank")
            return nil
        }
        return text
    }

    /// Absent, null or blank.
    func lacks(_ name: String) -> Bool { object[name].map { $0.isNull || $0.isBlank } ?? true }

    func missing(_ name: String) { refuse(name, "member.missing", "is required") }

    mutating func uuid(_ name: String) -> UUID? {
        guard let value = filled(name) else { return nil }
        guard case .string = value, let text = line(name), let uuid = uuid(name, spelled: text) else {
            keep(name, not: "a UUID")
            return nil
        }
        return uuid
    }

    mutating func requiredIdentifier() -> UUID? {
        let name = nameOfIdentifier()
        guard let text = required(name) else { return nil }
        guard let uuid = uuid(name, spelled: text) else {
            refuse(name, "case.identifier", "must be a UUID")
            return nil
        }
        return uuid
    }

    /// `sourcedId`, OneRoster's name for it, where a server of both writes that instead.
    func nameOfIdentifier() -> String {
        guard lacks("identifier"), !lacks("sourcedId") else { return "identifier" }
        repair("sourcedId", "case.sourced_id", "sourcedId was read as identifier")
        return "sourcedId"
    }

    private func uuid(_ name: String, spelled text: String) -> UUID? {
        guard let uuid = UUID(caseText: text) else { return nil }
        if uuid.text == text { return uuid }
        if uuid.text == text.lowercased() {
            repair(name, "case.identifier_case", "the UUID was written in lower case")
        } else {
            repair(name, "case.identifier_form", "\(text) was read as \(uuid.text)")
        }
        return uuid
    }

    /// Lists of texts; one bare text is a list of one. An empty list stays in `extra`, where it survives.
    mutating func lines(_ name: String) -> [String] {
        switch value(name) {
        case .string(let text)? where !text.isEmpty:
            repair(name, "case.list", "one text was read as a list of one")
            return [text]
        case .array(let elements)?:
            return texts(elements, of: name)
        case nil: return []
        case let other?:
            if other.isBlank { _ = filled(name) } else { keep(name, not: "an array of strings") }
            return []
        }
    }

    private mutating func texts(_ elements: [JSONValue], of name: String) -> [String] {
        if elements.isEmpty { leave(name) }
        var texts: [String] = []
        for (index, element) in elements.enumerated() {
            let place = JSONPointer.appending(index, to: pointer(name))
            switch element {
            case .string(let text): texts.append(text)
            case .number(let number):
                log.repair(place, "case.number_text", "a number was read as text")
                texts.append(number.text)
            case .null: log.repair(place, "case.null", "null was left out")
            default:
                keep(name, not: "an array of strings")
                return []
            }
        }
        return texts
    }

    // MARK: Objects

    mutating func members(_ name: String, isRequired: Bool = false) -> CaseMembers? {
        // PHP writes an empty object as an empty array.
        let isEmptyArray = object[name]?.array?.isEmpty ?? false
        switch isEmptyArray && !isRequired ? filled(name) : value(name) {
        case nil: return nil
        case .object(let object)?: return CaseMembers(object, at: pointer(name), log)
        case let other?:
            mismatch(name, other, "an object")
            return nil
        }
    }

    /// The objects of an array; `wrapper` is the name under which some servers wrap each (`{"CFItem": {…}}`).
    mutating func list(_ name: String, wrapper: String? = nil) -> [CaseMembers] {
        switch value(name) {
        case nil: return []
        case .array(let elements)?:
            return elements.enumerated().compactMap { index, element in
                let place = JSONPointer.appending(index, to: pointer(name))
                guard case .object(let object) = element else {
                    log.refuse(place, "member.type", "must be an object, not \(element.kind)")
                    return nil
                }
                let members = CaseMembers(object, at: place, log)
                return wrapper.map { members.unwrapped($0) } ?? members
            }
        case let other?:
            mismatch(name, other, "an array of objects")
            return []
        }
    }

    /// What an envelope holds, if this is one: an object whose only member has that name.
    func unwrapped(_ name: String) -> CaseMembers {
        guard object.count == 1, case .object(let inner)? = object[name] else { return self }
        log.repair(pointer, "case.schema_wrapper", "the envelope \(name) was opened")
        return CaseMembers(inner, at: pointer(name), log)
    }

    /// An array where CASE wants an object of extensions. CASE itself wants the array in criterion levels.
    mutating func repairedExtra() -> JSONObject {
        guard case .array(let elements)? = object["extensions"] else { return extra }
        var repaired = extra
        var merged = JSONObject()
        var isMerged = true
        for element in elements {
            for member in element.object?.members ?? [] {
                isMerged = isMerged && merged[member.name] == nil
                merged[member.name] = member.value
            }
            isMerged = isMerged && element.object != nil
        }
        repaired["extensions"] = isMerged ? .object(merged) : ["list": .array(elements)]
        repair("extensions", "case.extensions_array", "the array was read as an object")
        return repaired
    }
}

extension JSONValue {
    /// `""`, `[]`, or an object with nothing but nulls and blank texts; spaces aside.
    var isBlank: Bool {
        switch self {
        case .object(let object): object.members.allSatisfy { $0.value.isNull || $0.value.isBlankText }
        case .array(let elements): elements.isEmpty
        default: isBlankText
        }
    }

    private var isBlankText: Bool {
        guard case .string(let text) = self else { return false }
        return text.utf8.allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) }
    }
}
