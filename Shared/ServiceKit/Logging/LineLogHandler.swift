import Logging

/// swift-log's door to `LineWriter`: one record, one line. A record's own metadata wins over the provider's, which
/// wins over the logger's.
struct LineLogHandler: LogHandler {
    let label: String
    let service: String
    let instance: String
    let format: LogLine.Format
    let writer: LineWriter

    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var metadata = metadata
        if let provider = metadataProvider { metadata.merge(provider.get()) { $1 } }
        if let own = event.metadata { metadata.merge(own) { $1 } }

        var line = LogLine(
            format, time: WallClock.now(), level: event.level, service: service, instance: instance,
            message: event.message.description)
        if label != service { line.add("logger", label, limitBytes: LogLine.nameLimitBytes) }
        if let trace = metadata["traceparent"].flatMap({ Self.traceID($0.description) }) {
            line.add("trace_id", trace)
            metadata["traceparent"] = nil
        }
        if let error = event.error { line.add("error", "\(error)") }
        line.add(metadata)
        writer.write(line.finished())
    }

    /// The trace of a W3C `traceparent` (version-trace-parent-flags, lower-case hexadecimal, not all zeros).
    static func traceID(_ traceparent: String) -> String? {
        let parts = traceparent.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.count >= 4, parts[0].count == 2, parts[1].count == 32, parts[2].count == 16, parts[3].count == 2
        else { return nil }
        let hexadecimal = parts.prefix(4).joined().allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
        }
        guard hexadecimal, parts[1].contains(where: { $0 != UInt8(ascii: "0") }) else { return nil }
        return String(parts[1])
    }
}
