import Domain
import Foundation
import Testing

@Suite struct TimestampTests {
    @Test func `random times agree with the C library and survive their text`() {
        let seed: UInt64 = 20_261_121
        var random = SplitMix64(seed: seed)
        var wrong: [String] = []
        for _ in 0..<20_000 {
            // 0001-01-01 to 9999-12-31.
            let seconds = Int64.random(in: -62_135_596_800...253_402_300_799, using: &random)
            let fraction = Int64.random(in: 0..<1_000_000, using: &random)
            let time = Timestamp(microseconds: seconds * 1_000_000 + fraction)
            var clock = time_t(seconds), parts = tm()
            gmtime_r(&clock, &parts)
            let date = time.utcDate.parts
            let isSame = date.year == Int(parts.tm_year) + 1900 && date.month == Int(parts.tm_mon) + 1
                && date.day == Int(parts.tm_mday)
                && time.description.contains(
                    String(format: "T%02d:%02d:%02d", parts.tm_hour, parts.tm_min, parts.tm_sec))
            if !isSame || Timestamp(time.description) != time { wrong.append("\(seconds).\(fraction) \(time)") }
        }
        #expect(wrong.prefix(5) == [], "seed \(seed)")
    }

    @Test(arguments: [
        ("2026-11-21T21:35:00Z", "2026-11-21T21:35:00Z"),
        ("2026-11-21t21:35:00z", "2026-11-21T21:35:00Z"),
        ("2026-11-21 21:35:00.100Z", "2026-11-21T21:35:00.1Z"),
        ("2026-11-21T21:35:00.1234567891Z", "2026-11-21T21:35:00.123456Z"),
        ("2026-11-21T21:35:00+14:00", "2026-11-21T07:35:00Z"),
        ("2026-11-21T21:35:00-12:00", "2026-11-22T09:35:00Z"),
        ("2026-01-01T00:00:00+00:01", "2025-12-31T23:59:00Z"),
        ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"),
        ("2024-02-29T23:59:59Z", "2024-02-29T23:59:59Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
        ("2026-11-21T21:35:00-00:00", "2026-11-21T21:35:00Z"),
    ])
    func `a time with any offset is written in UTC`(_ text: String, _ written: String) {
        #expect(Timestamp(text)?.description == written)
    }

    @Test(arguments: [
        "2026-11-21T24:00:00Z", "2026-11-21T23:60:00Z", "2026-06-30T23:59:60Z", "2026-11-21T21:35:00", "2026-11-21",
        "1900-02-29T00:00:00Z", "2026-11-21T21:35:00.Z", "2026-11-21T21:35:00+2400", "2026-11-21T21:35:00+24:00",
        "2026-11-21T21:35:00+01:60", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "0000-01-01T00:00:00Z",
        "2026-11-21T21:35:00ZZ", " 2026-11-21T21:35:00Z", "2026-11-21T21:35Z", "2026-W47-6T00:00:00Z", "",
        "2026-11-21T21:35:00.1234567890123456789Z",
    ])
    func `what is no time is refused`(_ text: String) { #expect(Timestamp(text) == nil) }

    @Test func `durations add up`() {
        let time = Timestamp(microseconds: -1)
        #expect(time.advanced(by: .seconds(2)).duration(since: time) == .seconds(2))
        #expect(time.advanced(by: .microseconds(-5)).microseconds == -6)
    }

    @Test func `times and dates are texts on the wire and an unreadable one says what is wanted`() throws {
        struct Term: Codable, Equatable { var from: CalendarDate; var at: Timestamp }
        let bytes = Array(#"{"at":"2026-11-21T21:35:00Z","from":"2026-11-21"}"#.utf8)
        let term = try Wire.decode(Term.self, from: bytes)
        #expect(Wire.encode(term) == bytes)
        let fault = #expect(throws: Fault.self) {
            try JSONValue.parse(Array(#"{"at":"soon","from":"2026-11-21"}"#.utf8)).decode(Term.self)
        }
        #expect(fault?.violations.first?.pointer == "/at")
    }
}
