/// What operators read: the table of keys, and warnings about settings that nothing will read.
extension Settings {
    /// The executables of Cairn, as they appear in the second word of a variable.
    package static let services = ["records", "pathways", "assessment", "notifications", "gateway", "command"]
    /// What some executables read and others do not, though its name speaks of none, or of another one.
    private static let shared = Set(["CAIRN_DIRECTORY", "CAIRN_STATE_ZONE"] + services.map {
        ConfigurationKey.variable(for: "\($0).addresses")
    })

    /// A Markdown table, sorted by name: what `--help-configuration` prints and `docs/configuration.md` holds.
    package static func describe(keys: [ConfigurationKey]) -> String {
        let rows = keys.sorted { $0.name < $1.name }.map { key in
            let cells = ["`\(key.variable)`", form(key), absence(key), key.purpose, "`\(key.example)`"]
            return "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |\n"
        }
        return "| variable | form | default | it is | example |\n|---|---|---|---|---|\n" + rows.joined()
    }

    /// One sentence for each setting that `service` does not know, typos above all; sorted. Variables of the other
    /// executables are left alone, since one environment may serve them all.
    package func warnings(service: String, keys: [ConfigurationKey]) -> [String] {
        let known = Self.shared.union(keys.map(\.variable))
        let others = Self.services.filter { $0 != service }.map { ConfigurationKey.variable(for: $0) + "_" }
        return origins.sorted { $0.key < $1.key }.compactMap { name, origin in
            if known.contains(name) || others.contains(where: name.hasPrefix) { return nil }
            let near = known.map { (name: $0, distance: editDistance($0, name)) }
                .min { ($0.distance, $0.name) < ($1.distance, $1.name) }
            let hint = near.map { $0.distance <= 3 ? "; did you mean \($0.name)?" : "" } ?? ""
            return "\(name.prefix(128)), set by \(origin), is not a setting of \(service)\(hint)"
        }
    }

    private static func form(_ key: ConfigurationKey) -> String {
        switch key.kind {
        case .text: "text"
        case .integer(let range):
            "integer, \(range.lowerBound) … \(range.upperBound)" + (key.unit.map { " \($0)" } ?? "")
        case .duration(let range):
            "duration, \(DurationText.write(range.lowerBound)) … \(DurationText.write(range.upperBound))"
        case .flag: "true or false"
        case .list(let limit): "list with commas, at most \(limit)"
        case .choice(let choices): choices.map { "`\($0)`" }.joined(separator: ", ")
        case .address: "host:port"
        case .secretFile: "path of a secret's file, mode 0600"
        }
    }

    private static func absence(_ key: ConfigurationKey) -> String {
        switch key.absence {
        case .refused: "**required**"
        case .allowed: "none"
        case .means(let value): value.isEmpty ? "empty" : "`\(value)`"
        }
    }
}

/// Levenshtein's distance, over at most 128 bytes of each.
private func editDistance(_ one: String, _ other: String) -> Int {
    let one = Array(one.utf8.prefix(128)), other = Array(other.utf8.prefix(128))
    var row = Array(0...other.count)
    for (i, byte) in one.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, theirs) in other.enumerated() {
            let replaced = diagonal + (byte == theirs ? 0 : 1)
            diagonal = row[j + 1]
            row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
        }
    }
    return row[other.count]
}
