import AsyncHTTPClient
import Domain
import Egress
import Foundation
import Logging
import ServiceKit
import Synchronization

/// Takes one signed body to one endpoint.
protocol WebhookPosting: Sendable {
    func post(_ url: PublicURL, headers: [(String, String)], body: [UInt8]) async -> PostOutcome
}

/// Posts over HTTP/1.1 with everything an endpoint could use against us switched off: no redirects, no proxies, no
/// decompression, no cookies, 64 KiB of an answer at most. The name is resolved here, every one of its addresses must be
/// public, and the connection goes to one that was looked at: there is no second lookup that could answer differently.
final class WebhookClient: WebhookPosting {
    static let totalLimit = Duration.seconds(HTTPClient.Configuration.exchangeSeconds)
    static let answerBytesMax = 64 * 1024
    /// Clients are one per host and pinned address; beyond this many the one longest unused is closed.
    static let clientsMax = 256

    private struct Pin: Hashable {
        var host: String
        var address: PublicAddress
    }

    private struct State {
        var clients: [Pin: (client: HTTPClient, used: UInt64)] = [:]
        var clock: UInt64 = 0
    }

    private let resolver: Resolver
    private let limit: Duration
    private let logger: Logger
    private let state = Mutex(State())

    /// - Parameter limit: for the whole exchange, the answer's body included.
    init(resolver: Resolver = Resolver(), limit: Duration = totalLimit, logger: Logger) {
        self.resolver = resolver
        self.limit = limit
        self.logger = logger
    }

    /// A client that is dropped unclosed ends the process; whoever forgets `close` should not.
    deinit {
        for (client, _) in state.withLock({ $0.clients.values.map { ($0.client, $0.used) } }) {
            client.shutdown { _ in _ = client }
        }
    }

    func post(_ url: PublicURL, headers: [(String, String)], body: [UInt8]) async -> PostOutcome {
        let address: PublicAddress
        do throws(Resolver.Failure) { address = try await resolver.reachable(url) } catch { return .notSent(error.reason) }
        var request = HTTPClientRequest(url: url.text)
        request.method = .POST
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        request.body = .bytes(body)
        do {
            let end = ContinuousClock.now + limit
            let response = try await client(for: url, address).execute(
                request, timeout: .milliseconds(Int64(limit.seconds * 1000)), logger: nil)
            let retryAfter = response.headers.first(name: "retry-after").flatMap { RetryAfter.read($0, at: .now) }
            _ = await bounded(by: end - .now) { await Self.drain(response.body) }
            return .answered(status: Int(response.status.code), retryAfter: retryAfter)
        } catch {
            return Self.outcome(of: error)
        }
    }

    /// The answer's body means nothing; reading a little of it lets the connection be used again. Being cancelled, it closes
    /// the connection: an answer may drip for as long as it likes.
    private static func drain(_ body: HTTPClientResponse.Body) async {
        var count = 0
        do {
            for try await part in body {
                count += part.readableBytes
                if count > answerBytesMax { return }
            }
        } catch {
            // The status came, so the partner has decided.
        }
    }

    /// Whether anything can have left. What is not known to have stayed here counts as gone.
    private static func outcome(of error: any Error) -> PostOutcome {
        if let error = error as? HTTPClientError {
            if error == .connectTimeout || error == .getConnectionFromPoolTimeout { return .notSent("connect timeout") }
            if error == .deadlineExceeded || error == .readTimeout { return .lost("timeout") }
            if error == .cancelled { return .lost("stopped") }
            return .lost("connection lost")
        }
        let kind = String(describing: type(of: error))
        if kind.contains("NIOConnectionError") || kind.contains("NIOSSL") || kind.contains("BoringSSL")
            || String(reflecting: error).contains("ECONNREFUSED") || String(reflecting: error).contains("refused") {
            return .notSent(kind.contains("SSL") ? "tls" : "connect")
        }
        return .lost("connection lost")
    }

    private func client(for url: PublicURL, _ address: PublicAddress) -> HTTPClient {
        let pin = Pin(host: url.host, address: address)
        let (client, evicted) = state.withLock { state -> (HTTPClient, HTTPClient?) in
            state.clock += 1
            if let known = state.clients[pin] {
                state.clients[pin] = (known.client, state.clock)
                return (known.client, nil)
            }
            var evicted: HTTPClient?
            if state.clients.count >= Self.clientsMax,
               let oldest = state.clients.min(by: { $0.value.used < $1.value.used }) {
                evicted = state.clients.removeValue(forKey: oldest.key)?.client
            }
            let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: Self.configuration(pin))
            state.clients[pin] = (client, state.clock)
            return (client, evicted)
        }
        if let evicted {
            // A post that began on it with the old lease on life still has its fifteen seconds.
            Task { [logger] in
                try? await Task.sleep(for: Self.totalLimit * 2)
                do { try await evicted.shutdown() } catch { logger.debug("a webhook client closed uncleanly") }
            }
        }
        return client
    }

    private static func configuration(_ pin: Pin) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration.pinned(pin.host, to: pin.address)
        configuration.connectionPool.idleTimeout = .seconds(20)
        // Partners may share a host, and none waits for another's slow answers.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = Sender.total
        configuration.maximumUsesPerConnection = 1000
        return configuration
    }

    /// Ends every client; nothing may be posted afterwards.
    func close() async {
        let clients = state.withLock { state in
            defer { state.clients = [:] }
            return state.clients.values.map(\.client)
        }
        for client in clients { try? await client.shutdown() }
    }
}

/// `Retry-After`: seconds, or a date of RFC 9110 §5.6.7.
enum RetryAfter {
    static func read(_ text: String, at now: Timestamp) -> Duration? {
        if let seconds = Int64(text), seconds >= 0 { return .seconds(min(seconds, 86_400)) }
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(identifier: "GMT")
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
        guard text.utf8.count <= 40, let date = format.date(from: text) else { return nil }
        let seconds = date.timeIntervalSince1970 - Double(now.microseconds) / 1e6
        return .seconds(max(0, min(seconds, 86_400)))
    }
}
