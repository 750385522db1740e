/// Number to text as ECMAScript does it (ECMA-262, Number::toString with radix 10), which RFC 8785 builds on.
enum ECMAScriptNumber {
    /// Of a finite number: the shortest digits that give the same double back, in the notation ECMAScript chooses.
    static func text(_ value: Double) -> String {
        if value == 0 { return "0" }
        let (digits, point) = shortest(value.magnitude)
        let sign = value < 0 ? "-" : ""
        let count = digits.count
        if count <= point, point <= 21 {
            return sign + string(digits) + String(repeating: "0", count: point - count)
        }
        if 0 < point, point <= 21 {
            return sign + string(digits[..<point]) + "." + string(digits[point...])
        }
        if -6 < point, point <= 0 {
            return sign + "0." + String(repeating: "0", count: -point) + string(digits)
        }
        let exponent = point - 1
        let fraction = count > 1 ? "." + string(digits[1...]) : ""
        return sign + string(digits[..<1]) + fraction + (exponent < 0 ? "e-" : "e+") + String(exponent.magnitude)
    }

    private static func string(_ digits: some Sequence<UInt8>) -> String {
        String(decoding: Array(digits), as: UTF8.self)
    }

    /// The digits d of 0.d × 10^point, without zeros at either end. Swift's own text has the shortest digits that are
    /// nearest to the value; only its notation differs.
    private static func shortest(_ value: Double) -> (digits: [UInt8], point: Int) {
        var digits: [UInt8] = []
        var point: Int?
        var exponent = 0
        var text = value.description.utf8[...]
        while let byte = text.popFirst() {
            switch byte {
            case UInt8(ascii: "."): point = digits.count
            case UInt8(ascii: "e"):
                exponent = Int(String(decoding: text, as: UTF8.self)) ?? 0
                text = text[text.endIndex...]
            default: digits.append(byte)
            }
        }
        var place = (point ?? digits.count) + exponent
        let leading = digits.prefix { $0 == UInt8(ascii: "0") }.count
        digits.removeFirst(leading)
        place -= leading
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        return (digits, place)
    }
}
