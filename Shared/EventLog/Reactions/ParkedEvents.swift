import Domain
import Foundation
import ServiceKit
import Storage

/// What operators see and do about events that stand still.
package struct ParkedEvents: Sendable {
    static let listMax = 200
    static let releaseMax = 500

    private let log: EventLog
    private let reactions: [String: any Reaction]

    package init(_ log: EventLog, reactions: [any Reaction]) {
        self.log = log
        self.reactions = Dictionary(uniqueKeysWithValues: reactions.map { ($0.consumer, $0) })
    }

    package func count() async throws -> Int {
        try await log.reader.query("SELECT count(*) FROM parked").first?.decode(Int.self) ?? 0
    }

    package func list() async throws -> Page<ParkedEntry> {
        let rows = try await log.reader.query("""
            SELECT consumer, event_id, type, owner, reason, attempts, parked_at
              FROM parked ORDER BY parked_at, pos LIMIT \(Self.listMax)
            """)
        return Page(items: try rows.map { row in
            let (consumer, event, type, owner, reason, attempts, at) = try row.decode(
                String.self, EntityID<ParkedEntry>.self, EventType.self, EntityID<ParkedEntry>.self, String.self,
                Int.self, Timestamp.self)
            return ParkedEntry(consumer: consumer, event: event, type: type, owner: owner, reason: reason,
                               attempts: attempts, parkedAt: at)
        })
    }

    /// Skips the event, or tries it again; then tries what waited behind it, in order, until one fails or `releaseMax`
    /// are done. Which one fails next is then first in the list, with its own reason.
    /// - Throws: what the event named by the command failed with, `parked.order` when it is not the first of its
    ///   learner, `.notFound` when it is not parked (any more). Nothing has happened then.
    package func release(_ command: ReleaseParked, by actor: String) async throws -> ReleaseParked.Reply {
        guard let reaction = reactions[command.consumer] else { throw Fault.notFound("consumer") }
        guard !command.reason.isEmpty, command.reason.count <= 1000 else {
            throw Fault.invalid("/reason", "length", "Say why, in 1 to 1000 characters.")
        }
        var released = 0
        var next: UUID? = command.event.uuid
        var step = command
        while let event = next, released < Self.releaseMax {
            do { next = try await releaseOne(event, reaction, step, by: actor) } catch {
                try? await note(error, on: event, of: reaction)
                if released == 0 { throw error }
                break
            }
            released += 1
            // What waited for a skipped one waited for nothing else.
            step.action = .retry
        }
        log.published(Partition.all)
        return ReleaseParked.Reply(released: released)
    }

    /// Keeps why an event still cannot be handled. A failure of the moment, or of the order, says nothing about it.
    private func note(_ error: any Error, on event: UUID, of reaction: any Reaction) async throws {
        let fault = Fault.internalError(error)
        if fault.retry == .withSameKey || fault.violations.first?.rule == Self.order || error is CancellationError {
            return
        }
        _ = try await log.pool.withConnection { connection in
            try connection.execute("""
                UPDATE parked SET reason = \(Consumer.reason(error)), attempts = attempts + 1
                 WHERE consumer = \(reaction.consumer) AND event_id = \(event)
                """)
        }
    }

    private static let order = "parked.order"

    /// The id of the event that waits next behind it.
    private func releaseOne(
        _ event: UUID, _ reaction: any Reaction, _ command: ReleaseParked, by actor: String
    ) async throws -> UUID? {
        try await log.pool.withTransaction { connection in
            let found = try connection.execute("""
                SELECT partition, owner, envelope FROM parked
                 WHERE consumer = \(reaction.consumer) AND event_id = \(event)
                """)
            guard let row = found.first else { throw Fault.notFound("parked event") }
            let (partition, owner, envelope) = try row.decode(Partition.self, UUID.self, [UInt8].self)
            // The consumer holds the same row while it decides whether an event must wait behind a parked one.
            _ = try connection.execute("""
                SELECT pos FROM cursor WHERE consumer = \(reaction.consumer) AND source = \(reaction.source)
                   AND partition = \(partition) FOR UPDATE
                """)
            let line: [UUID] = try connection.execute("""
                SELECT event_id FROM parked
                 WHERE consumer = \(reaction.consumer) AND partition = \(partition) AND owner = \(owner)
                 ORDER BY pos LIMIT 2
                """).map { row in try row.decode(UUID.self) }
            guard line.first == event else {
                // Another operator may have released it while we waited for the cursor.
                let still = try connection.execute("""
                    SELECT 1 FROM parked WHERE consumer = \(reaction.consumer) AND event_id = \(event)
                    """)
                if still.isEmpty { throw Fault.notFound("parked event") }
                throw Fault.conflict(Self.order, "An older event of the same learner is parked before this one.")
            }
            let transaction = ReactionTransaction(consumer: reaction.consumer, now: .now, connection: connection)
            if command.action == .retry {
                let event = try FeedWire.event(envelope)
                transaction.begin(event)
                try await reaction.react(to: event, in: transaction)
            }
            let last: [SQL] = [
                "DELETE FROM parked WHERE consumer = \(reaction.consumer) AND event_id = \(event)",
                """
                INSERT INTO parked_audit (consumer, event_id, action, actor, reason)
                VALUES (\(reaction.consumer), \(event), \(command.action == .retry ? "retried" : "skipped"), \(actor),
                        \(command.reason))
                """,
            ]
            _ = try await transaction.commit(with: last)
            return line.count > 1 ? line[1] : nil
        }
    }
}
