/// The text format of Prometheus, version 0.0.4: names, labels and numbers as its parser accepts them.
enum Exposition {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"
    /// Longer values are cut: a label is for telling series apart, not for data.
    static let labelValueLimit = 128

    /// Letters, digits, `_` and, in the name of a metric, `:`; not starting with a digit. Never empty.
    static func name(_ text: String, colons: Bool = true) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): bytes.append(byte)
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                if bytes.isEmpty { bytes.append(UInt8(ascii: "_")) }
                bytes.append(byte)
            case UInt8(ascii: ":") where colons: bytes.append(byte)
            default: bytes.append(UInt8(ascii: "_"))
            }
        }
        return bytes.isEmpty ? "_" : String(decoding: bytes, as: UTF8.self)
    }

    /// `a="x",b="y"` in the order of names. A name given twice keeps its last value; `le` and names that start with
    /// two underscores belong to Prometheus and get a prefix.
    static func labels(_ pairs: [(String, String)]) -> String {
        if pairs.isEmpty { return "" }
        var values: [String: String] = [:]
        for (label, value) in pairs {
            let name = name(label, colons: false)
            values[name == "le" || name.hasPrefix("__") ? "label_\(name)" : name] = value
        }
        return values.sorted { $0.key < $1.key }
            .map { "\($0.key)=\"\(escaped(String($0.value.prefix(labelValueLimit)), quotes: true))\"" }
            .joined(separator: ",")
    }

    static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return value == value.rounded() && value.magnitude < 1e15 ? "\(Int64(value))" : "\(value)"
    }

    static func head(_ name: String, kind: String, help: String, to text: inout String) {
        text += "# HELP \(name) \(escaped(help.isEmpty ? name : help, quotes: false))\n# TYPE \(name) \(kind)\n"
    }

    static func line(_ name: String, _ labels: String, _ value: String, to text: inout String) {
        text += labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
    }
}
