/// The file named by CAIRN_CONFIG_FILE: `KEY=value` lines, blank lines and `#` comments. One pair of quotes around a
/// value is removed; nothing is expanded. At most 64 KiB. Names that do not start with `CAIRN_` are left to others.
enum EnvironmentFile {
    static let limitBytes = 65_536

    static func read(_ path: String) throws(ConfigurationError) -> [String: String] {
        let file: BoundedFile
        do throws(BoundedFile.Problem) {
            file = try BoundedFile.read(path, limitBytes: limitBytes)
        } catch {
            throw .malformed(.configFile, error.text)
        }
        guard let text = String(validating: file.bytes, as: UTF8.self) else {
            throw .malformed(.configFile, "names \(path), which is not UTF-8")
        }
        return try parse(text, path: path)
    }

    static func parse(_ text: String, path: String) throws(ConfigurationError) -> [String: String] {
        var found: [String: String] = [:]
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = trimmed(line)
            if line.isEmpty || line.hasPrefix("#") { continue }
            guard let equals = line.firstIndex(of: "=") else {
                throw .malformed(.configFile, "names \(path), whose line \(index + 1) is not NAME=value")
            }
            let name = String(trimmed(line[..<equals]))
            guard name.hasPrefix(ConfigurationKey.prefix) else { continue }
            let value = unquoted(trimmed(line[line.index(after: equals)...]))
            guard found.updateValue(value, forKey: name) == nil else {
                throw .malformed(.configFile, "names \(path), whose line \(index + 1) sets \(name) a second time")
            }
        }
        return found
    }

    private static func unquoted(_ text: Substring) -> String {
        for quote in ["\"", "'"] where text.count >= 2 && text.hasPrefix(quote) && text.hasSuffix(quote) {
            return String(text.dropFirst().dropLast())
        }
        return String(text)
    }
}

/// Without the blanks at both ends.
func trimmed(_ text: Substring) -> Substring {
    var text = text
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return text
}
