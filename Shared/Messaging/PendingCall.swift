import Synchronization

/// One call from its making to its end. Everything but `isCancelled` is the reactor thread's own once it is opened.
final class PendingCall: Parcel, @unchecked Sendable {
    typealias Outcome = Result<Reply, MessagingError>

    let request: OutgoingRequest
    let deadline: Moment
    private let core: ClientCore
    var continuation: UnsafeContinuation<Outcome, Never>?
    private let isCancelled = Atomic<Bool>(false)
    /// Where the call table has it; -1 before and after.
    var slot = -1
    /// Attempts sent to a server that then did not answer: it may have run them.
    var attemptsLost = 0
    /// Servers that turned it away because they drain.
    var turnedAway = 0
    /// Until when it waits for a server to come up.
    var patience: Moment?

    init(_ request: OutgoingRequest, _ core: ClientCore) {
        self.request = request
        self.core = core
        deadline = Moment.now().adding(request.deadline)
    }

    override func open() {
        if isCancelled.load(ordering: .acquiring) {
            finish(.failure(.cancelled))
        } else {
            core.begin(self)
        }
    }

    /// From any thread. Whichever of this and `open` comes second sees the other's trace.
    func cancel() {
        isCancelled.store(true, ordering: .releasing)
        core.reactor.post(Errand { [self] in core.abandon(self) })
    }

    func finish(_ outcome: Outcome) {
        let waiting = continuation
        continuation = nil
        waiting?.resume(returning: outcome)
    }
}

/// The calls in flight, in slots that are used again. A request id is a slot and its generation, so that a reply finds
/// its call without a search and a late one finds nobody.
struct CallTable {
    static let maxCalls = 4096

    enum Phase { case free, sent, waiting }

    struct Slot {
        var generation: UInt32 = 0
        var phase = Phase.free
        var peer: PeerPool.ID?
        /// The peer of the attempt before, which a retry avoids.
        var avoided: PeerPool.ID?
        /// When something must happen to it: its deadline, or the next try.
        var due = Moment.never
        var call: PendingCall?
    }

    private(set) var count = 0
    var slots: [Slot] = []
    private var free: [Int] = []

    mutating func insert(_ call: PendingCall) -> Int? {
        let index: Int
        if let reused = free.popLast() {
            index = reused
        } else {
            guard slots.count < Self.maxCalls else { return nil }
            index = slots.count
            slots.append(Slot())
        }
        count += 1
        slots[index].call = call
        slots[index].phase = .waiting
        slots[index].due = call.deadline
        call.slot = index
        return index
    }

    mutating func remove(_ index: Int) -> PendingCall? {
        guard let call = slots[index].call else { return nil }
        let generation = slots[index].generation
        slots[index] = Slot()
        slots[index].generation = generation &+ 1
        free.append(index)
        count -= 1
        call.slot = -1
        return call
    }

    func requestID(_ index: Int) -> UInt64 { UInt64(slots[index].generation) << 32 | UInt64(index) }

    func find(_ requestID: UInt64) -> Int? {
        let index = Int(requestID & 0xFFFF_FFFF)
        guard index < slots.count, slots[index].generation == UInt32(requestID >> 32), slots[index].phase != .free
        else { return nil }
        return index
    }
}
