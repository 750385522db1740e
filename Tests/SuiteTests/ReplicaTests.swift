import Domain
import Foundation
import ServiceKit
import Support
import Synchronization
import Testing
@testable import Command

extension Cities {
    /// Two processes of each service: both work, every effect happens once, and one of them leaves unnoticed.
    @Suite struct ReplicaTests {
        static let learners = 16
        static let roundsMax = 6

        @Test(.timeLimit(.minutes(5)))
        func `replicas share requests and reactions, and one that stops costs no caller anything`() async throws {
            let city = try await City.open(replicas: 2)
            let town = try await Town.found(city, webhook: nil)
            var citizens: [Town.Citizen] = []
            // What comes in one burst may well fall to one of the two, so there are more of them until both have reacted.
            for round in 0..<Self.roundsMax {
                let more = try await town.settle(Self.learners, after: citizens.count)
                try await work(town, more, round)
                try await town.completed(more)
                citizens += more
                if await idle(city).isEmpty { break }
            }
            let problems = try await books(town, citizens)
            #expect(problems == [])
            #expect(await idle(city) == [])
            #expect(try await farewells(city, town) == [])
            try await city.close()
        }
    }
}

/// Each learner's way to the entitlement, and 300 questions meanwhile, 16 of both at once.
private func work(_ town: Town, _ citizens: [Town.Citizen], _ round: Int) async throws {
    async let questions: [Void] = concurrently(Array(0..<300), limit: 8) { number in
        let citizen = citizens[number % citizens.count]
        switch number % 4 {
        case 0: _ = try await citizen.client.ask(GetLearner(learner: citizen.learner), "GET /v1/learners/{learner}")
        case 1:
            _ = try await citizen.client.ask(
                GetEnrollment(enrollment: citizen.enrollment), "GET /v1/enrollments/{enrollment}")
        case 2: _ = try await citizen.client.ask(GetRubric(rubric: town.rubric), "GET /v1/rubrics/{rubric}")
        default:
            _ = try await town.partner.ask(
                GetSubscription(subscription: town.subscription), "GET /v1/subscriptions/{subscription}")
        }
    }
    async let journeys: [Void] = concurrently(Array(citizens.enumerated()), limit: 8) { number, citizen in
        let assessment = try await town.open(citizen, key: "replica-\(round)-\(number)")
        try await town.show(assessment, key: "replica-\(round)-\(number)-1")
        _ = try await town.judge(assessment, met: false, key: "replica-\(round)-\(number)-1")
        try await town.show(assessment, key: "replica-\(round)-\(number)-2")
        _ = try await town.judge(assessment, met: true, key: "replica-\(round)-\(number)-2")
    }
    _ = try await (questions, journeys)
}

/// What is there twice, or not at all. The feed is awaited to its due length and then must not grow.
private func books(_ town: Town, _ citizens: [Town.Citizen]) async throws -> [String] {
    var problems: [String] = []
    for citizen in citizens {
        let record = try await citizen.client.ask(
            GetLearnerRecord(learner: citizen.learner), "GET /v1/learners/{learner}/record")
        if record.attainments.map(\.target).sorted() != Town.targets {
            problems.append("a record holds \(record.attainments.map(\.target))")
        }
    }
    let cases = try await town.educator.ask(
        ListSupportCases(organization: town.organization, limit: 200), "GET /v1/support-cases").items
    if cases.count != citizens.count || Set(cases.map(\.learner)).count != citizens.count {
        problems.append("\(cases.count) support cases")
    }
    // What a journey brings, and the backfill that each new consent begins.
    let due = [
        OutcomeNotYet.type.text: 1, OutcomeMet.type.text: 1, AttainmentRecorded.type.text: 2, LearnerEnrolled.type.text: 1,
        ComponentFulfilled.type.text: 3, PathwayCompleted.type.text: 1, EntitlementAccrued.type.text: 1,
        "notifications.backfill_started": 1, "notifications.backfill_completed": 1,
    ].mapValues { $0 * citizens.count }
    let total = due.values.reduce(0, +)
    let feed = try await awaited("\(total) events in the feed", within: .seconds(30), every: .milliseconds(100)) {
        let feed = try await town.feed()
        return feed.count >= total ? feed : nil
    }
    let counts = feed.reduce(into: [:]) { $0[$1["type"]?.text ?? "", default: 0] += 1 }
    if counts != due { problems.append("the feed holds \(counts.sorted { $0.key < $1.key })") }
    if feed.map({ $0["sequence"]?.text }) != (1...feed.count).map({ String($0) }) { problems.append("the feed has gaps") }
    return problems
}

/// Processes that nobody asked anything, or that react to events but never did.
private func idle(_ city: City) async -> [String] {
    var idle: [String] = []
    for role in Mesh.services {
        var handled: [Double] = []
        for replica in 1...2 {
            if await city.metric("cairn_requests_total", of: role, replica) ?? 0 == 0 { idle.append("\(role)-\(replica): no request") }
            handled.append(await city.metric("cairn_consumer_handled_events_total", of: role, replica) ?? -1)
        }
        print("replicas: \(role) handled \(handled)")
        if handled.reduce(0, +) > 0, handled.contains(where: { $0 <= 0 }) { idle.append("\(role): reactions \(handled)") }
    }
    return idle
}

/// A stream of commands to all services, each sent once, while one replica of each service is told to stop.
/// - Returns: commands that were not carried out, and processes that left badly.
private func farewells(_ city: City, _ town: Town) async throws -> [String] {
    let tally = Tally()
    let token = try await town.operator.token(), registrar = try await town.registrar.token()
    let calls = [
        (registrar, try Call(Wire.encode(RegisterLearner(
            organization: town.organization, givenName: "Late", familyName: "Comer", birthDate: day("1990-01-01"))),
            "POST /v1/learners", whole: nil)),
        (token, try Call(Wire.encode(RegisterOrganization(title: "Late", kinds: [.school], region: "north")),
            "POST /v1/organizations", whole: nil)),
        (token, try Call(Wire.encode(RegisterAssessor(fullName: "Late", organization: town.organization)),
            "POST /v1/assessors", whole: nil)),
        (token, try Call(Wire.encode(RegisterPartner(organization: town.organization, title: "Late")),
            "POST /v1/partners", whole: nil)),
    ]
    try await withThrowingTaskGroup(of: Void.self) { group in
        for worker in 0..<16 {
            let (token, call) = calls[worker % 4]
            group.addTask {
                while !tally.isOver {
                    let answer = try await city.api.send(
                        call.method, call.target,
                        headers: [("Authorization", "Bearer \(token)"), ("Content-Type", "application/json"),
                                  ("Idempotency-Key", UUID().uuidString)], body: call.body, timeout: .seconds(15))
                    tally.count()
                    if !(200..<300).contains(answer.status) {
                        tally.note("\(APIProblem(request: call.target, answer))")
                    }
                }
            }
        }
        group.addTask {
            defer { tally.end() }
            for role in Mesh.services {
                let before = tally.sent
                _ = try await awaited("40 commands before \(role)") { tally.sent >= before + 40 ? true : nil }
                guard let process = city.process(role, 2) else { throw City.Broken("no second \(role)") }
                let start = ContinuousClock.now
                let isClean = await process.stop(within: .seconds(20))
                let status = await process.exit(), took = start.duration(to: .now)
                print("replicas: \(role)-2 left in \(took)")
                if !isClean || status != 0 || took >= .seconds(10) {
                    tally.note("\(role)-2 ended with \(status) after \(took)")
                }
                // What is no JSON was said by a library, past the log.
                for line in try String(contentsOfFile: city.logFile(role, 2), encoding: .utf8).split(separator: "\n")
                where !line.hasPrefix("{") {
                    tally.note("\(role)-2 said: \(line)")
                }
            }
            let before = tally.sent
            _ = try await awaited("40 commands by the ones left") { tally.sent >= before + 40 ? true : nil }
        }
        try await group.waitForAll()
    }
    print("replicas: \(tally.sent) commands while one of each two left")
    return tally.problems
}

/// What tasks at work together tell each other.
final class Tally: Sendable {
    private let state = Mutex((sent: 0, problems: [String](), isOver: false))
    var sent: Int { state.withLock { $0.sent } }
    var problems: [String] { state.withLock { $0.problems } }
    var isOver: Bool { state.withLock { $0.isOver } }
    func count() { state.withLock { $0.sent += 1 } }
    func note(_ problem: String) { state.withLock { $0.problems.append(problem) } }
    func end() { state.withLock { $0.isOver = true } }
}
