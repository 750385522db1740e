import CLinux
import Glibc
import Synchronization

/// Starts a detached thread. Names longer than 15 bytes are cut, as Linux wants.
func startThread(name: String, _ body: @escaping @Sendable () -> Void) {
    final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }
    var thread = pthread_t()
    let context = Unmanaged.passRetained(Body(body)).toOpaque()
    let failure = pthread_create(&thread, nil, { context in
        guard let context else { return nil }
        Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
        return nil
    }, context)
    precondition(failure == 0, "cannot start a thread: \(failure)")
    _ = cairn_thread_name(thread, String(name.prefix(15)))
    pthread_detach(thread)
}

/// Wakes a thread that waits in `poll`. Rings before a wait are not lost, several count as one.
final class Doorbell: Sendable {
    let descriptor: Int32

    init() {
        descriptor = cairn_eventfd()
        precondition(descriptor >= 0, "cannot make an eventfd: \(errno)")
    }
    deinit { close(descriptor) }

    func ring() { cairn_eventfd_ring(descriptor) }
    func clear() { cairn_eventfd_clear(descriptor) }
}

/// Waits until one of the descriptors has something or the moment has come. EINTR looks like the latter.
func wait(for descriptors: inout [pollfd], until moment: ContinuousClock.Instant?) {
    for index in descriptors.indices { descriptors[index].revents = 0 }
    poll(&descriptors, nfds_t(descriptors.count), moment.map { patience(until: $0, at: .now) } ?? -1)
}

/// What `poll` calls its timeout, in ms: none for a moment that has come, else not before the moment and at most a minute.
func patience(until moment: ContinuousClock.Instant, at now: ContinuousClock.Instant) -> Int32 {
    moment <= now ? 0 : Int32(min((moment - now).milliseconds + 1, 60_000))
}

/// Runs the jobs of one actor on one thread of its own, so that libpq may block there.
/// The thread ends when `stop` was called and no job waits; the owner stops it in its `deinit`.
final class ThreadExecutor: SerialExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        var stopped = false
    }
    private let state = Mutex(State())
    private let doorbell = Semaphore()
    private let thread = Mutex<UInt?>(nil)

    init(name: String) {
        startThread(name: name) { [self] in run() }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.jobs.append(job) }
        doorbell.signal()
    }

    func stop() {
        state.withLock { $0.stopped = true }
        doorbell.signal()
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    func checkIsolated() {
        precondition(thread.withLock { $0 } == UInt(pthread_self()), "not on the connection's thread")
    }

    private func run() {
        thread.withLock { $0 = UInt(pthread_self()) }
        let executor = asUnownedSerialExecutor()
        while true {
            doorbell.wait()
            let (jobs, stopped) = state.withLock { state in
                let jobs = state.jobs
                state.jobs.removeAll(keepingCapacity: true)
                return (jobs, state.stopped)
            }
            for job in jobs { job.runSynchronously(on: executor) }
            if stopped && jobs.isEmpty { return }
            if stopped { doorbell.signal() }
        }
    }
}

/// A counting semaphore at a stable address. Unchecked: `sem_t` is made for several threads.
private final class Semaphore: @unchecked Sendable {
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(semaphore, 0, 0) }
    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func signal() { sem_post(semaphore) }
    func wait() { while sem_wait(semaphore) != 0 {} }
}

/// First in, first out; removing the first is cheap.
struct Queue<Element> {
    private var items: [Element?] = []
    private var head = 0

    var count: Int { items.count - head }
    var isEmpty: Bool { head == items.count }
    var first: Element? { isEmpty ? nil : items[head] }

    mutating func append(_ item: Element) { items.append(item) }

    mutating func prepend(contentsOf first: [Element]) {
        items.replaceSubrange(..<head, with: first.map(Optional.some))
        head = 0
    }

    mutating func removeFirst() -> Element? {
        guard !isEmpty else { return nil }
        let item = items[head]
        items[head] = nil
        head += 1
        if head == items.count {
            items.removeAll(keepingCapacity: true)
            head = 0
        } else if head > 1024, head * 2 > items.count {
            items.removeFirst(head)
            head = 0
        }
        return item
    }

    mutating func removeAll() -> [Element] {
        let all = items[head...].compactMap { $0 }
        items.removeAll(keepingCapacity: true)
        head = 0
        return all
    }
}
