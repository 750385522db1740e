import Domain
import Foundation
import Messaging
import ServiceKit
import Storage

/// Answers `<service>.fetch_events`: the events after a consumer's cursors, at once or as soon as this process commits
/// some. It stands beside the dispatcher because its bodies are not JSON.
package struct FeedServer: Sendable {
    private let log: EventLog

    package init(_ log: EventLog) { self.log = log }

    package var method: String { "\(log.source).fetch_events" }

    package func answer(_ incoming: IncomingRequest) async -> OutgoingReply {
        do {
            // Events hold everything about everybody: only a service of ours may read them.
            guard decide(.service(incoming.peer.role), RequestName(method), .none).isAllowed,
                  incoming.peer.role != "gateway"
            else { throw Fault(.forbidden, "Only a service reads the feed.") }
            let request = try FeedWire.request(incoming.body)
            return OutgoingReply(body: FeedWire.encode(try await read(request)))
        } catch is FeedWireError {
            return OutgoingReply(status: 1, body: Wire.encode(Fault(.malformed, "That is no feed request.")))
        } catch {
            return OutgoingReply(status: 1, body: Wire.encode(Fault.internalError(error)))
        }
    }

    func read(_ request: FeedRequest) async throws -> FeedReply {
        let end = ContinuousClock.now + request.wait
        while true {
            let known = log.news.count
            let reply = try await readOnce(request)
            guard case .batch(_, _, _, let events) = reply, events.isEmpty else { return reply }
            let left = ContinuousClock.now.duration(to: end)
            if left <= .zero || Task.isCancelled { return reply }
            await log.news.wait(after: known, atMost: left)
        }
    }

    private func readOnce(_ request: FeedRequest) async throws -> FeedReply {
        while true { if let reply = try await lookOnce(request) { return reply } }
    }

    /// Nil when a branch began between the two looks that it takes.
    private func lookOnce(_ request: FeedRequest) async throws -> FeedReply? {
        let partitions = request.cursors.map(\.partition)
        let positions = request.cursors.map(\.position)
        let (incarnation, epochs, heads) = try await branches(partitions)
        if let theirs = request.incarnation, theirs != incarnation { return .foreign(incarnation: incarnation) }
        if zip(request.cursors, epochs).contains(where: { $0.epoch < $1 }) {
            let rows = try await log.reader.query("""
                SELECT partition, epoch, start_pos
                  FROM forked(\(partitions), \(request.cursors.map { Int32($0.epoch) }), \(positions))
                """)
            let forks = try rows.decode((Partition, Int, Int64).self)
            if !forks.isEmpty {
                return .fork(forks.map { .init(partition: $0.0, epoch: $0.1, position: $0.2) })
            }
        }
        let news = partitions.indices.filter { heads[$0] > positions[$0] }
        if news.isEmpty { return .batch(incarnation: incarnation, epochs: epochs, heads: heads, events: []) }
        let rows = try await log.reader.query("""
            SELECT partition, pos, event_id, stream, stream_version, type, schema_version, learner, effective_at,
                   recorded_at, actor, authority, caused_by, correlation, traceparent, key_id, payload, epoch
              FROM events_after(\(news.map { partitions[$0] }), \(news.map { positions[$0] }), \(Int32(request.each)),
                                \(Int32(request.total)))
            """)
        let found = try rows.map { row in try EventEnvelope.read(row) }
        let branch = Dictionary(uniqueKeysWithValues: zip(partitions, epochs))
        if found.contains(where: { branch[$0.event.partition] != $0.epoch }) { return nil }
        let events = found.map(\.event)
        var next = Dictionary(uniqueKeysWithValues: zip(partitions, positions))
        for event in events {
            guard let before = next[event.partition], event.position == before + 1 else {
                return .truncated(event.partition, first: event.position)
            }
            next[event.partition] = event.position
        }
        // A hole longer than `each` shows as nothing where the head says something; behind the last event of a full
        // batch nothing was looked at.
        let last = events.count < request.total ? nil : events.last.flatMap { partitions.firstIndex(of: $0.partition) }
        let looked = last ?? partitions.count
        for index in news where index < looked && next[partitions[index]] == positions[index] {
            let first = try await log.reader.query("""
                SELECT COALESCE(min(pos), \(heads[index] + 1)) FROM event
                 WHERE partition = \(partitions[index]) AND pos > \(positions[index])
                """).decode(Int64.self)[0]
            return .truncated(partitions[index], first: first)
        }
        return .batch(incarnation: incarnation, epochs: epochs, heads: heads, events: events)
    }

    private func branches(_ partitions: [Partition]) async throws -> (UUID, [Int], [Int64]) {
        let rows = try await log.reader.query("""
            SELECT l.incarnation, array_agg(h.epoch ORDER BY c.ord), array_agg(h.safe_pos ORDER BY c.ord)
              FROM unnest(\(partitions)) WITH ORDINALITY c(partition, ord)
              JOIN head h ON h.partition = c.partition CROSS JOIN lineage l
             GROUP BY l.incarnation
            """)
        guard let (incarnation, epochs, heads) = try rows.first?.decode(UUID.self, [Int32].self, [Int64].self),
              heads.count == partitions.count
        else { throw StorageError.decoding("the log has no head") }
        return (incarnation, epochs.map(Int.init), heads)
    }
}

extension Verdict {
    package var isAllowed: Bool { if case .allow = self { true } else { false } }
}

extension EventEnvelope {
    /// A row of `events_after`, with the branch it was read from.
    static func read(_ row: Row) throws -> (event: EventEnvelope, epoch: Int) {
        let (partition, position, id, stream, streamVersion, type, version, learner, effective, recorded, actor,
             authority, cause, correlation, trace, key, payload, epoch) = try row.decode(
            Partition.self, Int64.self, UUID.self, UUID.self, Int64.self, EventType.self, Int.self,
            EntityID<Learner>?.self, Timestamp.self, Timestamp.self, String.self, String.self, UUID?.self, UUID?.self,
            String.self, UUID?.self, [UInt8].self, Int.self)
        let event = EventEnvelope(
            id: id, type: type, version: version, partition: partition, position: position, stream: stream,
            streamVersion: streamVersion, learner: learner, effectiveAt: effective, recordedAt: recorded, actor: actor,
            authority: authority, causedBy: cause, correlation: correlation, traceparent: trace, keyID: key,
            payload: payload)
        return (event, epoch)
    }
}
