import Domain
import Foundation
import PathwayEngine
import Testing

/// The pathways and frameworks of the sample ecosystem in `ops/sample`.
struct SamplePathwayTests {
    static let names = ["nursing", "electrician", "early-childhood"]

    private func document(_ name: String) throws -> PathwayDocument {
        let (document, findings) = PathwayCheck.read(try repositoryFile("ops/sample/pathways/\(name).json"))
        #expect(findings == [])
        return try #require(document)
    }

    @Test(arguments: names)
    func `a sample pathway is found without fault, and aims only at items of the sample frameworks`(
        _ name: String
    ) throws {
        let pathway = try document(name)
        let items = try ["graduate-profile", "career-skills"].flatMap { try Package(sample: $0).competencies }
        let unknown = Set(pathway.components.compactMap(\.target)).subtracting(items.map { "urn:uuid:\($0)" })
        #expect(unknown == [])
        let obligors = Set(pathway.entitlements.map(\.obligor))
            .union(pathway.requires?.recognitions.flatMap { $0.organizations ?? [] } ?? [])
        #expect(obligors.isSubset(of: (1...5).map(organization)))
    }

    @Test(arguments: names)
    func `a learner with everything completes it, and each missing target is missed or was one of several`(
        _ name: String
    ) throws {
        let pathway = try document(name)
        let everything = Set(pathway.components.compactMap(\.target)).sorted().enumerated().map { number, target in
            HeldAttainment(id: attainmentID(UInt8(number)), target: target, level: 4, from: today)
        }
        let standing = evaluate(pathway, everything)
        #expect(standing.isComplete && standing.componentsMet.count == pathway.components.count
            && standing.entitlementsEarned.count == pathway.entitlements.count && standing.milestonesReached.count == 2)
        #expect(evaluate(pathway, []).remaining(of: pathway)
            == pathway.components.filter { $0.target != nil }.map(\.id))
    }

    @Test func `the nursing pathway asks for two sciences of three and one rotation beside the hospital`() throws {
        let pathway = try document("nursing")
        func complete(without ids: String...) -> Bool {
            evaluate(pathway, pathway.components.filter { !ids.contains($0.id) }.compactMap { component in
                component.target.map { HeldAttainment(id: .make(), target: $0, level: component.level, from: today) }
            }).isComplete
        }
        let answers = [
            complete(), complete(without: "chemistry", "long-term", "listening"),
            complete(without: "chemistry", "data"),
            complete(without: "hospital"), complete(without: "long-term", "community"), complete(without: "medicines"),
        ]
        #expect(answers == [true, true, false, false, false, false])
    }

    @Test(arguments: ["graduate-profile", "career-skills"])
    func `a sample framework is one tree with every item under the document`(_ name: String) throws {
        let package = try Package(sample: name)
        let items = package.CFItems.map(\.identifier)
        let known = Set(items).union([package.CFDocument.identifier])
        let children = package.CFAssociations.filter { $0.associationType == "isChildOf" }
        #expect(Set(items).count == items.count)
        #expect(children.map(\.originNodeURI.identifier).sorted() == items.sorted())
        #expect(children.allSatisfy { known.contains($0.destinationNodeURI.identifier) })
        #expect((25...45).contains(items.count))
    }

    @Test func `the graduate profile is known by its title`() throws {
        #expect(try Package(sample: "graduate-profile").CFDocument.title == "Graduate profile of the State of Cairn")
    }
}

/// As much of a CASE package as these tests look at.
private struct Package: Decodable {
    var CFDocument: Node
    var CFItems: [Node]
    var CFAssociations: [Association]

    struct Node: Decodable {
        var identifier: String
        var title: String?
        var CFItemType: String?
    }

    struct Association: Decodable {
        var associationType: String
        var originNodeURI: Node
        var destinationNodeURI: Node
    }

    init(sample name: String) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(repositoryFile("ops/sample/frameworks/\(name).json")))
    }

    var competencies: [String] { CFItems.filter { $0.CFItemType == "Competency" }.map(\.identifier) }
}
