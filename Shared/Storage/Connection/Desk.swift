import Synchronization

/// Where callers leave work for a thread, and the thread's only view of the outside: new tickets, new
/// connections and the wish to close. Holds at most `capacity` tickets that were not yet sent.
final class Desk<Ticket: Sendable>: Sendable {
    struct News {
        var tickets: [Ticket] = []
        var connections: [(slot: Int, result: Result<Handover, StorageError>)] = []
        var closing = false
    }
    private struct State {
        var news = News()
        var waiting = 0
        /// The bell rings when so many tickets are new.
        var ringAt = 1
        var finished = false
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    let doorbell = Doorbell()
    private let capacity: Int
    private let state = Mutex(State())

    init(capacity: Int) { self.capacity = capacity }

    /// - Returns: why the ticket was not taken.
    func submit(_ ticket: Ticket) -> StorageError? {
        let (refusal, rings) = state.withLock { state -> (StorageError?, Bool) in
            if state.news.closing { return (.unavailable("closed"), false) }
            if state.waiting >= capacity { return (.unavailable("\(capacity) requests wait already"), false) }
            state.waiting += 1
            state.news.tickets.append(ticket)
            return (nil, state.news.tickets.count == state.ringAt)
        }
        if rings { doorbell.ring() }
        return refusal
    }

    /// What is new since the last call.
    func take() -> News {
        doorbell.clear()
        return state.withLock { state in
            let news = state.news
            state.news.tickets = []
            state.news.connections = []
            return news
        }
    }

    /// Before the thread waits: fewer new tickets than these need not wake it.
    func ring(at count: Int) {
        let isDue = state.withLock { state in
            state.ringAt = count
            return state.news.tickets.count >= count
        }
        if isDue { doorbell.ring() }
    }

    /// So many tickets were sent or given up and make room for others.
    func left(_ count: Int) {
        if count > 0 { state.withLock { $0.waiting -= count } }
    }

    /// A ticket that was sent waits again.
    func returned(_ count: Int) { left(-count) }

    func connect(_ session: Session, slot: Int) {
        connectInBackground(session) { [self] result in
            state.withLock { state in
                if !state.finished { state.news.connections.append((slot, result)) }
            }
            doorbell.ring()
        }
    }

    /// Asks the thread to finish what it has.
    func close() {
        state.withLock { $0.news.closing = true }
        doorbell.ring()
    }

    func closeAndWait() async {
        close()
        await withCheckedContinuation { continuation in
            let finished = state.withLock { state in
                if !state.finished { state.closers.append(continuation) }
                return state.finished
            }
            if finished { continuation.resume() }
        }
    }

    /// The thread's last word.
    func finish() {
        let closers = state.withLock { state in
            state.finished = true
            state.news = News(closing: true)
            return state.closers
        }
        for closer in closers { closer.resume() }
    }
}

/// One place for a connection that is made again whenever it is lost: at once, then after 50 ms doubling to
/// 2 s, but after at most 200 ms while somebody waits for it.
struct Slot {
    private(set) var wire: Wire?
    private(set) var downSince: ContinuousClock.Instant? = .now
    /// Since when a pause runs; nil while connected or connecting.
    private var failedAt: ContinuousClock.Instant? = .now
    private var pause: Duration = .zero
    var wantsWrite = false

    static let shortestPause: Duration = .milliseconds(50)
    static let longestPause: Duration = .seconds(2)
    static let longestPauseWhenWanted: Duration = .milliseconds(200)
    /// How long a request may wait while nothing is connected.
    static let patience: Duration = .seconds(2)

    /// When to connect next; nil while connected or connecting.
    func retryAt(wanted: Bool) -> ContinuousClock.Instant? {
        failedAt.map { $0 + (wanted ? min(pause, Self.longestPauseWhenWanted) : pause) }
    }

    mutating func connecting() {
        failedAt = nil
        pause = min(max(pause * 2, Self.shortestPause), Self.longestPause)
    }

    mutating func opened(_ wire: Wire) {
        self.wire = wire
        downSince = nil
        wantsWrite = false
    }

    /// The connection has proved useful.
    mutating func answered() { pause = .zero }

    mutating func lost() {
        wire = nil
        downSince = downSince ?? .now
        failedAt = .now
    }
}
