import Domain
import Testing
@testable import Messaging

struct WireTests {
    private struct Fields: Equatable {
        var requestID: UInt64?, deadline: UInt32, status: UInt8, load: UInt16, flags: UInt8
        var method: [UInt8], key: [UInt8], subject: [UInt8], traceparent: [UInt8]
    }

    private func parse(_ bytes: [UInt8]) -> Fields? {
        bytes.withUnsafeBytes { raw in
            HeaderView(raw).map {
                Fields(requestID: $0.requestID, deadline: $0.deadline, status: $0.status, load: $0.load,
                       flags: $0.flags.rawValue, method: Array($0.method), key: Array($0.key),
                       subject: Array($0.subject), traceparent: Array($0.traceparent))
            }
        }
    }

    private var full: [UInt8] {
        RawPeer.header {
            $0.put(.requestID, UInt64(0x0102_0304_0506_0708))
            $0.put(.method, "records.transcript")
            $0.put(.key, "k-1")
            $0.put(.deadline, UInt32(1500))
            [UInt8](0..<40).withUnsafeBytes { [writer = $0] raw in writer.put(.subject, raw) }
            $0.put(.traceparent, "00-a-b-01")
            $0.put(.status, UInt8(1))
            $0.put(.load, UInt16(500))
            $0.put(.flags, UInt8(3))
        }
    }

    private var fields: Fields {
        Fields(requestID: 0x0102_0304_0506_0708, deadline: 1500, status: 1, load: 500, flags: 3,
               method: Array("records.transcript".utf8), key: Array("k-1".utf8), subject: [UInt8](0..<40),
               traceparent: Array("00-a-b-01".utf8))
    }

    @Test func `a header reads back as it was written`() {
        #expect(parse(full) == fields)
    }

    @Test func `the first bytes on the wire are fixed`() {
        let bytes = RawPeer.header {
            $0.put(.requestID, UInt64(1))
            $0.put(.method, "m")
            $0.put(.flags, UInt8(2))
        }
        #expect(bytes == [1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 1, 0x6D, 9, 0, 1, 2])
    }

    @Test func `unknown tags are skipped`() {
        #expect(parse([200, 0, 2, 9, 9] + full + [0, 0, 0]) == fields)
    }

    @Test(arguments: [
        [1], [1, 0], [1, 0, 8], [1, 0, 7, 0, 0, 0, 0, 0, 0, 0], [4, 0, 5, 0, 0, 0, 0, 0], [7, 0, 2, 0, 0], [7, 0, 0],
        [8, 0, 1, 0], [9, 0, 0], [2, 0xFF, 0xFF, 1], [7, 0, 1, 1, 7, 0, 1, 1],
        [2, 0, 129] + [UInt8](repeating: 65, count: 129), [3, 1, 1] + [UInt8](repeating: 65, count: 257),
        [6, 0, 129] + [UInt8](repeating: 65, count: 129), [5, 12, 1] + [UInt8](repeating: 65, count: 3073),
        [200, 16, 0] + [UInt8](repeating: 0, count: 4096),
    ] as [[UInt8]])
    func `a header with a wrong width, length, bound or a repeated tag is refused`(_ bytes: [UInt8]) {
        #expect(parse(bytes) == nil)
    }

    @Test func `random headers and every truncation are survived`() {
        var random = SplitMix64(seed: 20_261_121)
        var understood = 0
        for round in 0..<20_000 {
            var bytes = round % 2 == 0 ? full : (0..<Int(random.next() % 64)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            if round % 2 == 0 {
                bytes = Array(bytes.prefix(Int(random.next() % UInt64(bytes.count + 1))))
                if !bytes.isEmpty { bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next()) }
            }
            if parse(bytes) != nil { understood += 1 }
        }
        #expect(understood > 0 && understood < 20_000, "seed 20261121")
    }

    @Test func `a message is prefix, header and body in one run of bytes`() throws {
        let bytes = RawPeer.message(1, [9, 0, 1, 2, 2, 0, 1, 0x6D], [0xAA, 0xBB])
        #expect(bytes == [0x43, 0x31, 1, 0, 8, 9, 0, 1, 2, 2, 0, 1, 0x6D, 0xAA, 0xBB])
        let writer = MessageWriter()
        writer.begin(.request)
        writer.put(.flags, UInt8(2))
        writer.put(.method, "m")
        #expect(Array(writer.head) + [0xAA, 0xBB] == bytes)
        let read = try bytes.withUnsafeBytes { raw in
            let view = try MessageView(raw)
            return (view.kind, Array(view.header.method), view.header.flags, Array(view.body))
        }
        #expect(read == (.request, [0x6D], .listens, [0xAA, 0xBB]))
    }

    @Test func `every way to cut a message short is named`() {
        let whole = RawPeer.message(1, [9, 0, 1, 2], [])
        let outcomes = (0...whole.count).map { length in
            whole.prefix(length).withUnsafeBytes { raw -> MalformedKind? in
                do throws(MalformedKind) { _ = try MessageView(raw); return nil } catch { return error }
            }
        }
        #expect(outcomes == [.magic, .magic, .kind, .header, .header, .header, .header, .header, .header, nil])
    }

    @Test func `random messages and every damage to a good one are survived`() {
        var random = SplitMix64(seed: 20_261_122)
        var understood = 0
        for round in 0..<20_000 {
            var bytes = RawPeer.message(UInt8(random.next() % 10), full, [1, 2, 3])
            if round % 4 == 0 { bytes = Array("C1".utf8) + (0..<Int(random.next() % 40)).map { _ in UInt8(truncatingIfNeeded: random.next()) } }
            if round % 4 == 1 { bytes = Array(bytes.prefix(Int(random.next() % UInt64(bytes.count + 1)))) }
            if round % 4 == 2 { bytes[Int(random.next() % 12)] = UInt8(truncatingIfNeeded: random.next()) }
            let isGood = bytes.withUnsafeBytes { (try? MessageView($0)).map { $0.body.count <= bytes.count } }
            if isGood == true { understood += 1 }
        }
        #expect(understood > 4000 && understood < 16_000, "seed 20261122")
    }

    @Test func `a header over its bound says so instead of writing on`() {
        let writer = MessageWriter()
        [UInt8](repeating: 0, count: 4000).withUnsafeBytes { writer.put(.subject, $0) }
        [UInt8](repeating: 0, count: 91).withUnsafeBytes { writer.put(.key, $0) }
        #expect(writer.overflowed && writer.head.count == Wire.prefixBytes + 4003)
        writer.begin(.ping)
        #expect(!writer.overflowed && Array(writer.head) == [0x43, 0x31, 3, 0, 0])
    }
}
