import Crypto
import Domain
import Foundation
@testable import LinkedData
import Support
import Testing

@Suite struct JCSTests {
    static let folder = "standards/rfc8785-jcs"

    @Test(.needsShared(folder), arguments: ["arrays", "structures", "unicode", "values"])
    func vector(_ name: String) throws {
        let canonical = try JCS.canonicalize(try SharedFiles.bytes("\(Self.folder)/input/\(name).json"))
        #expect(canonical == (try SharedFiles.bytes("\(Self.folder)/output/\(name).json")))
    }

    @Test(.needsShared(folder)) func `the first thousand numbers are written as published`() throws {
        let text = String(decoding: try SharedFiles.bytes("\(Self.folder)/es6numbers-first1000.csv"), as: UTF8.self)
        let wrong = text.split(separator: "\n").filter { line in
            let parts = line.split(separator: ",")
            guard let bits = UInt64(parts[0], radix: 16) else { return true }
            return ECMAScriptNumber.text(Double(bitPattern: bits)) != parts[1]
        }
        #expect(wrong == [])
    }

    /// The generator and the hashes are those that the scheme's authors publish with their test data.
    @Test(.needsShared(folder), arguments: [
        (1_000, "be18b62b6f69cdab33a7e0dae0d9cfa869fda80ddc712221570f9f40a5878687"),
        (10_000, "b9f7a8e75ef22a835685a52ccba7f7d6bdc99e34b010992cbc5864cd12be6892"),
        (100_000, "22776e6d4b49fa294a0d0f349268e5c28808fe7e0cb2bcbe28f63894e494d4c7"),
    ])
    func `the series of numbers has the published hash`(_ count: Int, _ digest: String) throws {
        let text = String(decoding: try SharedFiles.bytes("\(Self.folder)/es6numbers-first1000.csv"), as: UTF8.self)
        var numbers = NumberSeries(published: text)
        var hash = SHA256()
        for _ in 0..<count {
            let value = numbers.next()
            let line = "\(String(value.bitPattern, radix: 16)),\(ECMAScriptNumber.text(value))\n"
            hash.update(data: Array(line.utf8))
        }
        #expect(hash.finalize().map { String(format: "%02x", $0) }.joined() == digest)
    }

    @Test(arguments: [
        (#"{"a":1,"a":2}"#, "json.duplicate_member"), (#"{"a":1,"\u0061":2}"#, "json.duplicate_member"),
        (#"["\ud800"]"#, "json.lone_surrogate"), ("[1e400]", "json.number_range"), ("[NaN]", "json.syntax"),
        (#"["\u0000"]"#, "json.nul"), ("[1]]", "json.trailing_text"),
        (String(repeating: "[", count: 100_000), "json.too_deep"),
    ])
    func `what is no I-JSON is refused`(_ text: String, _ rule: String) {
        let error = #expect(throws: LinkedDataError.self) { try JCS.canonicalize(Array(text.utf8)) }
        #expect(error?.rule == rule)
    }

    @Test func `names are sorted by their UTF-16 code units`() throws {
        let text = #"{"\ufb33":1,"\ud83d\ude00":2,"\u20ac":3,"a":4,"":5,"\ue000":6}"#
        let canonical = String(decoding: try JCS.canonicalize(Array(text.utf8)), as: UTF8.self)
        #expect(canonical == "{\"\":5,\"a\":4,\"\u{20ac}\":3,\"\u{1F600}\":2,\"\u{e000}\":6,\"\u{fb33}\":1}")
    }
}

/// The doubles of the published series: some chosen ones, then the 2000 that follow the smallest normal number, then
/// what a chain of SHA-256 over zeros gives, eight bytes a number.
struct NumberSeries {
    private let chosen: [UInt64]
    private var place = 0
    private var block = [UInt8](repeating: 0, count: 32)
    private var left: [UInt64] = []

    /// The chosen ones are read from the published list: they end where the run of consecutive numbers begins.
    init(published text: String) {
        let bits = text.split(separator: "\n").compactMap { UInt64($0.prefix { $0 != "," }, radix: 16) }
        let run = (1..<bits.count).first { bits[$0] == 0x10000000000001 } ?? 1
        chosen = Array(bits[..<(run - 1)])
    }

    mutating func next() -> Double {
        defer { place += 1 }
        if place < chosen.count { return Double(bitPattern: chosen[place]) }
        if place < chosen.count + 2000 { return Double(bitPattern: 0x0010000000000000 + UInt64(place - chosen.count)) }
        while true {
            if left.isEmpty {
                block = Array(SHA256.hash(data: block))
                left = (0..<4).map { part in
                    block[(part * 8)..<(part * 8 + 8)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
                }
            }
            let value = Double(bitPattern: left.removeFirst())
            if value != 0, value.isFinite { return value }
        }
    }
}
