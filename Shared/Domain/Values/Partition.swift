import Foundation

/// One of the 64 partitions of a deployment: the unit of order and of consumer parallelism (ARCHITECTURE §3.3).
/// It is the low six bits of the last byte of the owner's id, the owner being the learner for everything that
/// concerns one learner, else the aggregate itself.
package struct Partition: Hashable, Sendable, Comparable, Codable, CustomStringConvertible {
    package static let count = 64
    package static let all: [Partition] = (0..<UInt8(count)).map { Partition(number: $0) }

    /// 0...63.
    package let number: UInt8

    private init(number: UInt8) { self.number = number }

    package init?(_ number: Int) {
        guard (0..<Self.count).contains(number) else { return nil }
        self.number = UInt8(number)
    }

    package init(of owner: UUID) { number = owner.uuid.15 & 63 }

    package var description: String { String(number) }
    package static func < (one: Self, other: Self) -> Bool { one.number < other.number }
}
