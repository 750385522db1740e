import Foundation

/// Which state of a stream a decision was made on. After a failover that lost commits a version may be there again with
/// another state; the command that made it tells the two apart.
package struct StateVersion: Sendable {
    /// 0 for a stream that must not exist yet.
    package var number: Int64
    /// Nil for a state that is older than this column, or that its own transaction has read.
    package var command: UUID?

    package init(_ number: Int64, by command: UUID? = nil) {
        self.number = number
        self.command = command
    }
}
