import Domain
import EventLog
import Support
import Testing
@testable import Pathways

@Suite struct PathwayTests {
    typealias Requires = PathwayDocument.Requires
    typealias Recognitions = PathwayDocument.Recognitions

    static let today = PathwaysUnderTest.today
    static let board = EntityID<GoverningBody>.following("board")

    static func drafted(_ document: PathwayDocument = .welder()) -> PathwayState {
        PathwayState(PathwayDrafted(
            pathway: .following("pathway"), body: board, pathwayVersion: 1, document: document))!
    }

    static func motion(
        on pathway: PathwayState, body: EntityID<GoverningBody> = board, version: Int = 1, revision: Int = 1,
        carried: Bool = true
    ) -> MotionState {
        var motion = MotionState(MotionTabled(
            motion: .following("motion"), body: body, title: "M", pathway: pathway.id, pathwayVersion: version,
            pathwayRevision: revision))!
        let tally = Tally(yes: 1, no: 0, abstain: 0, recused: 0, eligible: 1, sectorsPresent: [])
        if carried {
            motion.evolve(DecisionCarried(
                motion: motion.id, body: body, pathway: pathway.id, pathwayVersion: version, tally: tally))
        }
        return motion
    }

    @Test func `a document that the check refuses is not saved, and says where under the document`() throws {
        var document = PathwayDocument.welder()
        document.destinations = ["nowhere"]
        let fault = #expect(throws: Fault.self) {
            try decide(DraftPathway(body: Self.board, document: document), as: .make(), unregistered: [])
        }
        #expect(fault?.code == .invalid && fault?.violations.first?.pointer == "/document/destinations/0")
    }

    @Test func `a document that asks what records here do not say is saved with a warning for each`() throws {
        var document = PathwayDocument.welder()
        let id = document.components[0].id
        document.components[0].level = .text("proficient")
        document.progressions = [.init(id: "p", levels: ["novice", "proficient"])]
        document.waivers = [.init(zone: "zone-1", components: [id])]
        document.components.append(.init(id: "sum", kind: .basic, title: "Sum", condition: .init(.all, of: [
            .condition(.init(.any, of: [
                .constraint(.init(.credits, over: [id], .atMost, .number(3))),
                .constraint(.init(.level, over: [id], .atLeast, .text("novice"))), .component(id),
            ])),
        ])))
        document.destinations.append("sum")
        let warnings = try decide(DraftPathway(body: Self.board, document: document), as: .make(), unregistered: []).answer.get().warnings
        let place = "/document/components/\(document.components.count - 1)/condition/of/0/of"
        #expect(warnings.map { "\($0.pointer) \($0.rule)" } == [
            "/document/components/0/level record.level", "\(place)/0 record.credits", "\(place)/1 record.level",
            "/document/waivers/0 record.zone",
        ])
    }

    @Test func `a draft is replaced, a certified version is followed by the next, anything else is a conflict`()
        async throws {
        var pathway = Self.drafted()
        func revise(_ version: Int) throws {
            let command = RevisePathway(pathway: pathway.id, version: version, document: .welder(title: "V\(version)"))
            for event in try decide(pathway, command, unregistered: []).events { pathway.evolve(event) }
        }
        #expect(await rule { try revise(2) } == "pathway.version")
        try revise(1)
        #expect(pathway.versions.map { [$0.number, $0.revision] } == [[1, 2]])
        for event in try decide(
            certifying: 1, of: pathway, by: Self.motion(on: pathway, revision: 2), on: Self.today).events {
            pathway.evolve(event)
        }
        #expect(await rule { try revise(1) } == "pathway.version")
        try revise(2)
        try revise(2)
        #expect(pathway.versions.map { [$0.number, $0.revision] } == [[1, 2], [2, 2]])
        #expect(await rule { try revise(3) } == "pathway.version")
        #expect(await rule { try pathway.enrollable(2) } == "enrollment.version")
        #expect(try pathway.enrollable(nil).number == 1)
    }

    @Test func `who read another text of a draft does not replace it`() async throws {
        var pathway = Self.drafted()
        func revise(_ version: Int, replacing revision: Int?) throws -> Int? {
            let decision = try decide(
                pathway,
                RevisePathway(pathway: pathway.id, version: version, document: .welder(), revision: revision),
                unregistered: [])
            for event in decision.events { pathway.evolve(event) }
            return try decision.answer.get().revision
        }
        #expect(try revise(1, replacing: 1) == 2)
        #expect(await rule { try revise(1, replacing: 1) } == "version_mismatch")
        #expect(await rule { try revise(1, replacing: 3) } == "version_mismatch")
        #expect(try revise(1, replacing: nil) == 3)
        pathway.evolve(PathwayCertified(
            pathway: pathway.id, pathwayVersion: 1, title: "", motion: .following("m"), recognitions: []))
        #expect(await rule { try revise(2, replacing: 3) } == "version_mismatch")
        #expect(try revise(2, replacing: nil) == 1)
        #expect(try revise(2, replacing: 1) == 2)
    }

    @Test func `only a carried motion of the own body about this very text certifies`() async {
        let pathway = Self.drafted()
        var other = pathway
        other.id = .following("other")
        let refused: [(MotionState?, String)] = [
            (nil, "certification.motion"),
            (Self.motion(on: pathway, carried: false), "certification.decision"),
            (Self.motion(on: pathway, body: .following("another")), "certification.motion"),
            (Self.motion(on: pathway, version: 2), "certification.motion"),
            (Self.motion(on: pathway, revision: 2), "certification.motion"),
            (Self.motion(on: other), "certification.motion"),
            (Self.motion(on: pathway), "none"),
        ]
        for (motion, expected) in refused {
            #expect(await rule {
                try decide(certifying: 1, of: pathway, by: motion, on: Self.today)
            } == expected)
        }
        #expect(await rule {
            try decide(certifying: 2, of: pathway, by: Self.motion(on: pathway), on: Self.today)
        } == "not_found")
    }

    /// (organization, kind, from, until) of each recognition; what is required; whether it certifies.
    @Test(arguments: [
        ([("a", .admission, -1, nil), ("b", .admission, 0, 0)], nil, true),
        ([("a", .admission, -1, nil), ("a", .admission, 0, nil)], nil, false),
        ([("a", .admission, -1, nil), ("b", .credit, 0, nil)], nil, false),
        ([("a", .admission, -1, nil), ("b", .admission, 1, nil)], nil, false),
        ([("a", .admission, -1, nil), ("b", .admission, -3, -1)], nil, false),
        ([("a", .admission, -1, nil), ("b", .admission, -3, nil)], ["a", "b", "c"], true),
        ([("a", .admission, -1, nil), ("d", .admission, -3, nil)], ["a", "b", "c"], false),
    ] as [([(String, Recognitions.Kind, Int, Int?)], [String]?, Bool)])
    func `the recognitions that the document requires are in force that day, each by another organization`(
        given: [(String, Recognitions.Kind, Int, Int?)], organizations: [String]?, certifies: Bool
    ) async {
        func date(_ days: Int) -> CalendarDate { CalendarDate(daysSince1970: Self.today.daysSince1970 + days) }
        var pathway = Self.drafted(.welder(requires: Requires(recognitions: [Recognitions(
            kind: .admission, organizations: organizations?.map { .following($0) }, atLeast: 2)])))
        for (number, (organization, kind, from, until)) in given.enumerated() {
            pathway.evolve(RecognitionEntered(pathway: pathway.id, pathwayVersion: 1, recognition: RecognitionEntry(
                recognition: .following("r\(number)"), organization: .following(organization), kind: kind,
                from: date(from), until: until.map(date), terms: "t")))
        }
        #expect(await rule {
            try decide(certifying: 1, of: pathway, by: Self.motion(on: pathway), on: Self.today)
        } == (certifies ? "none" : "certification.recognitions"))
    }

    @Test func `replacing a draft begins its recognitions anew`() throws {
        var pathway = Self.drafted()
        let entry = RecognitionEntry(
            recognition: .make(), organization: .make(), kind: .admission, from: Self.today, terms: "t")
        pathway.evolve(RecognitionEntered(pathway: pathway.id, pathwayVersion: 1, recognition: entry))
        #expect(pathway.version(1)?.recognitions == [entry])
        for event in try decide(
            pathway, RevisePathway(pathway: pathway.id, version: 1, document: .welder(title: "Another")),
            unregistered: []).events {
            pathway.evolve(event)
        }
        #expect(pathway.version(1)?.recognitions == [])
    }

    @Test(.timeLimit(.minutes(1)))
    func `whatever else is commanded, a draft stays a draft; and what is certified is never edited`() async throws {
        try await withPathways { pathways in
            let (governance, store) = (pathways.governance, pathways.pathways)
            let (body, seat) = try await pathways.body()
            let pathway = try await pathways.draft(.welder(), for: body)
            let learner = EntityID<Learner>.make(), organization = EntityID<Organization>.following("college")
            let motion = try await pathways.motion(body, pathway)
            let register = RegisterOrganization(
                title: "College", kinds: [.college], region: "state", id: organization)
            let steps: [@Sendable () async throws -> Void] = [
                { _ = try await pathways.ask(
                    RegisterOrganizationHandler(governance: governance), register, as: .operator) },
                { _ = try await pathways.body() },
                { _ = try await pathways.draft(.welder(), for: body) },
                { _ = try await pathways.ask(
                    RecognizePathwayHandler(governance: governance, pathways: store),
                    RecognizePathway(pathway: pathway, version: 1, organization: organization, kind: .credit,
                                     from: Self.today, terms: "Nine hours."),
                    as: .institution(organization)) },
                { try await pathways.certify(pathway, by: motion, of: body) },
                { _ = try await pathways.enroll(learner, in: pathway) },
                { try await pathways.vote(.no, from: seat, of: body, on: motion) },
                { _ = try await pathways.close(motion, of: body) },
                { try await pathways.certify(pathway, by: motion, of: body) },
                { _ = try await pathways.motion(body, pathway) },
                { _ = try await pathways.ask(
                    RevisePathwayHandler(governance: pathways.governance, pathways: store),
                    RevisePathway(pathway: pathway, version: 1, document: .welder(title: "Draft 2")), as: .operator) },
                { _ = try await pathways.ask(
                    StageUploadHandler(uploads: pathways.uploads),
                    StageUpload(upload: .make(), part: 0, of: 1, content: "e30="), as: .operator) },
                { _ = try await pathways.ask(pathways.importing, ImportFramework(package: [:]), as: .operator) },
            ]
            var outcomes: [String] = []
            for step in steps {
                outcomes.append(await rule { try await step() })
                #expect(try await pathways.status(of: pathway) == .draft)
            }
            #expect(outcomes == [
                "none", "none", "none", "none", "certification.decision", "enrollment.version", "none", "none",
                "certification.decision", "none", "none", "none", "case.not_a_package",
            ])

            // A decision on the earlier text does not carry over to the new one.
            try await pathways.carry(pathway, by: body, seat)
            let found = try await pathways.ask(
                GetPathwayHandler(pathways: store), GetPathway(pathway: pathway), as: .learner(learner))
            #expect(found.status == .certified && found.document.title == "Draft 2" && found.certifiedAt != nil)
            #expect(await rule {
                try await pathways.ask(
                    RevisePathwayHandler(governance: pathways.governance, pathways: store),
                    RevisePathway(pathway: pathway, version: 1, document: .welder()), as: .operator)
            } == "pathway.version")
            #expect(try await pathways.events(of: pathway.uuid)
                    == ["pathway_drafted", "recognition_entered", "pathway_drafted", "pathway_certified"])
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `an entitlement that nobody registered would owe is saved with a warning`() async throws {
        try await withPathways { pathways in
            let (body, _) = try await pathways.body()
            let known = try await pathways.ask(
                RegisterOrganizationHandler(governance: pathways.governance),
                RegisterOrganization(title: "Employer", kinds: [.employer], region: "state"), as: .operator).organization
            var document = PathwayDocument.welder(), other = document.entitlements[0]
            document.entitlements[0].obligor = known
            other.id = "other"
            document.entitlements.append(other)
            func warnings(_ document: PathwayDocument) async throws -> [String] {
                try await pathways.ask(
                    DraftPathwayHandler(governance: pathways.governance, pathways: pathways.pathways),
                    DraftPathway(body: body, document: document), as: .operator).warnings
                    .filter { $0.rule == "entitlement.obligor" }.map(\.pointer)
            }
            #expect(try await warnings(document) == ["/document/entitlements/1/obligor"])
            document.entitlements.removeLast()
            #expect(try await warnings(document) == [])
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `an organization is registered once under its id, and recognizes for itself alone`() async throws {
        try await withPathways { pathways in
            let id = EntityID<Organization>.make()
            let handler = RegisterOrganizationHandler(governance: pathways.governance)
            var command = RegisterOrganization(title: "A", kinds: [.employer, .provider], region: "state", id: id)
            for _ in 0..<2 {
                #expect(try await pathways.ask(handler, command, as: .operator).organization == id)
            }
            command.title = "B"
            #expect(await rule { try await pathways.ask(handler, command, as: .operator) } == "organization.exists")
            #expect(try await pathways.events(of: id.uuid) == ["organization_registered"])

            let (body, _) = try await pathways.body()
            let pathway = try await pathways.draft(.welder(), for: body)
            let recognize = RecognizePathwayHandler(governance: pathways.governance, pathways: pathways.pathways)
            func recognizing(
                _ organization: EntityID<Organization>, as subject: Subject, _ terms: String = "An interview."
            ) async -> String {
                await rule {
                    try await pathways.ask(
                        recognize, RecognizePathway(
                            pathway: pathway, version: 1, organization: organization, kind: .employment,
                            from: Self.today, terms: terms), as: subject)
                }
            }
            let stranger = EntityID<Organization>.make()
            #expect(await recognizing(id, as: .institution(stranger)) == "not_found")
            #expect(await recognizing(stranger, as: .institution(stranger)) == "recognition.organization")
            #expect(await recognizing(id, as: .institution(id)) == "none")
            // One organization may neither keep others out nor make the version too large to be read.
            let long = String(repeating: "\u{1F600}", count: 4000)
            #expect(await recognizing(id, as: .institution(id), long) == "none")
            #expect(await recognizing(id, as: .institution(id), long) == "recognition.size")
            for _ in 2..<PathwayState.ownRecognitionsMax {
                #expect(await recognizing(id, as: .institution(id)) == "none")
            }
            #expect(await recognizing(id, as: .institution(id)) == "recognition.limit")
        }
    }
}
