import Domain
/// The servers of one service and the choice between them. Pure: no socket, no clock of its own.
struct PeerPool {
    /// A place in the pool, reused after its peer was removed.
    typealias ID = Int

    private struct Entry {
        var state: PeerState
        var outstanding = 0
        /// No longer among the addresses: finishes what it has and goes.
        var isRetired = false
    }

    private var entries: [Entry?] = []
    /// The peers that take requests, kept as a list because every call picks from it.
    private var usable: [ID] = []

    var ids: [ID] { entries.indices.filter { entries[$0] != nil } }
    var hasUsable: Bool { !usable.isEmpty }

    mutating func add(at now: Moment) -> ID {
        let entry = Entry(state: PeerState(at: now))
        if let free = entries.firstIndex(where: { $0 == nil }) {
            entries[free] = entry
            return free
        }
        entries.append(entry)
        return entries.count - 1
    }

    mutating func retire(_ id: ID) {
        if contains(id) { entries[id]?.isRetired = true }
        refreshUsable()
    }

    mutating func remove(_ id: ID) {
        if contains(id) { entries[id] = nil }
        refreshUsable()
    }

    func isRetired(_ id: ID) -> Bool { contains(id) ? entries[id]?.isRetired ?? true : true }
    func state(_ id: ID) -> PeerState? { contains(id) ? entries[id]?.state : nil }
    func outstanding(_ id: ID) -> Int { contains(id) ? entries[id]?.outstanding ?? 0 : 0 }
    private func contains(_ id: ID) -> Bool { entries.indices.contains(id) }

    mutating func step(_ id: ID, _ input: PeerState.Input, at now: Moment) -> [PeerState.Effect] {
        guard contains(id), let effects = entries[id]?.state.step(input, at: now) else { return [] }
        if !effects.isEmpty { refreshUsable() }
        return effects
    }

    mutating func sent(_ id: ID) { if contains(id) { entries[id]?.outstanding += 1 } }
    mutating func settled(_ id: ID) { if contains(id) { entries[id]?.outstanding -= 1 } }

    /// Of two peers drawn at random among those that are up, the one with fewer requests outstanding.
    func pick(excluding avoided: ID?, using random: inout SplitMix64) -> ID? {
        switch usable.count {
        case 0: return nil
        case 1: return usable[0] == avoided ? nil : usable[0]
        default:
            // With one peer left out the draw is over the others: the last stands in for it.
            var count = usable.count
            var hole = count
            if let avoided, let at = usable.firstIndex(of: avoided) {
                count -= 1
                hole = at
            }
            func candidate(_ drawn: Int) -> ID { usable[drawn == hole ? count : drawn] }
            let first = Int(random.next() % UInt64(count))
            if count == 1 { return candidate(first) }
            let offset = 1 + Int(random.next() % UInt64(count - 1))
            let one = candidate(first), other = candidate((first + offset) % count)
            return outstanding(one) <= outstanding(other) ? one : other
        }
    }

    var nextBeat: Moment {
        entries.reduce(Moment.never) { min($0, $1?.state.nextBeat ?? .never) }
    }

    private mutating func refreshUsable() {
        usable = entries.indices.filter { entries[$0]?.state.phase == .up && entries[$0]?.isRetired == false }
    }
}

/// At most one retry for ten calls, after a burst of ten: a service in trouble is not made worse by its callers.
struct RetryBudget {
    static let burst = 10.0
    static let perCall = 0.1
    private(set) var tokens = RetryBudget.burst

    mutating func earn() { tokens = min(Self.burst, tokens + Self.perCall) }

    mutating func spend() -> Bool {
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }
}
