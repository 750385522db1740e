import Domain
import Foundation
import Synchronization

/// What this process knows of its log without asking: of each partition the last readable position, its branch, and
/// whether it changed since that was read. It only saves looks: what other replicas publish is found by looking at
/// everything, which every feed request does at its end.
final class FeedView: Sendable {
    private struct Known {
        var epoch = 0
        var head: Int64 = 0
        /// How often it was announced to have changed, and as of which announcement this was read.
        var changes: UInt64 = 1
        var read: UInt64 = 0
    }

    /// Which of a request's cursors are looked at, begun after this many announcements for each.
    struct Look {
        let places: [Int]
        fileprivate let changes: [UInt64]
    }

    private let state = Mutex((incarnation: UUID?.none, known: Array(repeating: Known(), count: Partition.count)))

    /// To be called before anybody is woken.
    func changed(_ partitions: some Sequence<Partition>) {
        state.withLock { state in
            for partition in partitions { state.known[Int(partition.number)].changes += 1 }
        }
    }

    /// Everything that is asked for, or only what may have something to say.
    func look(_ request: FeedRequest, atAll: Bool) -> Look {
        state.withLock { state in
            let all = atAll || request.incarnation == nil || request.incarnation != state.incarnation
            let places = request.cursors.indices.filter { place in
                let cursor = request.cursors[place], known = state.known[Int(cursor.partition.number)]
                return all || known.changes != known.read || known.head > cursor.position || known.epoch > cursor.epoch
            }
            return Look(
                places: places,
                changes: places.map { state.known[Int(request.cursors[$0].partition.number)].changes })
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
            }
            for (index, place) in look.places.enumerated() {
                let number = Int(request.cursors[place].partition.number)
                guard (epochs[index], heads[index]) >= (state.known[number].epoch, state.known[number].head) else { continue }
                state.known[number].epoch = epochs[index]
                state.known[number].head = heads[index]
                state.known[number].read = max(state.known[number].read, look.changes[index])
            }
            let known = request.cursors.map { state.known[Int($0.partition.number)] }
            return (known.map(\.epoch), known.map(\.head))
        }
    }
}
