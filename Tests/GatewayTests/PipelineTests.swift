import Domain
import Foundation
@testable import Gateway
import HTTPTypes
import Logging
import Messaging
import ServiceKit
import Synchronization
import Testing

private typealias Outcome = Answer.Outcome

/// Keeps whoever comes until it is opened.
private struct Hall: Sendable {
    private let gate = AsyncStream.makeStream(of: Void.self), entered = AsyncStream.makeStream(of: Void.self)

    func stay() async {
        entered.continuation.yield()
        for await _ in gate.stream { break }
    }

    /// Returns when so many have come.
    func holds(_ count: Int) async {
        var arrivals = entered.stream.makeAsyncIterator()
        for _ in 0..<count { await arrivals.next() }
    }

    func open() { gate.continuation.finish() }
}

@Suite struct `A request on its way` {
    static let partner = #"{"organization":"0190f6a0-0000-7000-8000-000000000001","title":"College"}"#

    @Test func `reaches its service in canonical bytes, with key, subject, trace and deadline`() async throws {
        let fixture = try Fixture(FakeBackend(json: #"{"partner":"0190f6a0-0000-7000-8000-00000000000a"}"#))
        let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        let body = #" {"title" : "Coll\u00e9ge", "organization":"0190F6A0-0000-7000-8000-000000000001"} "#
        let answer = try await fixture.send(.post, "/v1/partners", body: body, fields: [.traceparent: trace], key: "k-1")
        let asked = try required(fixture.backend.asked.first)
        #expect(answer.status == 201 && answer[.location] == "/v1/partners/0190f6a0-0000-7000-8000-00000000000a")
        #expect(String(decoding: asked.body, as: UTF8.self)
            == #"{"organization":"0190f6a0-0000-7000-8000-000000000001","title":"Collége"}"#)
        #expect(asked.method == "notifications.register_partner" && asked.key == "k-1" && !asked.idempotent
            && asked.deadline == .seconds(10))
        let parent = try required(TraceContext(trace)), ours = try required(TraceContext(asked.traceparent))
        #expect(ours.traceID == parent.traceID && ours.spanID != parent.spanID
            && answer[.traceparent] == asked.traceparent)
        #expect(asked.subject == Wire.encode(Subject(id: "client:operator", grants: [RoleGrant(.operator)])))
    }

    @Test func `a query's members come from path and query string`() async throws {
        let fixture = try Fixture(FakeBackend(json: #"{"events":[],"next":"7","head":"7"}"#))
        let answer = try await fixture.send(
            .get, "/v1/subscriptions/\(someID)/events?after=7&limit=20&waitSeconds=20", as: .partner)
        let asked = try required(fixture.backend.asked.first)
        #expect(answer.status == 200 && asked.key == nil && asked.idempotent && asked.deadline == .seconds(25))
        #expect(String(decoding: asked.body, as: UTF8.self)
            == #"{"after":"7","limit":20,"subscription":"\#(someID)","waitSeconds":20}"#)
    }

    @Test func `a text's revision is its ETag, and If-Match says which one is replaced`() async throws {
        let document = String(decoding: Wire.encode(PathwayDocument(
            title: "Welder", components: [.init(id: "a", kind: .competency, title: "A", target: "https://example.org/a")],
            destinations: ["a"])), as: UTF8.self)
        let fixture = try Fixture(FakeBackend(json: #"{"pathway":"\#(someID)","version":1,"revision":4,"warnings":[]}"#))
        func put(_ tags: String...) async throws -> Answer {
            var fields = HTTPFields()
            for tag in tags { fields.append(HTTPField(name: .ifMatch, value: tag)) }
            return try await fixture.send(.put, "/v1/pathways/\(someID)/versions/1", body: document, fields: fields)
        }
        func replaced() throws -> [Int?] {
            try fixture.backend.asked.map { try Wire.decode(RevisePathway.self, from: $0.body).revision }
        }
        let answers = try await [put(), put("\"3\""), put("*")]
        #expect(answers.map(\.status) == [200, 200, 200] && answers.map { $0[.eTag] } == ["\"4\"", "\"4\"", "\"4\""])
        #expect(try replaced() == [nil, 3, nil])
        for tags in [["3"], ["W/\"3\""], ["\"x\""], ["\"03\""], ["\"0\""], ["\"3\", \"4\""], ["\""], [""]] {
            let answer = try await put(tags[0])
            #expect(answer.outcome == Answer.Outcome(400, "malformed", [" if_match"]), "\(tags)")
        }
        #expect(try await put("\"3\"", "\"4\"").status == 400)
        #expect(fixture.backend.asked.count == 3)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String, body: String?, outcome: Answer.Outcome
        init(_ name: String, _ body: String?, _ status: Int, _ code: String? = nil, _ errors: [String] = []) {
            (self.name, self.body, outcome) = (name, body, Answer.Outcome(status, code, errors))
        }
        var testDescription: String { name }
    }

    /// TESTPLAN §2.4.
    static let bodies: [Case] = [
        Case("good", partner, 201),
        Case("none", nil, 400, "malformed", [" body.missing"]),
        Case("empty", "", 400, "malformed", [" body.missing"]),
        Case("an array", "[]", 422, "invalid", [" member.type"]),
        Case("a string", "\"x\"", 422, "invalid", [" member.type"]),
        Case("not JSON", "{'a':1}", 400, "malformed"),
        Case("trailing comma", #"{"title":"a",}"#, 400, "malformed"),
        Case("trailing text", partner + "x", 400, "malformed", [" json.trailing_text"]),
        Case("byte order mark", "\u{FEFF}" + partner, 400, "malformed", [" json.byte_order_mark"]),
        Case("member twice", #"{"title":"a","title":"b"}"#, 400, "malformed"),
        Case("NaN", #"{"title":NaN}"#, 400, "malformed"),
        Case("1e999", #"{"title":1e999}"#, 400, "malformed"),
        Case("lone surrogate", #"{"title":"\ud800"}"#, 400, "malformed"),
        Case("U+0000", #"{"title":"\u0000"}"#, 400, "malformed"),
        Case("too deep", String(repeating: "[", count: 100) + String(repeating: "]", count: 100), 413, "too_large"),
        Case("100 000 deep", String(repeating: "[", count: 100_000), 413, "too_large"),
        Case("too many members", "{" + (0...1000).map { "\"m\($0)\":0" }.joined(separator: ",") + "}", 413, "too_large"),
        Case("too long", "\"" + String(repeating: "x", count: 1 << 20) + "\"", 413, "too_large"),
        Case("member missing", #"{"title":"a"}"#, 422, "invalid", ["/organization member.missing"]),
        Case("wrong type", #"{"organization":"\#(someID)","title":1}"#, 422, "invalid", ["/title member.type"]),
        Case("null for a required member", #"{"organization":"\#(someID)","title":null}"#, 422, "invalid",
             ["/title member.type"]),
        Case("no UUID", #"{"organization":"1","title":"a"}"#, 422, "invalid", ["/organization member.value"]),
        Case("smuggled members", #"{"organization":"\#(someID)","title":"a","id":1,"tenant":2,"created_by":3,"__proto__":{}}"#,
             422, "invalid", ["/id member.unknown", "/tenant member.unknown", "/created_by member.unknown", "/__proto__ member.unknown"]),
    ]

    @Test(arguments: bodies) func `a body is taken or refused`(_ body: Case) async throws {
        let fixture = try Fixture(FakeBackend(json: #"{"partner":"\#(someID)"}"#))
        let answer = try await fixture.send(.post, "/v1/partners", body: body.body)
        // The pointers of syntax errors are the JSON reader's business.
        let outcome = body.outcome.errors.isEmpty
            ? Outcome(answer.status, answer.code) : answer.outcome
        #expect(outcome == body.outcome)
        #expect(fixture.backend.asked.isEmpty == (answer.status != 201))
    }

    @Test func `what the path says must not be in the body`() async throws {
        let fixture = try Fixture()
        let body = #"{"learner":"\#(someID)","partner":"\#(someID)","purpose":"p","types":[],"contractRevision":"1"}"#
        let answer = try await fixture.send(.post, "/v1/learners/\(someID)/consents", as: .learner, body: body)
        #expect(answer.outcome == Outcome(422, "invalid", ["/learner member.unknown"]))
    }

    @Test func `pointers begin at the body that was sent`() async throws {
        let path = "/v1/learners/\(someID)/identifiers"
        let fixture = try Fixture(FakeBackend(fault: .invalid("/claim/value", "length", "too long")))
        let unknown = try await fixture.send(.post, path, as: .registrar, body: #"{"system":"s","kind":"k","value":"v","x":1}"#)
        let missing = try await fixture.send(.post, path, as: .registrar, body: #"{"system":"s","kind":"k"}"#)
        let fromService = try await fixture.send(.post, path, as: .registrar, body: #"{"system":"s","kind":"k","value":"v"}"#)
        #expect([unknown, missing, fromService].map(\.outcome) == [
            Outcome(422, "invalid", ["/x member.unknown"]), Outcome(422, "invalid", ["/value member.missing"]),
            Outcome(422, "invalid", ["/value length"]),
        ])
    }

    @Test func `a CASE package goes through as it is, an upload by its id`() async throws {
        let fixture = try Fixture(FakeBackend(json: #"{"framework":"\#(someID)","imported":false}"#))
        let package = try await fixture.send(.post, "/v1/frameworks", body: #"{"CFDocument":{"title":"T"},"extra":1.50}"#)
        _ = try await fixture.send(.post, "/v1/frameworks", body: #"{"upload":"\#(someID)"}"#)
        #expect(package.status == 200 && package[.location] == "/v1/frameworks/\(someID)")
        let asked = fixture.backend.asked.map { String(decoding: $0.body, as: UTF8.self) }
        #expect(asked == [#"{"package":{"CFDocument":{"title":"T"},"extra":1.5}}"#, #"{"upload":"\#(someID)"}"#])
    }

    @Test(arguments: [
        (nil, 400, [" idempotency_key.missing"]), ("", 400, [" idempotency_key.form"]),
        ("a b", 400, [" idempotency_key.form"]), ("é", 400, [" idempotency_key.form"]),
        (String(repeating: "k", count: 256), 400, [" idempotency_key.form"]),
        (String(repeating: "k", count: 255), 201, []), ("~!\"", 201, []),
    ] as [(String?, Int, [String])]) func `a command needs one key of visible characters`(
        _ key: String?, _ status: Int, _ errors: [String]
    ) async throws {
        let fixture = try Fixture(FakeBackend(json: #"{"partner":"\#(someID)"}"#))
        let answer = try await fixture.send(.post, "/v1/partners", body: Self.partner, key: key)
        #expect(answer.status == status && answer.errors == errors)
    }

    @Test func `two keys are one too many`() async throws {
        let fixture = try Fixture()
        var fields: HTTPFields = [.authorization: "Bearer \(try fixture.token(.operator))", .contentType: "application/json",
                                  .contentLength: String(Self.partner.utf8.count)]
        fields.append(HTTPField(name: .idempotencyKey, value: "a"))
        fields.append(HTTPField(name: .idempotencyKey, value: "a"))
        let answer = await fixture.raw(.post, "/v1/partners", fields: fields, body: Array(Self.partner.utf8))
        #expect(answer.outcome == Outcome(400, "malformed", [" idempotency_key.repeated"]))
    }

    @Test(arguments: [
        ("text/plain", nil, 415), (nil, nil, 415), ("application/json; charset=utf-8", nil, 201),
        ("application/json;Charset=\"UTF-8\"", nil, 201), ("application/json; charset=utf-16", nil, 415),
        ("APPLICATION/JSON", nil, 201), ("application/jsonx", nil, 415), ("application/json", "gzip", 415),
    ] as [(String?, String?, Int)]) func `only plain JSON is read`(_ type: String?, _ encoding: String?, _ status: Int) async throws {
        let fixture = try Fixture(FakeBackend(json: #"{"partner":"\#(someID)"}"#))
        var fields = HTTPFields()
        fields[.contentEncoding] = encoding
        let answer = try await fixture.send(.post, "/v1/partners", body: Self.partner, fields: fields, type: type)
        #expect(answer.status == status && (status == 201 || answer.code == "malformed"))
    }

    @Test(arguments: [
        ("?limit=20&cursor=abc", 200, []), ("?limit=x", 422, ["/limit member.type"]), ("?limit=1.5", 422, ["/limit member.type"]),
        ("?limit=1&limit=2", 400, [" parameters.repeated"]), ("?nope=1", 422, ["/nope member.unknown"]),
        ("?learner=\(someID)", 422, ["/learner member.unknown"]), ("?cursor=%ff", 400, [" parameters.encoding"]),
        ("?cursor=%0", 400, [" parameters.encoding"]), ("?cursor=%00", 400, [" parameters.encoding"]), ("?", 200, []),
        ("?" + (0...64).map { "p\($0)=1" }.joined(separator: "&"), 400, [" parameters.too_many"]),
    ] as [(String, Int, [String])]) func `query parameters are the query's own`(
        _ query: String, _ status: Int, _ errors: [String]
    ) async throws {
        let fixture = try Fixture(FakeBackend(json: #"{"items":[]}"#))
        let answer = try await fixture.send(.get, "/v1/learners/\(someID)/consents\(query)", as: .learner)
        #expect(answer.status == status && answer.errors == errors)
    }

    @Test func `a query takes no body, a command no query parameters`() async throws {
        let fixture = try Fixture()
        let get = try await fixture.send(.get, "/v1/partners/\(someID)", body: "{}")
        let post = try await fixture.send(.post, "/v1/partners?title=x", body: Self.partner)
        #expect([get, post].map(\.outcome) == [
            Outcome(400, "malformed", [" body.unexpected"]), Outcome(400, "malformed", [" parameters.unknown"]),
        ])
    }

    @Test func `a command whose members are all in its path needs no body`() async throws {
        let fixture = try Fixture()
        let path = "/v1/support-cases/\(someID)/acknowledge"
        let answers = [
            try await fixture.send(.post, path, as: .educator), try await fixture.send(.post, path, as: .educator, body: "{}"),
            try await fixture.send(.post, path, as: .educator, body: #"{"x":1}"#),
        ]
        #expect(answers.map(\.outcome) == [Outcome(204), Outcome(204), Outcome(422, "invalid", ["/x member.unknown"])])
    }

    @Test func `a next page is linked`() async throws {
        let fixture = try Fixture(FakeBackend(json: #"{"items":[],"next":"a b&c"}"#))
        let answer = try await fixture.send(.get, "/v1/learners/\(someID)/consents?cursor=old&limit=2", as: .learner)
        #expect(answer[.link] == "</v1/learners/\(someID)/consents?limit=2&cursor=a%20b%26c>; rel=\"next\"")
    }

    @Test(arguments: [("draining", 202), ("effective", 200)])
    func `withdrawing answers 202 while something is on its way`(_ status: String, _ code: Int) async throws {
        let fixture = try Fixture(FakeBackend(json: #"{"consent":"\#(someID)","status":"\#(status)"}"#))
        let answer = try await fixture.send(.post, "/v1/consents/\(someID)/withdraw", as: .learner)
        #expect(answer.status == code && answer.json["status"]?.text == status
            && (answer[.location] == "/v1/consents/\(someID)") == (code == 202))
    }

    static let faults: [(Fault.Code, Int)] = [
        (.malformed, 400), (.invalid, 422), (.unauthenticated, 401), (.forbidden, 403), (.notFound, 404), (.conflict, 409),
        (.refused, 422), (.keyReused, 422), (.versionMismatch, 412), (.tooLarge, 413), (.limited, 429), (.unavailable, 503),
        (.outcomeUnknown, 503), (.internal, 500), (Fault.Code(rawValue: "brand_new"), 500),
    ]

    @Test(arguments: faults) func `a fault becomes a problem`(_ code: Fault.Code, _ status: Int) async throws {
        let fault = Fault(code, "Do this.", violations: [.init("/a", "some.rule", "why")])
        let answer = try await Fixture(FakeBackend(fault: fault)).send(.get, "/v1/partners/\(someID)")
        let isOurs = status == 500
        #expect(answer.status == status && answer[.contentType] == "application/problem+json"
            && answer[.cacheControl] == "no-store" && answer[.xContentTypeOptions] == "nosniff")
        #expect(answer.json["type"]?.text == "\(Fixture.issuer)/docs#problem-\(code)" && answer.code == code.rawValue
            && (answer.json["detail"]?.text == "Do this.") == !isOurs && answer.errors == (isOurs ? [] : ["/a some.rule"])
            && answer.json["retry"]?.text == fault.retry.rawValue
            && answer.json["traceId"]?.text == TraceContext(answer[.traceparent] ?? "")?.traceID)
        #expect((answer[.retryAfter] == "1") == [429, 503].contains(status))
    }

    static let failures: [(MessagingError, String, String)] = [
        (.unavailable("records"), "unavailable", "unavailable"), (.busy, "unavailable", "unavailable"),
        (.timeout, "outcome_unknown", "unavailable"), (.lost("x"), "outcome_unknown", "unavailable"),
        (.tooLarge, "too_large", "too_large"), (.closed, "outcome_unknown", "unavailable"), (.cancelled, "outcome_unknown", "unavailable"),
    ]

    @Test(arguments: failures) func `a call without a reply says whether it may have happened`(
        _ error: MessagingError, _ command: String, _ query: String
    ) async throws {
        let fixture = try Fixture(FakeBackend { _ throws(MessagingError) in throw error })
        let post = try await fixture.send(.post, "/v1/partners", body: Self.partner)
        let get = try await fixture.send(.get, "/v1/partners/\(someID)")
        guard error != .tooLarge else {
            #expect([post.outcome, get.outcome] == [Outcome(413, command), Outcome(413, query)])
            return
        }
        #expect([post.outcome, get.outcome] == [Outcome(503, command), Outcome(503, query)])
        #expect(post.json["retry"] == "with_same_key" && !post.text.contains("MessagingError"))
    }

    @Test func `an answer that makes no sense leaks nothing`() async throws {
        let fixture = try Fixture(FakeBackend { _ in BackendReply(status: 7, body: Array("secret stack trace".utf8)) })
        let answer = try await fixture.send(.get, "/v1/partners/\(someID)")
        #expect(answer.outcome == Outcome(500, "internal") && !answer.text.contains("secret"))
    }

    @Test func `bounds hold for header and address`() async throws {
        let fixture = try Fixture()
        let header = try await fixture.send(
            .get, "/v1/partners/\(someID)", fields: [.userAgent: String(repeating: "x", count: 17_000)])
        let address = try await fixture.send(.get, "/v1/partners/\(someID)?" + String(repeating: "x", count: 9000))
        #expect([header.outcome, address.outcome] == [Outcome(431, "too_large"), Outcome(414, "too_large")])
    }

    @Test(arguments: ["garbage", "00-00000000000000000000000000000000-b7ad6b7169203331-01", "ff-\(String(repeating: "a", count: 32))-\(String(repeating: "b", count: 16))-01"])
    func `an invalid traceparent starts a trace of its own`(_ text: String) async throws {
        let answer = try await Fixture().send(.get, "/v1/partners/\(someID)", fields: [.traceparent: text])
        let trace = try required(TraceContext(answer[.traceparent] ?? ""))
        #expect(!text.contains(trace.traceID))
    }
}

@Suite struct `Limits` {
    @Test func `a client that asks too often waits, another does not`() async throws {
        var limits = Edge.Limits()
        (limits.requestsPerSecond, limits.burst) = (0.001, 3)
        let fixture = try Fixture(limits: limits)
        var statuses: [Int] = []
        for _ in 0..<5 { statuses.append(try await fixture.send(.get, "/v1/partners/\(someID)").status) }
        let last = try await fixture.send(.get, "/v1/partners/\(someID)")
        let other = try await fixture.send(.get, "/v1/partners/\(someID)", as: .partner)
        #expect(statuses == [200, 200, 200, 429, 429] && other.status == 200)
        #expect(last.code == "limited" && Int(last[.retryAfter] ?? "") ?? 0 > 1)
    }

    @Test func `a bucket fills with time and never beyond its burst`() {
        let limit = RateLimit(rate: 10, burst: 2), start = ContinuousClock.now
        let at = { (milliseconds: Int) in limit.take("a", now: start + .milliseconds(milliseconds)) == nil }
        #expect([at(0), at(0), at(0), at(99), at(101), at(101), at(60_000), at(60_000), at(60_000)]
            == [true, true, false, false, true, false, true, true, false])
    }

    @Test func `buckets of many strangers are bounded`() {
        let limit = RateLimit(rate: 1, burst: 1)
        let now = ContinuousClock.now
        for stranger in 0..<25_000 { _ = limit.take("s\(stranger)", now: now) }
        #expect(limit.take("s24999", now: now) != nil)
    }

    @Test(.timeLimit(.minutes(1))) func `beyond what may be in flight the answer is 503`() async throws {
        var limits = Edge.Limits()
        limits.inFlight = 2
        let hall = Hall()
        let fixture = try Fixture(FakeBackend { _ in
            await hall.stay()
            return BackendReply(status: 0, body: Array("{}".utf8))
        }, limits: limits)
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<2 { group.addTask { try await fixture.send(.get, "/v1/partners/\(someID)").status } }
            await hall.holds(2)
            let third = try await fixture.send(.get, "/v1/partners/\(someID)")
            #expect(third.outcome == Answer.Outcome(503, "unavailable") && third[.retryAfter] == "1")
            hall.open()
            for try await status in group { #expect(status == 200) }
        }
        #expect(try await fixture.send(.get, "/v1/partners/\(someID)").status == 200)
    }

    @Test(.timeLimit(.minutes(1))) func `who is revoked while waiting for news gets none`() async throws {
        let revoke = Mutex<(@Sendable () async throws -> Void)?>(nil)
        let fixture = try Fixture(FakeBackend { _ in
            let act = revoke.withLock { act in
                defer { act = nil }
                return act
            }
            try? await act?()
            return BackendReply(status: 0, body: Array(#"{"events":[],"next":"0","head":"1"}"#.utf8))
        })
        let file = fixture.clientsFile
        let seen = try ClientDirectory(path: file, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let target = "/v1/subscriptions/\(someID)/events?waitSeconds=20"
        #expect(try await fixture.send(.get, target, as: .partner).status == 200 && fixture.backend.asked.count == 2)
        revoke.withLock {
            $0 = {
                var registry = try ClientRegistry.load(file)
                try registry.revoke("partner")
                try registry.write(to: file)
                // Another reader of the file has the gateway's rhythm.
                while seen.admits("partner") { await Task.yield() }
                let after = ContinuousClock.now + .seconds(1.1)
                while .now < after { await Task.yield() }
            }
        }
        let answer = try await fixture.send(.get, target, as: .partner)
        #expect(answer.status == 401 && fixture.backend.asked.count == 3)
    }

    @Test(.timeLimit(.minutes(1))) func `neither strangers nor one client keep the others out`() async throws {
        var limits = Edge.Limits()
        limits.inFlight = 8
        let hall = Hall()
        let fixture = try Fixture(FakeBackend { request in
            guard request.method.hasSuffix("get_partner") else { return BackendReply(status: 0, body: Array("{}".utf8)) }
            await hall.stay()
            return BackendReply(status: 0, body: Array("{}".utf8))
        }, limits: limits)
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<2 { group.addTask { try await fixture.send(.get, "/v1/partners/\(someID)").status } }
            // Strangers who never end their form.
            for _ in 0..<2 {
                group.addTask {
                    await Answer(fixture.edge.respond(to: EdgeRequest(
                        method: .post, target: "/oauth/token",
                        fields: [.contentType: "application/x-www-form-urlencoded"], peer: "192.0.2.7",
                        body: { _ throws(Fault) in
                            await hall.stay()
                            return []
                        }))).status
                }
            }
            await hall.holds(4)
            #expect(try await fixture.send(.get, "/v1/partners/\(someID)").status == 503)
            #expect(await fixture.raw(.get, "/docs").status == 503)
            #expect(try await fixture.send(.get, "/v1/organizations/\(someID)", as: .auditor).status == 200)
            hall.open()
            for try await status in group { #expect(status == 200 || status == 400) }
        }
    }

    @Test func `places are given back`() {
        let concurrency = Concurrency(totalMax: 3, eachMax: 2)
        var places = ["a", "a", "a", "b", "b"].map { concurrency.enter($0) }
        #expect(places.map { $0 != nil } == [true, true, false, true, false] && concurrency.total == 3)
        places = []
        #expect(concurrency.total == 0 && concurrency.enter("a") != nil)
    }
}
