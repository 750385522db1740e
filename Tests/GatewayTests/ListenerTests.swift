import Domain
import Foundation
@testable import Gateway
import Glibc
import Logging
import ServiceKit
import ServiceLifecycle
import Testing

/// TESTPLAN §2.3, over a real socket.
@Suite(.timeLimit(.minutes(1))) struct `The listener` {
    /// Runs a listener on a port of the system's choice for the length of the body.
    static func serving(
        _ fixture: Fixture, deadlines: ConnectionDeadlines.Limits = .init(), _ body: (UInt16) async throws -> Void
    ) async throws {
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let listener = HTTPListener(
            address: ListenAddress(host: "127.0.0.1", port: 0), edge: fixture.edge, logger: logger, deadlines: deadlines,
            started: { port.yield($0) })
        let group = ServiceGroup(configuration: .init(services: [listener], logger: logger))
        async let running: Void = group.run()
        var iterator = ports.makeAsyncIterator()
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(UInt16(await iterator.next() ?? 0)))
        } catch { result = .failure(error) }
        await group.triggerGracefulShutdown()
        try await running
        try result.get()
    }

    /// Sends the bytes and reads until the other end closes; blocking, so on a thread of its own.
    static func exchange(_ port: UInt16, _ parts: [String], pauseMilliseconds: UInt32 = 0) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
                defer { close(handle) }
                var limit = timeval(tv_sec: 20, tv_usec: 0)
                setsockopt(handle, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
                var address = sockaddr_in()
                address.sin_family = sa_family_t(AF_INET)
                address.sin_port = port.bigEndian
                address.sin_addr.s_addr = inet_addr("127.0.0.1")
                let connected = withUnsafePointer(to: &address) {
                    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        connect(handle, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                    }
                }
                guard connected == 0 else { return continuation.resume(throwing: MissingValue()) }
                for part in parts {
                    let bytes = Array(part.utf8)
                    guard send(handle, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { break }
                    if pauseMilliseconds > 0 { usleep(pauseMilliseconds * 1000) }
                }
                var answer: [UInt8] = []
                var buffer = [UInt8](repeating: 0, count: 65_536)
                while true {
                    let count = recv(handle, &buffer, buffer.count, 0)
                    guard count > 0 else { break }
                    answer += buffer[..<count]
                }
                continuation.resume(returning: String(decoding: answer, as: UTF8.self))
            }
        }
    }

    static func get(_ path: String, _ token: String, more: String = "") -> String {
        "GET \(path) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\n\(more)Connection: close\r\n\r\n"
    }

    @Test func `an address that is taken is named, with the setting that chooses another`() async throws {
        let fixture = try Fixture()
        try await Self.serving(fixture) { port in
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let second = HTTPListener(
                address: ListenAddress(host: "127.0.0.1", port: Int(port)), edge: fixture.edge, logger: logger)
            let error = await #expect(throws: GatewaySetupError.self) { try await second.run() }
            #expect(error?.description.contains("127.0.0.1:\(port) (set by CAIRN_GATEWAY_LISTEN)") == true)
        }
    }

    @Test func `serves a query, a command and a page`() async throws {
        let fixture = try Fixture(FakeBackend(json: #"{"partner":"\#(someID)"}"#))
        let token = try fixture.token(.operator)
        try await Self.serving(fixture) { port in
            let get = try await Self.exchange(port, [Self.get("/v1/partners/\(someID)", token)])
            #expect(get.hasPrefix("HTTP/1.1 200 OK\r\n") && get.hasSuffix(#"{"partner":"\#(someID)"}"#))
            let body = #"{"organization":"\#(someID)","title":"C"}"#
            let post = try await Self.exchange(port, [
                "POST /v1/partners HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\nIdempotency-Key: k\r\n"
                    + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n", body,
            ])
            #expect(post.hasPrefix("HTTP/1.1 201 Created\r\n"))
            let head = try await Self.exchange(port, [
                "HEAD /openapi.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            ])
            #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n") && head.hasSuffix("\r\n\r\n") && !head.contains("\"openapi\""))
        }
    }

    static let smuggled: [String] = [
        "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n folded\r\n\r\n",
        "POST /oauth/token HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
        "POST /oauth/token HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}", "GARBAGE\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
    ]

    @Test(arguments: smuggled) func `what two readers could read in two ways ends the connection`(_ bytes: String) async throws {
        let fixture = try Fixture()
        try await Self.serving(fixture, deadlines: .init(firstHead: .milliseconds(500), body: .milliseconds(500), idle: .milliseconds(500))) { port in
            let answer = try await Self.exchange(port, [bytes])
            // One refusal may come from the pipeline, which answers before the body, and one from the parser after it.
            let statuses = answer.matches(of: #/HTTP/1\.1 (\d+)/#).map { String($0.1) }
            #expect(statuses.count <= 2 && statuses.allSatisfy { $0 == "400" || $0 == "404" }, "\(answer)")
        }
        #expect(fixture.backend.asked.isEmpty)
    }

    @Test func `slow senders are cut off`() async throws {
        let limits = ConnectionDeadlines.Limits(firstHead: .milliseconds(200), body: .milliseconds(200), idle: .milliseconds(200))
        let fixture = try Fixture()
        try await Self.serving(fixture, deadlines: limits) { port in
            let start = ContinuousClock.now
            let header = try await Self.exchange(port, ["GET / HT"])
            let body = try await Self.exchange(port, [
                "POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\n", "a",
            ])
            let idle = try await Self.exchange(port, ["GET /docs HTTP/1.1\r\nHost: x\r\n\r\n"])
            #expect(header.isEmpty && !body.hasPrefix("HTTP/1.1 200") && idle.hasPrefix("HTTP/1.1 200"))
            #expect(ContinuousClock.now - start < .seconds(15))
        }
    }

    @Test func `a body beyond the bound is answered 413`() async throws {
        let fixture = try Fixture()
        let token = try fixture.token(.operator)
        let head = "POST /v1/partners HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\nIdempotency-Key: k\r\n"
            + "Content-Type: application/json\r\nConnection: close\r\n"
        try await Self.serving(fixture) { port in
            let announced = try await Self.exchange(port, [head + "Content-Length: 2000000\r\n\r\n"])
            #expect(announced.hasPrefix("HTTP/1.1 413"))
            let chunk = String(repeating: "x", count: 65_536)
            let chunked = try await Self.exchange(
                port, [head + "Transfer-Encoding: chunked\r\n\r\n"] + (0..<17).map { _ in "10000\r\n\(chunk)\r\n" } + ["0\r\n\r\n"])
            #expect(chunked.hasPrefix("HTTP/1.1 413"))
        }
    }

    @Test func `a page that came too late breaks off without a byte of it`() async throws {
        for (limit, arrives) in [(Duration.seconds(60), true), (.zero, false)] {
            let fixture = try Fixture(`The feed as server-sent events`.feed(1), limits: .init(feedPage: limit))
            let request = Self.get("/v1/subscriptions/\(someID)/events", try fixture.token(.partner))
            try await Self.serving(fixture) { port in
                let answer = try await Self.exchange(port, [request])
                #expect(answer.hasPrefix("HTTP/1.1 200") && answer.contains("sequence") == arrives, "\(answer)")
            }
        }
    }

    @Test func `a stream arrives and ends with the shutdown`() async throws {
        let fixture = try Fixture(FakeBackend { request in
            guard let asked: ReadFeed = try? Wire.decode(from: request.body) else { return BackendReply(status: 7, body: []) }
            // Long polls wait until they are cancelled, as the real client's do.
            if asked.waitSeconds != 0 { try? await Task.sleep(for: .seconds(30)) }
            return BackendReply(status: 0, body: Array(
                #"{"events":[{"sequence":"1"}],"next":"1","head":"1"}"#.utf8))
        })
        let token = try fixture.token(.partner)
        let start = ContinuousClock.now
        let (texts, text) = AsyncStream.makeStream(of: String.self)
        try await Self.serving(fixture) { port in
            let request = Self.get("/v1/subscriptions/\(someID)/stream", token)
            Task { text.yield((try? await Self.exchange(port, [request])) ?? "failed") }
            while fixture.backend.asked.count < 2 { try await Task.sleep(for: .milliseconds(5)) }
        }
        var iterator = texts.makeAsyncIterator()
        let received = await iterator.next() ?? ""
        #expect(received.contains("text/event-stream") && received.contains("id: 1\ndata: {\"sequence\":\"1\"}\n\n"))
        #expect(ContinuousClock.now - start < .seconds(10))
    }
}
