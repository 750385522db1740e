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
            let left = ContinuousClock.now.duration(to: end)
            switch log.view.glance(request, atAll: left <= .zero) {
            case .nothing: break
            case .known(let reply): return reply
            case .look(let look):
                let reply = try await read(request, look)
                guard case .batch(_, _, _, let events) = reply, events.isEmpty else { return reply }
                if left <= .zero || Task.isCancelled { return reply }
            }
            await log.news.wait(after: known, atMost: left)
        }
    }

    /// Heads, branches and events come from one snapshot.
    private func read(_ request: FeedRequest, _ look: FeedView.Look) async throws -> FeedReply {
        let asked = look.places.map { request.cursors[$0] }
        let (incarnation, epochs, heads, events) = try await answer(
            to: asked, each: request.each, total: request.total)
        if let theirs = request.incarnation, theirs != incarnation { return .foreign(incarnation: incarnation) }
        let branches = log.view.saw(look, request, incarnation: incarnation, epochs: epochs, heads: heads)
        if let fork = try await fork(request.cursors, branches.epochs) { return fork }
        var next = Dictionary(uniqueKeysWithValues: asked.map { ($0.partition, $0.position) })
        for event in events {
            guard let before = next[event.partition], event.position == before + 1 else {
                return .truncated(event.partition, first: event.position)
            }
            next[event.partition] = event.position
        }
        // A hole longer than `each` shows as nothing where the head says something; behind the last event of a full
        // batch nothing was looked at.
        let end = events.count < request.total ? nil : asked.firstIndex { $0.partition == events.last?.partition }
        for (cursor, head) in zip(asked, heads).prefix(end ?? asked.count)
        where head > cursor.position && next[cursor.partition] == cursor.position {
            let first = try await log.reader.query("""
                SELECT COALESCE(min(pos), \(head + 1)) FROM event
                 WHERE partition = \(cursor.partition) AND pos > \(cursor.position)
                """).decode(Int64.self)[0]
            return .truncated(cursor.partition, first: first)
        }
        return .batch(incarnation: incarnation, epochs: branches.epochs, heads: branches.heads, events: events)
    }

    /// Says where cursors lie on a dead branch, if any does.
    private func fork(_ cursors: [FeedRequest.Cursor], _ epochs: [Int]) async throws -> FeedReply? {
        guard zip(cursors, epochs).contains(where: { $0.epoch < $1 }) else { return nil }
        let forks = try await log.reader.query("""
            SELECT partition, epoch, start_pos
              FROM forked(\(cursors.map(\.partition)), \(cursors.map { Int32($0.epoch) }), \(cursors.map(\.position)))
            """).decode((Partition, Int, Int64).self)
        return forks.isEmpty ? nil : .fork(forks.map { .init(partition: $0.0, epoch: $0.1, position: $0.2) })
    }

    private func answer(
        to cursors: [FeedRequest.Cursor], each: Int, total: Int
    ) async throws -> (UUID, [Int], [Int64], [EventEnvelope]) {
        let rows = try await log.reader.query("""
            SELECT incarnation, epochs, heads, partition, pos, event_id, stream, stream_version, type, schema_version,
                   learner, effective_at, recorded_at, actor, authority, caused_by, correlation, traceparent, key_id,
                   payload
              FROM look(\(cursors.map(\.partition)), \(cursors.map(\.position)), \(Int32(each)), \(Int32(total)))
            """)
        guard let (incarnation, epochs, heads) = try rows.first?.part(UUID.self, [Int32].self, [Int64].self),
              heads.count == cursors.count
        else { throw StorageError.decoding("the log has no head") }
        return (incarnation, epochs.map(Int.init), heads, try rows.dropFirst().map { row in try EventEnvelope(row) })
    }
}

extension Verdict {
    package var isAllowed: Bool { if case .allow = self { true } else { false } }
}

extension EventEnvelope {
    /// A row of `look` after its first.
    init(_ row: Row) throws(StorageError) {
        let (_, _, _, partition, position, id, stream, streamVersion, type, version, learner, effective, recorded, actor,
             authority, cause, correlation, trace, key, payload) = try row.decode(
            UUID?.self, [Int32]?.self, [Int64]?.self, Partition.self, Int64.self, UUID.self, UUID.self, Int64.self,
            EventType.self, Int.self, EntityID<Learner>?.self, Timestamp.self, Timestamp.self, String.self, String.self,
            UUID?.self, UUID?.self, String.self, UUID?.self, [UInt8].self)
        self.init(
            id: id, type: type, version: version, partition: partition, position: position, stream: stream,
            streamVersion: streamVersion, learner: learner, effectiveAt: effective, recordedAt: recorded, actor: actor,
            authority: authority, causedBy: cause, correlation: correlation, traceparent: trace, keyID: key,
            payload: payload)
    }
}
