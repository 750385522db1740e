/// What `ops/bench` runs against a deployment of its own; each mode is one measurement or its preparation. It speaks
/// to the services as the gateway does, with the gateway's key.
///
///     ServiceBench prepare <folder> <assessments> <list>        opens assessments with evidence, ready to be judged
///     ServiceBench judge <folder> <list> <seconds> <in flight>  judges them *not yet*; writes commands per second
///     ServiceBench append <folder> <url> <passfile> <material> <seconds> <callers>
///                                                               units of the same shape, in this process
///     ServiceBench found <folder> <learners> <list> <port>      a pathway, a partner with a webhook, learners
///     ServiceBench chain <folder> <list> <first> <count> <port> judges *met* one by one, and waits for the webhooks
import Foundation
import Messaging

let words = Array(CommandLine.arguments.dropFirst())
do {
    let rest = Array(words.dropFirst())
    switch (words.first, rest.count) {
    case ("prepare", 3): try await Judging(rest[0]).prepare(try number(rest[1], 1...100_000), into: rest[2])
    case ("judge", 4):
        try await Judging(rest[0]).run(rest[1], seconds: try number(rest[2], 1...600), tasks: try number(rest[3], 1...4096))
    case ("append", 6):
        try await Appending(url: rest[1], passfile: rest[2], material: rest[3])
            .run(seconds: try number(rest[4], 1...600), callers: try number(rest[5], 1...4096))
    case ("found", 4):
        try await Chain(rest[0], port: try number(rest[3], 1024...65_535)).found(try number(rest[1], 1...10_000), into: rest[2])
    case ("chain", 5):
        try await Chain(rest[0], port: try number(rest[4], 1024...65_535))
            .run(rest[1], first: try number(rest[2], 0...10_000), count: try number(rest[3], 1...10_000))
    default: throw Failure("see the head of Benchmarks/ServiceBench/main.swift for its modes, and use ops/bench")
    }
} catch {
    FileHandle.standardError.write(Data("ServiceBench: \(error)\n".utf8))
    exit(1)
}

func number(_ text: String, _ range: ClosedRange<Int>) throws -> Int {
    guard let number = Int(text), range.contains(number) else {
        throw Failure("\(text) should be a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
}
