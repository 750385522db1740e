import Domain
import Foundation
import Synchronization

/// What this process knows of its log without asking: of each partition the last readable position, its branch, the
/// last events up to it, and whether it changed since that was read. It only saves looks: what other replicas publish is
/// found by looking at everything, which every feed request does at its end.
final class FeedView: Sendable {
    /// Events kept of one partition, and bytes of all; beyond them, the partition's older half goes, or everything.
    static let tailMax = 64
    static let tailBytesMax = 8 << 20

    fileprivate struct Known {
        var epoch = 0
        var head: Int64 = 0
        /// The last events up to `head`, without a gap.
        var tail: ArraySlice<EventEnvelope> = []
        /// How often it was announced to have changed, and as of which announcement this was read.
        var changes: UInt64 = 1
        var read: UInt64 = 0

        var isCurrent: Bool { changes == read }
    }

    fileprivate struct State {
        var incarnation: UUID?
        var known = Array(repeating: Known(), count: Partition.count)
        var tailBytes = 0
    }

    /// Which of a request's cursors are looked at, begun after this many announcements for each.
    struct Look {
        let places: [Int]
        fileprivate let changes: [UInt64]
    }

    /// What can be said to a request.
    enum Glance {
        /// Nothing new, or nothing that it waits for.
        case nothing
        /// All that is new is known here.
        case known(FeedReply)
        case look(Look)
    }

    private let state = Mutex(State())

    /// To be called before anybody is woken.
    func changed(_ partitions: some Sequence<Partition>) {
        state.withLock { state in
            for partition in partitions { state.known[Int(partition.number)].changes += 1 }
        }
    }

    /// The same, for what this process has just committed: events that follow what is known need no look.
    /// - Parameter units: the applied ones, in the order in which they were appended.
    func committed(_ appended: Appended, _ units: [AppendUnit]) {
        let tails = appended.growth.map { ($0, appended.envelopes($0, of: units)) }
        state.withLock { state in
            for partition in Set(units.map(\.partition)) { state.known[Int(partition.number)].changes += 1 }
            for (growth, events) in tails {
                let number = Int(growth.partition.number), known = state.known[number]
                guard let events, known.epoch == growth.epoch, known.head == growth.last - Int64(growth.count) else {
                    continue
                }
                // Nothing but this was announced since it was read: what others wrote after us would go unseen.
                if known.read == known.changes - 1 { state.known[number].read = known.changes }
                state.known[number].head = growth.last
                state.extend(number, by: events)
            }
        }
    }

    /// What there is after the cursors, or where it must be looked for.
    /// - Parameter atAll: look at everything that is asked for.
    func glance(_ request: FeedRequest, atAll: Bool) -> Glance {
        state.withLock { state in
            guard !atAll, let incarnation = state.incarnation, request.incarnation == incarnation else {
                return .look(state.look(request) { _, _ in true })
            }
            let look = state.look(request) { cursor, known in
                !known.isCurrent || known.head > cursor.position || known.epoch != cursor.epoch
            }
            if look.places.isEmpty { return .nothing }
            guard let events = state.tails(look.places.map { request.cursors[$0] }, request) else { return .look(look) }
            if events.count < request.total, !events.contains(where: request.awaits) { return .nothing }
            let (epochs, heads) = state.branches(request)
            return .known(.batch(incarnation: incarnation, epochs: epochs, heads: heads, events: events))
        }
    }

    /// Keeps what a look has found, and answers for all of the request's cursors, in their order.
    func saw(
        _ look: Look, _ request: FeedRequest, incarnation: UUID, epochs: [Int], heads: [Int64]
    ) -> (epochs: [Int], heads: [Int64]) {
        state.withLock { state in
            if state.incarnation != incarnation {
                state.known = state.known.map { Known(changes: $0.changes) }
                state.incarnation = incarnation
                state.tailBytes = 0
            }
            for (index, place) in look.places.enumerated() {
                let number = Int(request.cursors[place].partition.number)
                let old = (state.known[number].epoch, state.known[number].head), new = (epochs[index], heads[index])
                // Lower than what is known: somebody looked later, unless nothing was announced since. Then a failover has
                // taken it back.
                guard new >= old || look.changes[index] == state.known[number].changes else { continue }
                if new != old { state.drop(number) }
                (state.known[number].epoch, state.known[number].head) = new
                state.known[number].read = max(state.known[number].read, look.changes[index])
            }
            return state.branches(request)
        }
    }
}

extension FeedView.State {
    fileprivate func look(
        _ request: FeedRequest, where isWanted: (FeedRequest.Cursor, FeedView.Known) -> Bool
    ) -> FeedView.Look {
        let places = request.cursors.indices.filter { place in
            isWanted(request.cursors[place], known[Int(request.cursors[place].partition.number)])
        }
        return FeedView.Look(
            places: places, changes: places.map { known[Int(request.cursors[$0].partition.number)].changes })
    }

    fileprivate func branches(_ request: FeedRequest) -> (epochs: [Int], heads: [Int64]) {
        let asked = request.cursors.map { known[Int($0.partition.number)] }
        return (asked.map(\.epoch), asked.map(\.head))
    }

    /// What follows these cursors; nil when some of it is not kept here.
    fileprivate func tails(_ cursors: [FeedRequest.Cursor], _ request: FeedRequest) -> [EventEnvelope]? {
        var events: [EventEnvelope] = []
        for cursor in cursors {
            let known = known[Int(cursor.partition.number)]
            let missing = Int(known.head - cursor.position)
            guard known.isCurrent, known.epoch == cursor.epoch, missing <= known.tail.count else { return nil }
            events += known.tail.suffix(missing).prefix(min(request.each, request.total - events.count))
        }
        return events
    }

    fileprivate mutating func extend(_ number: Int, by events: [EventEnvelope]) {
        known[number].tail += events
        tailBytes += events.payloadBytes
        if known[number].tail.count > FeedView.tailMax {
            let half = Array(known[number].tail.suffix(FeedView.tailMax / 2))
            drop(number)
            known[number].tail = half[...]
            tailBytes += half.payloadBytes
        }
        if tailBytes > FeedView.tailBytesMax { for number in known.indices { drop(number) } }
    }

    fileprivate mutating func drop(_ number: Int) {
        tailBytes -= known[number].tail.payloadBytes
        known[number].tail = []
    }
}

extension FeedRequest {
    fileprivate func awaits(_ event: EventEnvelope) -> Bool { types.isEmpty || types.contains(event.type) }
}

extension Sequence<EventEnvelope> {
    fileprivate var payloadBytes: Int { reduce(0) { $0 + $1.payload.count } }
}
