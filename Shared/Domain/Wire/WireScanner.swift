/// One pass over a JSON text that finds every value and checks the whole grammar of RFC 8259 but the pairing of
/// surrogates, which the reading of a string checks. Iterative, so that depth costs no stack.
struct WireScanner {
    /// Ends with zero bytes past `end`: a zero is nowhere allowed, so most loops need no other bound.
    let bytes: UnsafePointer<UInt8>
    let end: Int
    private(set) var slots: [WireText.Slot] = []
    private(set) var at = 0
    private var open = -1
    private var depth = 0

    init(bytes: UnsafePointer<UInt8>, count: Int) {
        self.bytes = bytes
        end = count
        slots.reserveCapacity(count / 8 + 8)
    }

    /// False when the text is no JSON value, or one too deep; then `at` is near the offense.
    mutating func scan() -> Bool {
        skipSpace()
        while true {
            guard let isWhole = value() else { return false }
            guard isWhole else { continue }
            // After a value: what it stands in ends with it, or goes on.
            while true {
                skipSpace()
                guard open >= 0 else { return at == end }
                let isObject = slots[open].kind == .object
                if bytes[at] == UInt8(ascii: ",") {
                    at += 1
                    skipSpace()
                    guard !isObject || name() else { return false }
                    break
                }
                guard bytes[at] == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else { return false }
                close()
            }
        }
    }

    /// Nil when there is none here; false when it is a container of which the first element is still to be read.
    private mutating func value() -> Bool? {
        switch bytes[at] {
        case UInt8(ascii: "\""): return string(isName: false) ? true : nil
        case UInt8(ascii: "{"):
            guard begin(.object) else { return nil }
            if bytes[at] == UInt8(ascii: "}") {
                close()
                return true
            }
            return name() ? false : nil
        case UInt8(ascii: "["):
            guard begin(.array) else { return nil }
            guard bytes[at] == UInt8(ascii: "]") else { return false }
            close()
            return true
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return number() ? true : nil
        case UInt8(ascii: "t"): return word("true", .true) ? true : nil
        case UInt8(ascii: "f"): return word("false", .false) ? true : nil
        case UInt8(ascii: "n"): return word("null", .null) ? true : nil
        default: return nil
        }
    }

    // MARK: Slots

    private mutating func add(_ kind: WireText.Kind, _ start: Int, _ stop: Int) {
        var place: UInt32 = 0
        if open >= 0 {
            place = slots[open].start
            slots[open].start += 1
        }
        slots.append(WireText.Slot(
            start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: stop),
            parent: Int32(truncatingIfNeeded: open), place: place, kind: kind))
    }

    private mutating func begin(_ kind: WireText.Kind) -> Bool {
        guard depth < Wire.depthMax else { return false }
        depth += 1
        add(kind, 0, 0)
        open = slots.count - 1
        at += 1
        skipSpace()
        return true
    }

    private mutating func close() {
        at += 1
        depth -= 1
        slots[open].end = UInt32(truncatingIfNeeded: slots.count)
        open = Int(slots[open].parent)
    }

    // MARK: Tokens

    private mutating func skipSpace() {
        while bytes[at] <= 0x20 {
            switch bytes[at] {
            case 0x20, 0x0A, 0x0D, 0x09: at += 1
            default: return
            }
        }
    }

    /// The name of a member, its colon and the space around it.
    private mutating func name() -> Bool {
        guard bytes[at] == UInt8(ascii: "\""), string(isName: true) else { return false }
        skipSpace()
        guard bytes[at] == UInt8(ascii: ":") else { return false }
        at += 1
        skipSpace()
        return true
    }

    private mutating func string(isName: Bool) -> Bool {
        at += 1
        let start = at
        var kind = WireText.Kind.string
        while true {
            while !JSONText.hasEscape(eight(at)) { at += 8 }
            while !JSONText.needsEscape(bytes[at]) { at += 1 }
            if bytes[at] == UInt8(ascii: "\"") { break }
            guard bytes[at] == UInt8(ascii: "\\"), escape() else { return false }
            kind = .escapedString
        }
        if isName {
            // Not counted as an element.
            slots.append(WireText.Slot(
                start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: at),
                parent: Int32(truncatingIfNeeded: open), place: 0, kind: kind))
        } else { add(kind, start, at) }
        at += 1
        return true
    }

    @inline(__always)
    private func eight(_ place: Int) -> UInt64 {
        UnsafeRawPointer(bytes + place).loadUnaligned(as: UInt64.self)
    }

    private mutating func escape() -> Bool {
        switch bytes[at + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
             UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            at += 2
            return true
        case UInt8(ascii: "u"):
            guard (2..<6).allSatisfy({ bytes[at + $0].hexDigit != nil }) else { return false }
            at += 6
            return true
        default: return false
        }
    }

    private mutating func number() -> Bool {
        let start = at
        if bytes[at] == UInt8(ascii: "-") { at += 1 }
        let isZero = bytes[at] == UInt8(ascii: "0"), whole = digits()
        guard whole == 1 || whole > 1 && !isZero else { return false }
        if bytes[at] == UInt8(ascii: ".") {
            at += 1
            guard digits() > 0 else { return false }
        }
        if bytes[at] | 0x20 == UInt8(ascii: "e") {
            at += 1
            if bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at += 1 }
            guard digits() > 0 else { return false }
        }
        add(.number, start, at)
        return true
    }

    private mutating func digits() -> Int {
        let start = at
        while bytes[at] &- UInt8(ascii: "0") < 10 { at += 1 }
        return at - start
    }

    private mutating func word(_ word: StaticString, _ kind: WireText.Kind) -> Bool {
        for place in 0..<word.utf8CodeUnitCount where bytes[at + place] != word.utf8Start[place] { return false }
        add(kind, at, at + word.utf8CodeUnitCount)
        at += word.utf8CodeUnitCount
        return true
    }
}
