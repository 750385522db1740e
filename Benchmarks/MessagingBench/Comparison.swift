import Glibc
import Messaging

/// What one run of one variant gave.
struct Sample {
    var rate = 0.0
    /// CPU time of either process for one round trip, in microseconds.
    var clientMicroseconds = 0.0, serverMicroseconds = 0.0

    /// Takes `name=number` words and leaves others alone.
    mutating func take(_ line: String) {
        for word in line.split(separator: " ") {
            let halves = word.split(separator: "=")
            guard halves.count == 2, let number = Double(halves[1]) else { continue }
            switch halves[0] {
            case "rate": rate = number
            case "client_us": clientMicroseconds = number
            case "server_us": serverMicroseconds = number
            default: break
            }
        }
    }
}

/// Rounds of all variants in turn, each round beginning with another one: whatever else the machine does meets them
/// alike.
struct Comparison {
    enum Variant: String, CaseIterable {
        case raw, reactor, pool

        var title: String {
            switch self {
            case .raw: "raw C, one frame"
            case .reactor: "Messaging, callers on the reactor"
            case .pool: "Messaging, callers on the pool"
            }
        }
    }

    let options: Options

    init(_ options: Options) { self.options = options }

    func run() async throws {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/messaging-bench.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure("no temporary folder in \(parent)") }
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let yardstick = "\(folder)/raw_zmq"
        defer {
            for file in [yardstick, "\(folder)/\(Ours.serverKeyFile)", "\(folder)/\(Ours.clientKeyFile)"] { unlink(file) }
            rmdir(folder)
        }
        let compiler = try Child("cc", ["-O2", "-o", yardstick, options.source, "-lzmq"])
        try compiler.finish()
        try CurveKeyPair.generate().write(to: "\(folder)/\(Ours.serverKeyFile)")
        try CurveKeyPair.generate().write(to: "\(folder)/\(Ours.clientKeyFile)")

        say("\(options.bodyBytes) bytes, \(options.outstanding) outstanding, \(options.seconds) s each; round trips/s")
        say(row("round", Variant.allCases.map(\.rawValue)))
        var samples: [Variant: [Sample]] = [:]
        for round in 0..<options.rounds {
            let variants = Variant.allCases.indices.map { Variant.allCases[($0 + round) % Variant.allCases.count] }
            var current: [Variant: Sample] = [:]
            for variant in variants {
                let sample = try variant == .raw ? measureRaw(yardstick) : measureOurs(folder, variant)
                current[variant] = sample
                samples[variant, default: []].append(sample)
            }
            say(row("\(round + 1)", Variant.allCases.map { "\(Int(current[$0]?.rate ?? 0))" }))
        }
        report(samples)
    }

    private func measureRaw(_ yardstick: String) throws -> Sample {
        try collect(Child(yardstick, [
            "--frames", "1", "--outstanding", "\(options.outstanding)", "--body-bytes", "\(options.bodyBytes)",
            "--seconds", "\(options.seconds)",
        ]))
    }

    private func measureOurs(_ folder: String, _ variant: Variant) throws -> Sample {
        var path = [CChar](repeating: 0, count: 4096)
        guard readlink("/proc/self/exe", &path, path.count - 1) > 0 else { throw Failure("who am I?") }
        let own = String(decoding: path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let server = try Child(own, ["serve", folder])
        guard let endpoint = try server.line() else { throw Failure("the server did not start") }
        var sample = try collect(Child(own, [
            "load", folder, endpoint, variant.rawValue, "\(options.seconds)", "\(options.outstanding)",
            "\(options.bodyBytes)",
        ]))
        server.endInput()
        if let line = try server.line() { sample.take(line) }
        try server.finish()
        return sample
    }

    private func collect(_ child: Child) throws -> Sample {
        var sample = Sample()
        while let line = try child.line() { sample.take(line) }
        try child.finish()
        guard sample.rate > 0 else { throw Failure("a run gave no rate") }
        return sample
    }

    private func report(_ samples: [Variant: [Sample]]) {
        func median(_ variant: Variant, _ value: (Sample) -> Double) -> Double {
            let sorted = samples[variant, default: []].map(value).sorted()
            guard !sorted.isEmpty else { return 0 }
            return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
        }
        let raw = median(.raw, \.rate)
        var json = ["\"rounds\":\(options.rounds)", "\"seconds\":\(options.seconds)",
                    "\"outstanding\":\(options.outstanding)", "\"bodyBytes\":\(options.bodyBytes)"]
        say("")
        say(row("", ["median/s", "ratio", "client us", "server us"], title: true))
        for variant in Variant.allCases {
            let (rate, client, server) = (median(variant, \.rate), median(variant, \.clientMicroseconds),
                                          median(variant, \.serverMicroseconds))
            say(row(variant.title, ["\(Int(rate))", rounded(rate / raw), rounded(client), rounded(server)], title: true))
            json.append("\"\(variant.rawValue)\":{\"perSecond\":\(Int(rate)),\"ratio\":\(rounded(rate / raw)),"
                + "\"clientMicroseconds\":\(rounded(client)),\"serverMicroseconds\":\(rounded(server))}")
        }
        say("{\(json.joined(separator: ","))}")
    }

    private func rounded(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }

    private func row(_ head: String, _ cells: [String], title: Bool = false) -> String {
        func pad(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - text.count)) }
        return head + pad(head, title ? 36 : 6) + cells.map { pad($0, 11) + $0 }.joined()
    }
}
