import Domain
import EventLog
import Storage
import Foundation
import PathwayEngine
import ServiceSupport
import Support
import Testing
@testable import Pathways

@Suite struct EnrollmentTests {
    static let today = PathwaysUnderTest.today

    @Test func `what is reached is said once: a voiding withdraws components, and nothing that was earned`() throws {
        let learner = EntityID<Learner>.make(), document = PathwayDocument.welder()
        let compiled = try CompiledPathway.compile(document)
        var enrollment = try #require(EnrollmentState(LearnerEnrolled(
            enrollment: .make(), learner: learner, pathway: .make(), pathwayVersion: 1, title: "Welder")))
        func walk(_ targets: [(String, Double?)], because: EntityID<Attainment>? = nil) -> [String] {
            let held = targets.map { target, level in
                HeldAttainment(id: .make(), target: target, level: level.map { .number($0) }, from: day("2026-01-01"))
            }
            let standing = compiled.evaluate(LearnerFacts(held), on: Self.today)
            let progress = Progress(of: enrollment, to: standing, in: document, because: because, on: Self.today)
            let events = progress.events + progress.earned
            for event in events { enrollment.evolve(event) }
            return events.map { event in
                switch event {
                case let event as ComponentFulfilled: "+\(event.component)"
                case let event as ComponentFulfillmentWithdrawn: "-\(event.component)"
                case let event as MilestoneReached: "milestone \(event.title)"
                case is PathwayCompleted: "completed"
                case let event as EntitlementAccrued: "\(event.key) until \(event.until)"
                default: "?"
                }
            }
        }
        let all: [(String, Double?)] = [(PathwayDocument.safety, nil), (PathwayDocument.welding, 3)]
        #expect(walk([(PathwayDocument.welding, 1)]) == [])
        #expect(walk([all[1]]) == ["+welding"])
        #expect(walk(all) == ["+core", "+safety", "+shop", "milestone Core done", "completed",
                              "interview until 2027-02-19"])
        #expect(walk(all) == [])
        #expect(walk([all[0]], because: .make()) == ["-core", "-shop", "-welding"])
        #expect(enrollment.isCompleted && enrollment.milestones == ["core"])
        #expect(walk(all) == ["+core", "+shop", "+welding"])
    }

    @Test(.timeLimit(.minutes(2)))
    func `a learner completes by the pinned version; each entitlement accrues once over duplicates and enrollments`()
        async throws {
        try await withPathways { pathways in
            let (body, seat) = try await pathways.body()
            let pathway = try await pathways.draft(.welder(), for: body)
            try await pathways.carry(pathway, by: body, seat)
            let learner = EntityID<Learner>.make(), feed = ScriptedFeed()

            // Known before the enrollment: evaluated at once.
            let safety = AttainmentRecorded.sample(of: learner, PathwayDocument.safety)
            feed.append(safety, learner)
            try await feed.digest(pathways.reaction, pathways.log)
            let enrolled = try await pathways.enroll(learner, in: pathway, key: "k")
            #expect(try await pathways.enroll(learner, in: pathway, key: "k") == enrolled)
            #expect(await rule { try await pathways.enroll(learner, in: pathway) } == "enrollment.active")
            #expect(try await pathways.events(of: enrolled.enrollment.uuid)
                    == ["learner_enrolled", "component_fulfilled"])

            // A later version asks for more; the enrollment does not care.
            _ = try await pathways.ask(
                RevisePathwayHandler(governance: pathways.governance, pathways: pathways.pathways),
                RevisePathway(pathway: pathway, version: 2, document: .welder(level: 4)), as: .operator)
            try await pathways.carry(pathway, version: 2, by: body, seat)
            let welding = AttainmentRecorded.sample(of: learner, PathwayDocument.welding, level: 2)
            // The same fact under several event ids, as after a source was restored.
            for _ in 0..<3 { feed.append(welding, learner) }
            feed.append(AttainmentRecorded.sample(of: learner, PathwayDocument.welding, level: 3), learner)
            try await feed.digest(pathways.reaction, pathways.log)
            let done = try await pathways.enrollment(enrolled.enrollment, of: learner)
            #expect(done.status == .completed && done.version == 1 && done.completedAt != nil)
            #expect(done.milestones == ["core"] && done.entitlements.map(\.key) == ["interview"])
            #expect(done.recordsPosition == "5" && done.components.map(\.state) == [.met, .met, .met, .met])
            #expect(try await pathways.events(of: enrolled.enrollment.uuid).filter { $0 == "entitlement_accrued" }.count
                    == 1)

            // Another version, another enrollment, the same right.
            let second = try await pathways.enroll(learner, in: pathway)
            #expect(second.version == 2)
            feed.append(AttainmentRecorded.sample(of: learner, PathwayDocument.welding, level: 5), learner)
            try await feed.digest(pathways.reaction, pathways.log)
            #expect(try await pathways.enrollment(second.enrollment, of: learner).status == .completed)
            #expect(await rule { try await pathways.enroll(learner, in: pathway, version: 1) } == "enrollment.completed")
            #expect(try await pathways.count("""
                SELECT count(*) FROM event WHERE type = \(EntitlementAccrued.type)
                """) == 1)
            let list = ListEnrollmentsHandler(enrollments: pathways.enrollments)
            let first = try await pathways.ask(list, ListEnrollments(learner: learner, limit: 1), as: .learner(learner))
            let rest = try await pathways.ask(
                list, ListEnrollments(learner: learner, limit: 1, cursor: first.next), as: .learner(learner))
            #expect(Set((first.items + rest.items).map(\.enrollment)) == [enrolled.enrollment, second.enrollment])
            #expect(first.next != nil && rest.next == nil)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a voided attainment takes back what rests on it, and only the learner may look`() async throws {
        try await withPathways { pathways in
            let pathway = try await pathways.certified(.welder())
            let learner = EntityID<Learner>.make(), feed = ScriptedFeed()
            let enrolled = try await pathways.enroll(learner, in: pathway).enrollment
            let facts = [AttainmentRecorded.sample(of: learner, PathwayDocument.safety),
                         AttainmentRecorded.sample(of: learner, PathwayDocument.welding, level: 2)]
            for fact in facts { feed.append(fact, learner) }
            feed.append(AttainmentVoided(
                attainment: facts[0].attainment, learner: learner, target: facts[0].target, reason: "r"), learner)
            // Heard again after its voiding, it stays void.
            feed.append(facts[0], learner)
            try await feed.digest(pathways.reaction, pathways.log)
            let entry = try await pathways.enrollment(enrolled, of: learner)
            #expect(entry.components.map(\.state) == [.noEvidence, .met, .inProgress, .inProgress])
            #expect(entry.status == .completed && entry.entitlements.count == 1)
            #expect(entry.components[1].attainments == [facts[1].attainment])
            #expect(try await pathways.events(of: enrolled.uuid) == [
                "learner_enrolled", "component_fulfilled", "component_fulfilled", "component_fulfilled",
                "component_fulfilled", "milestone_reached", "pathway_completed", "entitlement_accrued",
                "component_fulfillment_withdrawn", "component_fulfillment_withdrawn",
                "component_fulfillment_withdrawn",
            ])
            #expect(await rule {
                try await pathways.ask(
                    GetEnrollmentHandler(enrollments: pathways.enrollments), GetEnrollment(enrollment: enrolled),
                    as: .learner(.make()))
            } == "not_found")
            #expect(await rule {
                try await pathways.ask(
                    pathways.enrolling, EnrollLearner(learner: learner, pathway: pathway), as: .learner(.make()))
            } == "not_found")
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `an enrollment and an attainment at the same moment find each other`() async throws {
        try await withPathways { pathways in
            let pathway = try await pathways.certified(.welder())
            let learners = (0..<24).map { _ in EntityID<Learner>.make() }
            let feed = ScriptedFeed()
            for learner in learners { feed.append(AttainmentRecorded.sample(of: learner, PathwayDocument.safety), learner) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await feed.digest(pathways.reaction, pathways.log) }
                for learner in learners {
                    group.addTask { _ = try await pathways.enroll(learner, in: pathway) }
                }
                try await group.waitForAll()
            }
            #expect(try await pathways.count("""
                SELECT count(*) FROM event WHERE type = \(ComponentFulfilled.type)
                """) == learners.count)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `an enrollment and a reaction for one learner wait for each other`() async throws {
        try await withPathways { pathways in
            let pathway = try await pathways.certified(.welder())
            let learner = EntityID<Learner>.make(), feed = ScriptedFeed()
            feed.append(AttainmentRecorded.sample(of: learner, PathwayDocument.safety), learner)
            let waiting: SQL = """
                SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                 WHERE d.datname = current_database() AND l.locktype = 'advisory' AND NOT l.granted
                """
            let both = try await pathways.log.pool.withTransaction { connection -> [Task<Void, any Error>] in
                _ = try connection.execute(Lock.learner(learner))
                let both = [
                    Task.detached { try await feed.digest(pathways.reaction, pathways.log) },
                    Task.detached { _ = try await pathways.enroll(learner, in: pathway) },
                ]
                // Both must be seen waiting, or one of them would not have seen the other's work.
                var seen = 0
                for _ in 0..<150 {
                    seen = try await pathways.count(waiting)
                    if seen == both.count { break }
                    try await Task.sleep(for: .milliseconds(10))
                }
                #expect(seen == both.count)
                return both
            }
            for task in both { try await task.value }
            #expect(try await pathways.count("""
                SELECT count(*) FROM event WHERE type = \(ComponentFulfilled.type)
                """) == 1)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a learner who enrolls twice at once is enrolled once`() async throws {
        try await withPathways { pathways in
            let pathway = try await pathways.certified(.welder())
            let learner = EntityID<Learner>.make()
            let outcomes = await withTaskGroup(of: String.self) { group in
                for _ in 0..<5 { group.addTask { await rule { try await pathways.enroll(learner, in: pathway) } } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.sorted() == Array(repeating: "enrollment.active", count: 4) + ["none"])
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `an item's uri and its identifier are the same target, once its framework is here`() async throws {
        try await withPathways { pathways in
            var document = PathwayDocument.welder()
            document.components[1].level = nil
            let pathway = try await pathways.certified(document)
            let learner = EntityID<Learner>.make(), feed = ScriptedFeed()
            let enrolled = try await pathways.enroll(learner, in: pathway).enrollment
            let item = UUID()
            feed.append(AttainmentRecorded.sample(of: learner, "urn:uuid:\(item.uuidString)"), learner)
            try await feed.digest(pathways.reaction, pathways.log)
            #expect(try await pathways.enrollment(enrolled, of: learner).components[1].state == .noEvidence)

            _ = try await pathways.ask(
                pathways.importing,
                ImportFramework(package: FrameworkTests.package(items: [(item, PathwayDocument.welding)])),
                as: .operator)
            #expect(try await pathways.enrollment(enrolled, of: learner).components[1].state == .met)

            // Another framework, another item, the same uri: neither this process nor a new one takes back what was met.
            _ = try await pathways.ask(
                pathways.importing,
                ImportFramework(package: FrameworkTests.package(items: [(UUID(), PathwayDocument.welding)])),
                as: .operator)
            for process in [pathways, PathwaysUnderTest(pathways.log)] {
                #expect(try await process.enrollment(enrolled, of: learner).components[1].state == .met)
            }
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a framework by which a pathway contradicts itself leaves that one as it was certified, and others alone`()
        async throws {
        try await withPathways { pathways in
            let item = UUID()
            var odd = PathwayDocument.welder(title: "Odd")
            odd.components[0].target = "urn:uuid:\(item.uuidString.lowercased())"
            odd.components[1].level = nil
            odd.components[2].condition = .init(.all, of: [.component("welding"), .condition(.init(.none, of: [.component("safety")]))])
            let first = try await pathways.certified(odd), second = try await pathways.certified(.welder())
            let learner = EntityID<Learner>.make(), feed = ScriptedFeed()
            let oddly = try await pathways.enroll(learner, in: first).enrollment
            let plainly = try await pathways.enroll(learner, in: second).enrollment
            _ = try await pathways.ask(
                pathways.importing,
                ImportFramework(package: FrameworkTests.package(items: [(item, PathwayDocument.welding)])),
                as: .operator)
            feed.append(AttainmentRecorded.sample(of: learner, PathwayDocument.welding, level: 3), learner)
            try await feed.digest(pathways.reaction, pathways.log)
            #expect(try await pathways.enrollment(plainly, of: learner).components[1].state == .met)
            #expect(try await pathways.enrollment(oddly, of: learner).components.map(\.state)
                == [.noEvidence, .met, .met, .met])
        }
    }
}
