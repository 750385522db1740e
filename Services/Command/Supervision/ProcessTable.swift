import Domain
import Foundation

/// `run/processes.json`: what `cairn up` runs, for `cairn status` and for the next `cairn up`.
struct ProcessTable: Codable, Sendable {
    var supervisor: Int32
    var processes: [Entry]

    struct Entry: Codable, Sendable {
        enum State: String, Codable, Sendable {
            case starting, ready
            /// Ended; will be started again.
            case waiting
            /// Ended with status 78: its settings are wrong, and starting it again would not help.
            case refused
            case stopped
        }

        var name: String
        var service: String
        var listen: String
        var ops: String
        var pid: Int32
        var state: State
        /// Of this state.
        var since: Timestamp
        var restarts: Int
    }

    static func read(_ deployment: Deployment) throws -> ProcessTable? {
        guard let bytes = try PrivateFile.read(deployment.processesFile) else { return nil }
        do { return try Wire.decode(from: bytes) } catch {
            throw CommandProblem("\(deployment.processesFile) is not what `cairn up` writes.", next: "remove it")
        }
    }

    func write(_ deployment: Deployment) throws {
        try PrivateFile.write(Wire.encode(self), to: deployment.processesFile)
    }

    /// Whether this number is still that service's program: numbers are used again.
    static func isAlive(_ pid: Int32, service: String) -> Bool {
        guard pid > 0, kill(pid, 0) == 0, let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") else {
            return false
        }
        return String(decoding: line.prefix { $0 != 0 }, as: UTF8.self).hasSuffix("/cairn-\(service)")
    }
}
