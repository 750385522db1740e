import Configuration
import FoundationEssentials
import Synchronization

/// The configuration of one process: `--set` flags over environment over file, read through swift-configuration.
/// A variable set to nothing counts as not set, since that is what compose files make of an absent one.
package struct Settings: Sendable {
    /// Upper bound of a secret's file.
    package static let secretLimitBytes = 16_384

    private let reader: ConfigReader
    private let used: UsedKeys
    /// Where each variable that somebody set was set, for warnings.
    let origins: [String: String]

    /// - Parameters:
    ///   - environment: names outside `CAIRN_` are ignored.
    ///   - file: the path of a file of `CAIRN_…=value` lines; nil takes `CAIRN_CONFIG_FILE` from the environment.
    ///   - overrides: keys such as `records.database.url`, from `--set key=value`.
    package init(
        environment: [String: String], file: String? = nil, overrides: [String: String] = [:]
    ) throws(ConfigurationError) {
        var flags: [String: String] = [:]
        for (name, value) in overrides {
            guard ConfigurationKey.isName(name) else { throw .override("\(name)=…") }
            flags[ConfigurationKey.variable(for: name)] = value
        }
        let ours = Self.given(environment.filter { $0.key.hasPrefix(ConfigurationKey.prefix) })
        let path = file ?? flags[ConfigurationKey.configFile.variable] ?? ours[ConfigurationKey.configFile.variable]
        let written = if let path { Self.given(try EnvironmentFile.read(path)) } else { [String: String]() }

        let used = UsedKeys()
        let layers = [flags, ours, written]
        reader = ConfigReader(
            providers: layers.map { EnvironmentVariablesProvider(environmentVariables: $0) }, accessReporter: used
        ).scoped(to: "cairn")
        self.used = used
        var origins: [String: String] = [:]
        for (layer, origin) in zip(layers, ["--set", "the environment", path ?? ""]) {
            for name in layer.keys where origins[name] == nil { origins[name] = origin }
        }
        self.origins = origins
    }

    /// From the environment of this process. `flags` are the raw `key=value` texts of `--set`.
    package static func process(flags: [String] = []) throws(ConfigurationError) -> Settings {
        var overrides: [String: String] = [:]
        for flag in flags {
            guard let equals = flag.firstIndex(of: "=") else { throw .override(flag) }
            overrides[String(flag[..<equals])] = String(flag[flag.index(after: equals)...])
        }
        return try Settings(environment: ProcessInfo.processInfo.environment, overrides: overrides)
    }

    /// Names of the keys read so far, sorted.
    package var usedKeys: [String] { used.names }

    /// As given, or the key's default; nil when there is neither.
    func text(of key: ConfigurationKey) -> String? {
        if let given = reader.string(forKey: ConfigKey(key.name), isSecret: key.isSecret), !given.isEmpty {
            return given
        }
        guard case .means(let value) = key.absence else { return nil }
        return value
    }

    private static func given(_ variables: [String: String]) -> [String: String] {
        variables.filter { !$0.value.isEmpty }
    }
}

/// Remembers which keys were asked for; the reader reports each access.
private final class UsedKeys: AccessReporter {
    private let seen = Mutex<Set<String>>([])

    var names: [String] { seen.withLock { $0.sorted() } }

    func report(_ event: AccessEvent) {
        let name = event.metadata.key.components.dropFirst().joined(separator: ".")
        seen.withLock { _ = $0.insert(name) }
    }
}
