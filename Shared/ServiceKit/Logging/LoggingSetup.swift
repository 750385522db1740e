import Glibc
import Logging

extension ConfigurationKey {
    static let logLevel = choice(
        "log.level", default: "info", of: Logger.Level.allCases.map(\.rawValue),
        purpose: "the least severe level that is logged")
    static let logFormat = choice(
        "log.format", default: "json", of: ["json", "text"],
        purpose: "how a record is written to standard error: a JSON object a line, or text to read at a terminal")
}

/// How a process logs: structured lines on standard error, at CAIRN_LOG_LEVEL, as CAIRN_LOG_FORMAT.
package enum LoggingSetup {
    /// Once per process, before the first `Logger` is made. Returns the service's logger.
    /// - Parameter instance: nil takes CAIRN_INSTANCE, or else the host's name and the process id.
    package static func bootstrap(
        service: String, instance: String? = nil, settings: Settings
    ) throws(ConfigurationError) -> Logger {
        let make = try factory(service: service, instance: instance, settings: settings, writer: .standardError)
        LoggingSystem.bootstrap({ label, provider in make(label, provider) }, metadataProvider: nil)
        return Logger(label: service)
    }

    /// What `bootstrap` installs, on any writer.
    package static func factory(
        service: String, instance: String?, settings: Settings, writer: LineWriter
    ) throws(ConfigurationError) -> @Sendable (String, Logger.MetadataProvider?) -> any LogHandler {
        let level = Logger.Level(rawValue: try settings.string(.logLevel)) ?? .info
        let format: LogLine.Format = try settings.string(.logFormat) == "text" ? .text : .json
        let given = try settings.string(ifSet: .instance)
        let name = instance ?? given ?? "\(hostName())-\(getpid())"
        return { label, provider in
            LineLogHandler(
                label: label, service: service, instance: name, format: format, writer: writer,
                logLevel: level, metadataProvider: provider)
        }
    }

    private static func hostName() -> String {
        var name = [CChar](repeating: 0, count: 256)
        // The last byte stays zero whatever the system does with a name too long.
        guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
