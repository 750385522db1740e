import Domain
import EventLog
import Foundation
import Logging
import ServiceKit
import Synchronization

/// Tells records how disclosures ended, until it has heard.
struct SettlementLoop: Sendable {
    let settlements: SettlementStore
    let disclosures: any Disclosures
    let logger: Logger

    func run() async {
        var pace = Pace(idle: .milliseconds(250))
        while !Task.isCancelled {
            let known = settlements.news.count
            var settled = 0
            do { settled = try await turn() } catch {
                logger.warning("disclosures are not settled yet", metadata: ["error": "\(String(reflecting: error))"])
                try? await Task.sleep(for: .seconds(1))
            }
            await pace.rest(settled > 0, settlements.news, after: known)
        }
    }

    /// - Returns: how many it settled.
    func turn() async throws -> Int {
        let owed = try await settlements.take()
        guard let sender = owed.first?.sender else { return 0 }
        let sorted = owed.sorted { $0.disclosure < $1.disclosure }
        // The same debts have the same key, so that a lost answer costs nothing.
        let key = UUID.derived("settle", sorted.map { "\($0.disclosure)\($0.outcome.rawValue)" }.joined()).text
        try await disclosures.settle(
            SettleDisclosures(sender: sender, items: sorted.map {
                .init(disclosure: $0.disclosure, learner: $0.learner, outcome: $0.outcome.entry)
            }), key: key)
        try await settlements.done(owed)
        return owed.count
    }
}

extension SettlementStore.Owed.Outcome {
    fileprivate var entry: DisclosureEntry.Outcome {
        switch self {
        case .delivered: .delivered
        case .failed: .failed
        case .unknown: .unknown
        }
    }
}

/// The past of new subscriptions, a few learners with each commit.
struct BackfillLoop: Sendable {
    static let learnersPerStep = 20

    let feeds: FeedStore
    let bell: FeedNews
    let logger: Logger

    func run() async {
        while !Task.isCancelled {
            do {
                if try await feeds.backfill(learners: Self.learnersPerStep) != nil {
                    bell.announce()
                    continue
                }
            } catch {
                logger.warning("a backfill step failed", metadata: ["error": "\(String(reflecting: error))"])
            }
            try? await Task.sleep(for: .milliseconds(250))
        }
    }
}

/// Support cases that nobody took up in time climb.
struct EscalationLoop: Sendable {
    static let batchMax = 100

    let cases: SupportCases
    let logger: Logger

    func run() async {
        while !Task.isCancelled {
            var count = 0
            do { count = try await turn(at: .now) } catch {
                logger.warning("support cases cannot climb yet", metadata: ["error": "\(String(reflecting: error))"])
            }
            // Also when the batch was full: one that keeps failing must not be tried without a pause.
            try? await Task.sleep(for: count < Self.batchMax ? .seconds(1) : .milliseconds(100))
        }
    }

    /// - Returns: how many were due.
    func turn(at now: Timestamp) async throws -> Int {
        let due = try await cases.due(at: now, limit: Self.batchMax)
        for id in due {
            do throws(Fault) {
                // One key for each case: however many replicas see it, it climbs once.
                let context = try RequestContext.ofThisService(key: "escalate/\(id)", now: now)
                _ = try await cases.store.update(id, context) { $0.escalate(at: now) }
            } catch {
                logger.error("a support case cannot climb", metadata: [
                    "case": "\(id)", "code": "\(error.code)", "detail": "\(error.detail ?? "")"])
            }
        }
        return due.count
    }
}

/// What the database knows, read every five seconds for whoever scrapes.
final class FeedGauges: Sendable {
    private let feeds: FeedStore
    private let incarnation: Incarnation
    private let totals = Mutex(FeedStore.Totals())

    init(feeds: FeedStore, incarnation: Incarnation) {
        self.feeds = feeds
        self.incarnation = incarnation
    }

    func run() async {
        while !Task.isCancelled {
            if let now = try? await feeds.totals() { totals.withLock { $0 = now } }
            try? await Task.sleep(for: .seconds(5))
        }
    }

    var samples: [Sample] {
        let now = totals.withLock { $0 }
        return [
            Sample("cairn_feed_waiting", value: Double(now.waiting), help: "Deliveries that webhooks still owe."),
            Sample("cairn_feed_parked", value: Double(now.parked),
                   help: "Lines of learners that stand still until somebody retries."),
            Sample("cairn_feed_oldest_unsent_seconds", value: now.oldestSeconds, help: "Age of the oldest delivery owed."),
            Sample("cairn_subscriptions_suspended", value: Double(now.suspended),
                   help: "Subscriptions that get nothing until somebody retries."),
            Sample("cairn_sender_alive", value: incarnation.current == nil ? 0 : 1,
                   help: "Whether this process holds its sender's lock."),
        ]
    }
}
