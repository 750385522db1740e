import Crypto
import Domain
import Synchronization

/// What a handler knows about the request beside its body: who asks, under which key, when, in which trace.
package final class RequestContext: Sendable {
    package let request: RequestName
    package let subject: Subject
    /// The idempotency key; empty for a query.
    package let key: String
    /// SHA-256 of name and body, which tells a repeated command from another one under the same key.
    package let digest: [UInt8]
    private let body: [UInt8]
    package let now: Timestamp
    /// The date at `now` in the state's own zone.
    package let today: CalendarDate
    package let trace: TraceContext
    package let deadline: ContinuousClock.Instant

    private let grantedAuthority = Mutex<String?>(nil)

    /// - Parameter body: of a command that a former build may have answered.
    package init(
        request: RequestName, subject: Subject, key: String, digest: [UInt8], body: [UInt8] = [], now: Timestamp,
        today: CalendarDate, trace: TraceContext, deadline: ContinuousClock.Instant
    ) {
        self.request = request
        self.subject = subject
        self.key = key
        self.digest = digest
        self.body = body
        self.now = now
        self.today = today
        self.trace = trace
        self.deadline = deadline
    }

    /// The same for what is not there and for what is not this subject's.
    static let notHere = Fault(.notFound, "There is no such thing, or not for this subject.")

    /// The name counts, since commands on one thing may have the very same members.
    package static func digest(of body: [UInt8], for request: RequestName) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: Array(request.text.utf8) + [0])
        hash.update(data: body)
        return Array(hash.finalize())
    }

    /// Whether the answer that is kept under this key belongs to this very command. Builds before 22 November
    /// 2026 kept the digest of the body alone; their answers are swept after 90 days, and then that goes from here.
    package func isAnswered(under kept: [UInt8]) -> Bool {
        kept == digest || !body.isEmpty && kept == Array(SHA256.hash(data: body))
    }

    /// Holds the subject against the matrix, with the facts of what it asks for. Every handler calls this after loading
    /// and before it answers or decides anything; the dispatcher lets no answer out of one that did not.
    /// - Throws: `.forbidden` when no role may ever, `.notFound` when a role may, but not here.
    package func authorize(_ facts: ResourceFacts) throws(Fault) {
        switch decide(subject, request, facts) {
        case .allow(let authority): grantedAuthority.withLock { $0 = authority }
        case .deny(.role): throw Fault(.forbidden, "This subject may not make this request.")
        case .deny(.scope): throw Self.notHere
        }
    }

    /// The answer is a stored one, given before to this very caller under this very key.
    package func answeredBefore() { grantedAuthority.withLock { $0 = $0 ?? "replay" } }

    /// The grant under which the request is carried out; nil before `authorize`.
    package var authority: String? { grantedAuthority.withLock { $0 } }
}
