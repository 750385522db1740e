import Domain
import EventLog
import Foundation
import Storage
import Support
import Synchronization
import Testing
@testable import Records

@Suite struct DisclosureTests {
    static let live = LiveConsent(
        id: .make(), types: [AttainmentRecorded.type, OutcomeMet.type], until: day("2026-11-21"))
    static let item = AuthorizeDisclosures.Item.attainment(of: .make(), to: .make())

    @Test func `a thing may leave while its consent lasts, for its types and members, and for nothing else`() {
        func verdict(
            _ live: LiveConsent? = Self.live, past: DisclosureRefusal = .none, told: Bool = true,
            today: String = "2026-11-21",
            _ change: (inout AuthorizeDisclosures.Item) -> Void = { _ in }
        ) -> DisclosureDecision {
            var item = Self.item
            change(&item)
            return decide(item, live: live, past: past, told: told, today: day(today))
        }
        let id = Self.live.id
        #expect([
            verdict(), verdict(today: "2026-11-22"), verdict { $0.type = OutcomeNotYet.type },
            verdict { $0.fields.append("provenance") }, verdict { $0.fields = [] }, verdict(nil),
            verdict(nil, past: .withdrawn), verdict(nil, past: .expired),
            // Brackets go with what they surround, and nothing else goes with another type's consent.
            verdict { ($0.type, $0.covers, $0.fields) = (FeedMessage.backfillCompleted, OutcomeMet.type, ["count"]) },
            verdict { ($0.type, $0.covers, $0.fields) = (FeedMessage.backfillStarted, OutcomeNotYet.type, []) },
            verdict { ($0.type, $0.covers, $0.fields) = (FeedMessage.backfillStarted, OutcomeMet.type, ["count"]) },
            verdict { ($0.type, $0.fields) = (FeedMessage.backfillStarted, []) },
            verdict { ($0.type, $0.covers) = (OutcomeNotYet.type, OutcomeMet.type) },
            verdict { ($0.type, $0.fields) = ("records.unheard_of", []) },
            // A retraction needs no consent, and something to take back.
            verdict(nil, past: .withdrawn) { ($0.type, $0.fields) = (FeedMessage.retraction, ["events", "purpose"]) },
            verdict(told: false) { ($0.type, $0.fields) = (FeedMessage.retraction, ["events"]) },
            verdict { ($0.type, $0.fields) = (FeedMessage.retraction, ["target"]) },
        ] == [
            .allowed(id), .refused(.expired, id), .refused(.type, id), .refused(.fields, id), .allowed(id),
            .refused(.none), .refused(.withdrawn), .refused(.expired),
            .allowed(id), .refused(.type, id), .refused(.fields, id), .refused(.type, id), .refused(.type, id),
            .refused(.type, id),
            .retraction, .refused(.nothing), .refused(.fields),
        ])
    }

    @Test(.timeLimit(.minutes(1)))
    func `verdicts name their reason, repeat themselves, and stop allowing once settled`() async throws {
        try await withRecords { records in
            let learner = try await records.register(), other = try await records.register()
            let partner = EntityID<Partner>.make()
            let consent = try await records.grant(learner, to: partner)
            let past = try await records.grant(other, to: partner)
            _ = try await records.ask(
                WithdrawConsentHandler(consents: records.consents), WithdrawConsent(consent: past),
                as: .learner(other))
            _ = try await records.grant(other, to: partner, purpose: "support", until: RecordsUnderTest.today)
            let reference = UUID()
            let items: [AuthorizeDisclosures.Item] = [
                .attainment(of: learner, to: partner, references: [reference]),
                .attainment(of: learner, to: .make()),
                .attainment(of: learner, to: partner, purpose: "support"),
                .attainment(of: learner, to: partner, type: OutcomeMet.type),
                .attainment(of: learner, to: partner, fields: ["target", "provenance"]),
                .attainment(of: other, to: partner),
                .attainment(of: other, to: partner, purpose: "support"),
            ]
            let sender = UUID()
            func ask(_ today: CalendarDate = day("2026-11-22")) async throws -> [DisclosureVerdict] {
                try await records.ask(
                    AuthorizeDisclosuresHandler(disclosures: records.disclosures),
                    AuthorizeDisclosures(sender: sender, items: items), as: .notifications, today: today).verdicts
            }
            let first = try await ask()
            #expect(first.map { $0.reason ?? "allowed" } == [
                "allowed", "consent.none", "consent.none", "consent.type", "disclosure.fields", "consent.withdrawn",
                "consent.expired",
            ])
            let ids = records.pairwise.of(partner)
            #expect(first[0] == DisclosureVerdict(
                disclosure: items[0].disclosure, allowed: true, consent: consent, learner: ids.learner(learner),
                event: ids.event(items[0].event), references: [ids.reference(reference)]))
            // On another day, and by many at once: what was decided stays.
            let repeats = try await withThrowingTaskGroup(of: [DisclosureVerdict].self) { group in
                for _ in 0..<6 { group.addTask { try await ask(RecordsUnderTest.today) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(repeats) == [first])

            // The first word counts.
            let settle = SettleDisclosuresHandler(disclosures: records.disclosures)
            for outcome in [DisclosureEntry.Outcome.failed, .delivered] {
                let item = SettleDisclosures.Item(
                    disclosure: items[0].disclosure, learner: learner, outcome: outcome)
                _ = try await records.ask(
                    settle, SettleDisclosures(sender: sender, items: [item]), as: .notifications)
            }
            #expect(try await ask()[0].reason == "disclosure.settled")
            #expect(await rule {
                try await records.disclosures.authorize(
                    [items[0]], sender: UUID(), today: RecordsUnderTest.today)
            } == "disclosure.reused")

            let list = ListDisclosuresHandler(disclosures: records.disclosures)
            _ = try await records.ask(list, ListDisclosures(learner: learner), as: .auditor)
            let page = try await records.ask(list, ListDisclosures(learner: learner, limit: 4), as: .learner(learner))
            #expect(page.items.prefix(2).map { "\($0.outcome.rawValue) \($0.basis)" }
                    == ["inspected client:\(learner)", "inspected client:auditor"])
            let rest = try await records.ask(
                list, ListDisclosures(learner: learner, limit: 4, cursor: page.next), as: .learner(learner))
            let entries = (page.items.dropFirst(2) + rest.items).sorted { $0.basis < $1.basis }
            #expect(entries.map { "\($0.basis) \($0.outcome.rawValue) \($0.fields)" } == [
                "consent failed [\"attainment\", \"target\"]",
                "consent.none refused [\"attainment\", \"target\"]",
                "consent.none refused [\"attainment\", \"target\"]",
                "consent.type refused [\"attainment\", \"target\"]",
                "disclosure.fields refused [\"target\", \"provenance\"]",
            ])
            #expect(rest.next == nil)
            #expect(await rule {
                try await records.ask(list, ListDisclosures(learner: learner), as: .learner(other))
            } == "not_found")
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a retraction is on record, needs something to take back, and holds up no withdrawal`() async throws {
        try await withRecords { records in
            let learner = try await records.register()
            let partner = EntityID<Partner>.make()
            let consent = try await records.grant(learner, to: partner)
            let sender = UUID()
            func ask(_ item: AuthorizeDisclosures.Item) async throws -> DisclosureVerdict {
                try await records.ask(
                    AuthorizeDisclosuresHandler(disclosures: records.disclosures),
                    AuthorizeDisclosures(sender: sender, items: [item]), as: .notifications).verdicts[0]
            }
            func settle(_ item: AuthorizeDisclosures.Item, _ outcome: DisclosureEntry.Outcome) async throws {
                _ = try await records.ask(
                    SettleDisclosuresHandler(disclosures: records.disclosures),
                    SettleDisclosures(sender: sender, items: [
                        .init(disclosure: item.disclosure, learner: learner, outcome: outcome)]), as: .notifications)
            }
            func retraction() -> AuthorizeDisclosures.Item {
                .attainment(of: learner, to: partner, type: FeedMessage.retraction, fields: FeedMessage.disclosed[FeedMessage.retraction] ?? [])
            }
            #expect(try await ask(retraction()).reason == "disclosure.nothing")
            // Refused is not told, and what failed may have been read.
            #expect(try await ask(.attainment(of: learner, to: partner, type: OutcomeMet.type)).reason == "consent.type")
            #expect(try await ask(retraction()).reason == "disclosure.nothing")
            let sent = AuthorizeDisclosures.Item.attainment(of: learner, to: partner)
            #expect(try await ask(sent).allowed)
            try await settle(sent, .failed)
            let leaving = retraction()
            let verdict = try await ask(leaving)
            #expect(verdict.allowed && verdict.consent == nil && verdict.learner == records.pairwise.of(partner).learner(learner))
            #expect(try await ask(leaving) == verdict)

            let withdrawal = try await records.ask(
                WithdrawConsentHandler(consents: records.consents), WithdrawConsent(consent: consent),
                as: .learner(learner))
            #expect(withdrawal.status == .effective)
            try await settle(leaving, .delivered)
            #expect(try await ask(leaving).reason == "disclosure.settled")
            let page = try await records.ask(
                ListDisclosuresHandler(disclosures: records.disclosures), ListDisclosures(learner: learner),
                as: .learner(learner))
            let line = try #require(page.items.first { $0.disclosure == leaving.disclosure })
            #expect(line.type == FeedMessage.retraction && line.basis == "retraction" && line.outcome == .delivered)
        }
    }

    @Test(arguments: [
        (0, 1, "items.count"), (257, 1, "items.count"), (256, 16, "none"), (1, 17, "references.count"),
    ])
    func `a batch is bounded`(items: Int, references: Int, expected: String) async {
        let command = AuthorizeDisclosures(sender: UUID(), items: (0..<items).map { _ in
            .attainment(of: .make(), to: .make(), references: (0..<references).map { _ in UUID() })
        })
        #expect(await rule { try command.read() } == expected)
    }

    @Test(.timeLimit(.minutes(1)))
    func `what a dead sender left open is closed as unknown, and nothing while nobody can say`() async throws {
        try await withRecords { records in
            let learner = try await records.register()
            let partner = EntityID<Partner>.make()
            _ = try await records.grant(learner, to: partner)
            let dead = UUID(), alive = UUID(), young = UUID()
            for sender in [dead, alive, young] {
                _ = try await records.disclosures.authorize(
                    [.attainment(of: learner, to: partner)], sender: sender, today: RecordsUnderTest.today)
            }
            _ = try await records.log.pool.withConnection { connection in
                try connection.execute("""
                    UPDATE disclosure SET opened_at = opened_at - interval '46 s' WHERE sender <> \(young)
                    """)
            }
            let answers = Mutex<[UUID: Bool]>([:])
            let reaper = DisclosureReaper(records.disclosures, logger: quiet) { sender in
                guard let answer = answers.withLock({ $0[sender] }) else { throw Fault(.unavailable, "nobody") }
                return answer
            }
            let start = ContinuousClock.now
            #expect(try await reaper.round(at: start) == 0)
            #expect(try await reaper.round(at: start + .seconds(60)) == 0)
            answers.withLock { $0 = [dead: false, alive: true, young: false] }
            #expect(try await reaper.round(at: start + .seconds(61)) == 0)
            #expect(try await reaper.round(at: start + .seconds(75)) == 0)
            // Notifications is away again: having been seen dead once is not enough.
            answers.withLock { $0[dead] = nil }
            #expect(try await reaper.round(at: start + .seconds(90)) == 0)
            answers.withLock { $0[dead] = false }
            #expect(try await reaper.round(at: start + .seconds(91)) == 1)
            #expect(try await reaper.round(at: start + .seconds(120)) == 0)
            let rows = try await records.log.reader.query("SELECT sender, outcome FROM disclosure ORDER BY outcome")
            let found = try rows.decode((UUID, String).self).map { "\($0.1) \($0.0 == dead)" }
            #expect(found == ["open false", "open false", "unknown true"])
        }
    }
}
