import Domain
import Foundation
import ServiceKit
import Synchronization
import Testing
@testable import Command
@testable import Records

/// A seeded load of judgments while services are killed, stopped and continued, and PostgreSQL crashes. Then the books.
@Suite(.serialized) struct ChaosTests {
    /// One seed for every change, so that two runs meet the same faults; `CAIRN_CHAOS_SEED=random` for another each time.
    static let seed = switch ProcessInfo.processInfo.environment["CAIRN_CHAOS_SEED"] {
    case "random": UInt64.random(in: 1...1_000_000)
    case let text: text.flatMap(UInt64.init) ?? 342_099
    }
    static let seconds = Double(ProcessInfo.processInfo.environment["CAIRN_CHAOS_SECONDS"] ?? "") ?? 20
    static let learners = Int(ProcessInfo.processInfo.environment["CAIRN_CHAOS_LEARNERS"] ?? "") ?? 40

    @Test(.timeLimit(.minutes(10)))
    func `every acknowledged command is in the record, every effect once, whoever dies`() async throws {
        print("chaos seed \(Self.seed)")
        let receiver = WebhookReceiver()
        let city = try await City.open()
        let town = try await Town.found(city, webhook: try await receiver.start())
        try receiver.trust(try await town.partner.ask(
            GetSubscriptionSecret(subscription: town.subscription), "GET /v1/subscriptions/{subscription}/secret").secret)
        let citizens = try await town.settle(Self.learners)
        let ledger = Ledger()

        let nemesis = Task { try await Nemesis(city: city, seed: Self.seed).rage(for: .seconds(Self.seconds)) }
        _ = try await concurrently(Array(citizens.enumerated()), limit: 12) { number, citizen in
            try await live(citizen, number, town, ledger)
        }
        let faults = try await nemesis.value
        print("chaos: \(faults.joined(separator: ", "))")

        let healed = ContinuousClock.now
        try await city.ready()
        try await calm(city)
        print("chaos: at the head \(healed.duration(to: .now)) after healing")
        let problems = try await audit(town, citizens, ledger, receiver)
        #expect(problems == [])
        receiver.stop()
        try await city.close()
    }
}

/// What the clients were told.
private final class Ledger: Sendable {
    struct Line: Sendable {
        var met = false
        /// When the withdrawal was answered `effective`.
        var effectiveAt: ContinuousClock.Instant?
    }
    private let lines = Mutex<[Int: Line]>([:])
    subscript(number: Int) -> Line {
        get { lines.withLock { $0[number] ?? Line() } }
        set { lines.withLock { $0[number] = newValue } }
    }
}

/// Not yet, then met; one learner in four withdraws consent in between.
private func live(_ citizen: Town.Citizen, _ number: Int, _ town: Town, _ ledger: Ledger) async throws {
    let key = "live-\(number)"
    let assessment = try await town.open(citizen, key: key)
    try await town.show(assessment, key: "\(key)-1")
    let first = try await town.judge(assessment, met: false, key: "\(key)-1")
    guard first.outcome == .notYet else { throw City.Broken("the first judgment said \(first.outcome)") }
    if number % 4 == 3 {
        try await withdraw(citizen, key: "\(key)-withdraw")
        ledger[number].effectiveAt = .now
    }
    try await town.show(assessment, key: "\(key)-2")
    let second = try await town.judge(assessment, met: true, key: "\(key)-2")
    guard second.outcome == .met else { throw City.Broken("the second judgment said \(second.outcome)") }
    ledger[number].met = true
}

private func withdraw(_ citizen: Town.Citizen, key: String) async throws {
    let end = ContinuousClock.now + .seconds(200)
    while ContinuousClock.now < end {
        let reply = try await insist("withdrawal", within: .seconds(200)) {
            try await citizen.client.ask(
                WithdrawConsent(consent: citizen.consent), "POST /v1/consents/{consent}/withdraw", key: key)
        }
        if reply.status == .effective { return }
        try await Task.sleep(for: .milliseconds(200))
    }
    throw City.Broken("a withdrawal was still draining after 200 s")
}

private struct Nemesis {
    let city: City
    let seed: UInt64

    /// One fault after the other; everything runs again when it returns. - Returns: what it did.
    func rage(for limit: Duration) async throws -> [String] {
        var random = SplitMix64(seed: seed)
        var done: [String: Int] = [:]
        let end = ContinuousClock.now + limit
        while ContinuousClock.now < end {
            let role = City.roles[Int.random(in: 0..<City.roles.count, using: &random)]
            switch Int.random(in: 0..<10, using: &random) {
            case 0:
                try await city.server.restart(mode: .immediate)
                done["PostgreSQL crashed", default: 0] += 1
            case 1..<4:
                city.process(role)?.signal(SIGSTOP)
                try await Task.sleep(for: .milliseconds(Int.random(in: 200...3000, using: &random)))
                city.process(role)?.signal(SIGCONT)
                done["\(role) stopped", default: 0] += 1
            default:
                try await city.crash(role)
                done["\(role) killed", default: 0] += 1
            }
            try await Task.sleep(for: .milliseconds(Int.random(in: 300...1500, using: &random)))
        }
        for role in City.roles { city.process(role)?.signal(SIGCONT) }
        try city.revive()
        return done.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)×" }
    }
}

/// All cursors at the head, nothing waiting, nothing parked, twice in a row.
private func calm(_ city: City) async throws {
    let quietTwice = Mutex(0)
    _ = try await awaited("all cursors at the head", within: .seconds(90), every: .milliseconds(500)) { () -> Bool? in
        var open = 0.0
        for role in Mesh.services {
            for name in ["cairn_consumer_lag_events", "cairn_pending_events"] {
                guard let value = await city.metric(name, of: role) else { return nil }
                open += value
            }
        }
        guard let waiting = await city.metric("cairn_feed_waiting", of: "notifications") else { return nil }
        return quietTwice.withLock { count in
            count = open + waiting == 0 ? count + 1 : 0
            // Some gauges are five seconds old.
            return count > 12 ? true : nil
        }
    }
}

private func audit(
    _ town: Town, _ citizens: [Town.Citizen], _ ledger: Ledger, _ receiver: WebhookReceiver
) async throws -> [String] {
    var problems: [String] = []
    for (number, citizen) in citizens.enumerated() where ledger[number].met {
        let record = try await citizen.client.ask(
            GetLearnerRecord(learner: citizen.learner), "GET /v1/learners/{learner}/record")
        if record.attainments.map(\.target).sorted() != Town.targets {
            problems.append("learner \(number): the record holds \(record.attainments.map(\.target))")
        }
        let enrollment = try await citizen.client.ask(
            GetEnrollment(enrollment: citizen.enrollment), "GET /v1/enrollments/{enrollment}")
        if enrollment.status != .completed || enrollment.entitlements.count != 1 {
            problems.append("learner \(number): \(enrollment.status), \(enrollment.entitlements.count) entitlements")
        }
    }
    let cases = try await town.educator.ask(
        ListSupportCases(organization: town.organization, limit: 200), "GET /v1/support-cases")
    if cases.items.count != citizens.count || Set(cases.items.map(\.learner)).count != citizens.count {
        problems.append("\(cases.items.count) support cases for \(citizens.count) learners")
    }

    // The feed: gapless, and per learner in the order in which it happened.
    let feed = try await town.feed()
    for (place, event) in feed.enumerated() where event["sequence"]?.text != String(place + 1) {
        problems.append("feed: \(event["sequence"]?.text ?? "no sequence") at place \(place + 1)")
    }
    // The webhooks: signed, each at least once, per learner in feed order, silent after `effective`.
    let received = receiver.received
    problems += received.compactMap(\.flaw).map { "webhook: \($0)" }
    var last: [String: Int] = [:]
    for arrival in received {
        guard let subject = arrival.event["subject"]?.text, let sequence = arrival.event["sequence"]?.text.flatMap(Int.init)
        else { continue }
        if sequence <= last[subject] ?? 0 { problems.append("webhook: \(sequence) after \(last[subject] ?? 0) of \(subject)") }
        last[subject] = sequence
    }
    let byContent = Dictionary(grouping: received) { "\($0.event["subject"]?.text ?? "") \($0.event["type"]?.text ?? "") \($0.event["data"].map { String(decoding: $0.serialized(), as: UTF8.self) } ?? "")" }
    problems += byContent.filter { $0.value.count > 1 && !$0.key.contains("notifications.") }
        .map { "webhook: the same under two ids: \($0.key.prefix(120))" }
    problems += try silence(town, citizens, ledger, received)
    return Array(problems.prefix(20))
}

/// Of a learner who withdrew, nothing arrives after `effective` but the retraction itself; of everybody else, the
/// completion arrives, once.
private func silence(
    _ town: Town, _ citizens: [Town.Citizen], _ ledger: Ledger, _ received: [WebhookReceiver.Received]
) throws -> [String] {
    let master = try Data(contentsOf: URL(fileURLWithPath: town.city.folder + "/keys/records-pairwise.key"))
    guard let partner = PairwiseIDs(masterKey: Array(master))?.of(town.partnerID) else { return ["no pairwise key"] }
    var problems: [String] = []
    for (number, citizen) in citizens.enumerated() {
        let mine = received.filter { $0.event["subject"]?.text == partner.learner(citizen.learner).text }
        guard let effective = ledger[number].effectiveAt else {
            let completions = mine.count { $0.event["type"]?.text == PathwayCompleted.type.text }
            if completions != 1 { problems.append("learner \(number): \(completions) completions arrived") }
            continue
        }
        problems += mine.filter { $0.at > effective && $0.event["type"]?.text != "notifications.retraction" }
            .map { "learner \(number): \($0.event["type"]?.text ?? "") arrived after the withdrawal was effective" }
    }
    return problems
}
