import Domain
import Foundation
import ServiceKit
import Support
import Synchronization
import Testing
@testable import Command
@testable import Records

extension Cities {
    /// The receiver that we hand to partners, at the end of a real city's webhooks.
    @Suite struct PartnerTests {
        @Test(.enabled("needs python3 with the package standardwebhooks", { await Python.hasStandardWebhooks() }),
              .timeLimit(.minutes(3)))
        func `a partner's receiver gets each event signed, once and in order, and takes back what was withdrawn`(
        ) async throws {
            // Its second try comes after five minutes of a real day.
            let city = try await City.open(extra: ["CAIRN_NOTIFICATIONS_RETRY_SCALE": "0.0002"])
            let receiver = try Receiver(city)
            let town = try await Town.found(city, webhook: receiver.address)
            let citizens = try await town.settle(2)
            let secret = try await town.partner.ask(
                GetSubscriptionSecret(subscription: town.subscription), "GET /v1/subscriptions/{subscription}/secret").secret
            // It verifies what it gets, and still refuses the first five.
            try receiver.start(secret: secret, failFirst: 5)
            for (number, citizen) in citizens.enumerated() {
                let assessment = try await town.open(citizen, key: "partner-\(number)")
                try await town.show(assessment, key: "partner-\(number)-1")
                _ = try await town.judge(assessment, met: false, key: "partner-\(number)-1")
                try await town.show(assessment, key: "partner-\(number)-2")
                _ = try await town.judge(assessment, met: true, key: "partner-\(number)-2")
            }
            try await town.completed(citizens)
            // The backfill's two, enrolled, not yet, met, 2 attainments, 3 components, completed, entitled: for each.
            let feed = try await awaited("the feed") { try await town.feed().count >= 24 ? try await town.feed() : nil }
            #expect(feed.count == 24)
            let inbox = try await receiver.holds(feed.count)
            #expect(inbox.deliveries.sorted { $0.sequence < $1.sequence } == feed.map(Receiver.Delivery.init))
            #expect(inbox.notes == 0 && inbox.disorder == [] && receiver.news.count == feed.count)

            let gone = citizens[0], other = citizens[1]
            _ = try await awaited("the withdrawal to be effective", every: .milliseconds(100)) {
                try await gone.client.ask(
                    WithdrawConsent(consent: gone.consent), "POST /v1/consents/{consent}/withdraw", key: "partner-withdraw")
                    .status == .effective ? true : nil
            }
            let key = try Data(contentsOf: URL(fileURLWithPath: city.folder + "/keys/records-pairwise.key"))
            let pairwise = try #require(PairwiseIDs(masterKey: Array(key))?.of(town.partnerID))
            let subject = pairwise.learner(gone.learner).text
            #expect(feed.filter { $0["subject"]?.text == subject }.count == 12)
            let after = try await awaited("the retraction", every: .milliseconds(50)) {
                let inbox = try await receiver.inbox()
                return inbox.deliveries.contains { $0.type == "notifications.retraction" } ? inbox : nil
            }
            #expect(after.deliveries.filter { $0.learner == subject }.map(\.type) == ["notifications.retraction"])

            // Both go on learning; only of the other one is anything heard.
            for (number, citizen) in [gone, other].enumerated() {
                let assessment = try await town.open(citizen, key: "later-\(number)")
                try await town.show(assessment, key: "later-\(number)")
                _ = try await town.judge(assessment, met: false, key: "later-\(number)")
            }
            let last = try await awaited("what came later of the other learner", every: .milliseconds(50)) {
                let inbox = try await receiver.inbox()
                return inbox.deliveries.filter { $0.learner != subject }.count > 12 ? inbox : nil
            }
            // What was judged first was sequenced first; the sender has passed it. A little longer tells repeats.
            try await Task.sleep(for: .seconds(1))
            let still = try await receiver.inbox()
            #expect(still == last && still.notes == 0 && still.disorder == [])
            #expect(still.deliveries.filter { $0.learner == subject }.map(\.type) == ["notifications.retraction"])
            #expect(still.deliveries.filter { $0.learner != subject }.count == 13 && receiver.news.count == 26)
            await receiver.stop()
            try await city.close()
        }
    }
}

private enum Python {
    static var environment: [String: String] { ProcessInfo.processInfo.environment }

    static func run(_ arguments: [String], output: String? = nil) async throws -> Int32 {
        try await ChildProcess.spawn("/usr/bin/env", ["python3"] + arguments, environment: environment, log: output).exit()
    }

    static func hasStandardWebhooks() async -> Bool {
        (try? await run(["-c", "import standardwebhooks"], output: "/dev/null")) == 0
    }
}

/// `ops/partner-receiver/receiver.py` as a process, and what it keeps.
private final class Receiver: Sendable {
    struct Delivery: Decodable, Hashable, Sendable {
        var id: String, sequence: Int, type: String, learner: String?
    }
    struct Inbox: Decodable, Hashable, Sendable {
        /// In order of arrival.
        var deliveries: [Delivery]
        var notes: Int

        /// Events of a learner that came after a later one.
        var disorder: [String] {
            var last: [String?: Int] = [:]
            return deliveries.compactMap { delivery in
                defer { last[delivery.learner] = max(delivery.sequence, last[delivery.learner] ?? 0) }
                return delivery.sequence > last[delivery.learner] ?? 0 ? nil : "\(delivery.sequence)"
            }
        }
    }

    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("ops/partner-receiver/receiver.py").path
    private static let dump = """
        import json, sqlite3, sys
        db = sqlite3.connect(sys.argv[1])
        rows = db.execute("SELECT webhook_id, sequence, type, learner FROM delivery ORDER BY rowid").fetchall()
        notes = db.execute("SELECT count(*) FROM note").fetchone()[0]
        names = ("id", "sequence", "type", "learner")
        print(json.dumps({"deliveries": [dict(zip(names, row)) for row in rows], "notes": notes}))
        """

    let address: String
    private let port: Int
    private let folder: String
    private let process = Mutex<ChildProcess?>(nil)

    /// Nothing listens yet: a partner's address may be subscribed before its receiver is up.
    init(_ city: City) throws {
        // Two above the gateway's ops port, which no process of a city uses.
        port = city.opsPort("gateway") + 2
        folder = city.folder
        address = "http://127.0.0.1:\(port)/"
    }

    func start(secret: String, failFirst: Int) throws {
        try PrivateFile.write(Array(secret.utf8), to: folder + "/webhook.secret")
        let child = try ChildProcess.spawn(
            "/usr/bin/env",
            ["python3", Self.script, "--port", "\(port)", "--database", folder + "/inbox.sqlite",
             "--secret-file", folder + "/webhook.secret", "--fail-first", "\(failFirst)"],
            environment: Python.environment, log: folder + "/logs/receiver.log")
        process.withLock { $0 = child }
    }

    func stop() async { _ = await process.withLock { $0 }?.stop(within: .seconds(5)) }

    /// What it took for new, one line each.
    var news: [Substring] { log.split(separator: "\n").filter { $0.contains("\"new\"") } }

    private var log: String { (try? String(contentsOfFile: folder + "/logs/receiver.log", encoding: .utf8)) ?? "" }

    func inbox() async throws -> Inbox {
        let output = folder + "/inbox.json"
        unlink(output)
        let status = try await Python.run(["-c", Self.dump, folder + "/inbox.sqlite"], output: output)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: output))
        guard status == 0 else { throw City.Broken("the inbox cannot be read: \(String(decoding: bytes, as: UTF8.self))") }
        return try JSONDecoder().decode(Inbox.self, from: bytes)
    }

    func holds(_ count: Int) async throws -> Inbox {
        _ = try await awaited("\(count) deliveries", within: .seconds(60), every: .milliseconds(50)) {
            guard process.withLock({ $0?.isRunning == true }) else { throw City.Broken("the receiver ended: \(log)") }
            return news.count >= count ? true : nil
        }
        return try await inbox()
    }
}

extension Receiver.Delivery {
    /// As the feed shows it.
    fileprivate init(_ event: JSONValue) {
        self.init(
            id: event["id"]?.text ?? "", sequence: event["sequence"]?.text.flatMap(Int.init) ?? 0,
            type: event["type"]?.text ?? "", learner: event["subject"]?.text)
    }
}
