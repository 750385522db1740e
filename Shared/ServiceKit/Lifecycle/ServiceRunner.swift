import Glibc
import Logging
import ServiceLifecycle
import Synchronization

extension ConfigurationKey {
    package static let drainNotice = duration(
        "drain.notice", default: .zero, in: .zero ... .seconds(10),
        purpose: "how long a stopping process still takes work after it says that it is not ready, "
            + "so that load balancers can look away")
}

/// Runs a service until SIGTERM or SIGINT, and then stops it in this order:
///
/// 1. readiness turns false, and `notice` passes
/// 2. `drain`: messaging stops taking requests, then those in flight finish
/// 3. the loops (reactions, sequencers, senders), the last added first
/// 4. `close`: storage and whatever else all of them used
/// 5. the ops server, so that the health of all this can be watched to the end
///
/// A loop that fails, or ends without being asked, starts the same shutdown, and `run` throws its error. After
/// `shutdownLimit` what still runs is cancelled (SIGQUIT does so at once); five seconds later the process ends with
/// status 70.
package struct ServiceRunner: Sendable {
    package static let shutdownLimit: Duration = .seconds(20)
    /// How long cancelled work may take before the process ends without it.
    static let cancellationLimit: Duration = .seconds(5)

    package var drain = DrainSequence()
    package var close = DrainSequence()

    private let health: HealthState
    private let ops: (any Service)?
    private let logger: Logger
    private let notice: Duration
    private let limit: Duration
    private var loops: [Member] = []

    package init(
        health: HealthState, ops: (any Service)?, logger: Logger, notice: Duration = .zero,
        limit: Duration = shutdownLimit
    ) {
        self.health = health
        self.ops = ops
        self.logger = logger
        self.notice = notice
        self.limit = limit
    }

    /// A loop that listens for swift-service-lifecycle's graceful shutdown itself.
    package mutating func add(_ name: String, _ loop: any Service) {
        loops.append(Member(name: name, service: loop, health: health))
    }

    /// A loop that is cancelled when its turn to stop comes.
    package mutating func add(_ name: String, loop: @escaping @Sendable () async throws -> Void) {
        add(name, CancelledLoop(body: loop))
    }

    /// Returns after a whole and orderly shutdown; throws what ended the service otherwise.
    /// - Parameter handlingSignals: false leaves signals alone, for tests that run inside another group.
    package func run(handlingSignals: Bool = true) async throws {
        // A reader of our log or a client that goes away must not end the process.
        if handlingSignals { signal(SIGPIPE, SIG_IGN) }
        let watchdog = Watchdog()
        defer { watchdog.disarm() }
        let cutShort = Flag()

        // Stopped from the end to the beginning.
        var members: [Member] = []
        if let ops { members.append(Member(name: "ops", service: ops, health: health)) }
        members.append(Member(name: "close", service: OnShutdown { [close, logger] in
            await close.run(logger: logger)
            cutShort.raise(if: Task.isCancelled)
        }, health: health))
        members += loops
        members.append(Member(name: "drain", service: OnShutdown(starting: { [health, logger] in
            health.setServing()
            logger.info("service is up")
        }, { [self] in
            watchdog.arm(after: limit + Self.cancellationLimit)
            health.setDraining()
            logger.info("service is draining")
            if notice > .zero { try? await Task.sleep(for: notice) }
            await drain.run(logger: logger)
            cutShort.raise(if: Task.isCancelled)
        }), health: health))

        var configuration = ServiceGroupConfiguration(
            services: members.map {
                .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
                      failureTerminationBehavior: .gracefullyShutdownGroup, serviceName: $0.name)
            },
            gracefulShutdownSignals: handlingSignals ? [.sigterm, .sigint] : [],
            cancellationSignals: handlingSignals ? [.sigquit] : [],
            logger: logger)
        configuration.maximumGracefulShutdownDuration = limit
        try await ServiceGroup(configuration: configuration).run()
        if cutShort.isRaised { throw ShutdownCutShort() }
        logger.info("service has stopped")
    }
}

/// The shutdown was not over in time, and what was left of it was cancelled.
package struct ShutdownCutShort: Error, Hashable, CustomStringConvertible {
    package var description: String { "the shutdown was cut short: something did not stop in time" }
}

/// A loop ended by itself while the service was meant to go on.
package struct LoopEnded: Error, Hashable, CustomStringConvertible {
    package let name: String
    package var description: String { "\(name) ended although nobody asked it to" }
}

/// One part of the group. A part that ends before its turn while the others still drain waits for that turn: the group
/// would take it for a failure and cancel the rest.
private struct Member: Service {
    let name: String
    let service: any Service
    let health: HealthState

    func run() async throws {
        do {
            try await service.run()
        } catch is CancellationError where Task.isCancelled || Task.isShuttingDownGracefully {
            return
        }
        if Task.isCancelled || Task.isShuttingDownGracefully { return }
        guard health.phase == .draining else { throw LoopEnded(name: name) }
        try? await gracefulShutdown()
    }
}

private final class Flag: Sendable {
    private let raised = Atomic(false)
    var isRaised: Bool { raised.load(ordering: .acquiring) }
    func raise(if condition: Bool) { if condition { raised.store(true, ordering: .releasing) } }
}

private struct CancelledLoop: Service {
    let body: @Sendable () async throws -> Void

    func run() async throws {
        try await cancelWhenGracefulShutdown(body)
    }
}

/// Does nothing until the shutdown reaches it.
private struct OnShutdown: Service {
    var starting: @Sendable () async -> Void = {}
    let stopping: @Sendable () async -> Void

    init(starting: @escaping @Sendable () async -> Void = {}, _ stopping: @escaping @Sendable () async -> Void) {
        self.starting = starting
        self.stopping = stopping
    }

    func run() async throws {
        await starting()
        // Cancelled instead of asked: the steps still run, and cut themselves short.
        try? await gracefulShutdown()
        await stopping()
    }
}
