import Glibc
import Logging

/// One record of the log on its way to bytes: a JSON object, or text for a terminal, with its line end. Never longer
/// than `limitBytes`; fields that would not fit are left out and `truncated` says so.
struct LogLine {
    enum Format: Sendable {
        case json, text
    }

    static let limitBytes = 8192
    static let messageLimitBytes = 4096
    static let valueLimitBytes = 1024
    static let nameLimitBytes = 128
    /// Nested metadata is followed this far.
    static let depthLimit = 4
    /// Room that stays free for the mark of truncation and the line end.
    private static let reserveBytes = 24

    private let format: Format
    private var bytes: [UInt8] = []
    private(set) var isTruncated = false

    init(_ format: Format, time: timespec, level: Logger.Level, service: String, instance: String, message: String) {
        self.format = format
        bytes.reserveCapacity(512)
        switch format {
        case .json:
            bytes.append(UInt8(ascii: "{"))
            add("time", WallClock.text(time))
            add("level", level.rawValue)
            add("service", service, limitBytes: Self.nameLimitBytes)
            add("instance", instance, limitBytes: Self.nameLimitBytes)
            add("message", message, limitBytes: Self.messageLimitBytes)
        case .text:
            bytes.append(contentsOf: "\(WallClock.text(time)) \(level.rawValue.uppercased()) ".utf8)
            EscapedText.append(service, to: &bytes, limitBytes: Self.nameLimitBytes)
            bytes.append(UInt8(ascii: " "))
            EscapedText.append(message, to: &bytes, limitBytes: Self.messageLimitBytes)
        }
    }

    /// Adds a string.
    mutating func add(_ name: String, _ value: String, limitBytes: Int = Self.valueLimitBytes) {
        field(name) { bytes in
            bytes.append(UInt8(ascii: "\""))
            EscapedText.append(value, to: &bytes, limitBytes: limitBytes)
            bytes.append(UInt8(ascii: "\""))
        }
    }

    /// Adds metadata in the order of its names, dictionaries and arrays flattened to `outer.inner` and `outer.0`.
    mutating func add(_ metadata: Logger.Metadata) {
        for (name, value) in metadata.sorted(by: { $0.key < $1.key }) {
            if isTruncated { return }
            add(Self.reserved.contains(name) ? "meta.\(name)" : name, value, depth: 1)
        }
    }

    private mutating func add(_ name: String, _ value: Logger.MetadataValue, depth: Int) {
        switch value {
        case .string(let text): add(name, text)
        case .stringConvertible(let value): add(name, convertible: value)
        case .dictionary(let inner) where depth < Self.depthLimit:
            for (key, value) in inner.sorted(by: { $0.key < $1.key }) where !isTruncated {
                add("\(name).\(key)", value, depth: depth + 1)
            }
        case .array(let inner) where depth < Self.depthLimit:
            for (index, value) in inner.enumerated() where !isTruncated {
                add("\(name).\(index)", value, depth: depth + 1)
            }
        case .dictionary, .array: add(name, "…")
        }
    }

    /// Numbers and flags stay numbers and flags.
    private mutating func add(_ name: String, convertible value: any CustomStringConvertible & Sendable) {
        switch value {
        case let value as Int: literal(name, "\(value)")
        case let value as Int64: literal(name, "\(value)")
        case let value as Bool: literal(name, "\(value)")
        case let value as Double where value.isFinite: literal(name, "\(value)")
        default: add(name, value.description)
        }
    }

    private mutating func literal(_ name: String, _ text: String) {
        field(name) { $0.append(contentsOf: text.utf8) }
    }

    private mutating func field(_ name: String, _ value: (inout [UInt8]) -> Void) {
        let start = bytes.count
        switch format {
        case .json:
            if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(UInt8(ascii: "\""))
            EscapedText.append(name, to: &bytes, limitBytes: Self.nameLimitBytes)
            bytes.append(contentsOf: [UInt8(ascii: "\""), UInt8(ascii: ":")])
        case .text:
            bytes.append(UInt8(ascii: " "))
            EscapedText.append(name, to: &bytes, limitBytes: Self.nameLimitBytes)
            bytes.append(UInt8(ascii: "="))
        }
        value(&bytes)
        if bytes.count > Self.limitBytes - Self.reserveBytes {
            bytes.removeSubrange(start...)
            isTruncated = true
        }
    }

    /// The whole line, line end included.
    consuming func finished() -> [UInt8] {
        switch format {
        case .json:
            if isTruncated { bytes.append(contentsOf: ",\"truncated\":true".utf8) }
            bytes.append(contentsOf: [UInt8(ascii: "}"), UInt8(ascii: "\n")])
        case .text:
            if isTruncated { bytes.append(contentsOf: " truncated=true".utf8) }
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }

    /// Names that a caller's metadata may not take, or a record could speak in two voices.
    private static let reserved: Set<String> = [
        "time", "level", "service", "instance", "message", "logger", "trace_id", "error", "truncated",
    ]
}
