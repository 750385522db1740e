import Domain
import EventLog
import Testing
@testable import Assessment

@Suite struct RubricTests {
    static func criterion(_ change: (inout RubricCriterion) -> Void) -> RubricCriterion {
        var criterion = Given.criterion("claim", of: "urn:x:a", levels: [1, 2, 3], metAt: 2)
        change(&criterion)
        return criterion
    }

    static func levels(_ levels: [Double], metAt: Double) -> RubricCriterion {
        Given.criterion("claim", of: "urn:x:a", levels: levels, metAt: metAt)
    }

    @Test(arguments: [
        (Self.criterion { _ in }, "none"),
        (Self.levels([0, 0.5], metAt: 0), "none"),
        (Self.levels((1...10).map(Double.init), metAt: 10), "none"),
        (Self.levels([1], metAt: 1), "levels.count"),
        (Self.levels((1...11).map(Double.init), metAt: 1), "levels.count"),
        (Self.levels([1, 1, 2], metAt: 1), "levels.rising"),
        (Self.levels([2, 1], metAt: 1), "levels.rising"),
        (Self.levels([1, 2], metAt: 1.5), "met_at.level"),
        (Self.levels([1, 1001], metAt: 1), "level.range"),
        (Self.levels([.nan, 1], metAt: 1), "level.range"),
        (Self.levels([1, .infinity], metAt: 1), "level.range"),
        (Self.criterion { $0.id = "" }, "criterion.id"),
        (Self.criterion { $0.id = "a b" }, "criterion.id"),
        (Self.criterion { $0.id = String(repeating: "a", count: 65) }, "criterion.id"),
        (Self.criterion { $0.target = "" }, "iri.format"),
        (Self.criterion { $0.target = "urn:" }, "iri.format"),
        (Self.criterion { $0.target = "no scheme" }, "iri.format"),
        (Self.criterion { $0.target = "1x:a" }, "iri.format"),
        (Self.criterion { $0.target = "https://example.org/é" }, "none"),
        (Self.criterion { $0.description = " " }, "text.blank"),
        (Self.criterion { $0.levels[1].description = "" }, "text.length"),
    ])
    func `a criterion has rising levels, one of which meets it, and an item it is bound to`(
        criterion: RubricCriterion, expected: String
    ) async {
        #expect(await rule { try RubricVersion(reading: "Argument", [criterion]) } == expected)
    }

    @Test func `criteria are counted, told apart and bounded together`() async {
        let twice = [Self.criterion { _ in }, Self.criterion { _ in }]
        let many = (0..<51).map { number in Self.criterion { $0.id = "c\(number)" } }
        let long = (0..<50).map { number in
            Self.criterion {
                $0.id = "c\(number)"
                $0.description = String(repeating: "x", count: 2000)
                for level in $0.levels.indices { $0.levels[level].description = String(repeating: "y", count: 300) }
            }
        }
        #expect(await [
            rule { try RubricVersion(reading: "Argument", []) }, rule { try RubricVersion(reading: "Argument", twice) },
            rule { try RubricVersion(reading: "Argument", many) },
            rule { try RubricVersion(reading: "Argument", Array(many.prefix(50))) },
            rule { try RubricVersion(reading: "Argument", long) }, rule { try RubricVersion(reading: "", twice) },
        ] == ["criteria.count", "criterion.duplicate", "criteria.count", "none", "rubric.size", "text.length"])
    }

    @Test func `each revision is the next version, and all are kept, up to 50`() throws {
        let first = decide(publishing: Given.rubric, as: Given.rubricID)
        var rubric = try #require(RubricState(first.events[0]))
        for number in 2...RubricState.versionsMax {
            let version = RubricVersion(title: "Argument \(number)", criteria: Given.criteria)
            let decision = try decide(rubric, revisedTo: version)
            #expect(try decision.answer.get() == PublishRubric.Reply(rubric: Given.rubricID, version: number))
            for event in decision.events { rubric.evolve(event) }
        }
        #expect(rubric.versions.map(\.title) == ["Argument"] + (2...RubricState.versionsMax).map { "Argument \($0)" })
        #expect(summary { try decide(rubric, revisedTo: Given.rubric) } == "refused: rubric.versions")
    }
}
