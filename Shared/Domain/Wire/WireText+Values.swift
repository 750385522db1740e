import Foundation

/// What stands in one place, as the type that is asked for.
extension WireText {
    func decode<T: Decodable>(_ type: T.Type, at slot: Int) throws -> T {
        if type == String.self { return unsafeBitCast(try string(at: slot, as: type), to: type) }
        if type == JSONValue.self { return try tree(at: slot) as! T }
        if type == UUID.self { return unsafeBitCast(try uuid(at: slot), to: type) }
        if type == Decimal.self { return unsafeBitCast(try decimal(at: slot), to: type) }
        if type == Data.self { return try base64(at: slot) as! T }
        if type == URL.self { return try url(at: slot) as! T }
        return try type.init(from: WireDecoder(text: self, slot: slot))
    }

    func bool(at slot: Int) throws -> Bool {
        switch slots[slot].kind {
        case .true: true
        case .false: false
        default: throw mismatch(Bool.self, "true or false", at: slot)
        }
    }

    // MARK: Numbers

    func integer<T: FixedWidthInteger>(_: T.Type = T.self, at slot: Int) throws -> T {
        let (start, stop) = try number(T.self, "a whole number", at: slot)
        if let value: T = whole(start, stop) { return value }
        throw corrupted("must be a whole number from \(T.min) to \(T.max)", at: slot)
    }

    /// `3.0` and `3e0` are whole too, and so is what PostgreSQL makes of `1e20`.
    private func whole<T: FixedWidthInteger>(_ start: Int, _ stop: Int) -> T? {
        if let short = shortInteger(start, stop) { return T(exactly: short) }
        let text = text(start, stop)
        if let value = T(text) { return value }
        // Below 2^53 a double tells whole numbers apart; beyond, a decimal does.
        if let double = Double(text), double.magnitude < 0x1p53 { return T(exactly: double) }
        return Decimal(string: text).flatMap { T($0.description) }
    }

    @inline(__always)
    private func shortInteger(_ start: Int, _ stop: Int) -> Int64? {
        let isNegative = bytes[start] == UInt8(ascii: "-"), first = isNegative ? start + 1 : start
        guard stop - first <= 18 else { return nil }
        var whole: Int64 = 0
        for place in first..<stop {
            let digit = bytes[place] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            whole = whole &* 10 &+ Int64(digit)
        }
        return isNegative ? -whole : whole
    }

    func double(at slot: Int) throws -> Double {
        let (start, stop) = try number(Double.self, "a number", at: slot)
        if let short = shortDouble(start, stop) { return short }
        guard let value = Double(text(start, stop)), value.isFinite, value != 0 || isZero(start, stop) else {
            throw corrupted("must be a number within the range of a double", at: slot)
        }
        return value
    }

    /// Up to fifteen digits are exact in a double, and so is their power of ten: then one division rounds once.
    @inline(__always)
    private func shortDouble(_ start: Int, _ stop: Int) -> Double? {
        guard stop - start <= 16, bytes[start] != UInt8(ascii: "-") else { return nil }
        var digits: Int64 = 0, scale = 1.0, isFraction = false
        for place in start..<stop {
            let byte = bytes[place]
            if byte == UInt8(ascii: ".") { isFraction = true } else {
                guard byte &- UInt8(ascii: "0") < 10 else { return nil }
                digits = digits &* 10 &+ Int64(byte &- UInt8(ascii: "0"))
                if isFraction { scale *= 10 }
            }
        }
        return digits < 1_000_000_000_000_000 ? Double(digits) / scale : nil
    }

    func float(at slot: Int) throws -> Float {
        let (start, stop) = try number(Float.self, "a number", at: slot)
        guard let value = Float(text(start, stop)), value.isFinite, value != 0 || isZero(start, stop) else {
            throw corrupted("must be a number within the range of a float", at: slot)
        }
        return value
    }

    /// Whether the number is zero as written, not only too small for its type.
    private func isZero(_ start: Int, _ stop: Int) -> Bool {
        (start..<stop).prefix { bytes[$0] | 0x20 != UInt8(ascii: "e") }.allSatisfy {
            !(UInt8(ascii: "1")...UInt8(ascii: "9")).contains(bytes[$0])
        }
    }

    private func decimal(at slot: Int) throws -> Decimal {
        let (start, stop) = try number(Decimal.self, "a number", at: slot)
        guard let value = Decimal(string: text(start, stop)) else { throw corrupted("must be a decimal", at: slot) }
        return value
    }

    private func number(_ type: Any.Type, _ expected: String, at slot: Int) throws -> (Int, Int) {
        guard slots[slot].kind == .number else { throw mismatch(type, expected, at: slot) }
        return (Int(slots[slot].start), Int(slots[slot].end))
    }

    private func text(_ start: Int, _ stop: Int) -> String {
        String(decoding: UnsafeBufferPointer(start: bytes + start, count: stop - start), as: UTF8.self)
    }

    // MARK: Text

    func string(at slot: Int, as type: Any.Type = String.self) throws -> String {
        switch slots[slot].kind {
        case .string: return text(Int(slots[slot].start), Int(slots[slot].end))
        case .escapedString: return try unescaped(slot)
        default: throw mismatch(type, "a string", at: slot)
        }
    }

    private func unescaped(_ slot: Int) throws -> String {
        var place = Int(slots[slot].start)
        let stop = Int(slots[slot].end)
        var utf8: [UInt8] = []
        utf8.reserveCapacity(stop - place)
        while place < stop {
            guard bytes[place] == UInt8(ascii: "\\") else {
                utf8.append(bytes[place])
                place += 1
                continue
            }
            let letter = bytes[place + 1]
            place += 2
            switch letter {
            case UInt8(ascii: "b"): utf8.append(0x08)
            case UInt8(ascii: "f"): utf8.append(0x0C)
            case UInt8(ascii: "n"): utf8.append(0x0A)
            case UInt8(ascii: "r"): utf8.append(0x0D)
            case UInt8(ascii: "t"): utf8.append(0x09)
            case UInt8(ascii: "u"):
                guard let scalar = scalar(&place, stop) else {
                    throw corrupted("must not hold half of a surrogate pair", at: slot)
                }
                utf8.append(contentsOf: String(scalar).utf8)
            default: utf8.append(letter)
            }
        }
        return String(decoding: utf8, as: UTF8.self)
    }

    /// The character of the digits at `place`, and of a second escape behind them where it needs one.
    private func scalar(_ place: inout Int, _ stop: Int) -> Unicode.Scalar? {
        let first = unit(place)
        place += 4
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, place + 6 <= stop, bytes[place] == UInt8(ascii: "\\"), bytes[place + 1] == UInt8(ascii: "u")
        else { return nil }
        let second = unit(place + 2)
        guard (0xDC00...0xDFFF).contains(second) else { return nil }
        place += 6
        return Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
    }

    private func unit(_ place: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 << 4 | UInt32(bytes[place + $1].hexDigit ?? 0) }
    }

    private func uuid(at slot: Int) throws -> UUID {
        guard let value = UUID(text: try string(at: slot, as: UUID.self)) else { throw corrupted("must be a UUID", at: slot) }
        return value
    }

    private func base64(at slot: Int) throws -> Data {
        guard let value = Data(base64Encoded: try string(at: slot, as: Data.self)) else {
            throw corrupted("must be base64", at: slot)
        }
        return value
    }

    private func url(at slot: Int) throws -> URL {
        guard let value = URL(string: try string(at: slot, as: URL.self)) else { throw corrupted("must be a URL", at: slot) }
        return value
    }

    // MARK: Trees

    /// Members sorted by name, of two with one name the first; numbers as Codable tells them.
    private func tree(at slot: Int) throws -> JSONValue {
        switch slots[slot].kind {
        case .null: return .null
        case .true: return .bool(true)
        case .false: return .bool(false)
        case .string, .escapedString: return .string(try string(at: slot))
        case .number:
            if let whole: Int64 = whole(Int(slots[slot].start), Int(slots[slot].end)) { return .number(JSONNumber(whole)) }
            return try JSONValue.number(WireDecoder(text: self, slot: slot).singleValueContainer())
        case .array:
            var elements: [JSONValue] = [], element = slot + 1
            elements.reserveCapacity(Int(slots[slot].start))
            while element < Int(slots[slot].end) {
                elements.append(try tree(at: element))
                element = behind(element)
            }
            return .array(elements)
        case .object:
            var object: [JSONObject.Member] = []
            object.reserveCapacity(Int(slots[slot].start))
            for (name, value) in members(of: slot).sorted(by: { ($0.name, $0.value) < ($1.name, $1.value) })
            where object.last?.name != name {
                object.append(JSONObject.Member(name: name, value: try tree(at: value)))
            }
            return .object(JSONObject(distinct: object))
        }
    }

    // MARK: Errors

    /// Where nothing stands but null, a value is missing, as Foundation says it too.
    func mismatch(_ type: Any.Type, _ expected: String, at slot: Int) -> DecodingError {
        let path = codingPath(of: slot)
        let found: String
        switch slots[slot].kind {
        case .null:
            return .valueNotFound(type, .init(codingPath: path, debugDescription: "must be \(expected), not null"))
        case .true, .false: found = "true or false"
        case .number: found = "a number"
        case .string, .escapedString: found = "a string"
        case .array: found = "an array"
        case .object: found = "an object"
        }
        return .typeMismatch(type, .init(codingPath: path, debugDescription: "must be \(expected), not \(found)"))
    }

    func corrupted(_ message: String, at slot: Int) -> DecodingError {
        .dataCorrupted(.init(codingPath: codingPath(of: slot), debugDescription: message))
    }
}
