import Domain
import HTTPTypes
import Messaging

/// An error as HTTP carries it: a `Fault`, its status, and the fields that some statuses demand (RFC 9457).
struct Problem: Error, Sendable {
    var fault: Fault
    var status: HTTPResponse.Status
    var fields: HTTPFields = [:]

    /// The status follows from the code. Anything that names a status itself is about HTTP and not about a request
    /// of ours (405, 414, 415, 431).
    init(_ fault: Fault, status: HTTPResponse.Status? = nil) {
        self.fault = fault
        self.status = status ?? fault.code.status
        switch self.status {
        case .unauthorized: fields[.wwwAuthenticate] = "Bearer realm=\"cairn\""
        case .serviceUnavailable, .tooManyRequests: fields[.retryAfter] = "1"
        default: break
        }
    }

    static func malformed(_ rule: String, _ message: String, status: HTTPResponse.Status? = nil) -> Problem {
        Problem(Fault(.malformed, message, violations: [Fault.Violation("", rule, message)]), status: status)
    }

    static let noSuchResource = Problem(Fault(.notFound, "There is nothing here."))

    static let busy = Problem(Fault(.unavailable, "The gateway is busy. Try again in a moment."))
    /// One body for whatever is wrong with a token, so that an attacker learns nothing by trying.
    static let unauthenticated = Problem(Fault(
        .unauthenticated, "Send a valid access token as `Authorization: Bearer …`; POST /oauth/token gives one."))

    static func limited(seconds: Int, _ message: String) -> Problem {
        var problem = Problem(Fault(.limited, message))
        problem.fields[.retryAfter] = String(max(1, seconds))
        return problem
    }

    /// - Parameters:
    ///   - base: where the problem types are documented: `<base>/docs#problem-<code>`.
    func response(traceID: String, base: String) -> EdgeResponse {
        let code = fault.code.rawValue
        // What a bug of ours said about itself is for the log.
        let detail = status == .internalServerError
            ? "Something is wrong on our side; the trace id finds it in our logs." : fault.message
        var members: [(String, JSONValue)] = [
            ("type", .string("\(base)/docs#problem-\(code)")), ("title", .string(status.reasonPhrase)),
            ("status", .number(JSONNumber(Int64(status.code)))), ("code", .string(code)),
            ("detail", .string(detail)),
        ]
        if status != .internalServerError, !fault.violations.isEmpty {
            members.append(("errors", .array(fault.violations.map {
                ["pointer": .string($0.pointer), "rule": .string($0.rule), "message": .string($0.message)]
            })))
        }
        members += [("traceId", .string(traceID)), ("retry", .string(fault.retry.rawValue))]
        var fields = fields
        fields[.contentType] = "application/problem+json"
        return EdgeResponse(status: status, fields: fields, body: .bytes(JSONValue.object(JSONObject(members)).serialized()))
    }
}

extension Fault.Code {
    /// The whole mapping from codes to statuses. A code that this build does not know is a service newer than we are:
    /// 500, with its code kept.
    var status: HTTPResponse.Status {
        switch self {
        case .malformed: .badRequest
        case .invalid, .refused, .keyReused: .unprocessableContent
        case .unauthenticated: .unauthorized
        case .forbidden: .forbidden
        case .notFound: .notFound
        case .conflict: .conflict
        case .versionMismatch: .preconditionFailed
        case .tooLarge: .contentTooLarge
        case .limited: .tooManyRequests
        case .unavailable, .outcomeUnknown: .serviceUnavailable
        default: .internalServerError
        }
    }

    /// Every code that the API documents, in the order of their statuses.
    static let documented: [Fault.Code] = [
        .malformed, .unauthenticated, .forbidden, .notFound, .conflict, .versionMismatch, .tooLarge,
        .invalid, .refused, .keyReused, .limited, .internal, .unavailable, .outcomeUnknown,
    ]
}

extension Fault {
    /// A call that brought no reply. Of a command whose request may have run, the caller hears so; a query that was
    /// lost is simply unavailable.
    init(_ error: MessagingError, isCommand: Bool) {
        if error == .tooLarge {
            self.init(.tooLarge, "The request or its answer is larger than 1 MiB. Ask for less at once.")
        } else if isCommand, error.outcomeUnknown {
            self.init(.outcomeUnknown,
                      "The answer was lost and the command may have happened. Send it again with the same key.")
        } else {
            self.init(.unavailable, "The service cannot be reached or is busy. Try again in a moment.")
        }
    }
}
