/// Typed readers. Each throws `.missing` when the key is neither set nor has a default, and `.malformed` when the
/// value is not of the key's kind or outside its range.
extension Settings {
    /// For keys of kind text and choice; of other kinds the text as given.
    package func string(_ key: ConfigurationKey) throws(ConfigurationError) -> String {
        let text = try given(key)
        if case .choice(let choices) = key.kind, !choices.contains(text) {
            throw .malformed(key, "is \(shown(text)), not one of \(choices.joined(separator: ", "))")
        }
        return text
    }

    /// nil when nobody set it and it has no default.
    package func string(ifSet key: ConfigurationKey) throws(ConfigurationError) -> String? {
        text(of: key) == nil ? nil : try string(key)
    }

    package func int(_ key: ConfigurationKey) throws(ConfigurationError) -> Int {
        let text = try given(key)
        guard let value = Int(text) else { throw .malformed(key, "is \(shown(text)), not a whole number") }
        if case .integer(let range) = key.kind, !range.contains(value) {
            throw .malformed(key, "is \(value), not in \(range.lowerBound) … \(range.upperBound)")
        }
        return value
    }

    package func duration(_ key: ConfigurationKey) throws(ConfigurationError) -> Duration {
        let text = try given(key)
        guard let value = DurationText.read(text) else {
            throw .malformed(key, "is \(shown(text)), not a whole number with a unit of us, ms, s, m, h or d")
        }
        if case .duration(let range) = key.kind, !range.contains(value) {
            let bounds = "\(DurationText.write(range.lowerBound)) … \(DurationText.write(range.upperBound))"
            throw .malformed(key, "is \(shown(text)), not in \(bounds)")
        }
        return value
    }

    package func bool(_ key: ConfigurationKey) throws(ConfigurationError) -> Bool {
        let text = try given(key)
        switch text.lowercased() {
        case "true", "yes", "on", "1": return true
        case "false", "no", "off", "0": return false
        default: throw .malformed(key, "is \(shown(text)), not true or false")
        }
    }

    /// Without empty elements; an empty list only as a default.
    package func list(_ key: ConfigurationKey) throws(ConfigurationError) -> [String] {
        let text = try given(key)
        let elements = text.split(separator: ",").map { String(trimmed($0)) }.filter { !$0.isEmpty }
        if case .list(let limit) = key.kind, elements.count > limit {
            throw .malformed(key, "has \(elements.count) elements, more than \(limit)")
        }
        return elements
    }

    package func address(_ key: ConfigurationKey) throws(ConfigurationError) -> ListenAddress {
        let text = try given(key)
        guard let address = ListenAddress(text) else { throw .malformed(key, "is \(shown(text)), not host:port") }
        return address
    }

    /// The bytes of the file that the key names, without one line end at its end. A file that its group or anybody
    /// else can read is refused, an empty one too.
    package func secretFile(_ key: ConfigurationKey) throws(ConfigurationError) -> [UInt8] {
        let path = try given(key)
        let file: BoundedFile
        do throws(BoundedFile.Problem) {
            file = try BoundedFile.read(path, limitBytes: Self.secretLimitBytes)
        } catch {
            throw .malformed(key, error.text)
        }
        guard file.mode & 0o077 == 0 else {
            throw .malformed(key, "names \(path), which others than its owner can read: chmod 600 \(path)")
        }
        var bytes = file.bytes
        if bytes.last == UInt8(ascii: "\n") {
            bytes.removeLast()
            if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        }
        guard !bytes.isEmpty else { throw .malformed(key, "names \(path), which is empty") }
        return bytes
    }

    package func secretFile(ifSet key: ConfigurationKey) throws(ConfigurationError) -> [UInt8]? {
        text(of: key) == nil ? nil : try secretFile(key)
    }

    private func given(_ key: ConfigurationKey) throws(ConfigurationError) -> String {
        guard let text = text(of: key) else { throw .missing(key) }
        return text
    }

    /// A short wrong value is shown; of a longer one, which may be a secret in the wrong place, only the start.
    private func shown(_ text: String) -> String {
        text.count <= 12 ? "\"\(text)\"" : "\"\(text.prefix(4))…\" (\(text.utf8.count) bytes)"
    }
}

/// Where a server listens. Port 0 lets the system choose one.
package struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    package var host: String
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// From `host:port` or `[v6 address]:port`.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty, !host.contains(where: { $0.isWhitespace || $0 == "/" }) else { return nil }
        self.init(host: String(host), port: Int(port))
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
