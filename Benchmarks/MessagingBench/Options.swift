import Glibc

struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

struct Options {
    var rounds = 7
    var seconds = 2.0
    var outstanding = 64
    var bodyBytes = 600
    /// The yardstick's source, from the root of the repository.
    var source = "Benchmarks/raw_zmq.c"

    init(_ words: [String]) throws {
        var rest = words[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { throw Failure("\(name) needs a value") }
            switch name {
            case "--rounds": rounds = try Self.number(name, value, 1...1000)
            case "--seconds": seconds = Double(try Self.number(name, value, 1...600))
            case "--outstanding": outstanding = try Self.number(name, value, 1...500)
            case "--body-bytes": bodyBytes = try Self.number(name, value, 1...(1 << 20))
            case "--source": source = value
            default: throw Failure("unknown option \(name)")
            }
        }
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
