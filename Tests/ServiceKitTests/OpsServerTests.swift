import Dispatch
import Glibc
import Logging
import ServiceKit
import ServiceLifecycle
import Synchronization
import Testing

private let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// One request over a socket of its own; the whole answer, up to the end of the stream or five seconds of silence.
/// On a thread of its own too: the server answers from the pool that a blocking test would occupy.
private func exchange(_ port: Int, _ request: String) async -> String {
    await withCheckedContinuation { continuation in
        DispatchQueue(label: "client").async { continuation.resume(returning: exchangeBlocking(port, request)) }
    }
}

private func exchangeBlocking(_ port: Int, _ request: String) -> String {
    let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(client) }
    var patience = timeval(tv_sec: 5, tv_usec: 0)
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(client, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    guard connected == 0 else { return "refused" }
    let bytes = Array(request.utf8)
    guard send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { return "not sent" }
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = recv(client, &buffer, buffer.count, 0)
        if count <= 0 { return String(decoding: answer, as: UTF8.self) }
        answer.append(contentsOf: buffer[..<count])
    }
}

private func get(_ port: Int, _ path: String) async -> String {
    await exchange(port, "GET \(path) HTTP/1.1\r\nHost: ops\r\nConnection: close\r\n\r\n")
}

private func statusLine(_ answer: String) -> String { String(answer.prefix { !$0.isNewline }) }

/// An ops server on a free port, inside a group that stops when `body` is done.
private func withOpsServer(
    _ health: HealthState, metrics: PrometheusFactory = PrometheusFactory(),
    status: @escaping @Sendable () async -> String = { "{}" },
    _ body: (Int) async throws -> Void
) async throws {
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    let server = OpsServer(
        address: ListenAddress(host: "127.0.0.1", port: 0),
        pages: OpsPages(health: health, metrics: metrics, status: status), logger: silent,
        started: { port.yield($0) })
    let group = ServiceGroup(configuration: .init(services: [server], logger: silent))
    let running = Task { try await group.run() }
    var listening = ports.makeAsyncIterator()
    try await body(try #require(await listening.next()))
    await group.triggerGracefulShutdown()
    try await running.value
}

@Suite(.timeLimit(.minutes(1))) struct OpsServerTests {
    @Test func `probes, metrics and status are answered`() async throws {
        let health = HealthState()
        health.setServing()
        try await withOpsServer(health, status: { #"{"inside":true}"# }) { port in
            let live = await get(port, "/health/live"), ready = await get(port, "/health/ready")
            let metrics = await get(port, "/metrics"), status = await get(port, "/status")
            #expect([live, ready, metrics, status].map(statusLine) == Array(repeating: "HTTP/1.1 200 OK", count: 4))
            #expect(status.hasSuffix(#"{"inside":true}"#))
            #expect(metrics.lowercased().contains("content-type: text/plain; version=0.0.4"))
            let body = try #require(metrics.firstRange(of: "\r\n\r\n"))
            _ = try PrometheusText(String(metrics[body.upperBound...]))
        }
    }

    @Test func `readiness turns to 503 with the names of what fails, liveness does not`() async throws {
        let health = HealthState()
        health.setServing()
        health.register("storage") { .failing("no connection") }
        try await withOpsServer(health) { port in
            let failing = await get(port, "/health/ready")
            #expect(statusLine(failing) == "HTTP/1.1 503 Service Unavailable")
            #expect(failing.hasSuffix(
                #"{"status":"failing","phase":"serving","failing":[{"check":"storage","reason":"no connection"}]}"#))
            health.setDraining()
            let draining = await get(port, "/health/ready"), live = await get(port, "/health/live")
            #expect(draining.hasSuffix(#"{"status":"failing","phase":"draining","failing":[]}"#))
            #expect([draining, live].map(statusLine) == ["HTTP/1.1 503 Service Unavailable", "HTTP/1.1 200 OK"])
        }
    }

    @Test func `anything else is refused, and the server goes on`() async throws {
        let health = HealthState()
        health.setServing()
        try await withOpsServer(health) { port in
            let large = String(repeating: "x", count: 20_000)
            let requests = [
                "GET / HTTP/1.1\r\nHost: o\r\nConnection: close\r\n\r\n",
                "GET /status/../metrics HTTP/1.1\r\nHost: o\r\nConnection: close\r\n\r\n",
                "POST /metrics HTTP/1.1\r\nHost: o\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc",
                "GET /metrics HTTP/1.1\r\nHost: o\r\nConnection: close\r\nX: \(large)\r\n\r\n",
                "\u{0}\u{1}\u{2} nonsense\r\n\r\n",
            ]
            for request in requests {
                let status = statusLine(await exchange(port, request))
                #expect(!status.hasPrefix("HTTP/1.1 2"), "\(request.prefix(40)): \(status)")
            }
            #expect(statusLine(await get(port, "/health/live")) == "HTTP/1.1 200 OK")
        }
    }

    /// Kept alive, as Prometheus does, or left in the middle of a request: the stream ends when the server closes it.
    @Test(arguments: ["GET /health/live HTTP/1.1\r\nHost: ops\r\n\r\n", "GET /health/li", ""])
    func `an open connection does not hold up the shutdown`(request: String) async throws {
        let health = HealthState()
        let answer = Mutex<Task<String, Never>?>(nil)
        try await withOpsServer(health) { port in
            let task = Task { await exchange(port, request) }
            answer.withLock { $0 = task }
            #expect(statusLine(await get(port, "/health/live")) == "HTTP/1.1 200 OK")
        }
        _ = await answer.withLock { $0 }?.value
    }

    @Test func `a port in use is a clear error`() async throws {
        let health = HealthState()
        try await withOpsServer(health) { port in
            let second = OpsServer(
                address: ListenAddress(host: "127.0.0.1", port: port),
                pages: OpsPages(health: health, metrics: PrometheusFactory()), logger: silent)
            let error = await #expect(throws: OpsServerError.self) { try await second.run() }
            let text = error?.description ?? ""
            #expect(text.hasPrefix("cannot answer health checks at 127.0.0.1:\(port)") && text.contains("in use"), "\(text)")
        }
    }
}
