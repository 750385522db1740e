import Domain
import Foundation
@testable import Gateway
import HTTPTypes
import Messaging
import Synchronization
import Testing

@Suite struct `The feed as server-sent events` {
    /// Answers reads from a feed of this many events, and after that waits as long as it is asked to, without clocks.
    static func feed(_ count: Int) -> FakeBackend {
        FakeBackend { request in
            guard let asked: ReadFeed = try? Wire.decode(from: request.body), let after = Int(asked.after ?? "0") else {
                return BackendReply(status: 1, body: Wire.encode(Fault.invalid("/after", "position", "is no position")))
            }
            let last = min(count, after + (asked.limit ?? 50))
            let events: [JSONValue] = last > after && asked.waitSeconds == 0
                ? (after + 1...last).map { ["sequence": .string(String($0)), "type": "t", "data": ["text": "a\nb"]] } : []
            let reply: JSONValue = [
                "events": .array(events), "next": .string(String(after + events.count)), "head": .string(String(count)),
            ]
            return BackendReply(status: 0, body: reply.serialized())
        }
    }

    static func open(_ fixture: Fixture, _ query: String = "", last: String? = nil) async throws -> Answer {
        var fields = HTTPFields()
        fields[.lastEventID] = last
        return try await fixture.send(.get, "/v1/subscriptions/\(someID)/stream\(query)", as: .partner, fields: fields)
    }

    static func chunks(_ answer: Answer, _ count: Int) async throws -> [String] {
        guard case .stream(let stream) = answer.response.body else { throw MissingValue() }
        var iterator = stream.makeAsyncIterator()
        var chunks: [String] = []
        while chunks.count < count, let chunk = await iterator.next() { chunks.append(String(decoding: chunk, as: UTF8.self)) }
        return chunks
    }

    @Test(.timeLimit(.minutes(1))) func `begins where it was asked to and goes on by batches`() async throws {
        let fixture = try Fixture(Self.feed(203))
        let answer = try await Self.open(fixture, "?after=1")
        let chunks = try await Self.chunks(answer, 4)
        #expect(answer.status == 200 && answer[.contentType] == "text/event-stream" && answer[.cacheControl] == "no-store")
        #expect(chunks[0].hasPrefix("retry: 2000\n\nid: 2\ndata: {\"sequence\":\"2\",\"type\":\"t\",\"data\":{\"text\":\"a\\nb\"}}\n\n"))
        #expect(chunks.map { $0.split(separator: "\n").filter { $0.hasPrefix("id:") }.count } == [100, 100, 2, 0]
            && chunks[3] == ": heartbeat\n\n")
        let waits = try fixture.backend.asked.map { try Wire.decode(ReadFeed.self, from: $0.body).waitSeconds }
        // Only what is asked for without a wait is disclosed, and it has little time to leave.
        #expect(waits == [0, 15, 0, 15, 0, 15])
        #expect(fixture.backend.asked.map(\.deadline) == [2, 20, 2, 20, 2, 20].map { .seconds($0) })
    }

    @Test func `what came too late to leave does not`() async throws {
        let stream = try await Self.chunks(try await Self.open(try Fixture(Self.feed(9), limits: .init(feedPage: .zero))), 1)
        #expect(stream.isEmpty)
        let answer = try await Fixture(Self.feed(9)).send(.get, "/v1/subscriptions/\(someID)/events", as: .partner)
        let left = (try required(answer.response.expires)) - .now
        #expect(left > .zero && left <= .seconds(2))
    }

    @Test func `Last-Event-ID wins over the query`() async throws {
        let fixture = try Fixture(Self.feed(9))
        let chunks = try await Self.chunks(try await Self.open(fixture, "?after=1", last: "8"), 1)
        #expect(chunks[0].contains("id: 9\n") && !chunks[0].contains("id: 8\n"))
    }

    @Test(arguments: ["garbage", "", "1 OR 1=1"]) func `garbage in Last-Event-ID is a problem, not a stream`(_ last: String) async throws {
        let answer = try await Self.open(try Fixture(Self.feed(9)), last: last)
        #expect(answer.outcome == Answer.Outcome(422, "invalid", ["/after position"]))
    }

    @Test(arguments: [("?limit=1", "/limit"), ("?waitSeconds=1", "/waitSeconds")])
    func `takes no other parameters`(_ query: String, _ pointer: String) async throws {
        let answer = try await Self.open(try Fixture(Self.feed(9)), query)
        #expect(answer.outcome == Answer.Outcome(422, "invalid", ["\(pointer) member.unknown"]))
    }

    @Test func `ends when the service fails`() async throws {
        let calls = Mutex(0)
        let fixture = try Fixture(FakeBackend { _ throws(MessagingError) in
            let call = calls.withLock { $0 += 1; return $0 }
            guard call == 1 else { throw .unavailable("notifications") }
            return BackendReply(status: 0, body: Array(#"{"events":[],"next":"0","head":"0"}"#.utf8))
        })
        #expect(try await Self.chunks(try await Self.open(fixture), 9) == ["retry: 2000\n\n"])
    }

    @Test func `ends when its time is over or its client is out`() async throws {
        let place = try required(Concurrency(totalMax: 9).enter())
        let page = try required(FeedPage(Array(#"{"events":[],"next":"0","head":"0"}"#.utf8), expires: .now + .seconds(60)))
        for (ends, goesOn) in [(ContinuousClock.now, true), (.now + .seconds(60), false)] {
            let stream = FeedStream(read: { _, _ in page }, first: page, ends: ends, goesOn: { goesOn }, place: place)
            var count = 0
            for await _ in stream { count += 1 }
            #expect(count == 1)
        }
    }

    @Test func `five at once for one client, and a place comes free with the stream`() async throws {
        let fixture = try Fixture(Self.feed(1))
        var open: [Answer] = []
        for _ in 0..<6 { open.append(try await Self.open(fixture)) }
        #expect(open.map(\.status) == [200, 200, 200, 200, 200, 429])
        open = []
        #expect(try await Self.open(fixture).status == 200)
    }

    @Test func `a stranger gets 404 from the service and 403 from the gateway`() async throws {
        let answer = try await Self.open(try Fixture(FakeBackend(fault: .notFound("subscription"))))
        let learner = try await Fixture().send(.get, "/v1/subscriptions/\(someID)/stream", as: .learner)
        #expect(answer.status == 404 && learner.status == 403)
    }
}
