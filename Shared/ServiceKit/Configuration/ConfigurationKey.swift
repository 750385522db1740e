/// One documented setting. `Settings` reads it, errors quote it, and `Settings.describe` prints it, so the
/// documentation cannot drift from what a service accepts.
package struct ConfigurationKey: Sendable, Hashable {
    /// What a value must look like. Durations are written as an integer and one of `us ms s m h d`.
    package enum Kind: Sendable, Hashable {
        case text
        case integer(ClosedRange<Int>)
        case duration(ClosedRange<Duration>)
        /// `true`/`false`, `yes`/`no`, `on`/`off` or `1`/`0`.
        case flag
        /// Separated by commas, blanks around an element ignored, at most `limit` elements.
        case list(limit: Int)
        case choice([String])
        /// `host:port`, or `[v6 address]:port`.
        case address
        /// The path of a file that only its owner can read, at most `Settings.secretLimitBytes` long.
        case secretFile
    }

    /// What happens when nobody sets it. The default is kept as an operator would write it and is read by the same
    /// path as a given value.
    package enum Absence: Sendable, Hashable {
        case refused
        case allowed
        case means(String)
    }

    /// Lower-case words of letters and digits joined by dots: `records.database.url`.
    package let name: String
    package let kind: Kind
    package let unit: String?
    package let absence: Absence
    /// A clause that completes "It is …": `where records keeps its data`.
    package let purpose: String
    package let example: String

    package var isSecret: Bool { kind == .secretFile }

    /// `CAIRN_RECORDS_DATABASE_URL` for `records.database.url`.
    package var variable: String { Self.variable(for: name) }

    init(_ name: String, _ kind: Kind, unit: String? = nil, absence: Absence, purpose: String, example: String) {
        precondition(Self.isName(name), "\(name) is not a key: lower-case words of letters and digits, with dots")
        self.name = name
        self.kind = kind
        self.unit = unit
        self.absence = absence
        self.purpose = purpose
        self.example = example
    }

    package static func text(
        _ name: String, default value: String? = nil, optional: Bool = false, purpose: String, example: String
    ) -> Self {
        Self(name, .text, absence: absence(value, optional), purpose: purpose, example: example)
    }

    package static func integer(
        _ name: String, default value: Int? = nil, in range: ClosedRange<Int>, unit: String? = nil, purpose: String
    ) -> Self {
        Self(name, .integer(range), unit: unit, absence: absence(value.map { "\($0)" }, false), purpose: purpose,
             example: "\(value ?? range.lowerBound)")
    }

    package static func duration(
        _ name: String, default value: Duration? = nil, in range: ClosedRange<Duration>, purpose: String
    ) -> Self {
        Self(name, .duration(range), absence: absence(value.map(DurationText.write), false), purpose: purpose,
             example: DurationText.write(value ?? range.lowerBound))
    }

    package static func flag(_ name: String, default value: Bool, purpose: String) -> Self {
        Self(name, .flag, absence: .means("\(value)"), purpose: purpose, example: "\(!value)")
    }

    package static func list(
        _ name: String, default value: [String]? = nil, limit: Int = 64, purpose: String, example: String
    ) -> Self {
        Self(name, .list(limit: limit), absence: absence(value?.joined(separator: ","), false), purpose: purpose,
             example: example)
    }

    package static func choice(_ name: String, default value: String, of choices: [String], purpose: String) -> Self {
        Self(name, .choice(choices), absence: .means(value), purpose: purpose,
             example: choices.first { $0 != value } ?? value)
    }

    package static func address(_ name: String, default value: String? = nil, purpose: String) -> Self {
        Self(name, .address, absence: absence(value, false), purpose: purpose, example: value ?? "127.0.0.1:9000")
    }

    /// A secret has no default, and its value is never in the environment: only the name of its file is.
    package static func secretFile(_ name: String, optional: Bool = false, purpose: String, example: String) -> Self {
        Self(name, .secretFile, absence: absence(nil, optional), purpose: purpose, example: example)
    }

    private static func absence(_ value: String?, _ optional: Bool) -> Absence {
        value.map { .means($0) } ?? (optional ? .allowed : .refused)
    }

    static let prefix = "CAIRN_"

    static func variable(for name: String) -> String {
        prefix + name.uppercased().replacing(".", with: "_")
    }

    static func isName(_ name: String) -> Bool {
        let words = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return words.allSatisfy { word in
            let letters = UInt8(ascii: "a")...UInt8(ascii: "z"), digits = UInt8(ascii: "0")...UInt8(ascii: "9")
            guard let first = word.first, letters.contains(first) else { return false }
            return word.allSatisfy { letters.contains($0) || digits.contains($0) }
        }
    }
}

extension ConfigurationKey {
    static let configFile = text(
        "config.file", optional: true, purpose: "a file of CAIRN_…=value lines, which the environment overrides",
        example: "/etc/cairn/records.conf")
    static let instance = text(
        "instance", optional: true, purpose: "the name of this process in logs; host name and process id if not set",
        example: "records-1")

    /// What every service understands; append the service's own.
    package static let common: [ConfigurationKey] = [configFile, instance, logLevel, logFormat, drainNotice]
}
