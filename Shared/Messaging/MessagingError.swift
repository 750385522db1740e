/// Why a call brought no reply. Each case says what the caller may conclude, `outcomeUnknown` above all.
package enum MessagingError: Error, Hashable, Sendable {
    /// No server of this service was up within the deadline (at most 1 s of waiting). Nothing was sent.
    case unavailable(String)
    /// The server was lost after the request was sent to it, and no retry was allowed or possible.
    case lost(String)
    /// The deadline passed after the request was sent.
    case timeout
    /// Every server tried said it was full, or this client holds all it may (4 096 calls, 64 MiB). Nothing was run.
    case busy
    /// The request or its reply is over a bound of the wire (body 1 MiB, header 4 KiB). A *reply* too large means
    /// that the server ran the request.
    case tooLarge
    /// The calling task was cancelled; the server may still run what was sent.
    case cancelled
    /// The client or its reactor was closed.
    case closed

    /// Whether the request may have been run. True for a command means: repeat it with the same key, or ask.
    package var outcomeUnknown: Bool {
        switch self {
        case .timeout, .lost, .cancelled, .closed, .tooLarge: true
        case .unavailable, .busy: false
        }
    }
}

/// Why a server, key or allow-list could not be set up. The texts are for the operator; none holds a secret.
package enum SetupError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The start-up test of the door failed: a stranger was not refused, or a known key was not admitted.
    case insecure(String)
    /// The endpoint is not `tcp://…`, or could not be bound.
    case address(String)
    case keyFile(String)
    case allowList(String)
    /// ZeroMQ refused a socket or an option, or the reactor is shut down.
    case transport(String)

    package var description: String {
        switch self {
        case .insecure(let text): "insecure: \(text)"
        case .address(let text): "address: \(text)"
        case .keyFile(let text): "key file: \(text)"
        case .allowList(let text): "allow-list: \(text)"
        case .transport(let text): "transport: \(text)"
        }
    }
}
