import Domain
import PathwayEngine
import Testing

/// `docs/pathway-files.md` and the code tell the same.
struct PathwayDocumentationTests {
    private let page: String

    init() throws {
        page = String(decoding: try repositoryFile("docs/pathway-files.md"), as: UTF8.self)
    }

    /// What is printed on the page under this word.
    private func blocks(_ word: String) -> [[UInt8]] {
        page.split(separator: "```\(word)\n").dropFirst().compactMap { $0.split(separator: "```").first }
            .map { Array($0.utf8) }
    }

    @Test func `every pathway printed on the page is sound`() throws {
        #expect(blocks("json").map { PathwayCheck.read($0).findings } == [[], [], [], []])
    }

    @Test func `the learner printed on the page is read`() throws {
        #expect(try blocks("json learner").map { try LearnerFile.read($0).facts.attainments.count } == [3])
    }

    @Test func `the CTDL printed on the page is a sound pathway`() throws {
        let files = blocks("json ctdl").map(PathwayFile.read)
        #expect(files.count == 1 && files.allSatisfy { $0.isSound && $0.findings.isEmpty })
    }

    @Test func `every rule of the check is explained on the page`() {
        let rules = Set((PathwayCheckTests.cases + PathwayCheckTests.laterCases).flatMap(\.findings).compactMap { $0.split(separator: " ").last })
        #expect(rules.filter { !page.contains("`\($0)`") } == [])
        #expect(rules.count == 46)
    }

    @Test func `the rule of every child counts a group as one, as the page says`() throws {
        let pathway = try #require(blocks("json").map { PathwayCheck.read($0).document }.first { $0?.destinations == ["every-child"] } ?? nil)
        let answers = [["inclusion", "language", "families"], ["language", "families"], ["inclusion", "difference"]]
            .map { ids in
                evaluate(pathway, pathway.components.filter { ids.contains($0.id) }.map { component in
                    HeldAttainment(id: .make(), target: component.target ?? "", level: 2, from: today)
                }).isComplete
            }
        #expect(answers == [true, false, true])
    }
}
