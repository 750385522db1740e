import Credentials
import Domain
import Foundation

/// Mutation fuzzing of everything that reads what strangers send: files of the corpus, changed at random, go through the
/// verifier and the readers. `ops/fuzz` builds and runs it; a crash leaves the input it died of.
///
///     CredentialsFuzz CORPUS SECONDS SEED LAST
///
/// LAST is written with each input before it is used. Ends with 1 when one input took more than `slowest`.
@main
struct Fuzz {
    private static let slowest = Duration.seconds(5)

    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 5, let seconds = Int64(arguments[2]), let seed = UInt64(arguments[3]) else {
            print("usage: CredentialsFuzz CORPUS SECONDS SEED LAST")
            exit(64)
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: arguments[1]).sorted()
        let corpus = try names.map { Array(try Data(contentsOf: URL(fileURLWithPath: "\(arguments[1])/\($0)"))) }
        let did = try ControllerDocument(JSONValue.parse(corpus[names.firstIndex(of: "did.json") ?? 0]))
        print("seed \(seed), \(corpus.count) files, \(seconds) s")
        try await run(corpus, did, end: .now + .seconds(seconds), Mutator(seed: seed), last: arguments[4])
    }

    private static func run(
        _ corpus: [[UInt8]], _ did: ControllerDocument, end: ContinuousClock.Instant, _ mutator: Mutator, last: String
    ) async throws {
        var mutator = mutator, count = 0, longest = Duration.zero, outcomes: [String: Int] = [:]
        let descriptor = open(last, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
        while ContinuousClock.now < end {
            let input = mutator.next(of: corpus)
            ftruncate(descriptor, 0)
            _ = input.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
            let began = ContinuousClock.now
            let outcome = await use(input, did)
            let took = began.duration(to: .now)
            longest = max(longest, took)
            outcomes[outcome, default: 0] += 1
            count += 1
            if took > slowest {
                print("input \(count) took \(took); it is in \(last)")
                exit(1)
            }
        }
        let rules = outcomes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "  \($0.value)  \($0.key)" }
        print("\(count) inputs, none crashed, the longest took \(longest); how they ended:\n\(rules.joined(separator: "\n"))")
    }

    /// Everything that takes bytes from outside. Gives the rule that ended it.
    private static func use(_ input: [UInt8], _ did: ControllerDocument) async -> String {
        var verifier = Verifier(keys: LocalKeys([did]), documents: Anything(bytes: input), now: Timestamp(microseconds: 1_780_000_000_000_000))
        verifier.recipient = "a@example.org"
        let report = await verifier.verify(file: input)
        _ = try? SVG.extract(input)
        _ = try? PNG.extract(input)
        _ = try? Gzip.expand(input, bytesMax: 1 << 20)
        let text = String(decoding: input.prefix(6000), as: UTF8.self)
        _ = try? BitString(encoded: text)
        _ = try? PublicKey(multikey: text)
        _ = try? SigningKey(fileText: text)
        _ = DID(text)
        if let json = try? JSONValue.parse(input, limits: .credential) {
            _ = try? ControllerDocument(json)
            _ = try? PublicKey(jwk: json)
            _ = try? StatusList(json)
        }
        return report.checks.first { $0.outcome == .failed }?.rule ?? "no check failed"
    }

    private struct Anything: DocumentSource {
        let bytes: [UInt8]
        func document(at _: String) async -> Resolution<[UInt8]> { .found(bytes) }
    }
}
