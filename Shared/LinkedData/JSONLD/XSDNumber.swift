import Foundation

/// Native numbers as XML Schema writes them (JSON-LD API §8.6).
enum XSDNumber {
    /// Of a whole number below 10^21: all digits of the double.
    static func integer(_ value: Double) -> String {
        if let exact = Int64(exactly: value) { return String(exact) }
        return String(format: "%.0f", value)
    }

    /// 16 significant digits without trailing zeros, at least one digit after the point, and an exponent: `5.3E0`.
    static func double(_ value: Double) -> String {
        let text = String(format: "%.15E", value)
        guard let e = text.firstIndex(of: "E"), let exponent = Int(text[text.index(after: e)...]) else { return text }
        var digits = text[..<e]
        while digits.hasSuffix("0"), !digits.hasSuffix(".0") { digits.removeLast() }
        return "\(digits)E\(exponent)"
    }
}
