import Domain
import EventLog
import Testing

@testable import Notifications

@Suite struct RetryScheduleTests {
    private let schedule = RetrySchedule()
    private let failed = PostOutcome.answered(status: 500, retryAfter: nil)

    @Test func `ten tries over three days, then the line is parked`() {
        var clock = Duration.zero
        var tries: [Int64] = []
        var failures = 0
        while true {
            tries.append(clock.components.seconds)
            let step = schedule.next(after: failed, failures: failures, failingFor: clock, spread: 0)
            guard case .retry(let wait, true) = step else {
                #expect(step == .parked)
                break
            }
            clock += wait
            failures += 1
        }
        #expect(tries == [0, 5, 305, 2105, 9305, 27305, 63305, 113705, 185705, 272105])
    }

    @Test func `jitter stays within a fifth`() {
        for place in RetrySchedule.waits.indices {
            for spread in [-1.0, 1.0] {
                guard case .retry(let wait, _) = schedule.next(
                    after: failed, failures: place, failingFor: .zero, spread: spread)
                else {
                    Issue.record("no retry")
                    return
                }
                let ratio = wait.seconds / RetrySchedule.waits[place].seconds
                #expect(abs(ratio - (1 + 0.2 * spread)) < 0.000_001)
            }
        }
    }

    @Test(arguments: [
        (PostOutcome.answered(status: 200, retryAfter: nil), NextStep.settled),
        (.answered(status: 299, retryAfter: .seconds(9)), .settled),
        (.answered(status: 301, retryAfter: nil), .retry(after: .seconds(5), counts: true)),
        (.answered(status: 404, retryAfter: nil), .retry(after: .seconds(5), counts: true)),
        (.answered(status: 410, retryAfter: nil), .suspend(reason: "the endpoint answered 410 Gone")),
        (.answered(status: 429, retryAfter: nil), .retry(after: .seconds(5), counts: true)),
        (.answered(status: 429, retryAfter: .seconds(90)), .retry(after: .seconds(90), counts: false)),
        (.answered(status: 503, retryAfter: .seconds(86_400)), .retry(after: .seconds(3600), counts: false)),
        (.answered(status: 503, retryAfter: .zero), .retry(after: .seconds(1), counts: false)),
        (.answered(status: 500, retryAfter: .seconds(90)), .retry(after: .seconds(5), counts: true)),
        (.notSent("connect"), .retry(after: .seconds(5), counts: true)),
        (.lost("timeout"), .retry(after: .seconds(5), counts: true)),
    ])
    func `each outcome has its next step`(_ outcome: PostOutcome, _ step: NextStep) {
        #expect(schedule.next(after: outcome, failures: 0, failingFor: .zero, spread: 0) == step)
    }

    @Test func `an endpoint that took nothing for five days is suspended`() {
        let step = schedule.next(
            after: failed, failures: 1, failingFor: RetrySchedule.failingDays, spread: 0)
        #expect(step == .suspend(reason: "the endpoint took nothing for five days"))
    }

    @Test func `the test switch scales every wait`() {
        let quick = RetrySchedule(scale: 0.01)
        #expect(quick.next(after: failed, failures: 2, failingFor: .zero, spread: 0)
            == .retry(after: .seconds(18), counts: true))
        #expect(quick.failingMax == .seconds(4320))
    }
}

@Suite struct SubscriptionDecisionTests {
    private func open(_ types: [EventType], purpose: String = "p", webhook: String? = nil) throws -> [any Event] {
        try SubscriptionState.open(
            .make(), Subscribe(partner: .make(), types: types, purpose: purpose, webhook: webhook),
            loopbackAllowed: false).events
    }

    private func refused(_ body: () throws -> Void) -> String? {
        do { try body() } catch { return (error as? Fault)?.violations.first.map { "\($0.rule) \($0.pointer)" } }
        return nil
    }

    @Test func `what cannot leave cannot be subscribed to`() {
        #expect(refused { _ = try open([AttainmentRecorded.type, JudgmentRecorded.type]) } == "subscription.type /types/1")
        #expect(refused { _ = try open(["no.such_type"]) } == "subscription.type /types/0")
        #expect(refused { _ = try open([]) } == "count /types")
        #expect(refused { _ = try open([AttainmentRecorded.type, AttainmentRecorded.type]) } == "duplicate /types/1")
        #expect(refused { _ = try open([AttainmentRecorded.type], purpose: "") } == "text.length /purpose")
        #expect(refused { _ = try open([AttainmentRecorded.type], webhook: "http://127.0.0.1/") } == "webhook.scheme /webhook")
    }

    @Test func `what takes a fact back comes with the fact`() throws {
        let opened = try #require(SubscriptionState(try open([OutcomeMet.type, AttainmentRecorded.type, AttainmentVoided.type])[0]))
        #expect(opened.types == [
            AssessmentVoided.type, OutcomeMet.type, AttainmentRecorded.type, AttainmentVoided.type])
        // Named as what they are: a new one must be said to correct something.
        let voiding = EventCatalog.subscribable.filter { $0.text.hasSuffix("_voided") || $0.text.hasSuffix("_withdrawn") }
        #expect(voiding.allSatisfy(EventCatalog.corrections.values.contains))
        #expect(EventCatalog.corrected(EventCatalog.subscribable) == EventCatalog.subscribable)
    }

    @Test func `a subscription is active, suspended, active again, and ends for good`() throws {
        var state = try #require(SubscriptionState(try open(EventCatalog.subscribable)[0]))
        func apply<R>(_ decision: Decision<R>) -> [String] {
            for event in decision.events { state.evolve(event) }
            return decision.events.map { type(of: $0).type.text }
        }
        #expect(state.status == .active)
        #expect(apply(state.suspend("410")) == ["notifications.subscription_suspended"])
        #expect(apply(state.suspend("410")).isEmpty)
        #expect(apply(try state.retry()) == ["notifications.subscription_resumed"])
        #expect(apply(try state.retry()).isEmpty)
        #expect(apply(state.end()) == ["notifications.subscription_ended"])
        #expect(apply(state.end()).isEmpty)
        #expect(apply(state.suspend("410")).isEmpty)
        #expect(refused { _ = try state.retry() } == "subscription.ended ")
    }
}

@Suite struct SupportCaseDecisionTests {
    private let learner = EntityID<Learner>.make()
    private let recorded = Timestamp(microseconds: 1_000_000_000)

    private func raised() throws -> SupportCaseState {
        let event = SupportCaseState.raise(
            for: Samples.notYet(learner, organization: .make()), recordedAt: recorded, within: .seconds(3600))
        return try #require(SupportCaseState(event))
    }

    private enum Move: String, CaseIterable { case acknowledge, plan, resolve, escalate, void }

    private func apply(_ move: Move, to state: inout SupportCaseState) throws -> [String] {
        let decision = switch move {
        case .acknowledge: try state.acknowledge()
        case .plan: try state.plan("Tutoring")
        case .resolve: try state.resolve("Done")
        case .escalate: state.escalate(at: recorded.advanced(by: .seconds(3600)))
        case .void: state.void("Mixed up")
        }
        for event in decision.events { state.evolve(event) }
        return decision.events.map { type(of: $0).type.text }
    }

    @Test func `not yet raises a case with the assessor's words and a clock, once for each judgment`() throws {
        let state = try raised()
        #expect(state.needs == ["Cite your sources."])
        #expect(state.dueAt == recorded.advanced(by: .seconds(3600)))
        #expect(state.id.partition == learner.partition)
        #expect(try raised().id == state.id)
    }

    @Test(arguments: [
        ("", ["acknowledge": "acknowledged", "plan": "support.plan_order", "resolve": "support.resolve_order",
              "escalate": "escalated", "void": "void"]),
        ("acknowledge", ["acknowledge": "support.acknowledged", "plan": "planned", "resolve": "support.resolve_order",
                         "escalate": "nothing", "void": "acknowledged"]),
        ("escalate", ["acknowledge": "acknowledged", "plan": "support.plan_order", "resolve": "support.resolve_order",
                      "escalate": "nothing", "void": "void"]),
        ("acknowledge plan", ["acknowledge": "support.acknowledged", "plan": "support.plan_order",
                              "resolve": "resolved", "escalate": "nothing", "void": "planned"]),
        ("acknowledge plan void", ["acknowledge": "support.acknowledged", "plan": "support.plan_order",
                                   "resolve": "resolved", "escalate": "nothing", "void": "nothing"]),
        ("acknowledge plan resolve", ["acknowledge": "support.acknowledged", "plan": "support.plan_order",
                                      "resolve": "support.resolve_order", "escalate": "nothing", "void": "nothing"]),
        ("void", ["acknowledge": "support.void", "plan": "support.plan_order", "resolve": "support.resolve_order",
                  "escalate": "nothing", "void": "nothing"]),
    ])
    func `every state allows its moves and refuses the others by name`(
        _ before: String, _ expected: [String: String]
    ) throws {
        var state = try raised()
        for word in before.split(separator: " ") {
            _ = try apply(try #require(Move(rawValue: String(word))), to: &state)
        }
        for move in Move.allCases {
            var after = state
            let seen: String
            do {
                let events = try apply(move, to: &after)
                seen = events.isEmpty ? "nothing" : after.status.rawValue
            } catch { seen = (error as? Fault)?.violations.first?.rule ?? "" }
            #expect(seen == expected[move.rawValue], "\(before) → \(move)")
        }
    }

    @Test func `a case does not climb before its time`() throws {
        #expect(try raised().escalate(at: recorded.advanced(by: .seconds(3599))).events.isEmpty)
    }
}
