import Domain
import EventLog
import Foundation
import Support
import Testing
@testable import Records

@Suite struct ConsentTests {
    static let denver = StateZone(identifier: "America/Denver")!

    /// Born, asked at (UTC), granted. The state is on UTC−7 in winter and UTC−6 in summer.
    @Test(arguments: [
        ("2008-11-21", "2026-11-21T06:59:59.999999Z", false), ("2008-11-21", "2026-11-21T07:00:00Z", true),
        ("2008-06-15", "2026-06-15T05:59:59Z", false), ("2008-06-15", "2026-06-15T06:00:00Z", true),
        ("2008-02-29", "2026-02-28T12:00:00Z", false), ("2008-02-29", "2026-03-01T06:59:59Z", false),
        ("2008-02-29", "2026-03-01T07:00:00Z", true), ("2009-01-01", "2027-01-01T06:59:59Z", false),
        ("2009-01-01", "2027-01-01T07:00:00Z", true), ("2008-11-22", "2026-11-22T00:00:00Z", false),
        ("1926-11-21", "2026-11-21T12:00:00Z", true), ("2026-11-20", "2026-11-21T12:00:00Z", false),
    ])
    func `a learner consents alone from the 18th birthday on, by the state's own clock`(
        born: String, at: String, granted: Bool
    ) async throws {
        let outcome = await rule { try Self.grant(born: born, today: Self.denver.date(at: moment(at))) }
        #expect(outcome == (granted ? "none" : "consent.guardian_needed"))
    }

    @Test(arguments: [("2026-11-20", "consent.until_past"), ("2026-11-21", "none"), ("2027-01-01", "none")])
    func `a consent's last day is today or later`(until: String, expected: String) async {
        #expect(await rule {
            try Self.grant(born: "1996-01-01", until: day(until), today: day("2026-11-21"))
        } == expected)
    }

    static func grant(born: String, until: CalendarDate? = nil, today: CalendarDate) throws -> ConsentState? {
        let id = EntityID<Learner>.make()
        var registration = LearnerTests.command
        registration.birthDate = day(born)
        let learner = try #require(LearnerState(decide(registration, as: id).events[0]))
        let command = GrantConsent(
            learner: id, partner: .make(), purpose: "support", types: [OutcomeNotYet.type], until: until,
            contractRevision: "r1")
        return ConsentState(
            try decide(command, as: .following("c", alongside: id.uuid), by: learner, today: today).events[0])
    }

    @Test(arguments: [
        ([], "types.count"), ([ConsentGranted.type], "consent.type"), (["records.unheard_of"], "consent.type"),
        ([AttainmentRecorded.type, AttainmentRecorded.type, OutcomeMet.type], "none"),
        (Array(repeating: AttainmentRecorded.type, count: 51), "types.count"),
    ] as [([EventType], String)])
    func `only what can leave is consented to`(types: [EventType], expected: String) async {
        let command = GrantConsent(
            learner: .make(), partner: .make(), purpose: "support", types: types, contractRevision: "r1")
        #expect(await rule { try command.read() } == expected)
    }

    @Test func `who consents to a fact consents to its correction`() throws {
        let command = GrantConsent(
            learner: .make(), partner: .make(), purpose: "support", types: [SupportCaseRaised.type, AttainmentRecorded.type],
            contractRevision: "r1")
        #expect(try command.read().types == [
            SupportCaseRaised.type, SupportCaseVoided.type, AttainmentRecorded.type, AttainmentVoided.type])
    }

    @Test func `withdrawing has an event, and doing it again none`() throws {
        var consent = try #require(try Self.grant(born: "1996-01-01", today: day("2026-11-21")))
        let events = decide(withdrawing: consent).events
        #expect(events.map { type(of: $0).type } == [ConsentWithdrawn.type])
        for event in events { consent.evolve(event) }
        #expect(decide(withdrawing: consent).events.isEmpty)
    }

    @Test(.timeLimit(.minutes(1)))
    func `one consent at a time for a partner and purpose, until it is withdrawn or has run out`() async throws {
        try await withRecords { records in
            let learner = try await records.register()
            let partner = EntityID<Partner>.make()
            let outcomes = await withTaskGroup(of: String.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        await rule { try await records.grant(learner, to: partner, until: RecordsUnderTest.today) }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.sorted() == Array(repeating: "consent.exists", count: 7) + ["none"])
            _ = try await records.grant(learner, to: partner, purpose: "support")
            _ = try await records.grant(learner, to: .make())

            // The day after, the first has run out, and another may follow.
            let tomorrow = day("2026-11-22")
            let next = try await records.grant(learner, to: partner, today: tomorrow)
            let withdraw = WithdrawConsentHandler(consents: records.consents)
            _ = try await records.ask(withdraw, WithdrawConsent(consent: next), as: .learner(learner), today: tomorrow)
            let last = try await records.grant(learner, to: partner, today: tomorrow)

            let list = ListConsentsHandler(consents: records.consents)
            var entries: [ConsentEntry] = []
            var cursor: String?
            repeat {
                let page = try await records.ask(
                    list, ListConsents(learner: learner, limit: 2, cursor: cursor), as: .learner(learner),
                    today: tomorrow)
                entries += page.items
                cursor = page.next
            } while cursor != nil
            #expect(entries.map(\.status) == [.granted, .effective, .granted, .granted, .expired])
            #expect(entries.first?.consent == last)
            #expect(await rule {
                try await records.ask(list, ListConsents(learner: learner), as: .learner(.make()))
            } == "not_found")
            #expect(await rule {
                try await records.ask(list, ListConsents(learner: learner, cursor: "x"), as: .learner(learner))
            } == "cursor")
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a withdrawal is draining while something is under way, and a repeat under the same key looks again`()
        async throws {
        try await withRecords { records in
            let learner = try await records.register()
            let partner = EntityID<Partner>.make()
            let consent = try await records.grant(learner, to: partner)
            let sender = UUID()
            let item = AuthorizeDisclosures.Item.attainment(of: learner, to: partner)
            #expect(try await records.disclosures.authorize(
                [item], sender: sender, today: RecordsUnderTest.today).map(\.allowed) == [true])

            let handler = WithdrawConsentHandler(consents: records.consents)
            let command = WithdrawConsent(consent: consent)
            func withdraw(key: String, patience: Duration) async throws -> ConsentStatus {
                try await records.ask(handler, command, as: .learner(learner), key: key, within: patience).status
            }
            #expect(try await withdraw(key: "k", patience: .milliseconds(700)) == .draining)
            let get = GetConsentHandler(consents: records.consents)
            let entry = try await records.ask(get, GetConsent(consent: consent), as: .learner(learner))
            #expect(entry.status == .draining)
            // A new grant's sends are not the old one's business.
            let later = try await records.grant(learner, to: partner)
            let unrelated = AuthorizeDisclosures.Item.attainment(of: learner, to: partner)
            _ = try await records.disclosures.authorize([unrelated], sender: sender, today: RecordsUnderTest.today)

            let settling = SettleDisclosures.Item(disclosure: item.disclosure, learner: learner, outcome: .delivered)
            // Somebody else's word does not count.
            try await records.disclosures.settle([settling], sender: UUID())
            #expect(try await withdraw(key: "k", patience: .milliseconds(600)) == .draining)
            async let waiting = withdraw(key: "k", patience: .seconds(5))
            try await records.disclosures.settle([settling], sender: sender)
            #expect(try await waiting == .effective)
            #expect(try await withdraw(key: "other", patience: .seconds(5)) == .effective)
            #expect(try await records.events(of: consent.uuid)
                    == ["records.consent_granted", "records.consent_withdrawn"])

            // The new one has to wait for its own.
            let next = try await records.ask(
                handler, WithdrawConsent(consent: later), as: .learner(learner), within: .milliseconds(600))
            #expect(next.status == .draining)
        }
    }
}
