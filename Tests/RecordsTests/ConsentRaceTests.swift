import Domain
import Foundation
import Support
import Synchronization
import Testing
@testable import Records

/// After a withdrawal was answered `effective`, no byte of the learner leaves under it. Senders authorize, send and
/// settle as fast as they can while the consent is withdrawn; a send that happens after the answer is a violation.
@Suite struct ConsentRaceTests {
    enum Variant: String, CaseIterable { case whole, withoutLock, withoutDrain }

    @Test(.timeLimit(.minutes(3)))
    func `nothing is sent after a withdrawal was answered effective`() async throws {
        try await withRecords { records in
            var late = 0
            for round in 0..<40 { late += try await Self.race(records, .whole, wide: round.isMultiple(of: 2)) }
            #expect(late == 0)
            let left = try await records.disclosures.open()
            #expect(left.count == 0)
        }
    }

    /// The test would be worth nothing if it did not see what each half of the protection is for.
    @Test(.timeLimit(.minutes(3)), arguments: [Variant.withoutLock, .withoutDrain])
    func `without the lock, or without the drain, sends are seen after the answer`(variant: Variant) async throws {
        try await withRecords { records in
            var late = 0
            for _ in 0..<60 where late == 0 { late += try await Self.race(records, variant, wide: true) }
            #expect(late > 0)
        }
    }

    /// One consent's life.
    /// - Parameter wide: hesitate between looking and opening, and between the verdict and the send.
    /// - Returns: how many sends came after the answer.
    static func race(_ records: RecordsUnderTest, _ variant: Variant, wide: Bool) async throws -> Int {
        var disclosures = records.disclosures
        disclosures.locksConsents = variant != .withoutLock
        if wide { disclosures.hesitation = { try? await Task.sleep(for: .milliseconds(Int.random(in: 0...6))) } }
        let store = disclosures
        let learner = try await records.register()
        let partner = EntityID<Partner>.make()
        let consent = try await records.grant(learner, to: partner)
        let score = Score()

        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    let sender = UUID()
                    var after = 0
                    while after < 2 {
                        if score.isEffective { after += 1 }
                        let items = (0..<4).map { _ in AuthorizeDisclosures.Item.attainment(of: learner, to: partner) }
                        let verdicts = try await store.authorize(items, sender: sender, today: RecordsUnderTest.today)
                        score.count(begun: 1)
                        let allowed = zip(items, verdicts).filter(\.1.allowed).map(\.0)
                        if allowed.isEmpty { continue }
                        if wide { try await Task.sleep(for: .milliseconds(Int.random(in: 0...3))) }
                        // This is the send.
                        if score.isEffective { score.count(late: allowed.count) }
                        try await store.settle(allowed.map {
                            SettleDisclosures.Item(disclosure: $0.disclosure, learner: learner, outcome: .delivered)
                        }, sender: sender)
                    }
                }
            }
            group.addTask {
                while score.begun < 5 { try await Task.sleep(for: .milliseconds(1)) }
                let handler = WithdrawConsentHandler(
                    consents: records.consents, waitsForSends: variant != .withoutDrain)
                var status = ConsentStatus.draining
                var key = 0
                while status != .effective {
                    // The senders hold the row in turn; a wait for it that is cut short is repeated as a caller would.
                    do {
                        status = try await records.ask(
                            handler, WithdrawConsent(consent: consent), as: .learner(learner), key: "w").status
                    } catch let fault as Fault where fault.retry == .withSameKey { key += 1 }
                }
                score.answered()
                #expect(key == 0, "the withdrawal had to be repeated \(key) times")
            }
            try await group.waitForAll()
        }
        return score.late
    }
}

/// What the senders of one race and its withdrawal know of each other.
private final class Score: Sendable {
    private let state = Mutex((isEffective: false, late: 0, begun: 0))

    var isEffective: Bool { state.withLock { $0.isEffective } }
    var late: Int { state.withLock { $0.late } }
    var begun: Int { state.withLock { $0.begun } }
    func answered() { state.withLock { $0.isEffective = true } }

    func count(late: Int = 0, begun: Int = 0) {
        state.withLock { state in
            state.late += late
            state.begun += begun
        }
    }
}
