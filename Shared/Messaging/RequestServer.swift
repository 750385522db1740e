import Logging
import Synchronization

/// A request as a handler sees it.
package struct IncomingRequest: Sendable {
    /// The sender as ZAP attested it; never taken from the message.
    package let peer: Peer
    /// 1–128 bytes.
    package let method: String
    /// The idempotency key, at most 256 bytes; empty if there is none.
    package let key: String
    /// When the caller stops waiting. Bound the work by it.
    package let deadline: ContinuousClock.Instant
    /// Opaque here, at most 3 072 bytes: the layer above verifies it.
    package let subject: [UInt8]
    /// W3C `traceparent`, at most 128 bytes; empty if there is none.
    package let traceparent: String
    /// At most 1 MiB.
    package let body: [UInt8]
}

package struct OutgoingReply: Sendable {
    /// 0 is success, 1 a fault in the body; others are free, but 255 is this layer's own.
    package var status: UInt8
    /// At most 1 MiB; a larger one reaches the caller as `.tooLarge`.
    package var body: [UInt8]

    package init(status: UInt8 = 0, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}

/// Where a server's handlers start.
package enum HandlerPlacement: Sendable {
    /// On the reactor's thread, up to their first `await` of something elsewhere, and again after it. Fastest for
    /// handlers that are short between awaits (decode, ask the database, encode).
    case reactor
    /// On the cooperative pool, for handlers that compute.
    case pool
}

/// Serves requests on one TCP endpoint with CURVE, admitting the keys of its allow-list only.
///
/// Bounds: `maxInFlight` requests (half of it for one peer), 64 MiB of bodies in flight, 4 096 connections known by
/// name. What is over a bound is answered BUSY at once and was not run. A request whose deadline has passed is not run.
package final class RequestServer: Sendable {
    private let core: ServerCore
    private let bound = Mutex("")

    /// - Parameters:
    ///   - endpoint: `tcp://<literal address>:<port>`; port `*` lets the kernel choose (see `boundEndpoint`). A
    ///     bracketed IPv6 address turns IPv6 on.
    ///   - handler: Must not block its thread; what it starts it also bounds by the request's deadline.
    package init(
        reactor: Reactor, endpoint: String, keys: CurveKeyPair, allow: AllowList, maxInFlight: Int = 1024,
        placement: HandlerPlacement = .reactor, logger: Logger,
        handler: @escaping @Sendable (IncomingRequest) async -> OutgoingReply
    ) {
        core = ServerCore(reactor: reactor, endpoint: endpoint, keys: keys, allow: allow,
                          maxInFlight: max(1, maxInFlight), placement: placement, logger: logger, handler: handler)
    }

    deinit {
        let core = core
        core.reactor.post(Errand { core.close(lingerMilliseconds: 0) })
    }

    /// Binds, then proves the door: a stranger's key must be refused on the real endpoint and a listed one answered,
    /// both within 2 s; without proof it tries twice more. Otherwise the endpoint is closed again.
    /// - Throws: `.insecure`, `.address`, `.transport`.
    package func start() async throws(SetupError) {
        let core = core
        var outcome = await core.reactor.onThread { core.open() }
        // The port of a server that has just stopped may be held for a moment longer: up to 1 s.
        for _ in 0..<50 {
            guard case .failure(.address(let text)) = outcome, text.hasSuffix(ServerCore.addressInUse) else { break }
            try? await Task.sleep(for: .milliseconds(20))
            outcome = await core.reactor.onThread { core.open() }
        }
        let endpoint = try outcome.get()
        if let error = await proveDoor(of: endpoint) {
            await core.reactor.onThread { core.close(lingerMilliseconds: 0) }
            throw error
        }
        bound.withLock { $0 = endpoint }
    }

    /// One proof of three tries is enough; one stranger let in is too many.
    private func proveDoor(of endpoint: String) async -> SetupError? {
        let core = core
        var doubt = ""
        for _ in 0..<3 {
            let verdict = await withUnsafeContinuation { continuation in
                core.reactor.perform(Errand { core.probe(endpoint) { continuation.resume(returning: $0) } })
            }
            switch verdict {
            case .holds: return nil
            case .broken(let text): return .insecure(text)
            case .failed(let error): return error
            case .undecided(let text): doubt = text
            }
        }
        return .insecure(doubt)
    }

    /// The endpoint as bound; empty before `start` has returned.
    package var boundEndpoint: String { bound.withLock { $0 } }

    /// Replaces the allow-list. Sessions whose key is no longer on it get BYE and are ignored from now on.
    package func update(allow: AllowList) {
        let core = core
        core.reactor.post(Errand { core.update(allow) })
    }

    /// New requests are answered "draining", which costs a caller nothing: it goes elsewhere. Callers are told at once.
    package func beginDraining() {
        let core = core
        core.reactor.perform(Errand { core.beginDraining() })
    }

    /// Begins draining and returns 50 ms after nothing is in flight and every live caller has turned away, or after 2 s
    /// without the latter. A handler that never returns keeps it waiting: bound handlers by their deadline.
    package func drain() async {
        let core = core
        await withUnsafeContinuation { continuation in
            core.reactor.perform(Errand { core.drain { continuation.resume() } })
        }
    }

    /// Closes the endpoint. Replies not yet sent are dropped, except after `drain`, when they have 250 ms to leave.
    package func stop() async {
        let core = core
        await core.reactor.onThread { core.close(lingerMilliseconds: core.hasDrained ? 250 : 0) }
        bound.withLock { $0 = "" }
    }

    /// Tells every listening caller that `source` has news. Lossy; equal bells within 1 ms are one.
    package func ring(source: String) { ring(Array(source.utf8)) }

    /// As above, with at most 64 bytes; a longer payload is not sent. At most 64 different bells wait at once, the
    /// newest are kept.
    package func ring(_ payload: [UInt8]) { core.ring(payload) }

    package var stats: ServerStats { core.counters.snapshot(refusedByZAP: core.door.refused.load(ordering: .relaxed)) }
}
