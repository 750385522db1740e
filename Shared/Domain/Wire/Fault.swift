/// What went wrong, as it travels: between services, and from the gateway as `application/problem+json` (RFC 9457).
/// Every text in it is meant for the caller; the private detail goes to the log.
package struct Fault: Error, Hashable, Sendable, Codable {
    package var code: Code
    /// One plain sentence that says what to do next.
    package var message: String
    package var retry: Retry
    /// Which member broke which rule; at most 50.
    package var violations: [Violation]
    package var correlation: String?
    /// For the log of the process that made it; never encoded.
    package private(set) var detail: String?

    private enum CodingKeys: String, CodingKey { case code, message, retry, violations, correlation }

    package func withDetail(_ detail: String) -> Fault {
        var fault = self
        fault.detail = detail
        return fault
    }

    package init(_ code: Code, _ message: String, retry: Retry? = nil, violations: [Violation] = []) {
        self.code = code
        self.message = message
        self.retry = retry ?? code.usualRetry
        self.violations = Array(violations.prefix(50))
    }

    /// An open list: a code this build does not know still travels.
    package struct Code: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
        package let rawValue: String
        package init(rawValue: String) { self.rawValue = rawValue }
        package var description: String { rawValue }

        /// Not JSON, or not the media type asked for. 400.
        package static let malformed = Code(rawValue: "malformed")
        /// A member is missing, unknown, of the wrong type or breaks a rule. 422.
        package static let invalid = Code(rawValue: "invalid")
        /// No token, or one that does not hold. 401.
        package static let unauthenticated = Code(rawValue: "unauthenticated")
        /// The subject may never do this. 403.
        package static let forbidden = Code(rawValue: "forbidden")
        /// Not there, or not there for this subject. 404.
        package static let notFound = Code(rawValue: "not_found")
        /// The thing is in a state that does not allow this. 409.
        package static let conflict = Code(rawValue: "conflict")
        /// A rule of the domain forbids this; `violations` names it. 422.
        package static let refused = Code(rawValue: "refused")
        /// The key was used with another body. 422.
        package static let keyReused = Code(rawValue: "key_reused")
        /// `If-Match` names another version. 412.
        package static let versionMismatch = Code(rawValue: "version_mismatch")
        /// 413.
        package static let tooLarge = Code(rawValue: "too_large")
        /// 429.
        package static let limited = Code(rawValue: "limited")
        /// The service cannot be reached or is shedding load; nothing was done. 503.
        package static let unavailable = Code(rawValue: "unavailable")
        /// The answer was lost: the command may have happened. Repeat it with the same key. 503.
        package static let outcomeUnknown = Code(rawValue: "outcome_unknown")
        /// A bug of ours. 500.
        package static let `internal` = Code(rawValue: "internal")

        var usualRetry: Retry {
            switch self {
            case .unavailable, .limited, .outcomeUnknown: .withSameKey
            default: .never
            }
        }
    }

    package enum Retry: String, Hashable, Sendable, Codable {
        case never
        /// The same request with the same Idempotency-Key may be sent again after a moment.
        case withSameKey = "with_same_key"
    }

    package struct Violation: Hashable, Sendable, Codable {
        /// RFC 6901 pointer into the request body; empty for the whole.
        package var pointer: String
        /// The rule's name in dotted snake case, stable across releases: `license.scope`.
        package var rule: String
        package var message: String

        package init(_ pointer: String, _ rule: String, _ message: String) {
            self.pointer = pointer
            self.rule = rule
            self.message = message
        }
    }
}

extension Fault {
    package static func notFound(_ what: String) -> Fault { Fault(.notFound, "There is no such \(what).") }

    package static func invalid(_ pointer: String, _ rule: String, _ message: String) -> Fault {
        Fault(.invalid, message, violations: [Violation(pointer, rule, message)])
    }

    package static func refused(_ rule: String, _ message: String, at pointer: String = "") -> Fault {
        Fault(.refused, message, violations: [Violation(pointer, rule, message)])
    }

    package static func conflict(_ rule: String, _ message: String) -> Fault {
        Fault(.conflict, message, violations: [Violation("", rule, message)])
    }
}
