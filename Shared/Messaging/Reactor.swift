import CLinux
import CZeroMQ
import Glibc
import Logging
import Synchronization

/// Work handed to the reactor's thread. Opened there exactly once, in the order of posting.
class Parcel: @unchecked Sendable {
    func open() {}
}

final class Errand: Parcel, @unchecked Sendable {
    private let body: () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    override func open() { body() }
}

/// The one ZeroMQ context and the one thread of a process: every socket lives on it (sockets are not thread-safe, and
/// with Debian's libzmq several contexts in one process can crash). Its idle state is `zmq_poll` over an eventfd and
/// the sockets, so there is no edge-triggered descriptor to lose a wake-up with.
///
/// Other threads only append to a locked queue; they write the eventfd only when the thread is parked. Each turn takes
/// the whole queue under one lock and at most `messagesPerTurn` messages from each socket, so neither side starves.
///
/// It is a `TaskExecutor`: a task that prefers it runs between messages, without a thread change. Such work must be
/// short and must never block: while it runs, no socket of this process is served.
///
/// Make one per process. It lives until the process ends; `shutdown` ends the sockets, not the executor.
package final class Reactor: TaskExecutor, @unchecked Sendable {
    static let messagesPerTurn = 256
    static let framesPerTurn = 8 * messagesPerTurn
    /// Turns in which only sockets known to be busy are read before the others are looked at.
    private static let turnsBetweenLooks = 8

    private struct Inbox {
        var parcels = ContiguousArray<Parcel>()
        var jobs = ContiguousArray<UnownedJob>()
        /// The thread is parked, or about to be: whoever appends next rings.
        var armed = false

        /// Whether the caller has to ring; of many callers only the first has.
        mutating func disarm() -> Bool {
            let wasArmed = armed
            armed = false
            return wasArmed
        }
    }

    let logger: Logger
    /// Off only in the test that proves that a server notices a missing doorkeeper.
    let answersZAP: Bool
    private let inbox = Mutex(Inbox())
    private let bell: Int32
    let context: UnsafeMutableRawPointer
    private let threadID = Atomic<UInt>(0)

    // From here on: the thread's own.
    private var localJobs = ContiguousArray<UnownedJob>()
    private var residents: [any Resident] = []
    private var sockets: [Socket] = []
    private var pollItems: [zmq_pollitem_t] = []
    private var pollSetIsStale = true
    private(set) var isShutDown = false
    private var doorkeeper: Doorkeeper?

    package convenience init(logger: Logger) { self.init(logger: logger, answersZAP: true) }

    init(logger: Logger, answersZAP: Bool) {
        // No input reaches this point: a process that gets no context, descriptor or thread at its start cannot run.
        guard let context = zmq_ctx_new() else { preconditionFailure("no ZeroMQ context: \(Socket.reason())") }
        self.context = context
        self.logger = logger
        self.answersZAP = answersZAP
        bell = cairn_eventfd()
        precondition(bell >= 0, "no eventfd: \(String(cString: strerror(errno)))")
        var thread = pthread_t()
        let status = pthread_create(&thread, nil, { argument in
            Unmanaged<Reactor>.fromOpaque(argument!).takeRetainedValue().run()
            return nil
        }, Unmanaged.passRetained(self).toOpaque())
        precondition(status == 0, "no thread: \(String(cString: strerror(status)))")
        pthread_detach(thread)
    }

    /// Closes every socket, fails what waits with `.closed`, and ends the context. Tasks that prefer the reactor go on
    /// running. Safe to repeat.
    package func shutdown() async {
        await onThread { self.closeEverything() }
    }

    // MARK: From any thread

    var isCurrent: Bool { threadID.load(ordering: .relaxed) == UInt(pthread_self()) }

    func post(_ parcel: Parcel) {
        ringIf(inbox.withLock { inbox in
            inbox.parcels.append(parcel)
            return inbox.disarm()
        })
    }

    /// Opens the parcel now if this is the thread, else posts it.
    func perform(_ parcel: Parcel) {
        if isCurrent { parcel.open() } else { post(parcel) }
    }

    func onThread<T: Sendable>(_ body: @escaping @Sendable () -> T) async -> T {
        await withUnsafeContinuation { continuation in
            perform(Errand { continuation.resume(returning: body()) })
        }
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrent {
            localJobs.append(job)
        } else {
            ringIf(inbox.withLock { inbox in
                inbox.jobs.append(job)
                return inbox.disarm()
            })
        }
    }

    private func ringIf(_ parked: Bool) {
        if parked { cairn_eventfd_ring(bell) }
    }

    // MARK: On the thread

    func makeSocket(_ type: Int32, for owner: any Resident) throws(SetupError) -> Socket {
        guard !isShutDown else { throw .transport("the reactor is shut down") }
        return try Socket(type, in: context, owner: owner)
    }

    func watch(_ socket: Socket) {
        sockets.append(socket)
        pollSetIsStale = true
    }

    func close(_ socket: Socket) {
        sockets.removeAll { $0 === socket }
        pollSetIsStale = true
        socket.close()
    }

    func join(_ resident: any Resident) { residents.append(resident) }

    /// From now on a handshake under this domain is answered by its list. The first door opens the ZAP endpoint: a
    /// process without a server does not poll for it.
    func open(_ door: Door) throws(SetupError) {
        guard answersZAP else { return }
        let keeper: Doorkeeper
        if let doorkeeper { keeper = doorkeeper } else { keeper = try Doorkeeper(self) }
        doorkeeper = keeper
        keeper.open(door)
    }

    func close(_ door: Door) { doorkeeper?.close(door) }

    func leave(_ resident: any Resident) { residents.removeAll { $0 === resident } }

    private func run() {
        threadID.store(UInt(pthread_self()), ordering: .relaxed)
        cairn_thread_name(pthread_self(), "cairn-reactor")
        let executor = asUnownedTaskExecutor()
        var parcels = ContiguousArray<Parcel>()
        var jobs = ContiguousArray<UnownedJob>()
        var turnsSinceLook = 0
        while true {
            var didWork = false
            for socket in sockets where socket.hot && socket.isOpen {
                didWork = true
                socket.hot = socket.owner.ready(socket, at: .now())
                socket.flush()
            }
            // After reading: what has come in time is not called late because this thread was.
            didWork = tickAll() || didWork
            if !localJobs.isEmpty {
                swap(&jobs, &localJobs)
                didWork = run(&jobs, on: executor) || didWork
            }
            let parked = inbox.withLock { inbox in
                guard inbox.parcels.isEmpty, inbox.jobs.isEmpty else {
                    swap(&inbox.parcels, &parcels)
                    swap(&inbox.jobs, &jobs)
                    return false
                }
                inbox.armed = !didWork && localJobs.isEmpty
                return inbox.armed
            }
            if !parcels.isEmpty {
                didWork = true
                for parcel in parcels { parcel.open() }
                parcels.removeAll(keepingCapacity: true)
            }
            didWork = run(&jobs, on: executor) || didWork
            for socket in sockets { socket.flush() }
            turnsSinceLook += 1
            if parked {
                look(waiting: true)
                turnsSinceLook = 0
            } else if turnsSinceLook >= Self.turnsBetweenLooks || !didWork {
                look(waiting: false)
                turnsSinceLook = 0
            }
        }
    }

    private func run(_ jobs: inout ContiguousArray<UnownedJob>, on executor: UnownedTaskExecutor) -> Bool {
        if jobs.isEmpty { return false }
        for job in jobs { job.runSynchronously(on: executor) }
        jobs.removeAll(keepingCapacity: true)
        return true
    }

    private func tickAll() -> Bool {
        if residents.isEmpty { return false }
        let now = Moment.now()
        var ticked = false
        for resident in residents where resident.due <= now {
            resident.tick(at: now)
            ticked = true
        }
        return ticked
    }

    /// Polls the eventfd and all sockets and marks those that have something. Waits, if asked to, until then or until
    /// the next timer.
    private func look(waiting: Bool) {
        refreshPollSet()
        var patience = 0
        if waiting {
            let due = residents.reduce(Moment.never) { min($0, $1.due) }
            patience = due == .never ? -1 : Int(min(due.milliseconds(after: .now()), 60_000))
        }
        let found = zmq_poll(&pollItems, Int32(pollItems.count), patience)
        if waiting { inbox.withLock { $0.armed = false } }
        guard found >= 0 else {
            // EINTR: look again next turn. Anything else means the set holds a socket that is gone.
            if zmq_errno() != EINTR { pollSetIsStale = true }
            return
        }
        guard found > 0 else { return }
        if pollItems[0].revents != 0 { cairn_eventfd_clear(bell) }
        for (index, socket) in sockets.enumerated() where pollItems[index + 1].revents != 0 { socket.hot = true }
    }

    private func refreshPollSet() {
        if pollSetIsStale {
            pollSetIsStale = false
            pollItems = [zmq_pollitem_t(socket: nil, fd: bell, events: Int16(ZMQ_POLLIN), revents: 0)]
            for socket in sockets {
                pollItems.append(zmq_pollitem_t(socket: socket.handle, fd: 0, events: 0, revents: 0))
            }
        }
        for (index, socket) in sockets.enumerated() {
            pollItems[index + 1].events = Int16(socket.wantsWrite ? ZMQ_POLLIN | ZMQ_POLLOUT : ZMQ_POLLIN)
        }
    }

    private func closeEverything() {
        guard !isShutDown else { return }
        isShutDown = true
        for resident in residents { resident.reactorCloses() }
        residents = []
        for socket in sockets { socket.close() }
        sockets = []
        doorkeeper = nil
        pollSetIsStale = true
        // This thread is not one of the cooperative pool's: it may block, here for at most the longest linger.
        while zmq_ctx_term(context) != 0, zmq_errno() == EINTR {}
    }
}

extension Reactor {
    package func asUnownedTaskExecutor() -> UnownedTaskExecutor { UnownedTaskExecutor(ordinary: self) }
}
