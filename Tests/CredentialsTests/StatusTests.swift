import Domain
import Foundation
import Support
import Testing
@testable import Credentials

struct StatusVectors {
    static let path = "standards/w3c-vc/bitstring-status-list/vectors.json"
    static let all: [JSONValue] = (try? JSONValue.parse(SharedFiles.bytes(path), limits: .file).array) ?? []
    static let names = all.compactMap { $0["name"]?.text }
}

struct BitStringTests {
    @Test(.needsShared(StatusVectors.path), arguments: StatusVectors.names)
    func `a published list has just these bits`(name: String) throws {
        let vector = try #require(StatusVectors.all.first { $0["name"]?.text == name })
        let bits = try BitString(encoded: try #require(vector["encodedList"]?.text))
        let expected = vector["setIndexes"]?.array?.compactMap(\.number?.int64).map(Int.init)
        let again = try BitString(encoded: bits.encoded)
        #expect(bits.setIndexes == expected && Int64(bits.bytes.count) == vector["decodedBytes"]?.number?.int64 && again == bits)
    }

    @Test func `what we compress is small, and the whole range of runs comes back`() throws {
        var generator = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        for length in 1..<600 { bytes += [UInt8](repeating: UInt8.random(in: 0...255, using: &generator), count: length) }
        let compressed = Gzip.compress(bytes)
        #expect(try Gzip.expand(compressed, bytesMax: bytes.count) == bytes)
        #expect(BitString().encoded.utf8.count < 250)
    }

    @Test func `other people's gzip, of every kind of block`() throws {
        // Python's gzip at levels 0 (stored), 1 and 9 (dynamic codes) of the numbers 0…255 twice and a text.
        for text in GzipSamples.all {
            let compressed = try #require(Base64URL.decode(text))
            #expect(try Gzip.expand(compressed, bytesMax: 1 << 16) == GzipSamples.plain)
        }
    }

    @Test func `damage is found`() throws {
        let plain = [UInt8](repeating: 5, count: 1000) + Array(0...255)
        let good = Gzip.compress(plain)
        for place in good.indices where ![4, 5, 6, 7, 8, 9].contains(place) {
            for bit in 0..<8 {
                var bad = good
                bad[place] ^= 1 << UInt8(bit)
                if let result = try? Gzip.expand(bad, bytesMax: 1 << 16), result != plain {
                    Issue.record("bit \(bit) of byte \(place) was not noticed")
                }
            }
        }
        for length in good.indices { #expect(throws: CredentialError.self) { try Gzip.expand(Array(good[..<length]), bytesMax: 1 << 16) } }
    }

    @Test(.timeLimit(.minutes(1))) func `a bomb is stopped at its bound`() throws {
        let bomb = Gzip.compress([UInt8](repeating: 0, count: 64 << 20))
        #expect(bomb.count < 1 << 20)
        do {
            _ = try BitString(encoded: Multibase.base64(bomb))
            Issue.record("it was expanded")
        } catch { #expect(error.rule == "gzip.too_large") }
    }

    @Test func `places are random, each once, until half are taken`() throws {
        var generator = SystemRandomNumberGenerator()
        var list = StatusList(.revocation), seen: Set<Int> = []
        for _ in 0..<1000 { seen.insert(list.assign(using: &generator)!) }
        #expect(seen.count == 1000 && seen.sorted() != Array(seen.min()!...(seen.min()! + 999)) && list.takenCount == 1000)
        while list.assign(using: &generator) != nil {}
        #expect(list.takenCount == list.count / 2)
    }

    @Test func `a revocation stays, a suspension can be lifted`() throws {
        var generator = SystemRandomNumberGenerator()
        var revoked = StatusList(.revocation), suspended = StatusList(.suspension)
        let place = revoked.assign(using: &generator)!, other = suspended.assign(using: &generator)!
        try revoked.set(place, to: true)
        try suspended.set(other, to: true)
        try suspended.set(other, to: false)
        do {
            try revoked.set(place, to: false)
            Issue.record("it was undone")
        } catch { #expect(error.rule == "status.irreversible") }
        #expect(throws: CredentialError.self) { try suspended.set((other + 1) % suspended.count, to: true) }
        let read = try StatusList(try JSONValue.parse(revoked.json.serialized()))
        #expect(read.bits == revoked.bits && read.taken == revoked.taken && suspended.bits.setIndexes.isEmpty)
    }

    @Test func `sizes above one bit are read from the left`() {
        let bits = BitString(bytes: [0b0110_1100, 0b1000_0000])
        #expect([0, 1, 2, 3, 4].map { bits.value(at: $0, size: 2) } == [1, 2, 3, 0, 2] && bits.value(at: 1, size: 3) == 3
            && bits.value(at: 8, size: 2) == nil && bits.value(at: -1) == nil && bits.value(at: Int.max) == nil)
    }
}
