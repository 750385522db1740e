import Domain
@testable import EventLog
import Foundation
import Logging
import ServiceKit
import Storage
import Support
import Synchronization

/// The smallest aggregate there is: it counts what was done to it.
struct Tally: Aggregate {
    enum Entity {}
    static let kind = "tally"
    private(set) var count = 0
    /// The operation that led here: what tells two states of one number apart.
    private(set) var last: UUID?
    var learner: EntityID<Learner>?

    init?(_ event: any Event) {
        guard let event = event as? Tallied else { return nil }
        learner = event.learner
        count = 1
        last = event.operation
    }

    mutating func evolve(_ event: any Event) {
        guard let event = event as? Tallied else { return }
        count += 1
        last = event.operation
    }
}

/// One thing done: `operation` is unique over the whole run.
struct Tallied: Event {
    static let type: EventType = "race.tallied"
    var learner: EntityID<Learner>
    var operation: UUID
    /// The count after it: says that the decision was made on the state before.
    var number: Int
    /// The operation before it, as whoever decided saw it.
    var after: UUID?
}

/// Counts, in the consumer's own table and by a follow-up aggregate, what it was told.
struct Echo: Reaction {
    let consumer: String
    let source = "race"
    let types: Set<EventType> = [Tallied.type]
    /// Whether it waits for what its statement answers.
    var asks = false

    func react(to event: EventEnvelope, in transaction: ReactionTransaction) async throws {
        let told: Tallied = try event.decode()
        let effect: SQL = """
            INSERT INTO effect (consumer, partition, position, event_id, learner, number)
            VALUES (\(consumer), \(event.partition), \(event.position), \(event.id), \(told.learner),
                    \(Int64(told.number)))
            """
        if asks { _ = try await transaction.execute(effect) } else { transaction.perform(effect) }
    }
}

/// A database with the event log's schema, and whatever SQL a mutant put in its place.
struct RaceWorld: Sendable {
    static let schema: SQL = """
        CREATE TABLE effect (nth bigint GENERATED ALWAYS AS IDENTITY, consumer text, partition smallint,
          position bigint, event_id uuid, learner uuid, number bigint)
        """

    let configuration: DatabaseConfiguration

    init(_ database: TestDatabase) async throws {
        configuration = DatabaseConfiguration(url: database.url, schema: "race", applicationName: "race")
        var log = EventLog.migrations
        // ops/mutants runs this very test over a broken log.
        if let path = ProcessInfo.processInfo.environment["CAIRN_TEST_EVENT_LOG_SQL"] {
            log = [Migration(name: "e0000_mutant", sql: try String(contentsOfFile: path, encoding: .utf8))]
        }
        _ = try await Migrator(configuration, log + [Migration(name: "t0001_effect", sql: Self.schema.text)]).apply()
    }

    /// One replica: a log of its own with its sequencer, as a process would have.
    func replica(sequencing: Bool = true, logger: Logger = quiet) -> Replica {
        // Sequencers that hardly rest are better rivals.
        let log = EventLog(
            configuration, source: "race", leases: 4, logger: logger, sequencerRest: .milliseconds(50)) {}
        return Replica(log, sequencing: sequencing)
    }
}

final class Replica: Sendable {
    let log: EventLog
    let tallies: AggregateStore<Tally>
    private let tasks = Mutex<[Task<Void, Never>]>([])

    init(_ log: EventLog, sequencing: Bool = true) {
        self.log = log
        tallies = AggregateStore(log)
        if sequencing { sequence() }
    }

    func sequence() { start { [log] in await log.runSequencer() } }

    func start(_ body: @escaping @Sendable () async -> Void) {
        tasks.withLock { $0.append(Task { await body() }) }
    }

    func close() async {
        let running = tasks.withLock { tasks in
            defer { tasks = [] }
            return tasks
        }
        for task in running { task.cancel() }
        for task in running { await task.value }
        await log.close()
    }
}

/// - Parameter body: what tells another request under the same key.
func context(key: String, caller: String = "race", body: String = "") -> RequestContext {
    RequestContext(
        request: "race.tally", subject: Subject(id: caller, grants: []), key: key,
        digest: UUID.derived(key, body).bytes, now: .now, today: Timestamp.now.utcDate, trace: .start(),
        deadline: .now + .seconds(30))
}

/// Hears what is only logged: a background loop that goes on by itself after a violated constraint.
final class Complaints: Sendable {
    private let texts = Mutex<Set<String>>([])
    var all: [String] { texts.withLock { $0.sorted() } }

    var logger: Logger {
        Logger(label: "race") { [self] _ in Ear(complaints: self) }
    }

    fileprivate func note(_ text: String) { texts.withLock { _ = $0.insert(text) } }

    private struct Ear: LogHandler {
        let complaints: Complaints
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let text = "\(event.message) \(event.metadata?["error"].map { "\($0)" } ?? "")"
            if text.contains("SQLSTATE 23") || text.contains("SQLSTATE CA") || text.contains("parked") {
                complaints.note(String(text.prefix(300)))
            }
        }
    }
}
