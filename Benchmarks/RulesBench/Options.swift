import Foundation
import Glibc

struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

struct Options {
    var learners: Int?
    var pathways = 20
    var rounds: Int?
    var seed: UInt64 = 1
    var work = ""
    /// Of the kernel, from the root of the repository.
    var source = "Benchmarks/rules/kernel.h"
    var exports = false

    init(_ words: [String]) throws {
        var rest = words[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { throw Failure("\(name) needs a value") }
            switch name {
            case "--learners": learners = try Self.number(name, value, 1...100_000_000)
            case "--pathways": pathways = try Self.number(name, value, 1...200)
            case "--rounds": rounds = try Self.number(name, value, 1...1000)
            case "--seed": seed = UInt64(try Self.number(name, value, 0...Int.max))
            case "--work": work = value
            case "--source": source = value
            case "--export": exports = value == "yes"
            default: throw Failure("unknown option \(name)")
            }
        }
        guard !work.isEmpty else { throw Failure("--work needs a folder") }
    }

    static func number(_ name: String, _ value: String, _ range: ClosedRange<Int>) throws -> Int {
        guard let number = Int(value), range.contains(number) else {
            throw Failure("\(name) takes \(range.lowerBound) to \(range.upperBound), not \(value)")
        }
        return number
    }
}

/// One line on standard output (1) or standard error (2).
func say(_ line: String, to descriptor: Int32 = 1) {
    var bytes = Array((line + "\n").utf8)[...]
    while !bytes.isEmpty {
        let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return }
        bytes = bytes.dropFirst(count)
    }
}

/// Seconds.
func time(_ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try body()
    let passed = (ContinuousClock.now - start).components
    return Double(passed.seconds) + Double(passed.attoseconds) * 1e-18
}

/// Resident memory of this process in bytes.
func residentBytes() -> Int {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
    return (Int(text.split(separator: " ")[1]) ?? 0) * Int(getpagesize())
}

/// One figure over several rounds.
struct Figure: Codable {
    var name: String
    var unit: String
    var median: Double
    var low: Double
    var high: Double
    var rounds: Int

    init(_ name: String, _ unit: String, _ values: [Double]) {
        let sorted = values.sorted()
        self.name = name
        self.unit = unit
        median = sorted.count % 2 == 1
            ? sorted[sorted.count / 2] : (sorted[sorted.count / 2 - 1] + sorted[sorted.count / 2]) / 2
        low = sorted.first ?? 0
        high = sorted.last ?? 0
        rounds = sorted.count
    }

    var line: String {
        let digits = median < 10 ? 3 : median < 100 ? 2 : 1
        func text(_ value: Double) -> String { String(format: "%.\(digits)f", value) }
        return name.padding(toLength: max(62, name.count), withPad: " ", startingAt: 0)
            + " \(text(median)) (\(text(low))–\(text(high))) \(unit)"
    }
}

func writeJSON(_ value: some Encodable, to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    try encoder.encode(value).write(to: URL(fileURLWithPath: path))
}
