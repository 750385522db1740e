import Domain
import EventLog
import Foundation
import Storage
import ServiceSupport
import Support
import Testing
@testable import Records

@Suite struct AttainmentTests {
    @Test func `an outcome is recorded once, with where it comes from`() throws {
        let learner = EntityID<Learner>.make()
        let outcome = OutcomeMet.sample(of: learner)
        let target = outcome.attained[0]
        let events = decide(nil, recording: target, from: outcome, actor: "client:assessor")
        let attainment = try #require(events.first.flatMap(AttainmentState.init))
        #expect(attainment.id.partition == learner.partition)
        #expect(attainment.provenance == Provenance(
            source: "assessment", actor: "client:assessor", authority: "license/\(outcome.license)",
            reference: outcome.judgment.description))
        #expect(decide(attainment, recording: target, from: outcome, actor: "client:assessor").isEmpty)
    }

    @Test func `an attainment is voided once`() throws {
        let outcome = OutcomeMet.sample(of: .make())
        var attainment = try #require(AttainmentState(
            decide(nil, recording: outcome.attained[0], from: outcome, actor: "a")[0]))
        for event in try decide(voiding: attainment, reason: "wrong learner").events { attainment.evolve(event) }
        #expect(throws: Fault.self) { try decide(voiding: attainment, reason: "again") }
    }

    @Test(.timeLimit(.minutes(1)))
    func `outcomes become a record, an assessment's void takes back what is left of it`() async throws {
        try await withRecords { records in
            // Not registered here: nothing may get lost for that.
            let stranger = EntityID<Learner>.make()
            let learner = try await records.register()
            let kept = OutcomeMet.sample(of: learner), outcome = OutcomeMet.sample(of: learner, targets: 3)
            let foreign = OutcomeMet.sample(of: stranger)
            let feed = ScriptedFeed(actor: "client:assessor")
            feed.append(kept, kept.learner)
            feed.append(outcome, learner)
            feed.append(foreign, stranger)
            // Heard twice under different ids: the same attainments.
            feed.append(outcome, learner)
            try await feed.digest(AttainmentsReaction(attainments: records.attainments), records.log)

            let query = GetLearnerRecordHandler(learners: records.learners, attainments: records.attainments)
            let before = try await records.ask(query, GetLearnerRecord(learner: learner), as: .learner(learner))
            #expect(before.attainments.map(\.target)
                    == kept.attained.map(\.target) + outcome.inOrder.map(\.target))
            let theirs = try await records.ask(query, GetLearnerRecord(learner: stranger), as: .learner(stranger))
            #expect(theirs.attainments.map(\.provenance.reference) == [foreign.judgment.description])

            // One by the registrar, the rest by the assessment's void.
            let first = before.attainments[1].attainment
            let void = VoidAttainmentHandler(attainments: records.attainments, learners: records.learners)
            let command = VoidAttainment(attainment: first, reason: "Entered for the wrong learner.")
            #expect(await rule {
                try await records.ask(void, command, as: .registrar(.make()))
            } == "not_found")
            _ = try await records.ask(void, command, as: .registrar(school))
            #expect(await rule {
                try await records.ask(void, command, as: .registrar(school))
            } == "attainment.voided")
            feed.append(AssessmentVoided(assessment: outcome.assessment, learner: learner, reason: "rubric"), learner)
            try await feed.digest(AttainmentsReaction(attainments: records.attainments), records.log)

            let after = try await records.ask(query, GetLearnerRecord(learner: learner), as: .registrar(school))
            #expect(after.attainments.map { $0.voided.map { "\($0.by): \($0.reason)" } } == [
                nil, "client:registrar: Entered for the wrong learner.", "client:assessor: rubric",
                "client:assessor: rubric",
            ])
            let known = before.attainments.map(\.recordedAt).max()
            let then = try await records.ask(
                query, GetLearnerRecord(learner: learner, knownAt: known), as: .learner(learner))
            #expect(then == before)
            #expect(try await records.events(of: first.uuid)
                    == ["records.attainment_recorded", "records.attainment_voided"])
        }
    }

    @Test(.timeLimit(.minutes(2)), arguments: [UInt64.random(in: .min ... .max)])
    func `a record read as of any day, as known at any moment, is what a plain walk through its history says`(
        seed: UInt64
    ) async throws {
        try await withRecords { records in
            var random = SplitMix64(seed: seed)
            let start = day("2026-01-01")
            let base = moment("2026-03-01T00:00:00Z")
            for _ in 0..<40 {
                let learner = EntityID<Learner>.make()
                let history = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                    Line.random(start: start, base: base, &random)
                }
                for line in history { try await records.insert(line, learner) }
                for _ in 0..<12 {
                    let asOf = CalendarDate(daysSince1970: start.daysSince1970 + .random(in: -1...11, using: &random))
                    let knownAt = Bool.random(using: &random)
                        ? nil : base.advanced(by: .microseconds(Int64.random(in: -1...11, using: &random)))
                    let read = try await records.attainments.record(of: learner, asOf: asOf, knownAt: knownAt).lines
                    let model = Line.walk(history, asOf: asOf, knownAt: knownAt)
                    #expect(read.map { Seen($0) } == model, "seed \(seed), \(asOf), \(knownAt?.description ?? "now")")
                }
            }
        }
    }

    /// Thirteen years of school alone are more lines than one answer holds.
    @Test(.timeLimit(.minutes(1)))
    func `a record of any length is read in pages, each within one reply, without a gap`() async throws {
        try await withRecords { records in
            let learner = try await records.register()
            let long = "https://example.org/" + String(repeating: "i", count: 1900)
            _ = try await records.log.pool.withConnection { connection in
                try connection.execute("""
                    INSERT INTO attainment (partition, id, learner, target, basis, effective_from, recorded_at, source,
                                            actor, authority, reference)
                    SELECT \(learner.partition), gen_random_uuid(), \(learner),
                           CASE WHEN n % 10 = 0 THEN \(long) ELSE 'https://example.org/item' END, 'assessed',
                           '2026-01-01', timestamptz '2026-03-01' + n / 3 * interval '1 second', 's', 'a', 'l', 'r'
                      FROM generate_series(1, 4000) n
                    """)
            }
            let query = GetLearnerRecordHandler(learners: records.learners, attainments: records.attainments)
            var seen: [AttainmentEntry] = []
            var pages = 0
            var cursor: String?
            repeat {
                let page = try await records.ask(
                    query, GetLearnerRecord(learner: learner, cursor: cursor), as: .learner(learner))
                #expect(Wire.encode(page).count < 1 << 20 && !page.attainments.isEmpty)
                seen += page.attainments
                pages += 1
                cursor = page.next
            } while cursor != nil
            #expect(seen.count == 4000 && Set(seen.map(\.attainment)).count == 4000 && pages > 3)
            #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.recordedAt <= $1.recordedAt })
            #expect(await rule {
                try await records.ask(query, GetLearnerRecord(learner: learner, cursor: "x"), as: .learner(learner))
            } == "cursor")
        }
    }
}

/// One line of a made-up history. Small ranges, so that bounds meet often.
private struct Line {
    var id: EntityID<Attainment>
    var from: CalendarDate
    var until: CalendarDate?
    var recordedAt: Timestamp
    var voidedAt: Timestamp?

    static func random(start: CalendarDate, base: Timestamp, _ random: inout SplitMix64) -> Line {
        let from = CalendarDate(daysSince1970: start.daysSince1970 + .random(in: 0...9, using: &random))
        let recorded = base.advanced(by: .microseconds(Int64.random(in: 0...9, using: &random)))
        return Line(
            id: .make(), from: from,
            until: Bool.random(using: &random)
                ? nil : CalendarDate(daysSince1970: from.daysSince1970 + .random(in: 0...5, using: &random)),
            recordedAt: recorded,
            voidedAt: Bool.random(using: &random)
                ? nil : recorded.advanced(by: .microseconds(Int64.random(in: 0...5, using: &random))))
    }

    /// Entry by entry, as a clerk would.
    static func walk(_ history: [Line], asOf: CalendarDate, knownAt: Timestamp?) -> [Seen] {
        var seen: [Seen] = []
        for line in history {
            if let knownAt, line.recordedAt > knownAt { continue }
            if asOf < line.from { continue }
            if let until = line.until, asOf > until { continue }
            var voided = false
            if let voidedAt = line.voidedAt { voided = knownAt.map { voidedAt <= $0 } ?? true }
            seen.append(Seen(recordedAt: line.recordedAt, id: line.id, isVoided: voided))
        }
        return seen.sorted { ($0.recordedAt, $0.id) < ($1.recordedAt, $1.id) }
    }
}

private struct Seen: Equatable {
    var recordedAt: Timestamp
    var id: EntityID<Attainment>
    var isVoided: Bool
}

extension Seen {
    init(_ entry: AttainmentEntry) {
        self.init(recordedAt: entry.recordedAt, id: entry.attainment, isVoided: entry.voided != nil)
    }
}

extension RecordsUnderTest {
    fileprivate func insert(_ line: Line, _ learner: EntityID<Learner>) async throws {
        _ = try await log.pool.withConnection { connection in
            try connection.execute("""
                INSERT INTO attainment (partition, id, learner, target, basis, effective_from, effective_until,
                                        recorded_at, source, actor, authority, reference, voided_at, voided_by,
                                        void_reason)
                VALUES (\(learner.partition), \(line.id), \(learner), 'https://example.org/item', 'assessed',
                        \(line.from), \(line.until), \(line.recordedAt), 's', 'a', 'l', 'r', \(line.voidedAt),
                        \(line.voidedAt.map { _ in "a" }), \(line.voidedAt.map { _ in "r" }))
                """)
        }
    }
}

extension OutcomeMet {
    static func sample(of learner: EntityID<Learner>, targets: Int = 1) -> OutcomeMet {
        let name = UUID().text
        return OutcomeMet(
            assessment: .following("assessment", name, alongside: learner.uuid), learner: learner,
            judgment: .following("judgment", name, alongside: learner.uuid), license: .following("license", name),
            setting: LearningSetting.allCases[0],
            attained: (0..<targets).map { AttainedTarget(target: "https://example.org/\(name)/\($0)", level: 3) },
            effectiveOn: day("2026-11-20"))
    }

    /// As they are recorded: by their attainments' ids.
    var inOrder: [AttainedTarget] {
        attained.sorted {
            EntityID<Attainment>.following(judgment, $0.target, of: learner)
                < EntityID<Attainment>.following(judgment, $1.target, of: learner)
        }
    }
}
