import Domain
import PathwayEngine
import Testing

/// `docs/pathway-files.md` and the code tell the same.
struct PathwayDocumentationTests {
    private let page: String

    init() throws {
        page = String(decoding: try repositoryFile("docs/pathway-files.md"), as: UTF8.self)
    }

    @Test func `every pathway printed on the page is sound`() throws {
        let blocks = page.split(separator: "```json\n").dropFirst().compactMap { $0.split(separator: "```").first }
        let findings = blocks.map { PathwayCheck.read(Array($0.utf8)).findings }
        #expect(findings == [[], [], []])
    }

    @Test func `every rule of the check is explained on the page`() {
        let rules = Set((PathwayCheckTests.cases + PathwayCheckTests.laterCases).flatMap(\.findings).compactMap { $0.split(separator: " ").last })
        #expect(rules.filter { !page.contains("`\($0)`") } == [])
        #expect(rules.count == 46)
    }

    @Test func `the rule of every child counts a group as one, as the page says`() throws {
        let block = try #require(page.split(separator: "```json\n").last?.split(separator: "```").first)
        let pathway = try #require(PathwayCheck.read(Array(block.utf8)).document)
        let answers = [["inclusion", "language", "families"], ["language", "families"], ["inclusion", "difference"]]
            .map { ids in
                evaluate(pathway, pathway.components.filter { ids.contains($0.id) }.map { component in
                    HeldAttainment(id: .make(), target: component.target ?? "", level: 2, from: today)
                }).isComplete
            }
        #expect(answers == [true, false, true])
    }
}
