import Domain

extension GoldenTable {
    mutating func addPathwaysRequests() {
        request(RegisterOrganization(title: "Reading the Land", kinds: [.school], region: "north", id: id(2)),
            RegisterOrganization.Reply(organization: id(2)))
        request(GetOrganization(organization: id(2)), GetOrganization.Reply(organization: id(2),
            title: "Reading the Land", kinds: [.school], region: "north"))
        request(ImportFramework(package: casePackage, upload: id(14)), ImportFramework.Reply(framework: id(13),
            title: "Reading the Land", version: 2, imported: true, items: 1, associations: 1,
            repairs: [ImportRepair(pointer: "/CFItems/0", rule: "case.text", message: "A blank was removed.")],
            repairCounts: [RepairCount(rule: "case.text", count: 1)]))
        request(StageUpload(upload: id(14), part: 1, of: 1, content: "eyJDRkRvY3VtZW50Ijp7fX0="), Done())
        request(GetFramework(framework: id(13)), GetFramework.Reply(framework: id(13), document: id(13), version: 2,
            title: "Reading the Land", creator: "Mountain State", items: 1, associations: 1, importedAt: moment))
        request(ListFrameworkItems(framework: id(13), limit: 50, cursor: "b2Zmc2V0"),
            Page(items: [FrameworkItem(target: "urn:uuid:10000000-0000-4000-8000-000000000001",
            uri: "https://frameworks.example/items/1", code: "R.1", statement: "Reads a map.", type: "Standard",
            parent: "urn:uuid:10000000-0000-4000-8000-000000000000", sequence: 1)], next: "b2Zmc2V0"))
        request(ConstituteBody(title: "Reading the Land", jurisdiction: "state", requiredSectors: ["education"],
            quorum: 3), ConstituteBody.Reply(body: id(15)))
        request(FillSeat(body: id(15), sector: "education", holder: "client:member-1", from: day, until: day),
            FillSeat.Reply(seat: id(16)))
        request(VacateSeat(body: id(15), seat: id(16), until: day), Done())
        request(GetBody(body: id(15)), GetBody.Reply(body: id(15), title: "Reading the Land", jurisdiction: "state",
            requiredSectors: ["education"], quorum: 3, seats: [SeatEntry(seat: id(16), sector: "education",
            holder: "client:member-1", from: day, until: day)]))
        request(TableMotion(body: id(15), title: "Reading the Land", pathway: id(18), version: 2),
            TableMotion.Reply(motion: id(17)))
        request(CastBallot(motion: id(17), seat: id(16), choice: .yes), Done())
        request(CloseMotion(motion: id(17)), MotionEntry(motion: id(17), body: id(15), title: "Reading the Land",
            pathway: id(18), version: 2, pathwayRevision: 3, status: .open, tally: Tally(yes: 1, no: 1, abstain: 1, recused: 1,
            eligible: 1, sectorsPresent: ["education"]), reason: "It was entered twice.", decidedAt: moment))
        request(GetMotion(motion: id(17)), MotionEntry(motion: id(17), body: id(15), title: "Reading the Land",
            pathway: id(18), version: 2, pathwayRevision: 3, status: .open, tally: Tally(yes: 1, no: 1, abstain: 1, recused: 1,
            eligible: 1, sectorsPresent: ["education"]), reason: "It was entered twice.", decidedAt: moment))
        request(DraftPathway(body: id(15), document: document), DraftPathway.Reply(pathway: id(18), version: 2,
            revision: 1, warnings: [ImportRepair(pointer: "/CFItems/0", rule: "case.text", message: "A blank was removed.")]))
        request(RevisePathway(pathway: id(18), version: 2, document: document, revision: 3), DraftPathway.Reply(pathway: id(18),
            version: 2, revision: 4, warnings: [ImportRepair(pointer: "/CFItems/0", rule: "case.text",
            message: "A blank was removed.")]))
        request(GetPathway(pathway: id(18), version: 2), GetPathway.Reply(pathway: id(18), body: id(15), version: 2,
            revision: 3, status: .draft, document: document, certifiedBy: id(17), certifiedAt: moment,
            recognitions: [RecognitionEntry(recognition: id(19), organization: id(2), kind: .admission, from: day,
            until: day, terms: "Completion counts as three credits.")]))
        request(RecognizePathway(pathway: id(18), version: 2, organization: id(2), kind: .admission, from: day,
            until: day, terms: "Completion counts as three credits."), RecognizePathway.Reply(recognition: id(19)))
        request(CertifyPathway(pathway: id(18), version: 2, motion: id(17)), Done())
        request(EnrollLearner(learner: id(6), pathway: id(18), version: 2), EnrollLearner.Reply(enrollment: id(20),
            version: 2))
        request(GetEnrollment(enrollment: id(20)), EnrollmentEntry(enrollment: id(20), learner: id(6),
            pathway: id(18), version: 2, title: "Reading the Land", status: .active, enrolledAt: moment,
            completedAt: moment, components: [ComponentStanding(component: "maps", title: "Reading the Land",
            state: .noEvidence, reason: "It was entered twice.", attainments: [id(21)])],
            milestones: ["Reading the Land"], entitlements: [EntitlementEntry(entitlement: id(22), key: "interview",
            kind: "interview", title: "Reading the Land", obligor: id(2), accruedAt: moment, until: day)],
            recordsPosition: "7"))
        request(ListEnrollments(learner: id(6), limit: 50, cursor: "b2Zmc2V0"),
            Page(items: [EnrollmentEntry(enrollment: id(20), learner: id(6), pathway: id(18), version: 2,
            title: "Reading the Land", status: .active, enrolledAt: moment, completedAt: moment,
            components: [ComponentStanding(component: "maps", title: "Reading the Land", state: .noEvidence,
            reason: "It was entered twice.", attainments: [id(21)])], milestones: ["Reading the Land"],
            entitlements: [EntitlementEntry(entitlement: id(22), key: "interview", kind: "interview",
            title: "Reading the Land", obligor: id(2), accruedAt: moment, until: day)], recordsPosition: "7")],
            next: "b2Zmc2V0"))
        request(ListEntitlements(enrollment: id(20)), Page(items: [EntitlementEntry(entitlement: id(22),
            key: "interview", kind: "interview", title: "Reading the Land", obligor: id(2), accruedAt: moment,
            until: day)], next: "b2Zmc2V0"))
    }

    mutating func addPathwaysEvents() {
        event(OrganizationRegistered(organization: id(2), title: "Reading the Land", kinds: [.school],
            region: "north"))
        event(FrameworkPublished(framework: id(13), document: id(13), frameworkVersion: 1,
            title: "Reading the Land", creator: "Mountain State", items: 1, associations: 1,
            digest: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"))
        event(BodyConstituted(body: id(15), title: "Reading the Land", jurisdiction: "state",
            requiredSectors: ["education"], quorum: 3))
        event(SeatFilled(body: id(15), seat: SeatEntry(seat: id(16), sector: "education", holder: "client:member-1",
            from: day, until: day)))
        event(SeatVacated(body: id(15), seat: id(16), until: day))
        event(MotionTabled(motion: id(17), body: id(15), title: "Reading the Land", pathway: id(18),
            pathwayVersion: 1, pathwayRevision: 1))
        event(BallotCast(motion: id(17), seat: id(16), sector: "education", choice: .yes))
        event(DecisionCarried(motion: id(17), body: id(15), pathway: id(18), pathwayVersion: 1, tally: Tally(yes: 1,
            no: 1, abstain: 1, recused: 1, eligible: 1, sectorsPresent: ["education"])))
        event(DecisionFailed(motion: id(17), body: id(15), reason: "It was entered twice.", tally: Tally(yes: 1,
            no: 1, abstain: 1, recused: 1, eligible: 1, sectorsPresent: ["education"])))
        event(PathwayDrafted(pathway: id(18), body: id(15), pathwayVersion: 1, document: document))
        event(RecognitionEntered(pathway: id(18), pathwayVersion: 1,
            recognition: RecognitionEntry(recognition: id(19), organization: id(2), kind: .admission, from: day,
            until: day, terms: "Completion counts as three credits.")))
        event(PathwayCertified(pathway: id(18), pathwayVersion: 1, title: "Reading the Land", motion: id(17),
            recognitions: [id(19)]))
        event(LearnerEnrolled(enrollment: id(20), learner: id(6), pathway: id(18), pathwayVersion: 1,
            title: "Reading the Land"))
        event(ComponentFulfilled(enrollment: id(20), learner: id(6), pathway: id(18), component: "maps",
            title: "Reading the Land", attainments: [id(21)]))
        event(ComponentFulfillmentWithdrawn(enrollment: id(20), learner: id(6), pathway: id(18), component: "maps",
            because: id(21)))
        event(MilestoneReached(enrollment: id(20), learner: id(6), pathway: id(18), component: "maps",
            title: "Reading the Land"))
        event(PathwayCompleted(enrollment: id(20), learner: id(6), pathway: id(18), pathwayVersion: 1,
            title: "Reading the Land"))
        event(EntitlementAccrued(entitlement: id(22), enrollment: id(20), learner: id(6), pathway: id(18),
            key: "interview", kind: "interview", title: "Reading the Land", obligor: id(2), until: day))
    }
}
