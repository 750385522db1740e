import Glibc
import Testing
@testable import Messaging

/// A peer with a listed key sends what it should not: the server drops, counts, says BYE after three, and goes on
/// serving others.
@Suite(.timeLimit(.minutes(3)))
struct HostileTests {
    struct Attack: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let kind: String
        let frames: [[UInt8]]
    }

    private static let header = RawPeer.header {
        $0.put(.requestID, UInt64(1))
        $0.put(.method, "echo")
        $0.put(.deadline, UInt32(1000))
    }

    static let attacks: [Attack] = {
        let good = RawPeer.request()
        func replacing(_ index: Int, _ frame: [UInt8]) -> [[UInt8]] {
            var frames = good
            frames[index] = frame
            return frames
        }
        return [
            Attack(testDescription: "wrong magic", kind: "magic", frames: replacing(0, Array("L1".utf8))),
            Attack(testDescription: "empty magic", kind: "magic", frames: replacing(0, [])),
            Attack(testDescription: "long magic", kind: "magic", frames: replacing(0, Array("C1C".utf8))),
            Attack(testDescription: "kind of two bytes", kind: "kind", frames: replacing(1, [1, 1])),
            Attack(testDescription: "empty kind", kind: "kind", frames: replacing(1, [])),
            Attack(testDescription: "one frame", kind: "frames", frames: [Array("C1".utf8)]),
            Attack(testDescription: "an empty frame", kind: "frames", frames: [[]]),
            Attack(testDescription: "no body", kind: "frames", frames: Array(good.dropLast())),
            Attack(testDescription: "a fifth frame", kind: "frames", frames: good + [[1]]),
            Attack(testDescription: "a sixth frame", kind: "frames", frames: good + [[1], [2]]),
            Attack(testDescription: "ten thousand frames", kind: "frames", frames: good + Array(repeating: [1], count: 10_000)),
            Attack(testDescription: "frames of 1 MiB", kind: "frames",
                   frames: Array(repeating: [UInt8](repeating: 0, count: 1 << 20), count: 8)),
            Attack(testDescription: "garbage header", kind: "header", frames: replacing(2, [UInt8](repeating: 0xFF, count: 99))),
            Attack(testDescription: "empty header", kind: "header", frames: replacing(2, [])),
            Attack(testDescription: "a header over 4 KiB", kind: "header", frames: replacing(2, header
                + [200, 15, 255] + [UInt8](repeating: 0, count: 4095))),
            Attack(testDescription: "a method that is not UTF-8", kind: "header", frames: replacing(2, RawPeer.header { writer in
                writer.put(.requestID, UInt64(1))
                [UInt8]([0xC3, 0x28]).withUnsafeBytes { writer.put(.method, $0) }
                writer.put(.deadline, UInt32(1000))
            })),
            Attack(testDescription: "no method", kind: "header", frames: replacing(2, RawPeer.header {
                $0.put(.requestID, UInt64(1))
                $0.put(.deadline, UInt32(1000))
            })),
            Attack(testDescription: "a body one byte over", kind: "body", frames: replacing(3, [UInt8](repeating: 0, count: 1 << 20 + 1))),
        ]
    }()

    @Test(arguments: attacks)
    func `a malformed message is counted, three end the session, and others are served`(_ attack: Attack) async throws {
        let server = try await Mesh.server()
        let raw = RawPeer(server.boundEndpoint)
        for _ in 0..<3 { raw.send(attack.frames) }
        let bye = await raw.receive()
        raw.send(RawPeer.request())
        let client = await Mesh.client([server], keys: Mesh.otherKeys)
        let other = await client.outcome(.echo())
        let isIgnored = await eventually { server.stats.ignored == 1 }
        #expect(bye?[1] == [7] && other == .success(Reply(status: 0, body: Array("hello".utf8))) && isIgnored
            && server.stats.malformedByKind == [attack.kind: 3]
            && server.stats.accepted == 1)
        await client.close()
        await server.stop()
    }

    @Test func `of the 256 kinds a server takes three`() async throws {
        let server = try await Mesh.server()
        var answered: [UInt8] = []
        // One connection for each kind, so that none is refused for what another sent.
        for kind in UInt8.min...UInt8.max {
            let raw = RawPeer(server.boundEndpoint)
            raw.send(RawPeer.frames(kind, Self.header, [kind]))
            raw.send(RawPeer.frames(3, []))
            while let reply = await raw.receive() {
                if reply[1] == [4] { break }
                answered.append(kind)
            }
        }
        // REQUEST is answered; PING is, too, by a PONG that ends the loop; BYE is not an error.
        #expect(answered == [1] && server.stats.malformedByKind == ["kind": 253] && server.stats.accepted == 1)
        await server.stop()
    }

    @Test func `frames over the largest end the connection, not the server`() async throws {
        let server = try await Mesh.server()
        let raw = RawPeer(server.boundEndpoint)
        raw.send(RawPeer.request(1, [UInt8](repeating: 0, count: 4 << 20)))
        let client = await Mesh.client([server], keys: Mesh.otherKeys)
        #expect(await client.outcome(.echo()) == .success(Reply(status: 0, body: Array("hello".utf8))))
        #expect(await raw.receive(within: 0.3) == nil && server.stats.accepted == 1)
        await client.close()
        await server.stop()
    }

    /// What libzmq holds of an unfinished message ends with its connection; nothing of it ever reaches our memory.
    @Test func `a message without end disturbs nobody`() async throws {
        let server = try await Mesh.server()
        let client = await Mesh.client([server], keys: Mesh.otherKeys)
        do {
            let raw = RawPeer(server.boundEndpoint)
            raw.send(RawPeer.request())
            _ = await raw.receive()
            raw.send(Array(repeating: [UInt8](repeating: 1, count: 64 << 10), count: 256), unfinished: true)
            for _ in 0..<50 {
                #expect(await client.outcome(.echo()) == .success(Reply(status: 0, body: Array("hello".utf8))))
            }
        }
        #expect(server.stats.malformed == 0 && server.stats.accepted == 51)
        #expect(await client.outcome(.echo()) == .success(Reply(status: 0, body: Array("hello".utf8))))
        await client.close()
        await server.stop()
    }

    @Test func `random frames from a listed key never end the server`() async throws {
        let server = try await Mesh.server()
        var random = FastRandom(seed: 4711)
        for _ in 0..<40 {
            let raw = RawPeer(server.boundEndpoint)
            for _ in 0..<5 {
                var frames = RawPeer.request(random.next())
                for _ in 0..<(1 + random.next() % 3) {
                    let index = Int(random.next() % 4)
                    frames[index] = (0..<Int(random.next() % 80)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                }
                raw.send(frames)
            }
            // Either its PING is answered or it was told BYE: then all of it was read.
            raw.send(RawPeer.frames(3, []))
            while let answer = await raw.receive(within: 10), answer[1] != [4], answer[1] != [7] {}
        }
        let client = await Mesh.client([server], keys: Mesh.otherKeys)
        #expect(await client.outcome(.echo()) == .success(Reply(status: 0, body: Array("hello".utf8))), "seed 4711")
        #expect(server.stats.malformed > 50)
        await client.close()
        await server.stop()
    }

    @Test func `garbage on the port, and connections that say nothing, disturb nobody`() async throws {
        let server = try await Mesh.server()
        let port = UInt16(server.boundEndpoint.split(separator: ":").last ?? "") ?? 0
        var descriptors: [Int32] = []
        defer { for descriptor in descriptors { close(descriptor) } }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        for number in 0..<100 {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            descriptors.append(descriptor)
            let status = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            #expect(status == 0)
            if number % 2 == 0 { _ = send(descriptor, "GET / HTTP/1.1\r\n\r\n", 18, Int32(MSG_NOSIGNAL)) }
        }
        let client = await Mesh.client([server])
        #expect(await client.outcome(.echo()) == .success(Reply(status: 0, body: Array("hello".utf8))))
        await client.close()
        await server.stop()
    }
}
