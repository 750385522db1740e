import Domain
import Foundation

/// The learner, the school, the assessor, the record and the pathway.
extension Journey {
    func arrive() async throws {
        try await journal.step(
            "\(names.given) \(names.family), born 1990, is registered by Lakeside School District",
            seen: "the learner, the registrar of the district"
        ) {
            let reply = try await connect("registrar-\(Self.schoolName)").ask(
                RegisterLearner(
                    organization: school, givenName: names.given, familyName: names.family,
                    birthDate: try day(1990, 5, 17),
                    identifiers: [IdentifierClaim(system: "journey", kind: "seed", value: String(seed))]),
                "POST /v1/learners", key: key("register"))
            try expect(reply.learner == learner, "the id \(reply.learner) does not follow from caller and key")
        }
        try await journal.step(
            "the same registration sent again gives the same learner", seen: "nobody: nothing happened"
        ) {
            let reply = try await connect("registrar-\(Self.schoolName)").ask(
                RegisterLearner(
                    organization: school, givenName: names.given, familyName: names.family,
                    birthDate: try day(1990, 5, 17),
                    identifiers: [IdentifierClaim(system: "journey", kind: "seed", value: String(seed))]),
                "POST /v1/learners", key: key("register"))
            try expect(reply.learner == learner, "a repeated command made another learner")
        }
        try await journal.step(
            "another learner's token asks for this record and is told there is none", seen: "nobody else"
        ) {
            let stranger = try connect(SampleLoader.client(ofLearner: 0))
            do {
                _ = try await stranger.ask(GetLearnerRecord(learner: learner), "GET /v1/learners/{learner}/record")
            } catch let problem as APIProblem where problem.status == 404 { return }
            throw CommandProblem("another learner could read the record")
        }
    }

    func enroll() async throws -> EntityID<Enrollment> {
        try await journal.step(
            "enrolls in “Into an electrical apprenticeship”, pinned to version \(pathway.version)",
            seen: "the learner; the college, by consent"
        ) {
            let reply = try await connect(learnerClient).ask(
                EnrollLearner(learner: learner, pathway: pathway.pathway),
                "POST /v1/learners/{learner}/enrollments", key: key("enroll"))
            try expect(reply.version == pathway.version, "enrolled in version \(reply.version)")
            let entry = try await enrollment(reply.enrollment)
            try expect(entry.status == .active && entry.entitlements.isEmpty, "the enrollment begins as \(entry.status)")
            try expect(entry.components.allSatisfy { $0.state == .noEvidence && !$0.reason.isEmpty },
                       "a component has a state before anything was shown, or no reason")
            return reply.enrollment
        }
    }

    func notYet() async throws -> EntityID<Assessment> {
        let rubric = try rubric(Self.rubrics[0])
        let assessment = try await journal.step(
            "the school opens an assessment and submits evidence", seen: "the learner, the educators, the assessor"
        ) {
            let assessment = try await open(rubric, "first")
            try await submit("Recording of an isolation", assessment, "first")
            return assessment
        }
        try await journal.step(
            "the assessor judges: not yet for isolation, with the next step in words",
            seen: "the learner, the educators, the assessor; not the college"
        ) {
            let criteria = rubric.criteria.map { criterion in
                criterion.id == "isolation"
                    ? CriterionJudgment(
                        criterion: criterion.id, level: 1,
                        feedback: "Test for absence of voltage on all conductors, then say it aloud. Practice on the training panel.")
                    : CriterionJudgment(criterion: criterion.id, level: 3)
            }
            let reply = try await judge(assessment, criteria, "first")
            try expect(reply.outcome == .notYet && reply.unmet == ["isolation"], "the outcome is \(reply.outcome), unmet \(reply.unmet)")
            let record = try await record()
            try expect(record.isEmpty, "not yet left \(record.count) lines in the record")
        }
        return assessment
    }

    func support(_ assessment: EntityID<Assessment>) async throws {
        let educator = try connect("educator-\(Self.schoolName)")
        let found = try await journal.step(
            "a support case reaches the school, with the need and a clock", seen: "the educators of the district"
        ) {
            let entry = try await awaited("the support case", within: Self.deadline) { try await supportCase(assessment, educator) }
            try expect(entry.needs.contains { $0.contains("absence of voltage") } && entry.dueAt > .now && entry.trigger == "not_yet",
                       "the case does not say what the assessor said: \(entry)")
            return entry.supportCase
        }
        try await journal.step(
            "an educator acknowledges it, plans with the learner, and resolves it", seen: "the educators of the district"
        ) {
            _ = try await educator.ask(
                AcknowledgeSupportCase(supportCase: found), "POST /v1/support-cases/{supportCase}/acknowledge", key: key("acknowledge"))
            _ = try await educator.ask(
                PlanSupportCase(supportCase: found, plan: "Two afternoons at the training panel with a journeyworker."),
                "POST /v1/support-cases/{supportCase}/plan", key: key("plan"))
            _ = try await educator.ask(
                ResolveSupportCase(supportCase: found, resolution: "Practiced twice; ready to show it again."),
                "POST /v1/support-cases/{supportCase}/resolve", key: key("resolve"))
        }
    }

    private func supportCase(_ assessment: EntityID<Assessment>, _ educator: APIClient) async throws -> SupportCaseEntry? {
        var cursor: String?
        // A school with more than a thousand open cases needs something else than this command.
        for _ in 0..<5 {
            let page = try await educator.ask(
                ListSupportCases(organization: school, status: .raised, limit: 200, cursor: cursor), "GET /v1/support-cases")
            if let found = page.items.first(where: { $0.assessment == assessment }) { return found }
            guard let next = page.next else { return nil }
            cursor = next
        }
        return nil
    }

    func met(_ assessment: EntityID<Assessment>) async throws {
        try await journal.step(
            "new evidence, judged again: met", seen: "the learner, the educators, the assessor; the college, by consent"
        ) {
            try await submit("Second recording, on the training panel", assessment, "second")
            let reply = try await judge(assessment, levels(try rubric(Self.rubrics[0])), "second")
            try expect(reply.outcome == .met && reply.unmet.isEmpty, "the outcome is \(reply.outcome)")
        }
    }

    func meetTheRest() async throws {
        try await journal.step(
            "three more assessments, each met at the first try", seen: "the learner, the educators, the assessor; the college, by consent"
        ) {
            for name in Self.rubrics.dropFirst() { try await meet(name) }
        }
    }

    func meet(_ name: String) async throws {
        let rubric = try rubric(name)
        let assessment = try await open(rubric, name)
        try await submit("Work for \(name)", assessment, name)
        let reply = try await judge(assessment, levels(rubric), name)
        try expect(reply.outcome == .met, "\(name): the outcome is \(reply.outcome)")
    }

    var expectedTargets: Set<String> {
        Set(Self.rubrics.flatMap { pathway.rubrics[$0]?.criteria ?? [] }.map(\.target))
    }

    func readRecord() async throws {
        try await journal.step(
            "the record shows \(expectedTargets.count) attainments, each with who, under which license, from what",
            seen: "the learner, the registrar; the college, by consent"
        ) {
            let expected = expectedTargets
            let lines = try await awaited("\(expected.count) attainments", within: Self.deadline) {
                let lines = try await record()
                return lines.count >= expected.count ? lines : nil
            }
            try expect(lines.count == expected.count && Set(lines.map(\.target)) == expected, "the record has \(lines.map(\.target))")
            try expect(lines.allSatisfy {
                $0.basis == .assessed && $0.voided == nil && $0.provenance.source == "assessment"
                    && !$0.provenance.actor.isEmpty && !$0.provenance.authority.isEmpty && !$0.provenance.reference.isEmpty
            }, "an attainment does not say where it comes from: \(lines.map(\.provenance))")
        }
    }

    func complete(_ enrollment: EntityID<Enrollment>) async throws {
        let done = try await journal.step(
            "the pathway is complete and its entitlements have accrued, each once",
            seen: "the learner, the obligors; the college, by consent"
        ) {
            let entry = try await awaited("the completed enrollment", within: Self.deadline) {
                let entry = try await self.enrollment(enrollment)
                return entry.status == .completed && entry.entitlements.count >= 3 ? entry : nil
            }
            let keys = entry.entitlements.map(\.key).sorted()
            try expect(keys == ["apprenticeship-place", "electrical-credit", "site-interview"], "the entitlements are \(keys)")
            try expect(Set(entry.milestones).count == 2, "the milestones are \(entry.milestones)")
            let open = entry.components.filter { $0.state != .met }.map(\.component).sorted()
            try expect(open == ["commercial", "faults", "modeling", "solar", "teamwork"], "not met are \(open)")
            let listed = try await connect(learnerClient).ask(
                ListEntitlements(enrollment: enrollment), "GET /v1/enrollments/{enrollment}/entitlements").items
            try expect(Set(listed.map(\.entitlement)) == Set(entry.entitlements.map(\.entitlement)), "the two lists differ")
            return entry
        }
        for entitlement in done.entitlements {
            journal.remark("→ \(Terminal.printable(entitlement.title)), until \(entitlement.until)")
        }
    }

    // MARK: Small things

    func day(_ year: Int, _ month: Int, _ day: Int) throws -> CalendarDate {
        guard let date = CalendarDate(year: year, month: month, day: day) else { throw CommandProblem("there is no such day") }
        return date
    }

    func rubric(_ name: String) throws -> SampleIndex.Rubric {
        guard let rubric = pathway.rubrics[name] else { throw CommandProblem("the sample has no rubric \(name)") }
        return rubric
    }

    func levels(_ rubric: SampleIndex.Rubric) -> [CriterionJudgment] {
        rubric.criteria.map { CriterionJudgment(criterion: $0.id, level: max(3, $0.metAt)) }
    }

    func record() async throws -> [AttainmentEntry] {
        try await connect(learnerClient).ask(GetLearnerRecord(learner: learner), "GET /v1/learners/{learner}/record").attainments
    }

    func enrollment(_ id: EntityID<Enrollment>) async throws -> EnrollmentEntry {
        try await connect(learnerClient).ask(GetEnrollment(enrollment: id), "GET /v1/enrollments/{enrollment}")
    }

    func open(_ rubric: SampleIndex.Rubric, _ name: String) async throws -> EntityID<Assessment> {
        try await connect("educator-\(Self.schoolName)").ask(
            RequestAssessment(
                learner: learner, rubric: rubric.rubric, setting: .school, organization: school, assessor: pathway.assessor),
            "POST /v1/assessments", key: key("open-\(name)")).assessment
    }

    func submit(_ title: String, _ assessment: EntityID<Assessment>, _ name: String) async throws {
        _ = try await connect("educator-\(Self.schoolName)").ask(
            Evidence.sample(title, assessment), "POST /v1/assessments/{assessment}/evidence", key: key("evidence-\(name)"))
    }

    func judge(
        _ assessment: EntityID<Assessment>, _ criteria: [CriterionJudgment], _ name: String
    ) async throws -> RecordJudgment.Reply {
        try await connect(pathway.assessorClient).ask(
            RecordJudgment(assessment: assessment, license: pathway.license, criteria: criteria),
            "POST /v1/assessments/{assessment}/judgments", key: key("judge-\(name)"))
    }
}
