/// Why a service cannot start with what it was given. Each case names the variable, what it is for and an example;
/// the text is one line for an operator and never shows a secret.
package enum ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    case missing(ConfigurationKey)
    /// Set, but not to something of the key's kind; the text completes "CAIRN_… …".
    case malformed(ConfigurationKey, String)
    /// A `--set` flag that is not `key=value` with a key such as `records.database.url`.
    case override(String)

    package var description: String {
        switch self {
        case .missing(let key): "\(key.variable) is not set. \(Self.explanation(key))"
        case .malformed(let key, let problem): "\(key.variable) \(problem). \(Self.explanation(key))"
        case .override(let text):
            "--set \(text) is not key=value, where key is CAIRN_… in lower case with dots. "
                + "Example: --set records.database.url=postgresql:///cairn"
        }
    }

    private static func explanation(_ key: ConfigurationKey) -> String {
        "It is \(key.purpose). Example: \(key.variable)=\(key.example)"
    }
}
