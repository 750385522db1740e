import Glibc
import Messaging

/// How a process says that it cannot go on: one line on standard error and an exit status.
package enum ExitPath {
    /// EX_CONFIG of sysexits.h: do not restart me, correct my settings.
    package static let configurationStatus: Int32 = 78
    package static let failureStatus: Int32 = 1
    /// A drain that did not end: the watchdog's.
    package static let stuckStatus: Int32 = 70

    /// Runs `body`; an error ends the process with `line` on standard error and `status`.
    package static func guarding(_ program: String, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch {
            LineWriter.standardError.write(Array((line(program, error) + "\n").utf8))
            exit(status(error))
        }
    }

    package static func status(_ error: any Error) -> Int32 {
        switch error {
        case is ConfigurationError, is ClientRegistryError, SetupError.keyFile, SetupError.allowList: configurationStatus
        default: failureStatus
        }
    }

    /// `cairn-records: CAIRN_RECORDS_DATABASE_URL is not set. …`, on one line whatever the error says, at most 4 KiB.
    package static func line(_ program: String, _ error: any Error) -> String {
        let text = "\(error)".split(whereSeparator: \.isNewline).joined(separator: " ")
        let printable = text.unicodeScalars.filter { $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) }
        return "\(program): \(String(String.UnicodeScalarView(printable)).prefix(4000))"
    }
}
