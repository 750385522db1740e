import Foundation

extension CaseMembers {
    mutating func number(_ name: String) -> JSONNumber? {
        switch filled(name) {
        case nil: return nil
        case .number(let number)?: return number
        case .string(let text)?:
            guard let number = JSONNumber(Self.withoutLeadingZeros(text.trimmingCharacters(in: .whitespaces))) else {
                keep(name, not: "a number")
                return nil
            }
            repair(name, "case.string_number", "a text was read as the number it spells")
            return number
        default:
            keep(name, not: "a number")
            return nil
        }
    }

    private static func withoutLeadingZeros(_ text: String) -> String {
        let rest = text.drop { $0 == "0" }
        return rest.count < text.count && rest.first?.isNumber == true ? String(rest) : text
    }

    mutating func integer(_ name: String) -> Int64? {
        guard let number = number(name) else { return nil }
        guard let whole = number.int64 else {
            keep(name, not: "a whole number")
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
        guard let time = CaseVocabulary.time(text) else {
            refuse(name, "member.value", "must be a date-time like 2026-11-21T21:35:00Z")
            return nil
        }
        repair(name, "case.date_time", "was read as \(time)")
        return CaseTime(time)
    }

    mutating func date(_ name: String) -> CalendarDate? {
        guard let value = filled(name) else { return nil }
        guard case .string = value, let text = line(name), let date = CalendarDate(String(text.prefix(10))),
              text.utf8.count == 10 || CaseVocabulary.time(text) != nil
        else {
            keep(name, not: "a date like 2026-11-21")
            return nil
        }
        if text.utf8.count == 10 { return date }
        repair(name, "case.date", "the time of day was cut")
        return date
    }
}
