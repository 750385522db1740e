import Foundation
import Logging
@testable import ServiceKit
import Synchronization
import Testing

/// What a logger wrote, by way of a pipe, as a process would write to its standard error.
private func written(
    format: String = "json", level: String = "trace", instance: String = "r-1", _ log: (Logger) -> Void
) throws -> [String] {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let settings = try Settings(environment: ["CAIRN_LOG_FORMAT": format, "CAIRN_LOG_LEVEL": level])
    let factory = try LoggingSetup.factory(
        service: "records", instance: instance, settings: settings, writer: LineWriter(descriptor: ends[1]))
    log(Logger(label: "records") { factory($0, nil) })
    close(ends[1])
    let data = try FileHandle(fileDescriptor: ends[0], closeOnDealloc: true).readToEnd() ?? Data()
    let text = try #require(String(validating: data, as: UTF8.self))
    #expect(text.isEmpty || text.hasSuffix("\n"))
    return text.split(separator: "\n").map(String.init)
}

private func object(_ line: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
}

private let hostile = [
    "", "plain", "two\nlines", "\r\n\t\u{0}\u{1}\u{1B}[31m", "\"quoted\" \\ back", "\u{7F}\u{85}\u{9B}",
    "\u{2028}\u{2029}\u{202E}reversed\u{2066}", "é 漢字 👩‍👩‍👧‍👦", "{\"level\":\"error\"}", "\u{FEFF}\u{FFFD}\u{10FFFF}",
    String(repeating: "\u{1}", count: 9000), String(repeating: "漢", count: 9000), String(repeating: "x", count: 9000),
]

@Suite struct LoggingTests {
    @Test(arguments: hostile)
    func `hostile text stays one valid JSON object on one line`(text: String) throws {
        let lines = try written {
            $0.error("\(text)", metadata: ["\(text.prefix(200))": "\(text)", "nested": ["k": ["\(text)", "b"]]])
        }
        let line = try #require(lines.first)
        let object = try object(line)
        #expect(lines.count == 1 && line.utf8.count < LogLine.limitBytes)
        #expect(object["service"] as? String == "records" && object["level"] as? String == "error")
        if text.utf8.count < 500 { #expect(object["message"] as? String == text) }
        #expect(!line.unicodeScalars.contains { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) })
    }

    @Test(arguments: hostile)
    func `hostile text stays on one line of plain text`(text: String) throws {
        let lines = try written(format: "text") { $0.warning("\(text)", metadata: ["k": "\(text)"]) }
        #expect(lines.count == 1 && lines[0].utf8.count < LogLine.limitBytes && lines[0].contains(" WARNING records "))
        #expect(!lines[0].unicodeScalars.contains { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) })
    }

    @Test func `a record is flattened, keeps numbers, and cannot be spoken over`() throws {
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        let lines = try written {
            $0.info("done", metadata: [
                "level": "forged", "traceparent": "00-\(trace)-00f067aa0ba902b7-01",
                "n": .stringConvertible(7), "ok": .stringConvertible(true), "http": ["status": .stringConvertible(200)],
                "peers": ["a", "b"],
            ])
        }
        let line = try #require(lines.first)
        var expected = try object("""
            {"level":"info","service":"records","instance":"r-1","message":"done","trace_id":"\(trace)",
             "http.status":200,"meta.level":"forged","n":7,"ok":true,"peers.0":"a","peers.1":"b"}
            """)
        let found = try object(line)
        expected["time"] = found["time"]
        #expect(found as NSDictionary == expected as NSDictionary)
        let time = try #require(found["time"] as? String)
        #expect(time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
    }

    @Test func `too much metadata is cut and marked`() throws {
        let many = Dictionary(uniqueKeysWithValues: (0..<500).map { ("key\($0)", Logger.MetadataValue("value \($0)")) })
        let lines = try written { $0.info("m", metadata: many) }
        let line = try #require(lines.first)
        let object = try object(line)
        #expect(object["truncated"] as? Bool == true && line.utf8.count < LogLine.limitBytes)
        #expect(line.utf8.count > LogLine.limitBytes / 2)
    }

    @Test func `nesting is followed only so far`() throws {
        var value: Logger.MetadataValue = "bottom"
        for _ in 0..<1000 { value = ["x": value] }
        let lines = try written { [value] in $0.info("m", metadata: ["deep": value]) }
        let line = try #require(lines.first)
        #expect(try object(line)["deep.x.x.x"] as? String == "…")
    }

    @Test func `records below the level are not written`() throws {
        let lines = try written(level: "warning") {
            $0.info("no")
            $0.warning("yes")
        }
        #expect(lines.count == 1)
    }

    @Test func `a level that does not exist stops the start`() throws {
        let error = #expect(throws: ConfigurationError.self) { try written(level: "loud") { _ in } }
        #expect(error?.description.hasPrefix("CAIRN_LOG_LEVEL is \"loud\", not one of trace, debug, info") == true)
    }

    @Test(arguments: [
        "", "00", "00-00000000000000000000000000000000-00f067aa0ba902b7-01", "00-XYZ-1-1",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
    ])
    func `what is no traceparent has no trace`(text: String) {
        #expect(LineLogHandler.traceID(text) == nil)
    }

    @Test func `the calendar is right`() {
        let seconds = [0, 951_782_400, 1_793_362_335, 4_107_542_399]
        let times = seconds.map {
            WallClock.text(timespec(tv_sec: $0, tv_nsec: 7_999_999))
        }
        #expect(times == [
            "1970-01-01T00:00:00.007Z", "2000-02-29T00:00:00.007Z", "2026-10-30T12:12:15.007Z",
            "2100-02-28T23:59:59.007Z",
        ])
    }

    @Test(.timeLimit(.minutes(1))) func `a reader that does not read loses lines, not the service`() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { ends.forEach { close($0) } }
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        let writer = LineWriter(descriptor: ends[1])
        let line = Array((String(repeating: "x", count: 8000) + "\n").utf8)
        var writes = 0
        while writer.lostLines == 0, writes < 1000 {
            writer.write(line)
            writes += 1
        }
        #expect(writer.lostLines == 1 && writes < 1000)
    }

    @Test(.timeLimit(.minutes(1))) func `many threads write whole lines`() async throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let writer = LineWriter(descriptor: ends[1])
        // Both ends block, so both run on threads of their own: the pool has two, and other tests need them.
        let (reading, writing) = (ends[0], ends[1])
        let read = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                let all = try? FileHandle(fileDescriptor: reading, closeOnDealloc: true).readToEnd()
                continuation.resume(returning: all ?? Data())
            }
            let count = SharedCount(left: 4)
            for letter in "abcd" {
                Thread.detachNewThread {
                    let line = Array((String(repeating: letter, count: 7000) + "\n").utf8)
                    for _ in 0..<50 { writer.write(line) }
                    if count.down() == 0 { close(writing) }
                }
            }
        }
        let lines = String(decoding: read, as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 200 && lines.allSatisfy { $0.utf8.count == 7000 && Set($0).count == 1 })
    }
}

private final class SharedCount: Sendable {
    private let left: Mutex<Int>
    init(left: Int) { self.left = Mutex(left) }

    func down() -> Int {
        left.withLock { left in
            left -= 1
            return left
        }
    }
}
