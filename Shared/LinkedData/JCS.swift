import Domain

/// JSON Canonicalization Scheme, RFC 8785.
package enum JCS {
    private static let depthMax = 128

    /// Members sorted by UTF-16 code units, numbers as ECMAScript writes the nearest double, no space.
    /// - Throws: `jcs.too_deep` past 128 levels, which the strict reader never gives.
    package static func canonicalize(_ value: JSONValue) throws(LinkedDataError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(4096)
        try append(value, to: &bytes, depth: 0)
        return bytes
    }

    /// Reads strictly first (duplicate names, lone surrogates and numbers beyond a double are refused).
    /// - Throws: the reader's rule (`json.…`) or as above.
    package static func canonicalize(
        _ text: [UInt8], limits: JSONLimits = .edge
    ) throws(LinkedDataError) -> [UInt8] {
        let value: JSONValue
        do { value = try JSONValue.parse(text, limits: limits) } catch {
            throw LinkedDataError(rule: error.rule, pointer: error.pointer,
                                  message: "\(error.message) (byte \(error.offset))")
        }
        return try canonicalize(value)
    }

    private static func append(
        _ value: JSONValue, to bytes: inout [UInt8], depth: Int
    ) throws(LinkedDataError) {
        guard depth <= depthMax else {
            throw LinkedDataError(rule: "jcs.too_deep", message: "Values are nested deeper than \(depthMax).")
        }
        switch value {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .number(let number): bytes.append(contentsOf: ECMAScriptNumber.text(number.double).utf8)
        case .string(let text): JSONText.append(text, to: &bytes, canonical: true)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (place, element) in elements.enumerated() {
                if place > 0 { bytes.append(UInt8(ascii: ",")) }
                try append(element, to: &bytes, depth: depth + 1)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let object):
            bytes.append(UInt8(ascii: "{"))
            let members = object.members
            var isFirst = true
            for (_, place) in ranked(members) {
                if !isFirst { bytes.append(UInt8(ascii: ",")) }
                isFirst = false
                JSONText.append(members[place].name, to: &bytes, canonical: true)
                bytes.append(UInt8(ascii: ":"))
                try append(members[place].value, to: &bytes, depth: depth + 1)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    /// The order of UTF-16 is that of UTF-8 except that characters beyond U+FFFF, whose surrogates begin with D8 to DB,
    /// come before U+E000 to U+FFFF, whose UTF-8 begins with EE or EF.
    static func precedesByUTF16(_ one: String, _ other: String) -> Bool {
        one.withBytes { left in
            other.withBytes { right in
                let common = min(left.count, right.count)
                for place in 0..<common where left[place] != right[place] { return rank(left[place]) < rank(right[place]) }
                return left.count < right.count
            }
        }
    }

    /// Places of the members in the order of their names. Few are put in order one by one: most objects are small, and
    /// the general sort spends more on being ready than on sorting. Nearly all names differ in their first eight bytes.
    private static func ranked(_ members: [JSONObject.Member]) -> [Ranked] {
        func precedes(_ one: Ranked, _ other: Ranked) -> Bool {
            guard one.firstEight == other.firstEight else { return one.firstEight < other.firstEight }
            return precedesByUTF16(members[one.place].name, members[other.place].name)
        }
        var ranked = members.indices.map { Ranked(firstEight(members[$0].name), $0) }
        if ranked.count > 16 {
            ranked.sort(by: precedes)
        } else {
            for next in ranked.indices.dropFirst() {
                let moving = ranked[next]
                var place = next
                while place > 0, precedes(moving, ranked[place - 1]) {
                    ranked[place] = ranked[place - 1]
                    place -= 1
                }
                ranked[place] = moving
            }
        }
        return ranked
    }

    private typealias Ranked = (firstEight: UInt64, place: Int)

    /// The ranks of the first eight bytes as one number; shorter names end in zeros.
    private static func firstEight(_ name: String) -> UInt64 {
        name.withBytes { bytes in
            if bytes.count >= 8 {
                let eight = UInt64(bigEndian: UnsafeRawBufferPointer(bytes).loadUnaligned(as: UInt64.self))
                if eight & 0x8080_8080_8080_8080 == 0 { return eight }
            }
            var number: UInt64 = 0
            for byte in bytes.prefix(8) { number = number << 8 | UInt64(rank(byte)) }
            return number << UInt64(8 * max(0, 8 - bytes.count))
        }
    }

    private static func rank(_ byte: UInt8) -> UInt8 {
        switch byte {
        case 0xF0...: byte - 2
        case 0xEE, 0xEF: byte + 5
        default: byte
        }
    }
}
