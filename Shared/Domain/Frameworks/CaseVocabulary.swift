import Foundation

/// The spellings that publishers use where CASE names a vocabulary.
enum CaseVocabulary {
    /// BCP 47 from `eng`, `en_US`, `EN`. A text that is no language tag comes back as it is.
    static func language(_ text: String) -> String {
        let parts = text.split(whereSeparator: { $0 == "_" || $0 == "-" }).map(String.init)
        guard let first = parts.first?.lowercased(), (2...3).contains(first.utf8.count),
              parts.allSatisfy({ $0.utf8.allSatisfy { isLetterOrDigit($0) } }) else { return text }
        let rest = parts.dropFirst().map { part in
            switch part.utf8.count {
            case 2: part.uppercased()
            case 4: part.prefix(1).uppercased() + part.dropFirst().lowercased()
            default: part.lowercased()
            }
        }
        return ([shorter[first] ?? first] + rest).joined(separator: "-")
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
             UInt8(ascii: "a")...UInt8(ascii: "z"): true
        default: false
        }
    }

    /// ISO 639-2 codes of languages that have a two-letter code, which BCP 47 prefers.
    private static let shorter: [String: String] = [
        "ara": "ar", "chi": "zh", "zho": "zh", "deu": "de", "ger": "de", "eng": "en", "fra": "fr", "fre": "fr",
        "hat": "ht", "hin": "hi", "ita": "it", "jpn": "ja", "kor": "ko", "nav": "nv", "pol": "pl", "por": "pt",
        "rus": "ru", "som": "so", "spa": "es", "tgl": "tl", "ukr": "uk", "urd": "ur", "vie": "vi",
    ]

    /// What separates education levels in one text; no CEDS code has any of these.
    static let separators: Set<Character> = [",", ";", "|"]

    /// CEDS codes from `K`, `3`, `kg`, `PreK`. Other texts come back as they are.
    static func educationLevel(_ text: String) -> String {
        let code = text.trimmingCharacters(in: .whitespaces)
        if code.utf8.count == 1, let digit = code.utf8.first, (0x31...0x39).contains(digit) { return "0" + code }
        switch code.uppercased() {
        case "K", "KG", "KINDERGARTEN": return "KG"
        case "PK", "PREK", "PRE-K": return "PK"
        case "TK": return "TK"
        default: return code
        }
    }

    /// A time in a form that RFC 3339 does not have: without offset, time of day or seconds, with the offset `+0400` or
    /// `+04`. CASE times are UTC unless they say otherwise.
    static func time(_ text: String) -> Timestamp? {
        if let time = Timestamp(text) { return time }
        var day = text[...], rest: Substring = "T00:00:00Z"
        if text.utf8.count > 10 {
            (day, rest) = (text.prefix(10), text.dropFirst(10))
            for zone in [" UTC", " GMT"] where rest.hasSuffix(zone) { rest = rest.dropLast(4) + "Z" }
            var clock = rest.prefix { !"Zz+-".contains($0) }, offset = rest.dropFirst(clock.count)
            while clock.last == " " { clock = clock.dropLast() }
            if clock.utf8.count == 6 { clock += ":00" }
            switch offset.utf8.count {
            case 0: offset = "Z"
            case 3: offset += ":00"
            case 5: offset = offset.prefix(3) + ":" + offset.suffix(2)
            default: break
            }
            rest = clock + offset
        }
        return Timestamp(String(day + rest))
    }

    /// A standard type in another spelling (`Is Child Of`), or a name of its own as `ext:name`; nil if neither.
    static func associationType(_ text: String) -> CaseAssociationType? {
        let standard = CaseAssociationType.standard
        if let exact = standard.first(where: { $0.rawValue == text }) { return exact }
        let letters = text.lowercased().filter { $0.isLetter }
        if let alike = standard.first(where: { $0.rawValue.lowercased() == letters }) { return alike }
        let name = text.hasPrefix("ext:") ? String(text.dropFirst(4)) : text
        guard !name.isEmpty, name.utf8.allSatisfy({ isLetterOrDigit($0) || $0 == 0x2E || $0 == 0x2D || $0 == 0x5F })
        else { return nil }
        return CaseAssociationType(rawValue: "ext:" + name)
    }
}
