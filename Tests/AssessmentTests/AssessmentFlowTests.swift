import Domain
import EventLog
import Foundation
import ServiceKit
import Storage
import Support
import Testing
@testable import Assessment

@Suite struct AssessmentFlowTests {
    @Test(.timeLimit(.minutes(2)))
    func `not yet, more evidence and met follow each other, and the learner sees all of it`() async throws {
        try await withAssessment { service in
            let opened = try await service.open()
            let judge = Subject.assessor(opened.assessor)
            let notYet = try await service.ask(service.judging, opened.judgment(2, 3), as: judge)
            let asked = try await service.ask(
                service.judging,
                RecordJudgment(
                    assessment: opened.assessment, license: opened.license, criteria: [], moreEvidenceNeeded: true),
                as: judge)
            _ = try await service.submit(to: opened.assessment, "Second draft")
            let met = try await service.ask(
                service.judging, opened.judgment(3, 4, feedback: nil), as: judge)
            #expect([notYet.outcome, asked.outcome, met.outcome] == [.notYet, .moreEvidenceNeeded, .met])
            #expect(await rule { try await service.ask(service.judging, opened.judgment(4, 4), as: judge) }
                    == "assessment.met")
            _ = try await service.ask(
                VoidAssessmentHandler(assessments: service.assessments),
                VoidAssessment(assessment: opened.assessment, reason: "Not the learner's own work."), as: .operator)
            #expect(try await service.events(of: opened.assessment.uuid) == [
                "assessment_requested", "evidence_submitted", "judgment_recorded", "outcome_not_yet",
                "judgment_recorded", "more_evidence_asked", "evidence_submitted", "judgment_recorded", "outcome_met",
                "assessment_voided",
            ])

            let query = GetAssessment(assessment: opened.assessment)
            let handler = GetAssessmentHandler(assessments: service.assessments)
            let seen = try await service.ask(handler, query, as: .learner(Given.learner))
            #expect(seen.judgments.map(\.judgment) == [notYet, asked, met].map(\.judgment))
            #expect(seen.outcome == .void && seen.evidence.map(\.title) == ["Draft 0", "Second draft"])
            #expect(try await service.ask(handler, query, as: .educator(Given.school)) == seen)
            #expect(try await service.ask(handler, query, as: judge) == seen)
            #expect(await rule { try await service.ask(handler, query, as: .learner(.make())) } == "not_found")
            #expect(await rule { try await service.ask(handler, query, as: .educator(Given.board)) } == "not_found")
            #expect(await rule { try await service.ask(handler, query, as: .operator) } == "forbidden")
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `a refused attempt is on record exactly once, however often it is repeated with its key`() async throws {
        try await withAssessment { service in
            let opened = try await service.open(targets: ["urn:x:a"])
            let judge = Subject.assessor(opened.assessor)
            let answers = await withTaskGroup(of: Fault?.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        do {
                            _ = try await service.ask(service.judging, opened.judgment(3, 3), as: judge, key: "once")
                            return nil
                        } catch { return error as? Fault }
                    }
                }
                return await group.reduce(into: [Fault?]()) { $0.append($1) }
            }
            #expect(answers == Array(repeating: LicenseRule.scope.refusal, count: 8))
            #expect(try await service.events(of: opened.assessment.uuid)
                    == ["assessment_requested", "evidence_submitted", "judgment_refused"])

            // The license is read anew each time, a repeat is not: its answer stands.
            let wider = try await service.ask(
                GrantLicenseHandler(licenses: service.licenses, assessors: service.assessors),
                GrantLicense(
                    assessor: opened.assessor, issuer: Given.board,
                    scope: LicenseScope(targets: ["urn:x:a", "urn:x:b"]), from: Given.first, until: Given.last),
                as: .operator).license
            var command = opened.judgment(3, 3)
            command.license = wider
            #expect(await rule {
                try await service.ask(service.judging, command, as: judge, key: "once")
            } == "key_reused")
            #expect(try await service.ask(service.judging, command, as: judge).outcome == .met)
            #expect(await rule {
                try await service.ask(service.judging, opened.judgment(3, 3), as: judge, key: "once")
            } == "license.scope")
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `repeats of every command meet the first answer and change nothing`() async throws {
        try await withAssessment { service in
            let opened = try await service.open()
            let judge = Subject.assessor(opened.assessor)
            let evidence = try await service.submit(to: opened.assessment, "Essay", key: "e")
            let judgment = try await service.ask(service.judging, opened.judgment(1, 1), as: judge, key: "j")
            let request = RequestAssessment(
                learner: Given.learner, rubric: opened.rubric, setting: .online, organization: Given.school,
                assessor: opened.assessor)
            let requested = try await service.ask(
                service.requesting, request, as: .educator(Given.school), key: "r")

            let before = try await service.events(of: opened.assessment.uuid)
            let again = try await service.ask(service.judging, opened.judgment(1, 1), as: judge, key: "j")
            #expect(try await service.submit(to: opened.assessment, "Essay", key: "e") == evidence)
            #expect(again == judgment)
            #expect(try await service.ask(
                service.requesting, request, as: .educator(Given.school), key: "r") == requested)
            #expect(try await service.events(of: opened.assessment.uuid) == before)
            #expect(try await service.events(of: requested.assessment.uuid) == ["assessment_requested"])
            #expect(requested.assessment.partition == Given.learner.partition)
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `an educator opens assessments of learners in their organization's custody alone`() async throws {
        try await withAssessment { service in
            let opened = try await service.open(), other = EntityID<Learner>.make()
            func request(_ learner: EntityID<Learner>, _ organization: EntityID<Organization>) -> RequestAssessment {
                RequestAssessment(
                    learner: learner, rubric: opened.rubric, setting: .work, organization: organization,
                    assessor: opened.assessor)
            }
            let both = Subject(id: "client:both", grants: [
                RoleGrant(.educator, over: Given.school.uuid), RoleGrant(.educator, over: Given.board.uuid)])
            for (subject, learner, organization) in [
                (Subject.educator(Given.school), other, Given.school),
                (Subject.educator(Given.board), Given.learner, Given.board), (both, Given.learner, Given.board),
            ] {
                #expect(await rule {
                    try await service.ask(service.requesting, request(learner, organization), as: subject)
                } == "not_found")
            }
            _ = try await service.ask(service.requesting, request(Given.learner, Given.school), as: both)

            // Whom the learner names accompanies them, though records cannot be asked; it is asked for educators alone.
            let alone = service.requesting { _ throws(Fault) in throw Fault(.unavailable, "Try again.") }
            let named = try await service.ask(
                alone, request(Given.learner, Given.board), as: .learner(Given.learner)).assessment
            #expect(try await service.ask(
                GetAssessmentHandler(assessments: service.assessments), GetAssessment(assessment: named),
                as: .educator(Given.board)).assessment == named)
            #expect(await rule {
                try await service.ask(alone, request(Given.learner, Given.school), as: .educator(Given.school))
            } == "unavailable")
            #expect(await rule {
                try await service.ask(alone, request(Given.learner, Given.school), as: .educator(Given.board))
            } == "not_found")
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `an assessment keeps the rubric version it was opened with`() async throws {
        try await withAssessment { service in
            let opened = try await service.open()
            let harder = [Given.criterion("whole", of: "urn:x:a", levels: [1, 2], metAt: 2)]
            let revised = try await service.ask(
                ReviseRubricHandler(rubrics: service.rubrics),
                ReviseRubric(rubric: opened.rubric, title: "Argument, shorter", criteria: harder), as: .operator)
            #expect(revised.version == 2)
            #expect(try await service.ask(
                service.judging, opened.judgment(3, 2), as: .assessor(opened.assessor)).outcome == .met)
            let next = try await service.ask(
                service.requesting,
                RequestAssessment(
                    learner: Given.learner, rubric: opened.rubric, setting: .work, organization: Given.school,
                    assessor: opened.assessor),
                as: .learner(Given.learner))
            #expect(next.rubricVersion == 2)

            let handler = GetRubricHandler(rubrics: service.rubrics)
            let newest = try await service.ask(handler, GetRubric(rubric: opened.rubric), as: .learner(Given.learner))
            #expect(newest.criteria == harder && newest.version == 2)
            let first = try await service.ask(handler, GetRubric(rubric: opened.rubric, version: 1), as: .operator)
            #expect(first.criteria == Given.criteria && first.title == "Argument")
            for version in [0, -1, 3, Int.max] {
                #expect(await rule {
                    try await service.ask(handler, GetRubric(rubric: opened.rubric, version: version), as: .operator)
                } == "not_found")
            }
            #expect(await rule {
                try await service.ask(handler, GetRubric(rubric: .make()), as: .operator)
            } == "not_found")
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `a revocation counts from the next judgment on, though the license was read before`() async throws {
        try await withAssessment { service in
            let opened = try await service.open()
            let judge = Subject.assessor(opened.assessor)
            #expect(try await service.ask(service.judging, opened.judgment(1, 2), as: judge).outcome == .notYet)
            _ = try await service.ask(
                RevokeLicenseHandler(licenses: service.licenses),
                RevokeLicense(license: opened.license, effectiveFrom: Given.today, reason: "Asked for it."),
                as: .operator)
            #expect(await rule { try await service.ask(service.judging, opened.judgment(3, 3), as: judge) }
                    == "license.revoked")

            let handler = GetLicenseHandler(licenses: service.licenses)
            let query = GetLicense(license: opened.license)
            let today = try await service.ask(handler, query, as: judge)
            let yesterday = try await service.ask(handler, query, as: .operator, today: day("2026-11-20"))
            #expect([today.standing, yesterday.standing] == [.revoked, .active])
            let other = try await service.open()
            let after = try await service.ask(
                handler, GetLicense(license: other.license), as: .operator, today: day("2027-07-01"))
            #expect(after.standing == .expired)
            // One login may hold both roles; that makes nobody their own judge.
            for role in [Role.learner, .guardian] {
                let both = Subject(id: "client:both", grants: [
                    RoleGrant(.assessor, over: other.assessor.uuid), RoleGrant(role, over: Given.learner.uuid)])
                #expect(await rule { try await service.ask(service.judging, other.judgment(3, 3), as: both) }
                        == "license.conflict")
            }
            #expect(await rule { try await service.ask(handler, query, as: .assessor(.make())) } == "not_found")
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `only the assessor named may judge, and only by things that exist`() async throws {
        try await withAssessment { service in
            let opened = try await service.open(evidence: 0)
            let judge = Subject.assessor(opened.assessor)
            #expect(await rule {
                try await service.ask(service.judging, opened.judgment(3, 3), as: .assessor(.make()))
            } == "not_found")
            #expect(await rule {
                try await service.ask(service.judging, opened.judgment(3, 3), as: .learner(Given.learner))
            } == "forbidden")
            var command = opened.judgment(3, 3)
            command.license = .make()
            #expect(await rule { try await service.ask(service.judging, command, as: judge) } == "license.unknown")

            // Nothing was kept under the key: what is shown later is judged with it.
            #expect(await rule {
                try await service.ask(service.judging, opened.judgment(3, 3), as: judge, key: "k")
            } == "evidence.missing")
            _ = try await service.submit(to: opened.assessment, "Essay")
            #expect(try await service.ask(service.judging, opened.judgment(3, 3), as: judge, key: "k").outcome == .met)

            for (rubric, assessor, expected) in [
                (EntityID<Rubric>.make(), opened.assessor, "rubric.unknown"),
                (opened.rubric, EntityID<Assessor>.make(), "assessor.unknown"),
            ] {
                #expect(await rule {
                    try await service.ask(
                        service.requesting,
                        RequestAssessment(
                            learner: Given.learner, rubric: rubric, setting: .school, organization: Given.school,
                            assessor: assessor),
                        as: .educator(Given.school))
                } == expected)
            }
            #expect(await rule {
                try await service.ask(
                    SubmitEvidenceHandler(assessments: service.assessments),
                    Given.evidence(for: opened.assessment), as: .educator(Given.board))
            } == "not_found")
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `of many judgments at once each is decided on the one before it`() async throws {
        try await withAssessment { service in
            let opened = try await service.open()
            let judge = Subject.assessor(opened.assessor)
            let rules = await withTaskGroup(of: String.self) { group in
                for number in 0..<12 {
                    group.addTask {
                        await rule {
                            try await service.ask(
                                service.judging, opened.judgment(3, 3), as: judge, key: "judgment \(number)")
                        }
                    }
                }
                return await group.reduce(into: [String]()) { $0.append($1) }
            }
            #expect(rules.sorted() == Array(repeating: "assessment.met", count: 11) + ["none"])
            #expect(try await service.events(of: opened.assessment.uuid)
                    == ["assessment_requested", "evidence_submitted", "judgment_recorded", "outcome_met"])
        }
    }
}
