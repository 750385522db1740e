import Synchronization

/// Lets the writers of one database take turns. A group beside one that is under way costs a commit of its own, so it is
/// begun only when enough members wait to be worth that, or one has waited for long (the other group may be waiting for a
/// lock); otherwise they gather until all that is left of the other group is its commit.
package final class WriterTurns: Sendable {
    /// So many are worth a group of their own.
    package static let crowd = 16
    static let patience = Duration.milliseconds(10)

    private struct Writer {
        let bell: Doorbell
        var isBusy = false
        /// It has members, and stands aside for another's group.
        var standsAside = false
    }

    private let writers = Mutex<[Writer]>([])

    package init() {}

    /// - Parameter bell: rung when another writer's group, for which this one stands aside, no longer needs the server.
    func join(_ bell: Doorbell) -> Int {
        writers.withLock { writers in
            writers.append(Writer(bell: bell))
            return writers.count - 1
        }
    }

    func mayBegin(_ number: Int, waiting: Int, since first: ContinuousClock.Instant) -> Bool {
        waiting >= Self.crowd || .now - first >= Self.patience || writers.withLock { writers in
            writers[number].standsAside = writers.enumerated().contains { $0 != number && $1.isBusy }
            return !writers[number].standsAside
        }
    }

    func note(_ number: Int, isBusy: Bool) {
        let others: [Doorbell] = writers.withLock { writers in
            guard writers[number].isBusy != isBusy else { return [] }
            writers[number].isBusy = isBusy
            if isBusy { return [] }
            return writers.indices.compactMap { other in
                guard writers[other].standsAside else { return nil }
                writers[other].standsAside = false
                return writers[other].bell
            }
        }
        for bell in others { bell.ring() }
    }
}
