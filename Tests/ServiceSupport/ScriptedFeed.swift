import Domain
import EventLog
import Foundation
import ServiceKit
import Support
import Synchronization

/// A feed as a neighbor serves it: gapless for each partition, in the order of `append`.
package final class ScriptedFeed: FeedSource {
    private let incarnation = UUID()
    private let actor: String
    private let events = Mutex<[Partition: [EventEnvelope]]>([:])
    private let news = FeedNews()

    /// - Parameter actor: who did what it tells of.
    package init(actor: String = "client:test") { self.actor = actor }

    package var heads: [Partition: Int64] { events.withLock { $0.mapValues { Int64($0.count) } } }

    /// - Returns: the event's id.
    @discardableResult
    package func append(_ event: some Event, _ learner: EntityID<Learner>) -> UUID {
        let id = UUID.version7()
        events.withLock { events in
            let position = Int64(events[learner.partition]?.count ?? 0) + 1
            events[learner.partition, default: []].append(EventEnvelope(
                id: id, type: type(of: event).type, version: type(of: event).version, partition: learner.partition,
                position: position, stream: learner.uuid, streamVersion: position, learner: learner,
                effectiveAt: .now, recordedAt: .now, actor: actor, authority: "test", causedBy: nil,
                correlation: nil, traceparent: TraceContext.start().description, payload: Wire.encode(event)))
        }
        news.announce()
        return id
    }

    package func fetch(_ request: FeedRequest) async throws -> FeedReply {
        let known = news.count
        let reply = read(request)
        if case .batch(_, _, _, let events) = reply, events.isEmpty {
            await news.wait(after: known, atMost: request.wait)
            return read(request)
        }
        return reply
    }

    private func read(_ request: FeedRequest) -> FeedReply {
        events.withLock { all in
            var events: [EventEnvelope] = []
            for cursor in request.cursors {
                events += (all[cursor.partition] ?? []).dropFirst(Int(cursor.position)).prefix(request.total - events.count)
            }
            return .batch(
                incarnation: incarnation, epochs: request.cursors.map { _ in 1 },
                heads: request.cursors.map { Int64(all[$0.partition]?.count ?? 0) }, events: events)
        }
    }

    /// Runs a reaction, the only one of its log, until it has passed everything.
    /// - Throws: `Parked` when it could not digest something.
    package func digest(_ reaction: any Reaction, _ log: EventLog) async throws {
        let consumer = Consumer(reaction, log: log, source: self, logger: quiet)
        let running = Task { await consumer.run() }
        defer { running.cancel() }
        let expected = heads.values.reduce(0, +)
        while true {
            let rows = try await log.reader.query("""
                SELECT (SELECT count(*) FROM inbox), (SELECT count(*) FROM parked WHERE attempts > 0)
                """)
            let (taken, parked) = try rows.decode((Int64, Int64).self)[0]
            guard parked == 0 else { throw Parked() }
            if taken == expected { break }
            try await Task.sleep(for: .milliseconds(10))
        }
        running.cancel()
        await running.value
    }

    package struct Parked: Error {}
}
