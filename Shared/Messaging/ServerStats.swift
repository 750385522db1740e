import Synchronization

/// What a server has counted since it was made; `inFlight`, `sessions` are of now.
package struct ServerStats: Sendable, Hashable {
    /// Requests given to the handler.
    package var accepted = 0
    /// Handshakes refused by ZAP; the start-up test's stranger is the first.
    package var refusedByZAP = 0
    /// Requests answered BUSY because a bound was reached, and because the server drains.
    package var busy = 0
    package var drained = 0
    /// Requests that were not run because their deadline had passed.
    package var expired = 0
    /// Messages dropped for their form, in all and by kind.
    package var malformed = 0
    package var malformedByKind: [String: Int] = [:]
    /// Messages of senders already told BYE, or beyond the 4 096 connections known.
    package var ignored = 0
    /// Replies whose caller was gone or did not read.
    package var repliesLost = 0
    package var bells = 0
    package var inFlight = 0
    package var sessions = 0
}

/// Written by the reactor's thread only, read from anywhere.
final class ServerCounters: Sendable {
    let accepted = Atomic<Int>(0)
    let busy = Atomic<Int>(0)
    let drained = Atomic<Int>(0)
    let expired = Atomic<Int>(0)
    let ignored = Atomic<Int>(0)
    let repliesLost = Atomic<Int>(0)
    let bells = Atomic<Int>(0)
    let inFlight = Atomic<Int>(0)
    let sessions = Atomic<Int>(0)
    private let malformed = Mutex([Int](repeating: 0, count: MalformedKind.allCases.count))

    func count(_ kind: MalformedKind) { malformed.withLock { $0[kind.rawValue] += 1 } }

    func snapshot(refusedByZAP: Int) -> ServerStats {
        let kinds = malformed.withLock { $0 }
        var stats = ServerStats()
        stats.accepted = accepted.load(ordering: .relaxed)
        stats.refusedByZAP = refusedByZAP
        stats.busy = busy.load(ordering: .relaxed)
        stats.drained = drained.load(ordering: .relaxed)
        stats.expired = expired.load(ordering: .relaxed)
        stats.ignored = ignored.load(ordering: .relaxed)
        stats.repliesLost = repliesLost.load(ordering: .relaxed)
        stats.bells = bells.load(ordering: .relaxed)
        stats.inFlight = inFlight.load(ordering: .relaxed)
        stats.sessions = sessions.load(ordering: .relaxed)
        stats.malformed = kinds.reduce(0, +)
        for kind in MalformedKind.allCases where kinds[kind.rawValue] > 0 {
            stats.malformedByKind["\(kind)"] = kinds[kind.rawValue]
        }
        return stats
    }
}

extension Atomic where Value == Int {
    /// For a counter with one writing thread: a plain load and store, no locked instruction.
    borrowing func bump(_ by: Int = 1) { store(load(ordering: .relaxed) &+ by, ordering: .relaxed) }
}
