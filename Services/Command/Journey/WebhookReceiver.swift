import Crypto
import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import Synchronization

/// A partner's endpoint on this machine: takes webhooks and checks their signatures as Standard Webhooks says.
final class WebhookReceiver: Sendable {
    struct Received: Sendable {
        var id: String
        var event: JSONValue
        var body: String
        /// Why the signature does not hold; nil when it does.
        var flaw: String?
        var at: ContinuousClock.Instant
    }

    private struct State {
        var secret: [UInt8]?
        var received: [Received] = []
    }

    private static let bodyBytesMax = 1 << 20
    /// How far the sender's clock may differ (Standard Webhooks).
    private static let toleranceSeconds: Int64 = 300

    private let state = Mutex(State())
    private let port = Mutex<Int?>(nil)
    private let server = Mutex<Task<Void, Never>?>(nil)

    /// - Returns: where it listens.
    func start() async throws -> String {
        let router = Router()
        router.post("/hook") { [self] request, _ in
            let body = try await request.body.collect(upTo: Self.bodyBytesMax)
            func header(_ name: String) -> String { HTTPField.Name(name).flatMap { request.headers[$0] } ?? "" }
            take(
                id: header("webhook-id"), timestamp: header("webhook-timestamp"), signature: header("webhook-signature"),
                body: Array(body.readableBytesView))
            return Response(status: .noContent)
        }
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { [self] channel in port.withLock { $0 = channel.localAddress?.port } },
            logger: Logger(label: "receiver", factory: { _ in SwiftLogNoOpLogHandler() }))
        let task = Task { do { try await application.run() } catch { /* Cancelled at the end. */ } }
        server.withLock { $0 = task }
        let number: Int = try await awaited("the webhook receiver") { self.port.withLock { $0 } }
        return "http://127.0.0.1:\(number)/hook"
    }

    func stop() { server.withLock { $0?.cancel() } }

    /// `whsec_` and base64, as the API gives it.
    func trust(_ secret: String) throws {
        guard secret.hasPrefix("whsec_"), let bytes = Data(base64Encoded: String(secret.dropFirst(6))) else {
            throw CommandProblem("the subscription's secret is not whsec_ and base64")
        }
        state.withLock { $0.secret = Array(bytes) }
    }

    /// Each webhook once, by its id, in order of arrival.
    var received: [Received] {
        var seen: Set<String> = []
        return state.withLock { $0.received }.filter { seen.insert($0.id).inserted }
    }

    func take(id: String, timestamp: String, signature: String, body: [UInt8], now: Timestamp = .now) {
        state.withLock { state in
            let flaw = Self.flaw(id, timestamp, signature, body, secret: state.secret, now: now)
            state.received.append(Received(
                id: id, event: (try? JSONValue.parse(body)) ?? .null, body: String(decoding: body, as: UTF8.self), flaw: flaw,
                at: .now))
        }
    }

    /// A header may carry several signatures; one that holds is enough.
    private static func flaw(
        _ id: String, _ timestamp: String, _ signatures: String, _ body: [UInt8], secret: [UInt8]?, now: Timestamp
    ) -> String? {
        guard let secret else { return "came before the secret was known" }
        guard let seconds = Int64(timestamp), abs(seconds - now.microseconds / 1_000_000) <= toleranceSeconds else {
            return "its timestamp is “\(timestamp)”"
        }
        let signed = Array("\(id).\(timestamp).".utf8) + body
        let holds = signatures.split(separator: " ").contains { text in
            guard text.hasPrefix("v1,"), let code = Data(base64Encoded: String(text.dropFirst(3))) else { return false }
            return HMAC<SHA256>.isValidAuthenticationCode(
                code, authenticating: signed, using: SymmetricKey(data: secret))
        }
        return holds ? nil : "its signature does not hold"
    }
}
