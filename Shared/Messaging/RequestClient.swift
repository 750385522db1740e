import Logging
import Synchronization

/// One server of a service: a literal address and the key it must prove to hold.
package struct ServerAddress: Sendable, Hashable {
    /// `tcp://<literal address>:<port>`; a bracketed IPv6 address turns IPv6 on. Anything else is logged and left out.
    package let endpoint: String
    package let serverKey: CurveKey

    package init(endpoint: String, serverKey: CurveKey) {
        self.endpoint = endpoint
        self.serverKey = serverKey
    }
}

package struct OutgoingRequest: Sendable {
    /// 1–128 bytes.
    package var method: String
    /// The idempotency key, 1–256 bytes. With one, a lost request is sent again elsewhere: the server dedups by it.
    package var key: String?
    /// May be sent again without a key (a read).
    package var idempotent: Bool
    /// How long the caller waits, up to a day. The server is told what remains of it.
    package var deadline: Duration
    /// Opaque, at most 3 072 bytes.
    package var subject: [UInt8]
    /// At most 128 bytes, may be empty.
    package var traceparent: String
    /// At most 1 MiB.
    package var body: [UInt8]

    package init(
        method: String, key: String? = nil, idempotent: Bool = false, deadline: Duration, subject: [UInt8] = [],
        traceparent: String = "", body: [UInt8]
    ) {
        self.method = method
        self.key = key
        self.idempotent = idempotent
        self.deadline = deadline
        self.subject = subject
        self.traceparent = traceparent
        self.body = body
    }

    var isRetryable: Bool { idempotent || key != nil }

    var fits: Bool {
        (1...Wire.maxMethodBytes).contains(method.utf8.count) && (key?.utf8.count ?? 0) <= Wire.maxKeyBytes
            && subject.count <= Wire.maxSubjectBytes && traceparent.utf8.count <= Wire.maxTraceBytes
            && body.count <= Wire.maxBodyBytes
    }
}

package struct Reply: Sendable, Hashable {
    package let status: UInt8
    package let body: [UInt8]
}

/// One server as of its last change of phase or heartbeat.
package struct PeerStatus: Sendable, Hashable {
    package let endpoint: String
    package let phase: PeerPhase
    package let outstanding: Int
    /// Of 1 000: what the server said of itself.
    package let load: UInt16
}

package struct ClientStats: Sendable, Hashable {
    package var calls = 0
    package var retries = 0
    package var lateReplies = 0
    package var malformed = 0
    package var inFlight = 0
}

/// Calls one service, on whichever of its servers is up and least busy.
///
/// Bounds: 4 096 calls and 64 MiB of bodies in flight (else `.busy`); at most 1 s of waiting for a first server;
/// retries at most a tenth of the calls after a burst of ten, on another server, after 1–20 ms. A server that drains
/// costs no retry. A cancelled call is given up at once; its late reply is dropped.
package final class RequestClient: Sendable {
    private let core: ClientCore

    /// Begins to connect at once.
    /// - Parameters:
    ///   - service: Its name in errors and logs.
    ///   - onBell: Called on the reactor's thread with at most 64 bytes; must only note the fact. Bells get lost.
    package init(
        reactor: Reactor, service: String, addresses: [ServerAddress], keys: CurveKeyPair,
        listensForBells: Bool = false, logger: Logger, onBell: (@Sendable ([UInt8]) -> Void)? = nil
    ) {
        let core = ClientCore(reactor: reactor, service: service, keys: keys, listens: listensForBells,
                              logger: logger, onBell: onBell)
        self.core = core
        reactor.perform(Errand { core.open(addresses) })
    }

    deinit {
        let core = core
        core.reactor.post(Errand { core.close() })
    }

    /// One request, one reply. A retry repeats the same bytes with the same key.
    package func call(_ request: OutgoingRequest) async throws(MessagingError) -> Reply {
        guard request.fits else { throw .tooLarge }
        let call = PendingCall(request, core)
        let outcome = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                call.continuation = continuation
                core.reactor.perform(call)
            }
        } onCancel: {
            call.cancel()
        }
        return try outcome.get()
    }

    /// Replaces the addresses. New ones are connected to; those gone get no new calls and are closed when they have
    /// answered what they have.
    package func update(addresses: [ServerAddress]) {
        let core = core
        core.reactor.perform(Errand { core.update(addresses) })
    }

    /// Every server known, for health and metrics.
    package var peers: [PeerStatus] { core.published.withLock { $0.peers } }

    package var stats: ClientStats { core.published.withLock { $0.stats } }

    /// Ends the connections; calls in flight and later ones throw `.closed`.
    package func close() async {
        let core = core
        await core.reactor.onThread { core.close() }
    }
}
