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

    /// Gives an unusual value back to `extra`.
    mutating func leave(_ name: String) {
        if let place = object.place(of: name) { taken[place] = false }
    }

    // MARK: Texts

    /// Markdown, verbatim.
    mutating func text(_ name: String) -> String? {
        switch value(name) {
        case nil: return nil
        case .string(let text)?: return text
        case .number(let number)?:
            repair(name, "case.number_text", "a number was read as text")
            return number.text
        case let other?:
            mismatch(name, other, "a string")
            return nil
        }
    }

    /// A single line, where spaces at the ends are slips.
    mutating func line(_ name: String) -> String? {
        guard let text = text(name) else { return nil }
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
        guard let text = verbatim ? text(name) : line(name) else { return nil }
        guard text.contains(where: { !$0.isWhitespace }) else {
            refuse(name, "member.missing", "must not be blank")
            return nil
        }
        return text
    }

    func missing(_ name: String) { refuse(name, "member.missing", "is required") }

    mutating func uuid(_ name: String) -> UUID? {
        guard let text = line(name) else { return nil }
        guard let uuid = UUID(text: text) else {
            refuse(name, "case.identifier", "must be a UUID")
            return nil
        }
        if uuid.text != text { repair(name, "case.identifier_case", "the UUID was written in lower case") }
        return uuid
    }

    mutating func requiredUUID(_ name: String) -> UUID? {
        guard has(name) else {
            missing(name)
            return nil
        }
        return uuid(name)
    }

    /// Lists of texts; one bare text is a list of one. An empty list stays in `extra`, where it survives.
    mutating func lines(_ name: String) -> [String] {
        switch value(name) {
        case nil: return []
        case .string(let text)?:
            repair(name, "case.list", "one text was read as a list of one")
            return [text]
        case .array(let elements)?:
            if elements.isEmpty { leave(name) }
            return elements.enumerated().compactMap { index, element in
                if case .string(let text) = element { return text }
                let place = JSONPointer.appending(index, to: pointer(name))
                log.refuse(place, "member.type", "must be a string, not \(element.kind)")
                return nil
            }
        case let other?:
            mismatch(name, other, "an array of strings")
            return []
        }
    }

    // MARK: Numbers and times

    mutating func number(_ name: String) -> JSONNumber? {
        switch value(name) {
        case nil: return nil
        case .number(let number)?: return number
        case .string(let text)?:
            guard let number = JSONNumber(text.trimmingCharacters(in: .whitespaces)) else {
                refuse(name, "member.type", "must be a number")
                return nil
            }
            repair(name, "case.string_number", "a text was read as the number it spells")
            return number
        case let other?:
            mismatch(name, other, "a number")
            return nil
        }
    }

    mutating func integer(_ name: String) -> Int64? {
        guard let number = number(name) else { return nil }
        guard let whole = number.int64 else {
            refuse(name, "member.type", "must be a whole number")
            return nil
        }
        if case .number? = object[name], number.text != String(whole) {
            repair(name, "case.string_number", "the number was written as the whole number it is")
        }
        return whole
    }

    mutating func requiredTime(_ name: String) -> CaseTime? {
        guard let text = required(name) else { return nil }
        if let time = CaseTime(text) { return time }
        // Older exports leave the offset or the time of day out; CASE times are UTC unless they say otherwise.
        for candidate in [text + "Z", text + "T00:00:00Z", text.dropLast(2) + ":" + text.suffix(2)] {
            guard let time = Timestamp(candidate) else { continue }
            repair(name, "case.date_time", "was read as \(time)")
            return CaseTime(time)
        }
        refuse(name, "member.value", "must be a date-time like 2026-11-21T21:35:00Z")
        return nil
    }

    mutating func date(_ name: String) -> CalendarDate? {
        guard let text = line(name) else { return nil }
        if let date = CalendarDate(text) { return date }
        guard let date = CalendarDate(String(text.prefix(10))), Timestamp(text) != nil || Timestamp(text + "Z") != nil
        else {
            refuse(name, "member.value", "must be a date like 2026-11-21")
            return nil
        }
        repair(name, "case.date", "the time of day was cut")
        return date
    }

    // MARK: Objects

    mutating func members(_ name: String) -> CaseMembers? {
        switch value(name) {
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

    /// What an envelope holds, if this is one: an object whose only member has that name, or which has it among others.
    func unwrapped(_ name: String, despiteOthers: Bool = false) -> CaseMembers {
        guard object.count == 1 || despiteOthers, case .object(let inner)? = object[name] else { return self }
        for other in object.names where other != name {
            repair(other, "case.schema_wrapper", "was left out, being outside the package")
        }
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
