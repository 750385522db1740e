import Domain
import PathwayEngine
import Testing

/// Our pathways as CTDL, and back.
struct CTDLWriterTests {
    private func roundTrip(_ document: PathwayDocument) throws -> (document: PathwayDocument, notes: [CTDLNote]) {
        let (graph, notes) = CTDLWriter.write(document)
        let file = PathwayFile.read(graph.serialized())
        #expect(file.findings.filter { $0.severity == .refused } == [])
        return (try #require(file.document), notes)
    }

    @Test(arguments: SamplePathwayTests.names)
    func `a sample pathway comes back with the same answers for anybody`(_ name: String) throws {
        let document = try #require(PathwayCheck.read(try repositoryFile("ops/sample/pathways/\(name).json")).document)
        let (again, notes) = try roundTrip(document)
        #expect(again.destinations == document.destinations && again.title == document.title)
        #expect(Set(again.components.map(\.id)).isSuperset(of: document.components.map(\.id)))
        let kept = PathwayDocument(
            title: document.title, components: document.components.map { component in
                var component = component
                (component.bases, component.currency) = (nil, nil)
                return component
            }, destinations: document.destinations, progressions: document.progressions)
        var random = SplitMix64(seed: 71)
        let targets = Set(document.components.compactMap(\.target)).sorted()
        for _ in 0..<200 {
            let attainments = targets.filter { _ in Bool.random(using: &random) }.map { target in
                HeldAttainment(id: .make(), target: target, level: .number(Double.random(in: 1...4, using: &random).rounded()),
                               credits: Credits(Double(Int.random(in: 0...9, using: &random))), from: today)
            }
            #expect(evaluate(again, attainments).isComplete == evaluate(kept, attainments).isComplete)
        }
        #expect(notes.contains { $0.what == "milestone" } && notes.contains { $0.what == "entitlements" })
    }

    /// Components before conditions and constraints, as CTDL keeps the two apart.
    private static let whole = PathwayDocument(
        title: "All of it", description: "In words.", occupations: [.init(code: "47-2111", title: "Electricians")],
        sector: "Construction",
        components: [
            PathwayDocument.Component(id: "a", kind: .competency, title: "A", target: "urn:test:a", level: .text("urn:level:two"),
                                      precedes: ["b"]),
            PathwayDocument.Component(id: "b", kind: .course, title: "B", target: "urn:test:b", level: .number(3)),
            PathwayDocument.Component(id: "c", kind: .experience, title: "C", target: "urn:test:c",
                                      condition: Condition(.any, of: ["a", "b"])),
            PathwayDocument.Component(id: "e", kind: .capstone, title: "E", target: "urn:test:e"),
            PathwayDocument.Component(id: "s", kind: .selection, title: "S", condition: Condition(.atLeast(2), of: [
                "a", "b", .condition(Condition(.none, of: ["e"])),
                .constraint(.init(.credits, over: ["a", "b", "urn:test:extern"], .atLeast, .number(4.5))),
                .condition(Condition(.all, of: [.constraint(.init(.count, over: ["a", "b", "c"], .greater, .number(1)))])),
            ])),
            PathwayDocument.Component(id: "d", kind: .credential, title: "D", condition: Condition(.all, of: [
                "s", "e", .constraint(.init(.level, over: ["a"], .atLeast, .text("urn:level:one"))),
                .constraint(.init(.until, over: ["b"], .atLeast, .asOf)),
            ])),
        ],
        destinations: ["d"],
        progressions: [.init(id: "levels", title: "Levels", levels: ["urn:level:one", "urn:level:two"])])

    @Test func `a pathway in terms that CTDL has comes back equal`() throws {
        let (again, notes) = try roundTrip(Self.whole)
        // What is only named by its address becomes a component, as everything that is named in CTDL is one.
        var expected = Self.whole
        expected.components.append(.init(id: "extern", kind: .basic, title: "extern", target: "urn:test:extern"))
        if case .constraint(var sum) = expected.components[4].condition?.of[3] {
            sum.over[2] = "extern"
            expected.components[4].condition?.of[3] = .constraint(sum)
        }
        #expect(again == expected)
        #expect(notes == [])
    }

    @Test func `what CTDL has no words for is listed`() {
        var document = Self.whole
        document.components[0].milestone = .init(title: "First")
        document.components[0].bases = [.assessed]
        document.components[1].currency = .issuer
        document.components[3].condition = Condition(.all, of: ["a"])
        document.crosswalks = [.init(from: "urn:x", to: "urn:y", confers: true)]
        document.waivers = [.init(zone: "north", components: ["a"])]
        document.entitlements = [.test("right", after: "a")]
        document.requires = .init(recognitions: [])
        if case .constraint(var sum) = document.components[4].condition?.of[3] {
            sum.caps = [.init(over: ["a"], most: Credits(2)!)]
            document.components[4].condition?.of[3] = .constraint(sum)
        }
        let (_, notes) = CTDLWriter.write(document)
        #expect(notes.map(\.what) == [
            "target", "caps", "milestone", "bases", "currency", "crosswalks", "waivers", "entitlements", "requires",
        ])
    }

    @Test func `a capstone with a target and a condition keeps both`() throws {
        var document = Self.whole
        document.components[3].condition = Condition(.all, of: ["b"])
        let (again, _) = try roundTrip(document)
        let standing = evaluate(again, [held("e", number: 1)])
        let both = evaluate(again, [held("e", number: 1), held("b", number: 2, level: .number(3))])
        #expect(standing.components["e"]?.state == .inProgress && both.components["e"]?.state == .met)
    }
}
