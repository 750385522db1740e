import Domain
import Foundation
import Logging
import Messaging
import Metrics
import ServiceKit
import Storage
import Synchronization

/// Runs one durable service: storage, messaging, handlers, consumers, loops, health; and stops them in the right order.
struct ServiceHost<S: DurableService> {
    let settings: Settings

    func run() async throws {
        let logger = try LoggingSetup.bootstrap(service: S.name, settings: settings)
        for warning in settings.warnings(service: S.name, keys: S.keys) { logger.warning("\(warning)") }
        let metrics = PrometheusFactory()
        MetricsSystem.bootstrap(metrics)
        let zoneName = try settings.string(.stateZone)
        guard let zone = StateZone(identifier: zoneName) else {
            throw ConfigurationError.malformed(.stateZone, "is \(zoneName), which is no time zone")
        }
        let listen = try settings.address(.listen(S.name, port: S.port))
        let database = try S.database(settings)
        try await S.migrator(settings).requireCurrent()

        let mesh = try Mesh(role: S.name, settings: settings, logger: logger)
        let door = Door()
        let log = EventLog(database, source: S.name, leases: 6, logger: logger) { door.ring(S.name) }
        let bells = Dictionary(uniqueKeysWithValues: S.neighbors.map { ($0, FeedNews()) })
        let clients = try Dictionary(uniqueKeysWithValues: bells.map { neighbor, news in
            (neighbor, try mesh.client(of: neighbor, listensForBells: true) { _ in news.announce() })
        })
        let definition = try await S.build(ServiceParts(
            settings: settings, logger: logger, zone: zone, log: log, database: database, listen: listen,
            callers: clients.mapValues(ServiceCaller.init)))

        let consumers = definition.reactions.map { reaction in
            let source: any FeedSource = if let client = clients[reaction.source] {
                RemoteFeed(service: reaction.source, client: client, bells: bells[reaction.source] ?? FeedNews())
            } else {
                LocalFeed(log)
            }
            return Consumer(reaction, log: log, source: source, logger: logger)
        }
        let parked = ParkedEvents(log, reactions: definition.reactions)
        let server = RequestServer(
            reactor: mesh.reactor, endpoint: "tcp://\(listen)", keys: mesh.keys, allow: mesh.allow, logger: logger,
            handler: entrance(definition, log: log, parked: parked, zone: zone, logger: logger))
        door.open(server)

        let health = HealthState()
        health.register("database") {
            do {
                _ = try await log.reader.query("SELECT 1")
                return .passing
            } catch { return .failing("the database does not answer") }
        }
        let gauges = Gauges(log: log, consumers: consumers, parked: parked, server: server)
        metrics.addCollector { gauges.samples() }
        metrics.addCollector(definition.gauges)

        try await server.start()
        logger.info("listening", metadata: ["address": "\(server.boundEndpoint)"])
        var runner = ServiceRunner(
            health: health,
            ops: OpsServer(
                address: try settings.address(OpsServer.key(service: S.name, defaultPort: S.port + 2)),
                pages: OpsPages(health: health, metrics: metrics), logger: logger),
            logger: logger, notice: try settings.duration(.drainNotice))
        runner.drain.add("requests", timeout: .seconds(10)) { await server.drain() }
        runner.add("sequencer", loop: { await log.runSequencer() })
        runner.add("sweeper", loop: { await log.runSweeper() })
        runner.add("gauges", loop: { await gauges.run() })
        for loop in definition.loops { runner.add(loop.name, loop: loop.run) }
        for consumer in consumers {
            // Batches come on the reactor's thread and go to a connection's; no third one has to wake.
            runner.add(consumer.reaction.consumer, loop: {
                await withTaskExecutorPreference(mesh.reactor) { await consumer.run() }
            })
        }
        runner.close.add("messaging") {
            await server.stop()
            for client in clients.values { await client.close() }
            await mesh.reactor.shutdown()
        }
        runner.close.add("storage") { await log.close() }
        try await runner.run()
    }

    /// Requests by name; the feed stands beside, since its bodies are not JSON.
    private func entrance(
        _ definition: ServiceDefinition, log: EventLog, parked: ParkedEvents, zone: StateZone, logger: Logger
    ) -> @Sendable (IncomingRequest) async -> OutgoingReply {
        var dispatcher = Dispatcher(service: S.name, zone: zone, logger: logger)
        for handler in definition.handlers { register(handler, in: &dispatcher) }
        dispatcher.register(Answering(ListParked.self) { _, context in
            try context.authorize(.none)
            return try await parked.list()
        }, as: RequestName("\(S.name).list_parked"))
        dispatcher.register(Answering(ReleaseParked.self) { command, context in
            try context.authorize(.none)
            return try await parked.release(command, by: context.subject.id)
        }, as: RequestName("\(S.name).release_parked"))
        let feed = FeedServer(log)
        return { [dispatcher] incoming in
            incoming.method == feed.method ? await feed.answer(incoming) : await dispatcher.answer(incoming)
        }
    }

    private func register(_ handler: some RequestHandler, in dispatcher: inout Dispatcher) {
        dispatcher.register(handler)
    }
}

/// Lets the event log ring the server's bell, though the server is made after it.
private final class Door: Sendable {
    private let server = Mutex<RequestServer?>(nil)
    func open(_ server: RequestServer) { self.server.withLock { $0 = server } }
    func ring(_ source: String) { server.withLock { $0 }?.ring(source: source) }
}

/// What only the database knows is read every five seconds; the rest at each scrape.
private final class Gauges: Sendable {
    private let log: EventLog
    private let consumers: [Consumer]
    private let parked: ParkedEvents
    private let server: RequestServer
    private let parkedCount = Atomic(0)
    private let pendingCount = Atomic(0)

    init(log: EventLog, consumers: [Consumer], parked: ParkedEvents, server: RequestServer) {
        self.log = log
        self.consumers = consumers
        self.parked = parked
        self.server = server
    }

    func run() async {
        while !Task.isCancelled {
            if let count = try? await parked.count() { parkedCount.store(count, ordering: .relaxed) }
            if let row = try? await log.reader.query("SELECT count(*) FROM event WHERE pos IS NULL").first,
               let count = try? row.decode(Int.self) {
                pendingCount.store(count, ordering: .relaxed)
            }
            try? await Task.sleep(for: .seconds(5))
        }
    }

    func samples() -> [Sample] {
        var samples = consumers.flatMap { consumer in
            let now = consumer.current
            let labels = [("consumer", consumer.reaction.consumer), ("source", consumer.reaction.source)]
            return [
                Sample("cairn_consumer_lag_events", labels: labels, value: Double(now.lag),
                       help: "Events of the source that the consumer has not passed yet."),
                Sample("cairn_consumer_silent_seconds", labels: labels, value: (ContinuousClock.now - now.readAt).seconds,
                       help: "Since the consumer last read on: its source or the database is away, or the source has another history."),
                Sample("cairn_consumer_handled_events_total", .counter, labels: labels, value: Double(now.handled),
                       help: "Events that this process handled or passed."),
                Sample("cairn_consumer_forks_total", .counter, labels: labels, value: Double(now.forks),
                       help: "Partitions that had to be read again because the source's history forked."),
            ]
        }
        let writer = log.writerStatistics
        let requests = server.stats
        samples += [
            Sample("cairn_parked_events", value: Double(parkedCount.load(ordering: .relaxed)),
                   help: "Events that stand still until an operator releases them."),
            Sample("cairn_pending_events", value: Double(pendingCount.load(ordering: .relaxed)),
                   help: "Committed events that have no position yet."),
            Sample("cairn_writer_groups_total", .counter, value: Double(writer.groups), help: "Group commits."),
            Sample("cairn_writer_members_total", .counter, value: Double(writer.members), help: "Units committed."),
            Sample("cairn_writer_retried_alone_total", .counter, value: Double(writer.retriedAlone),
                   help: "Units sent again alone because another one spoiled their group."),
            Sample("cairn_writer_unknown_total", .counter, value: Double(writer.unknown),
                   help: "Units whose commit was lost from sight."),
            Sample("cairn_server_in_flight", value: Double(requests.inFlight), help: "Requests being handled."),
            Sample("cairn_server_busy_total", .counter, value: Double(requests.busy), help: "Requests turned away."),
            Sample("cairn_server_malformed_total", .counter, value: Double(requests.malformed),
                   help: "Messages that made no sense."),
            Sample("cairn_server_refused_total", .counter, value: Double(requests.refusedByZAP),
                   help: "Connections with an unlisted key."),
        ]
        return samples
    }
}
