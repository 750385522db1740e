import Foundation

extension JSONValue {
    /// Reads exactly one JSON text by RFC 8259, and nothing that only looks like one: valid UTF-8 without a byte order
    /// mark, nothing after the value, no NaN, no repeated member name, no lone surrogate, no U+0000 (PostgreSQL's text
    /// cannot hold it), no number beyond a double's range. Never traps, never recurses past `limits.depthMax`.
    package static func parse(
        _ bytes: [UInt8], limits: JSONLimits = .edge
    ) throws(JSONError) -> JSONValue {
        var reader = JSONReader(bytes: bytes, limits: limits)
        return try reader.text()
    }
}

/// One pass over the bytes. An error collects its pointer on the way out, so that success pays nothing for it.
private struct JSONReader {
    private let bytes: [UInt8]
    private let end: Int
    private let limits: JSONLimits
    private var at = 0
    private var values = 0
    /// Names seen lately, by a hash of their bytes: records repeat the same few names.
    private var names: [String?] = Array(repeating: nil, count: Self.nameSlots)

    private static let nameSlots = 256
    /// Of a number's text: PostgreSQL's `numeric` and a double hold all of it.
    private static let numberBytesMax = 400

    init(bytes: [UInt8], limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
        end = bytes.count
    }

    mutating func text() throws(JSONError) -> JSONValue {
        guard end <= limits.bytesMax else {
            throw fail(JSONError.bytes, "The text is longer than \(limits.bytesMax) bytes.", at: limits.bytesMax)
        }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            throw fail("json.byte_order_mark", "The text must not begin with a byte order mark.")
        }
        skipSpace()
        let value = try value(depth: 0)
        skipSpace()
        guard at == end else { throw fail("json.trailing_text", "Nothing may follow the JSON value.") }
        return value
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        guard at < end else { throw endTooSoon() }
        values += 1
        guard values <= limits.valuesMax else {
            throw fail(JSONError.values, "The text has more than \(limits.valuesMax) values.")
        }
        switch bytes[at] {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        case UInt8(ascii: "t"): try word("true"); return .bool(true)
        case UInt8(ascii: "f"): try word("false"); return .bool(false)
        case UInt8(ascii: "n"): try word("null"); return .null
        default: throw fail("json.syntax", "A JSON value must begin here.")
        }
    }

    private mutating func array(depth: Int) throws(JSONError) -> [JSONValue] {
        try enter(depth)
        var elements: [JSONValue] = []
        if next(is: UInt8(ascii: "]")) { return elements }
        while true {
            skipSpace()
            do { elements.append(try value(depth: depth)) } catch { throw error.below("\(elements.count)") }
            if next(is: UInt8(ascii: ",")) { continue }
            if next(is: UInt8(ascii: "]")) { return elements }
            throw expected("a comma or the end of the array")
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONObject {
        try enter(depth)
        var members: [JSONObject.Member] = []
        var seen: Set<String> = []
        if next(is: UInt8(ascii: "}")) { return JSONObject() }
        members.reserveCapacity(8)
        while true {
            skipSpace()
            let nameAt = at
            guard at < end, bytes[at] == UInt8(ascii: "\"") else { throw expected("a member name in quotes") }
            let name = try name()
            guard isNew(name, among: members, &seen) else {
                throw fail("json.duplicate_member", "A member may be given only once.", at: nameAt).below(name)
            }
            guard members.count < limits.membersMax else {
                throw fail(JSONError.members, "An object has more than \(limits.membersMax) members.", at: nameAt)
            }
            guard next(is: UInt8(ascii: ":")) else { throw expected("a colon").below(name) }
            skipSpace()
            do { members.append(JSONObject.Member(name: name, value: try value(depth: depth))) } catch {
                throw error.below(name)
            }
            if next(is: UInt8(ascii: ",")) { continue }
            if next(is: UInt8(ascii: "}")) { return JSONObject(distinct: members) }
            throw expected("a comma or the end of the object")
        }
    }

    /// Compares with each while there are few, then through a set, so that no object costs the square of its size.
    private func isNew(_ name: String, among members: [JSONObject.Member], _ seen: inout Set<String>) -> Bool {
        guard members.count >= 16 else { return !members.contains { $0.name == name } }
        if seen.isEmpty { seen = Set(members.map(\.name)) }
        return seen.insert(name).inserted
    }

    private mutating func enter(_ depth: Int) throws(JSONError) {
        guard depth <= limits.depthMax else {
            throw fail(JSONError.depth, "Values are nested deeper than \(limits.depthMax).")
        }
        at += 1
    }

    // MARK: Strings

    /// A name without escapes comes from the cache when it was seen lately: no allocation, no second validation.
    private mutating func name() throws(JSONError) -> String {
        let start = at + 1
        var place = start
        var hash: UInt32 = 2_166_136_261
        while place < end, bytes[place] != UInt8(ascii: "\"") {
            let byte = bytes[place]
            guard byte >= 0x20, byte < 0x80, byte != UInt8(ascii: "\\") else { return try string() }
            hash = (hash ^ UInt32(byte)) &* 16_777_619
            place += 1
        }
        guard place < end else { throw endTooSoon() }
        let slot = Int(hash) & (Self.nameSlots - 1)
        if let known = names[slot], isSame(known, start, place) {
            at = place + 1
            return known
        }
        let name = String(decoding: bytes[start..<place], as: UTF8.self)
        names[slot] = name
        at = place + 1
        return name
    }

    private func isSame(_ text: String, _ start: Int, _ stop: Int) -> Bool {
        guard text.utf8.count == stop - start else { return false }
        var place = start
        for byte in text.utf8 {
            guard byte == bytes[place] else { return false }
            place += 1
        }
        return true
    }

    private mutating func string() throws(JSONError) -> String {
        at += 1
        let start = at
        var isASCII = true
        while at < end {
            let byte = bytes[at]
            if byte == UInt8(ascii: "\"") {
                let slice = bytes[start..<at]
                at += 1
                if isASCII { return String(decoding: slice, as: UTF8.self) }
                guard let text = String(validating: slice, as: UTF8.self) else { throw notUTF8(from: start) }
                return text
            }
            if byte == UInt8(ascii: "\\") { return try stringWithEscapes(from: start) }
            guard byte >= 0x20 else { throw controlCharacter() }
            if byte >= 0x80 { isASCII = false }
            at += 1
        }
        throw endTooSoon()
    }

    private mutating func stringWithEscapes(from start: Int) throws(JSONError) -> String {
        var unescaped = Array(bytes[start..<at])
        while at < end {
            let byte = bytes[at]
            switch byte {
            case UInt8(ascii: "\""):
                at += 1
                guard let text = String(validating: unescaped, as: UTF8.self) else { throw notUTF8(from: start) }
                return text
            case UInt8(ascii: "\\"): unescaped.append(contentsOf: String(try escape()).utf8)
            case 0..<0x20: throw controlCharacter()
            default:
                unescaped.append(byte)
                at += 1
            }
        }
        throw endTooSoon()
    }

    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
        guard at + 1 < end else { throw endTooSoon() }
        let letter = bytes[at + 1]
        let plain: Unicode.Scalar? = switch letter {
        case UInt8(ascii: "\""): "\""
        case UInt8(ascii: "\\"): "\\"
        case UInt8(ascii: "/"): "/"
        case UInt8(ascii: "b"): "\u{08}"
        case UInt8(ascii: "f"): "\u{0C}"
        case UInt8(ascii: "n"): "\n"
        case UInt8(ascii: "r"): "\r"
        case UInt8(ascii: "t"): "\t"
        default: nil
        }
        if let plain {
            at += 2
            return plain
        }
        guard letter == UInt8(ascii: "u") else { throw fail("json.escape", "There is no such escape in JSON.") }
        let start = at
        let first = try hexUnit()
        if first == 0 { throw fail("json.nul", "U+0000 is not accepted in text.", at: start) }
        if let scalar = Unicode.Scalar(first) { return scalar }
        // A high surrogate must be followed by the escape of a low one.
        guard first < 0xDC00, at + 1 < end, bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u")
        else { throw fail("json.lone_surrogate", "Half of a surrogate pair is not a character.", at: start) }
        let second = try hexUnit()
        guard (0xDC00...0xDFFF).contains(second),
              let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else { throw fail("json.lone_surrogate", "Half of a surrogate pair is not a character.", at: start) }
        return scalar
    }

    /// The four digits of the `\u` escape that begins here.
    private mutating func hexUnit() throws(JSONError) -> UInt32 {
        guard at + 6 <= end else { throw endTooSoon() }
        var unit: UInt32 = 0
        for place in (at + 2)..<(at + 6) {
            guard let digit = bytes[place].hexDigit else {
                throw fail("json.escape", "The escape needs four hexadecimal digits.", at: place)
            }
            unit = unit << 4 | UInt32(digit)
        }
        at += 6
        return unit
    }

    // MARK: Numbers and words

    private mutating func number() throws(JSONError) -> JSONNumber {
        let start = at
        if bytes[at] == UInt8(ascii: "-") { at += 1 }
        let whole = try digits()
        guard whole == 1 || bytes[at - whole] != UInt8(ascii: "0") else {
            throw fail("json.number", "A number must not begin with a superfluous zero.", at: start)
        }
        if at < end, bytes[at] == UInt8(ascii: ".") {
            at += 1
            _ = try digits()
        }
        var hasExponent = false
        if at < end, bytes[at] | 0x20 == UInt8(ascii: "e") {
            hasExponent = true
            at += 1
            if at < end, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at += 1 }
            _ = try digits()
        }
        guard at - start <= Self.numberBytesMax else { throw outOfRange(start) }
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        if hasExponent || at - start > 300 { try checkRange(text, start) }
        return JSONNumber(checked: text)
    }

    /// Reads one digit or more and says how many.
    private mutating func digits() throws(JSONError) -> Int {
        let start = at
        while at < end, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[at]) { at += 1 }
        guard at > start else {
            throw at < end ? fail("json.number", "A digit must stand here.") : endTooSoon()
        }
        return at - start
    }

    /// An exponent that a double cannot follow, up or down, is refused rather than turned into infinity or zero.
    private func checkRange(_ text: String, _ start: Int) throws(JSONError) {
        guard let double = Double(text), double.isFinite else { throw outOfRange(start) }
        if double == 0 {
            let isZero = text.prefix { $0 != "e" && $0 != "E" }.utf8.allSatisfy {
                !(UInt8(ascii: "1")...UInt8(ascii: "9")).contains($0)
            }
            guard isZero, text.utf8.count <= 20 else { throw outOfRange(start) }
        }
    }

    private func outOfRange(_ start: Int) -> JSONError {
        fail("json.number_range", "The number is longer or larger than a double can follow.", at: start)
    }

    private mutating func word(_ word: StaticString) throws(JSONError) {
        for place in 0..<word.utf8CodeUnitCount {
            guard at + place < end else { throw endTooSoon() }
            guard bytes[at + place] == word.utf8Start[place] else {
                throw fail("json.syntax", "A JSON value must begin here.")
            }
        }
        at += word.utf8CodeUnitCount
    }

    // MARK: Between values

    private mutating func skipSpace() {
        while at < end {
            switch bytes[at] {
            case 0x20, 0x0A, 0x0D, 0x09: at += 1
            default: return
            }
        }
    }

    /// Takes the byte if it comes next, after any space.
    private mutating func next(is byte: UInt8) -> Bool {
        skipSpace()
        guard at < end, bytes[at] == byte else { return false }
        at += 1
        return true
    }

    // MARK: Errors

    private func fail(_ rule: String, _ message: String, at offset: Int? = nil) -> JSONError {
        JSONError(offset: offset ?? at, pointer: "", rule: rule, message: message)
    }

    private func endTooSoon() -> JSONError {
        fail("json.unexpected_end", "The text ends before its value does.", at: end)
    }

    private func expected(_ what: String) -> JSONError {
        at < end ? fail("json.syntax", "Expected \(what) here.") : endTooSoon()
    }

    private func controlCharacter() -> JSONError {
        bytes[at] == 0
            ? fail("json.nul", "U+0000 is not accepted in text.")
            : fail("json.control_character", "Control characters in text must be escaped.")
    }

    /// Finds the byte that the quick check of the whole string only knew to exist.
    private func notUTF8(from start: Int) -> JSONError {
        var place = start
        var decoder = UTF8()
        var rest = bytes[start..<end].makeIterator()
        while case .scalarValue(let scalar) = decoder.decode(&rest) { place += UTF8.width(scalar) }
        return fail("json.utf8", "The text is not valid UTF-8.", at: place)
    }
}

extension JSONError {
    fileprivate func below(_ token: String) -> JSONError {
        var error = self
        error.pointer = JSONPointer.appending(token, to: "") + pointer
        return error
    }
}
