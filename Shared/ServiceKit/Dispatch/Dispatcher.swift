import Domain
import Foundation
import Logging
import Messaging
import Metrics
import Synchronization

/// Takes every request of one service from the wire to its handler and back: who asks, may they at all, decode, handle,
/// encode. What a handler throws becomes a fault; nothing internal leaves.
package struct Dispatcher: Sendable {
    private struct Entry: Sendable {
        let answer: @Sendable (IncomingRequest, Subject, TraceContext) async throws(Fault) -> [UInt8]
        /// Made once: registering a metric takes a lock of the whole process.
        let seconds: Metrics.Timer
        let answered: Counter

        init(
            _ name: RequestName,
            _ answer: @escaping @Sendable (IncomingRequest, Subject, TraceContext) async throws(Fault) -> [UInt8]
        ) {
            self.answer = answer
            seconds = Metrics.Timer(label: "cairn_request_seconds", dimensions: [("request", name.text)])
            answered = Dispatcher.counter(name.text, "ok")
        }
    }

    private let service: String
    private let zone: StateZone
    private let logger: Logger
    private let subjects = SubjectCache()
    private var entries: [String: Entry] = [:]

    /// - Parameter zone: the state's own, in which `RequestContext.today` is computed.
    package init(service: String, zone: StateZone, logger: Logger) {
        self.service = service
        self.zone = zone
        self.logger = logger
    }

    package var names: [String] { entries.keys.sorted() }

    /// Precondition: the request belongs to this service, has a row in the authorization matrix, and no handler yet.
    package mutating func register<Handler: RequestHandler>(_ handler: Handler, as name: RequestName? = nil) {
        let name = name ?? Handler.Handled.name
        precondition(name.service == service, "\(name) is not a request of \(service)")
        precondition(AuthorizationMatrix.has(name), "\(name) has no row in the authorization matrix")
        precondition(entries[name.text] == nil, "\(name) has two handlers")
        let zone = zone
        let isCommand = Handler.Handled.self is any Command.Type
        entries[name.text] = Entry(name) { incoming, subject, trace throws(Fault) in
            if isCommand, incoming.key.isEmpty {
                throw Fault.invalid("", "idempotency_key.missing", "A command needs an idempotency key.")
            }
            let request = try decoded(Handler.Handled.self, incoming.body)
            let now = Timestamp.now
            let context = RequestContext(
                request: name, subject: subject, key: incoming.key,
                digest: isCommand ? RequestContext.digest(of: incoming.body, for: name) : [],
                body: isCommand ? incoming.body : [], now: now, today: zone.date(at: now),
                trace: trace, deadline: incoming.deadline)
            let reply: Handler.Handled.Reply
            do throws(Fault) { reply = try await handler.handle(request, context) } catch {
                // A refusal needs no authority; an answer does. Whether a thing is there at all is an answer, except to
                // those whom no scope bounds here.
                guard error.code == .notFound, context.authority == nil, case .deny = decide(subject, name, .none)
                else { throw error }
                throw RequestContext.notHere
            }
            guard context.authority != nil else {
                throw Fault(.internal, "Something went wrong on our side.").withDetail("\(name) answered unauthorized")
            }
            return Wire.encode(reply)
        }
    }

    /// The one entrance, given to `RequestServer`.
    package func answer(_ incoming: IncomingRequest) async -> OutgoingReply {
        let start = ContinuousClock.now
        let trace = TraceContext(incoming.traceparent)?.child() ?? .start()
        do throws(Fault) {
            guard let entry = entries[incoming.method] else { throw Fault.notFound("request") }
            let subject = try subjects.subject(of: incoming)
            guard mayEver(subject, incoming.method) else {
                throw Fault(.forbidden, "This subject may not make this request.")
            }
            defer { entry.seconds.record(duration: start.duration(to: .now)) }
            let body = try await entry.answer(incoming, subject, trace)
            entry.answered.increment()
            return OutgoingReply(status: 0, body: body)
        } catch {
            return refusal(error, incoming, trace)
        }
    }

    private func mayEver(_ subject: Subject, _ method: String) -> Bool {
        let rules = AuthorizationMatrix.rules(for: RequestName(method))
        return subject.grants.contains { grant in rules.contains { $0.role == grant.role } }
    }

    private func refusal(
        _ fault: Fault, _ incoming: IncomingRequest, _ trace: TraceContext
    ) -> OutgoingReply {
        var fault = fault
        if fault.code == .internal || fault.code == .unavailable || fault.code == .outcomeUnknown {
            logger.error("request failed", metadata: [
                "request": "\(incoming.method)", "code": "\(fault.code)", "detail": "\(fault.detail ?? "")",
                "traceparent": "\(trace)", "peer": "\(incoming.peer.name)",
            ])
        }
        fault.correlation = fault.correlation ?? trace.traceID
        Self.counter(entries[incoming.method] == nil ? "unknown" : incoming.method, fault.code.rawValue).increment()
        return OutgoingReply(status: 1, body: Wire.encode(fault))
    }

    private static func counter(_ method: String, _ outcome: String) -> Counter {
        Counter(label: "cairn_requests_total", dimensions: [("request", method), ("outcome", outcome)])
    }
}

private func decoded<R: Request>(_: R.Type, _ body: [UInt8]) throws(Fault) -> R {
    do { return try Wire.decode(R.self, from: body) } catch let error as DecodingError {
        throw Fault(.invalid, "The request does not have the expected shape.", violations: [error.violation])
    } catch {
        throw Fault(.malformed, "The request is not JSON.")
    }
}

extension DecodingError {
    /// Where and why, as a JSON pointer and a plain sentence.
    package var violation: Fault.Violation {
        func pointer(_ path: [any CodingKey]) -> String {
            path.map { "/" + ($0.intValue.map(String.init) ?? $0.stringValue) }.joined()
        }
        return switch self {
        case .keyNotFound(let key, let context):
            Fault.Violation(pointer(context.codingPath + [key]), "member.missing", "is required")
        case .typeMismatch(_, let context):
            Fault.Violation(pointer(context.codingPath), "member.type", context.debugDescription)
        case .valueNotFound(_, let context):
            Fault.Violation(pointer(context.codingPath), "member.missing", "is required")
        case .dataCorrupted(let context):
            Fault.Violation(pointer(context.codingPath), "member.value", context.debugDescription)
        @unknown default:
            Fault.Violation("", "member.value", "cannot be read")
        }
    }
}

/// Decodes a subject once and remembers it by its bytes; at most 1024, then it starts anew.
/// Only a gateway speaks for others; any other process of ours speaks for itself alone, whatever its frame says.
private final class SubjectCache: Sendable {
    private static let countMax = 1024
    private let known = Mutex<[[UInt8]: Subject]>([:])

    func subject(of incoming: IncomingRequest) throws(Fault) -> Subject {
        guard incoming.peer.role == "gateway" else { return .service(incoming.peer.role) }
        if let subject = known.withLock({ $0[incoming.subject] }) { return subject }
        guard let subject: Subject = try? Wire.decode(from: incoming.subject),
              !subject.id.isEmpty, subject.id.utf8.count <= 255,
              !subject.grants.contains(where: { $0.role == .service })
        else { throw Fault(.unauthenticated, "The request names no valid subject.") }
        known.withLock { known in
            if known.count >= Self.countMax { known.removeAll(keepingCapacity: true) }
            known[incoming.subject] = subject
        }
        return subject
    }
}
