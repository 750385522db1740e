import Domain
import HTTPTypes

/// One HTTP request as the pipeline sees it, whatever server read it.
struct EdgeRequest: Sendable {
    let method: HTTPRequest.Method
    /// The request target as it was sent: path and query, still percent-encoded.
    let target: String
    let fields: HTTPFields
    /// Address of the other end of the connection. Never taken from a header, which anybody can write.
    let peer: String
    /// Reads the whole body, once, at most so many bytes. Throws `.tooLarge` beyond, `.malformed` when it breaks off.
    let body: @Sendable (_ limitBytes: Int) async throws(Fault) -> [UInt8]

    /// The path as it was sent.
    var path: Substring { target.prefix { $0 != "?" } }

    /// What follows the first `?`; nil without one.
    var query: Substring? { target.firstIndex(of: "?").map { target[target.index(after: $0)...] } }

    /// Whether the head announces a body.
    var announcesBody: Bool {
        fields[.transferEncoding] != nil || fields[.contentLength].map { $0 != "0" } ?? false
    }

    /// Bytes of all names and values.
    var fieldBytes: Int { fields.reduce(0) { $0 + $1.name.rawName.utf8.count + $1.value.utf8.count + 4 } }

    /// Whether the body says that it is in another charset than UTF-8, which JSON is in (RFC 8259 §8.1).
    var isOtherCharset: Bool {
        fields[.contentType]?.lowercased().split(separator: ";").dropFirst().contains { parameter in
            let halves = parameter.split(separator: "=", maxSplits: 1).map { $0.trimmed }
            return halves.first == "charset" && !["utf-8", "\"utf-8\""].contains(halves.last)
        } ?? false
    }

    /// The media type of the body in lower case, without parameters.
    var mediaType: String? {
        fields[.contentType].map { $0.prefix { $0 != ";" }.trimmed.lowercased() }
    }
}

/// What goes back.
struct EdgeResponse: Sendable {
    var status: HTTPResponse.Status
    var fields: HTTPFields = [:]
    var body: Body = .bytes([])
    /// The body leaves before this, or not at all.
    var expires: ContinuousClock.Instant?

    enum Body: Sendable {
        case bytes([UInt8])
        /// Chunks written as they come, until the sequence ends.
        case stream(FeedStream)
    }

    static func json(_ bytes: [UInt8], status: HTTPResponse.Status = .ok) -> EdgeResponse {
        EdgeResponse(status: status, fields: [.contentType: "application/json"], body: .bytes(bytes))
    }
}

/// Bounds of what a request may be before anybody looks at its meaning.
enum EdgeLimits {
    static let bodyBytes = 1 << 20
    static let fieldBytes = 16 << 10
    static let targetBytes = 8 << 10
    static let parameters = 64
}

extension StringProtocol {
    /// Without spaces and tabs at both ends (the OWS of RFC 9110).
    var trimmed: String {
        var rest = Substring(self)
        while let first = rest.first, first == " " || first == "\t" { rest.removeFirst() }
        while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
        return String(rest)
    }
}

extension HTTPField.Name {
    static let idempotencyKey = HTTPField.Name("Idempotency-Key")!
    static let link = HTTPField.Name("Link")!
    static let referrerPolicy = HTTPField.Name("Referrer-Policy")!
    static let lastEventID = HTTPField.Name("Last-Event-ID")!
}
