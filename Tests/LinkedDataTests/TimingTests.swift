import Domain
import Foundation
import LinkedData
import Support
import Testing

/// Prints what canonicalization costs, when asked by `CAIRN_TIMINGS=1`.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["CAIRN_TIMINGS"] == "1")) struct TimingTests {
    static let samples = "standards/openbadges-3.0/samples/1edtech-validator/"

    @Test(.needsShared(samples), arguments: ["simple.json", "complete.json", "simple-eddsa-2022.json"])
    func canonicalization(_ name: String) throws {
        guard let bytes = try? SharedFiles.bytes(Self.samples + name) else { return }
        let document = try JSONValue.parse(bytes)
        let processor = JSONLDProcessor(contexts: BundledContexts())
        let rounds = 5000
        func time(_ what: String, _ work: () throws -> Void) rethrows {
            try work()
            let clock = ContinuousClock()
            var best = Duration.seconds(1000)
            for _ in 0..<5 {
                let took = try clock.measure { for _ in 0..<(rounds / 5) { try work() } }
                best = min(best, took / (rounds / 5))
            }
            print("\(name) (\(bytes.count) bytes) \(what): \(best)")
        }
        let dataset = try processor.dataset(document)
        try time("parse") { _ = try JSONValue.parse(bytes) }
        try time("expand and to RDF, \(dataset.quads.count) quads") { _ = try processor.dataset(document) }
        try time("canonicalize") { _ = try RDFCanonicalization.canonicalize(dataset) }
        try time("all but parsing") { _ = try processor.canonicalNQuads(document) }
    }
}
