import Domain
@testable import EventLog
import Foundation
import Testing

@Suite struct FeedWireTests {
    static func event(_ position: Int64, payload: Int = 20) -> EventEnvelope {
        let learner = learner("wire", in: 7)
        return EventEnvelope(
            id: .derived("wire", String(position)), type: "race.tallied", version: 3, partition: learner.partition,
            position: position, stream: learner.uuid, streamVersion: position, learner: position == 2 ? nil : learner,
            effectiveAt: Timestamp(microseconds: -1), recordedAt: Timestamp(microseconds: .max), actor: "Zoë",
            authority: "", causedBy: position == 1 ? learner.uuid : nil, correlation: nil, traceparent: "00-ab",
            keyID: position == 3 ? learner.uuid : nil, payload: Array(repeating: 0xFE, count: payload))
    }

    static let cursors = [0, 9, 63].map { number in
        FeedRequest.Cursor(partition: Partition.all[number], epoch: number + 1, position: Int64(number) << 40)
    }
    static let requests = [nil, UUID.derived("incarnation")].map { incarnation in
        FeedRequest(incarnation: incarnation, cursors: cursors, each: 1, total: 500, wait: .milliseconds(1234),
            types: incarnation == nil ? [] : ["race.tallied", "race.mirrored"])
    }
    static let replies: [FeedReply] = [
        .batch(incarnation: .derived("a"), epochs: [1, 2, 99], heads: [0, .max, 3], events: (1...3).map { event($0) }),
        .batch(incarnation: .derived("a"), epochs: [], heads: [], events: []),
        .fork(cursors), .foreign(incarnation: .derived("b")), .truncated(Partition.all[63], first: 12),
    ]

    @Test func `requests and replies come back as they went`() throws {
        #expect(try Self.requests.map { try FeedWire.request(FeedWire.encode($0)) } == Self.requests)
        #expect(try Self.replies.map { try FeedWire.reply(FeedWire.encode($0)) } == Self.replies)
        #expect(try FeedWire.event(FeedWire.encode(Self.event(3))) == Self.event(3))
    }

    @Test func `no truncated message is taken for a whole one`() {
        var taken: [String] = []
        for bytes in Self.requests.map({ FeedWire.encode($0) }) {
            for count in bytes.indices where (try? FeedWire.request(Array(bytes[..<count]))) != nil {
                taken.append("request of \(count)")
            }
        }
        for bytes in Self.replies.map({ FeedWire.encode($0) }) {
            for count in bytes.indices where (try? FeedWire.reply(Array(bytes[..<count]))) != nil {
                taken.append("reply of \(count)")
            }
            if (try? FeedWire.reply(bytes + [0])) != nil { taken.append("a byte too many") }
        }
        #expect(taken == [])
    }

    @Test(arguments: [UInt64.random(in: 1...1_000_000)])
    func `spoiled bytes are refused or mean exactly what they say`(seed: UInt64) {
        print("wire seed \(seed)")
        var random = SplitMix64(seed: seed)
        var different = 0, understood = 0
        func spoil(_ bytes: [UInt8]) -> [UInt8] {
            var bytes = bytes
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let reach = Bool.random(using: &random) ? min(40, bytes.count) : bytes.count
                let place = Int.random(in: 0..<reach, using: &random)
                bytes[place] = [0, 0xFF, 0x7F, 0x80, UInt8.random(in: 0...255, using: &random)]
                    .randomElement(using: &random) ?? 0
            }
            return bytes
        }
        for _ in 0..<4000 {
            for request in Self.requests {
                let bytes = spoil(FeedWire.encode(request))
                guard let read = try? FeedWire.request(bytes) else { continue }
                understood += 1
                if FeedWire.encode(read) != bytes { different += 1 }
            }
            for reply in Self.replies {
                let bytes = spoil(FeedWire.encode(reply))
                guard let read = try? FeedWire.reply(bytes) else { continue }
                understood += 1
                if FeedWire.encode(read) != bytes { different += 1 }
            }
        }
        #expect(different == 0 && understood > 100)
    }

    /// What a neighbor that has gone wrong could say.
    static let hostile: [(String, [UInt8])] = [
        ("65535 heads", [0, 1] + Array(repeating: 0, count: 16) + [0xFF, 0xFF]),
        ("65535 events", [0, 1] + Array(repeating: 0, count: 16) + [0, 0, 0xFF, 0xFF, 1]),
        ("a type of 4 GiB", [0, 1] + Array(repeating: 0, count: 16) + [0, 0, 0, 1, 1] + Array(repeating: 1, count: 16)
            + [0xFF, 0xFF, 0xFF, 0xFF]),
        ("255 cursors", [1, 0xFF, 0]),
        ("partition 64", [1, 1, 64, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1]),
        ("epoch above what the table holds", [1, 1, 3, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
        ("negative position", [1, 1, 3, 0, 0, 0, 1, 0x80, 0, 0, 0, 0, 0, 0, 1]),
        ("batch epoch above what the table holds",
         [0, 1] + Array(repeating: 0, count: 16) + [0, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        ("no incarnation", [2, 0]), ("unknown kind", [4]), ("nothing", []),
    ]

    @Test(arguments: hostile)
    func `an impossible count is refused`(_: String, bytes: [UInt8]) {
        #expect(throws: FeedWireError.self) { try FeedWire.reply(bytes) }
    }

    @Test func `a request beyond its bounds is refused`() {
        let good = Self.requests[0]
        var bad: [FeedRequest] = []
        for (each, total, wait) in [(0, 1, 0), (1, 0, 0), (501, 1, 0), (1, 501, 0), (1, 1, 25_001)] {
            bad.append(FeedRequest(
                incarnation: nil, cursors: good.cursors, each: each, total: total, wait: .milliseconds(wait)))
        }
        bad.append(FeedRequest(incarnation: nil, cursors: [], each: 1, total: 1, wait: .zero))
        bad.append(FeedRequest(incarnation: nil, cursors: good.cursors + good.cursors, each: 1, total: 1, wait: .zero))
        #expect(bad.filter { (try? FeedWire.request(FeedWire.encode($0))) != nil } == [])
    }

    @Test func `a long reply is cut between events, and one long event goes whole`() throws {
        func sent(_ events: [EventEnvelope]) throws -> ([Int64], Int) {
            let bytes = FeedWire.encode(.batch(incarnation: .derived("a"), epochs: [1], heads: [20], events: events))
            guard case .batch(_, _, _, let got) = try FeedWire.reply(bytes) else { return ([], 0) }
            return (got.map(\.position), bytes.count)
        }
        let (positions, count) = try sent((1...20).map { Self.event($0, payload: 100_000) })
        #expect(positions == Array(1...9) && count <= FeedWire.replyBytesMax + 1024)
        #expect(try sent([Self.event(1, payload: 1_500_000), Self.event(2)]).0 == [1])
    }
}
