import Domain
import Foundation
import ServiceKit

/// Where the command speaks: results to standard output, remarks and progress to standard error.
enum Terminal {
    private static let output = LineWriter(descriptor: STDOUT_FILENO)
    private static let remarks = LineWriter.standardError

    static let outputIsTerminal = isatty(STDOUT_FILENO) == 1
    static let remarksAreOnTerminal = isatty(STDERR_FILENO) == 1
    private static let hasStyles: Bool = {
        let environment = ProcessInfo.processInfo.environment
        return environment["NO_COLOR"] == nil && environment["TERM"] != "dumb"
    }()

    static func say(_ text: String = "") { output.write(Array((text + "\n").utf8)) }
    static func remark(_ text: String) { remarks.write(Array((text + "\n").utf8)) }
    /// Without a line end, for what is drawn over.
    static func draw(_ text: String) { remarks.write(Array(text.utf8)) }

    enum Style: String { case bold = "1", dim = "2", red = "31", green = "32", yellow = "33" }

    /// Plain where standard output is no terminal.
    static func styled(_ text: String, _ style: Style) -> String {
        outputIsTerminal && hasStyles ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// Text from elsewhere, on one line and without anything that a terminal would obey.
    static func printable(_ text: some StringProtocol, limit: Int = 4000) -> String {
        let scalars = text.unicodeScalars.map { scalar -> Unicode.Scalar in
            let isControl = scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
            let reorders = (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
            return isControl || reorders ? " " : scalar
        }
        let cut = scalars.prefix(limit)
        return String(String.UnicodeScalarView(cut)) + (cut.count < scalars.count ? "…" : "")
    }
}

extension Duration {
    /// `0.4 ms`, `12 ms`, `3.25 s`, `4 m 05 s`, `3 h 07 m`, `2 d 04 h`.
    var spoken: String {
        let seconds = seconds
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        switch seconds {
        case ..<0.01: return String(format: "%.1f ms", seconds * 1000)
        case ..<1: return String(format: "%.0f ms", seconds * 1000)
        case ..<60: return String(format: "%.2f s", seconds)
        case ..<3600: return "\(Int(seconds) / 60) m \(two(Int(seconds) % 60)) s"
        case ..<86_400: return "\(Int(seconds) / 3600) h \(two(Int(seconds) % 3600 / 60)) m"
        default: return "\(Int(seconds) / 86_400) d \(two(Int(seconds) % 86_400 / 3600)) h"
        }
    }
}
