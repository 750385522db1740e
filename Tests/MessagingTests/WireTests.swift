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
        var random = FastRandom(seed: 20_261_121)
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

    @Test func `a header over its bound says so instead of writing on`() {
        let writer = HeaderWriter()
        writer.reset()
        [UInt8](repeating: 0, count: 4000).withUnsafeBytes { writer.put(.subject, $0) }
        [UInt8](repeating: 0, count: 91).withUnsafeBytes { writer.put(.key, $0) }
        #expect(writer.overflowed && writer.bytes.count == 4003)
    }
}
