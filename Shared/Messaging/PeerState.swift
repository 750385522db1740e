/// How a client sees one server.
package enum PeerPhase: String, Hashable, Sendable {
    /// No PONG on this connection yet.
    case connecting
    case up
    /// One heartbeat missed: gets no new requests; what may be repeated is repeated elsewhere.
    case suspect
    /// It said that it drains: gets no new requests, what it has it finishes.
    case draining
    /// Given up: the socket is closed and soon built anew, which also drops what was queued in it.
    case down
}

/// One server's life as a pure state machine: `step(input, at:)` changes the state and says what is to be done.
///
///     connecting → up (PONG) → suspect (1 miss) → down (3 misses) → connecting
///     up → draining; any → connecting when the connection is lost; any → down on BYE
struct PeerState: Equatable {
    static let beatMilliseconds: Int64 = 1000
    static let missesBeforeDown = 3
    static let rebuildMilliseconds: Int64 = 500

    enum Input: Equatable {
        /// The connection has come up: something can be sent.
        case writable
        case pong(load: UInt16, draining: Bool)
        /// It answered BUSY because it drains.
        case drains
        case disconnected
        case bye
        /// Time has passed; does nothing before `nextBeat`.
        case beat
    }

    enum Effect: Equatable {
        case watchWritable, ping
        /// Tell it that no more requests follow.
        case leave
        /// It takes requests (again).
        case usable
        case suspected
        /// What is outstanding on it will not be answered.
        case lost
        case close, open
    }

    private(set) var phase = PeerPhase.connecting
    private(set) var load: UInt16 = 0
    private(set) var nextBeat: Moment
    private var missed = 0
    private var awaitsPong = false

    init(at now: Moment) { nextBeat = now.adding(milliseconds: Self.beatMilliseconds) }

    mutating func step(_ input: Input, at now: Moment) -> [Effect] {
        switch input {
        case .writable:
            guard phase == .connecting, !awaitsPong else { return [] }
            awaitsPong = true
            nextBeat = now.adding(milliseconds: Self.beatMilliseconds)
            return [.ping]
        case .pong(let load, let draining): return pong(load, draining)
        case .drains:
            guard phase == .up || phase == .suspect else { return [] }
            phase = .draining
            return [.leave]
        case .disconnected:
            guard phase != .down, phase != .connecting || awaitsPong else { return [] }
            let wasConnected = phase != .connecting
            restart(at: now)
            return wasConnected ? [.lost, .watchWritable] : [.watchWritable]
        case .bye: return phase == .down ? [] : goDown(at: now)
        case .beat: return now < nextBeat ? [] : beat(at: now)
        }
    }

    private mutating func pong(_ load: UInt16, _ draining: Bool) -> [Effect] {
        guard phase != .down else { return [] }
        self.load = load
        awaitsPong = false
        missed = 0
        let before = phase
        phase = draining ? .draining : .up
        if before == phase { return [] }
        return draining ? [.leave] : [.usable]
    }

    private mutating func beat(at now: Moment) -> [Effect] {
        nextBeat = now.adding(milliseconds: Self.beatMilliseconds)
        if phase == .down {
            restart(at: now)
            return [.open, .watchWritable]
        }
        guard awaitsPong || phase == .connecting else {
            awaitsPong = true
            return [.ping]
        }
        missed += 1
        if missed >= Self.missesBeforeDown { return goDown(at: now) }
        switch phase {
        case .connecting:
            awaitsPong = false
            return [.watchWritable]
        case .up:
            phase = .suspect
            return [.suspected, .ping]
        default: return [.ping]
        }
    }

    private mutating func restart(at now: Moment) {
        phase = .connecting
        missed = 0
        awaitsPong = false
        nextBeat = now.adding(milliseconds: Self.beatMilliseconds)
    }

    private mutating func goDown(at now: Moment) -> [Effect] {
        phase = .down
        missed = 0
        awaitsPong = false
        nextBeat = now.adding(milliseconds: Self.rebuildMilliseconds)
        return [.lost, .close]
    }
}
