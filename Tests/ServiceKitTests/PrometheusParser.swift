/// Reads the text format 0.0.4 as strictly as Prometheus does, and a little more: families must be in one piece, with
/// HELP and TYPE first, series must be unique, histograms cumulative and whole.
struct PrometheusText {
    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    struct Family {
        var type: String
        var help: String
        /// By sample name and sorted labels, such as `a_bucket{le="1"}`.
        var samples: [String: Double] = [:]
    }

    private(set) var families: [String: Family] = [:]
    private(set) var order: [String] = []

    init(_ text: String) throws {
        guard text.hasSuffix("\n") else { throw Problem(description: "no line end at the end") }
        var help: (name: String, text: String)?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            if line.hasPrefix("# HELP ") {
                let parts = line.dropFirst(7).split(separator: " ", maxSplits: 1)
                guard parts.count == 2 else { throw Problem(description: "HELP without text: \(line)") }
                help = (String(parts[0]), String(parts[1]))
            } else if line.hasPrefix("# TYPE ") {
                let parts = line.dropFirst(7).split(separator: " ")
                guard parts.count == 2, let given = help, given.name == parts[0], families[given.name] == nil else {
                    throw Problem(description: "TYPE out of place: \(line)")
                }
                families[given.name] = Family(type: String(parts[1]), help: given.text)
                order.append(given.name)
                help = nil
            } else {
                try read(sample: String(line))
            }
        }
        for (name, family) in families where family.type == "histogram" { try Self.check(name, family) }
    }

    subscript(sample: String) -> Double? {
        families.values.lazy.compactMap { $0.samples[sample] }.first
    }

    private mutating func read(sample line: String) throws {
        var rest = Substring(line)
        let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ":") }
        guard let first = name.first, !first.isNumber else { throw Problem(description: "no name: \(line)") }
        rest.removeFirst(name.count)
        var labels: [(String, String)] = []
        if rest.first == "{" {
            rest.removeFirst()
            while rest.first != "}" {
                if !labels.isEmpty {
                    guard rest.first == "," else { throw Problem(description: "no comma: \(line)") }
                    rest.removeFirst()
                }
                labels.append(try Self.label(&rest, line))
            }
            rest.removeFirst()
        }
        guard rest.first == " " else { throw Problem(description: "no blank before the value: \(line)") }
        rest.removeFirst()
        guard let value = Self.value(rest) else { throw Problem(description: "no value: \(line)") }
        guard let family = order.last, let type = families[family]?.type else {
            throw Problem(description: "no TYPE before \(line)")
        }
        let suffixes = type == "histogram" ? ["_bucket", "_sum", "_count"] : [""]
        guard suffixes.contains(where: { name == family + $0 }) else {
            throw Problem(description: "\(name) in the family \(family)")
        }
        guard Set(labels.map(\.0)).count == labels.count else { throw Problem(description: "label twice: \(line)") }
        let inner = labels.sorted { $0.0 < $1.0 }.map { "\($0)=\"\($1)\"" }.joined(separator: ",")
        let key = labels.isEmpty ? String(name) : "\(name){\(inner)}"
        guard families[family]?.samples.updateValue(value, forKey: key) == nil else {
            throw Problem(description: "series twice: \(line)")
        }
    }

    private static func label(_ rest: inout Substring, _ line: String) throws -> (String, String) {
        let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        rest.removeFirst(name.count)
        guard let first = name.first, !first.isNumber, rest.hasPrefix("=\"") else {
            throw Problem(description: "no label: \(line)")
        }
        rest.removeFirst(2)
        var value = ""
        while let next = rest.popFirst(), next != "\"" {
            guard next == "\\" else {
                value.append(next)
                continue
            }
            switch rest.popFirst() {
            case "n": value.append("\n")
            case "\\": value.append("\\")
            case "\"": value.append("\"")
            default: throw Problem(description: "bad escape: \(line)")
            }
        }
        return (String(name), value)
    }

    private static func value(_ text: Substring) -> Double? {
        switch text {
        case "+Inf": .infinity
        case "-Inf": -.infinity
        case "NaN": .nan
        default: text.contains { !"0123456789.+-e".contains($0) } ? nil : Double(text)
        }
    }

    /// For histograms with no labels but `le`, or one set of labels.
    private static func check(_ name: String, _ family: Family) throws {
        var buckets: [String: [(bound: Double, count: Double)]] = [:]
        for (key, count) in family.samples where key.hasPrefix("\(name)_bucket{") {
            let pairs = key.dropFirst("\(name)_bucket{".count).dropLast().split(separator: ",")
            guard let le = pairs.first(where: { $0.hasPrefix("le=") }),
                  let bound = value(le.dropFirst(4).dropLast())
            else { throw Problem(description: "no le: \(key)") }
            let others = pairs.filter { !$0.hasPrefix("le=") }.joined(separator: ",")
            buckets[others.isEmpty ? "" : "{\(others)}", default: []].append((bound, count))
        }
        for (labels, list) in buckets {
            let list = list.sorted { $0.bound < $1.bound }
            guard list.last?.bound == .infinity, list.last?.count == family.samples["\(name)_count\(labels)"],
                  family.samples["\(name)_sum\(labels)"] != nil,
                  zip(list, list.dropFirst()).allSatisfy({ $0.count <= $1.count })
            else { throw Problem(description: "\(name)\(labels) is not cumulative or not whole") }
        }
    }
}
