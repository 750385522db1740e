import Domain
import Foundation
import Testing
@testable import Command

struct SampleTests {
    private static func ecosystem() throws -> Ecosystem {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return try Ecosystem.read([root.appending(path: "ops/sample").path(percentEncoded: false)])
    }

    @Test func `every target of every pathway has a criterion, and the license of its assessor covers it`() throws {
        let ecosystem = try Self.ecosystem()
        for pathway in ecosystem.file.pathways {
            let wanted = Set(ecosystem.documents[pathway.name]?.components.compactMap(\.target) ?? [])
            let judged = Set(try pathway.rubrics.flatMap { try ecosystem.criteria(of: $0, in: pathway) }.map(\.target))
            #expect(judged == wanted && !wanted.isEmpty, "\(pathway.name)")
        }
    }

    @Test func `the recognitions that certification needs are entered by organizations of the sample`() throws {
        let ecosystem = try Self.ecosystem()
        let organizations = Set(ecosystem.file.organizations.map(\.id))
        for pathway in ecosystem.file.pathways {
            #expect(pathway.recognitions.allSatisfy { organizations.contains($0.organization) })
            for needed in ecosystem.documents[pathway.name]?.requires?.recognitions ?? [] {
                let entered = Set(pathway.recognitions.filter {
                    $0.kind == needed.kind && needed.organizations?.contains($0.organization) ?? true
                }.map(\.organization))
                #expect(entered.count >= needed.atLeast, "\(pathway.name): \(needed.kind)")
            }
        }
    }

    @Test func `every seat's sector and the quorum let a motion carry`() throws {
        let body = try Self.ecosystem().file.body
        let present = body.seats.filter { $0.choice != .recuse }
        #expect(Set(body.requiredSectors).isSubset(of: present.map(\.sector)) && present.count >= body.quorum
            && present.filter { $0.choice == .yes }.count > present.filter { $0.choice == .no }.count)
    }

    @Test func `partners subscribe only to what can leave`() throws {
        let types = try Self.ecosystem().file.partners.flatMap(\.types)
        #expect(types.allSatisfy(EventCatalog.subscribable.contains))
        #expect(Journey.subscribed.allSatisfy(EventCatalog.subscribable.contains))
    }

    @Test func `a learner is the same every time and no two rubrics share a name`() throws {
        let ecosystem = try Self.ecosystem()
        let once = (0..<200).map { ecosystem.learner($0) }, again = (0..<200).map { ecosystem.learner($0) }
        #expect(zip(once, again).allSatisfy { $0.familyName == $1.familyName && $0.birthDate == $1.birthDate })
        let names = ecosystem.file.pathways.flatMap(\.rubrics).map(\.name)
        #expect(Set(names).count == names.count)
        #expect(Set(once.map(\.pathway.name)).count == 3 && once.contains { $0.firstAssessment == .notYet && $0.isAdult })
    }

    @Test func `the journey's rubrics complete the pathway`() throws {
        let ecosystem = try Self.ecosystem()
        let pathway = try #require(ecosystem.file.pathways.first { $0.name == Journey.pathwayName })
        let document = try #require(ecosystem.documents[pathway.name])
        var met = Set(pathway.rubrics.filter { Journey.rubrics.contains($0.name) }.flatMap(\.components))
        func holds(_ condition: PathwayDocument.Condition) -> Bool { Self.holds(condition, met) }
        for _ in document.components {
            for component in document.components where component.target == nil {
                if let condition = component.condition, holds(condition) { met.insert(component.id) }
            }
        }
        #expect(document.destinations.allSatisfy(met.contains))
    }

    private static func holds(_ condition: PathwayDocument.Condition, _ met: Set<String>) -> Bool {
        let count = condition.of.filter { operand in
            switch operand {
            case .component(let id): met.contains(id)
            case .condition(let inner): holds(inner, met)
            case .constraint: false
            }
        }.count
        return count >= condition.require.count(of: condition.of.count)
    }
}
