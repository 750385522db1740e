import Domain
import Foundation
import Support
import Testing

private let folder = "standards/case-1.1/packages"

@Suite struct CasePackageTests {
    private static func read(_ path: String) throws -> (json: JSONValue, reading: CaseReading) {
        let json = try JSONValue.parse(SharedFiles.bytes(path), limits: .file)
        return (json, try CasePackage.read(json))
    }

    /// Items, associations, roots, external associations and the rules of the repairs.
    private static let known: [(String, [Int], [String: Int])] = [
        ("real/ccss-math-2010.json", [746, 746, 3, 0], [:]),
        ("real/alabama-health-2019.excerpt.json", [17, 16, 2, 0], [
            "case.language": 1, "case.destination_uri": 1, "case.root_inferred": 1,
        ]),
        ("real/florida-science-cpalms.excerpt.json", [9, 0, 9, 0], [
            "case.language": 10, "case.type_member": 9, "case.education_level": 9, "case.root_inferred": 9,
        ]),
        ("real/opensalt-what-standards-could-be-2017.json", [16, 39, 2, 21], [
            "case.date_time": 56, "case.education_level": 16, "case.string_number": 2, "case.uri_as_string": 56,
        ]),
        ("opensalt-fixtures/Ordering.json", [28, 28, 1, 0], [:]),
        ("opensalt-fixtures/SequenceNumberFramework.json", [2, 2, 2, 0], [:]),
        ("opensalt-fixtures/ItemTypeTestFramework.json", [1, 1, 1, 0], [:]),
        ("opensalt-fixtures/AdoptedTestFramework.json", [1, 1, 1, 0], [:]),
        ("opensalt-fixtures/Utf8TestFramework.json", [1, 1, 1, 0], [:]),
    ]

    @Test(.needsShared(folder), arguments: known)
    func `a published package is read`(_ file: String, _ counts: [Int], _ rules: [String: Int]) throws {
        let (_, reading) = try Self.read("\(folder)/\(file)")
        let package = reading.package
        #expect([package.items.count, package.associations.count, package.roots.count,
                 package.associations.filter(\.isExternal).count] == counts)
        #expect(Dictionary(grouping: reading.repairs, by: \.rule).mapValues(\.count) == rules)
    }

    @Test(.needsShared(folder), arguments: known.map(\.0))
    func `what is written is read as the same package, and nothing changes without a repair that says so`(
        _ file: String
    ) throws {
        let (json, reading) = try Self.read("\(folder)/\(file)")
        let written = reading.package.json()
        let again = try CasePackage.read(JSONValue.parse(written.serialized(), limits: .file))
        #expect(again.package == reading.package && again.package.digest == reading.package.digest)
        let inferred = reading.repairs.filter { $0.rule == "case.root_inferred" }.count
        #expect(again.repairCounts.values.reduce(0, +) == inferred, "a written package needs no repair")
        let repaired = Set(reading.repairs.map(\.pointer))
        #expect(Self.differences(json, written, at: "", butNot: repaired) == [])
    }

    /// Pointers of the members of `one` that are absent or different in `other`, without what is at `repaired`.
    private static func differences(
        _ one: JSONValue, _ other: JSONValue?, at pointer: String, butNot repaired: Set<String>
    ) -> [String] {
        if repaired.contains(pointer) && one.object == nil { return [] }
        return switch (one, other) {
        case (.object(let object), .object(let beside)?):
            object.members.flatMap {
                differences(
                    $0.value, beside[$0.name], at: JSONPointer.appending($0.name, to: pointer), butNot: repaired)
            }
        case (.array(let elements), .array(let beside)?) where elements.count == beside.count:
            zip(elements, beside).enumerated().flatMap { index, pair in
                differences(pair.0, pair.1, at: JSONPointer.appending(index, to: pointer), butNot: repaired)
            }
        default: one == other ? [] : [pointer]
        }
    }

    @Test(.needsShared("\(folder)/real"))
    func `every item of a published tree hangs on it exactly once, below its parent in sequence`() throws {
        let package = try Self.read("\(folder)/real/ccss-math-2010.json").reading.package
        var seen: [UUID: Int] = [:]
        var open = package.roots
        while let item = open.popLast() {
            seen[item.identifier, default: 0] += 1
            open += package.children(of: item.identifier)
        }
        #expect(seen.count == 746 && seen.values.allSatisfy { $0 == 1 })
        let numbers = package.associations.filter { $0.destination.uuid == package.document.identifier }
            .compactMap(\.sequenceNumber).sorted()
        #expect(numbers.count == 3)
        let fixture = try Self.read("\(folder)/opensalt-fixtures/SequenceNumberFramework.json").reading.package
        #expect(fixture.roots.map(\.humanCodingScheme) == ["SNT.2", "SNT.1"])
    }

    @Test(.needsShared("\(folder)/compeito/cfrubric-sample.json"))
    func `a published rubric is read with its levels`() throws {
        let json = try JSONValue.parse(SharedFiles.bytes("\(folder)/compeito/cfrubric-sample.json"), limits: .file)
        let (rubric, repairs) = try CaseRubric.read(json)
        #expect(rubric.criteria.map(\.levels.count) == [4, 4, 4, 4])
        #expect(rubric.criteria.allSatisfy { $0.item?.uuid != nil })
        #expect(repairs.map(\.rule) == Array(repeating: "case.null", count: 16))
        #expect(try CaseRubric.read(rubric.json()).rubric == rubric)
    }

    @Test(.needsShared("\(folder)/real"), .timeLimit(.minutes(5)))
    func `a published package with anything removed or replaced never traps, and a refusal names its place`() throws {
        let seed: UInt64 = 2026
        var random = SplitMix64(seed: seed)
        let sources = try ["alabama-health-2019.excerpt.json", "opensalt-what-standards-could-be-2017.json"]
            .map { try JSONValue.parse(SharedFiles.bytes("\(folder)/real/\($0)"), limits: .file) }
        let strangers: [JSONValue] = [
            .null, true, -1, "", " ", "x", [], [:], [.null], ["x"], [[:]], .number(JSONNumber(.max)),
            ["CFDocument": [:]], ["identifier": "x"], .string(CaseSamples.document),
            "2adb1f52-c078-4c1c-b559-62f58832fc68", "20c5134f-423d-4097-a971-3dd5152bf507",
        ]
        let places = sources.map { source in
            var pointers: [String] = []
            Self.collect(source, "", &pointers)
            return pointers
        }
        var outcome = (read: 0, refused: 0)
        var wrong: [String] = []
        for round in 0..<2000 {
            let pointers = places[round % sources.count]
            var mutated = sources[round % sources.count], at: [String] = []
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                at.append(pointers[Int.random(in: pointers.indices, using: &random)])
                let stranger = strangers[Int.random(in: strangers.indices, using: &random)]
                mutated = mutated.setting(at[at.count - 1], Bool.random(using: &random) ? stranger : nil)
            }
            do throws(Fault) {
                let package = try CasePackage.read(mutated).package
                outcome.read += 1
                let again = try CasePackage.read(package.json())
                if again.package != package { wrong.append("\(round) \(at) is not read again as itself") }
            } catch {
                outcome.refused += 1
                // Each violation names something in the file, or a member whose parent is there.
                for violation in error.violations where !Self.isPlace(violation.pointer, in: mutated) {
                    wrong.append("\(round) \(at): \(violation)")
                }
                if error.violations.isEmpty { wrong.append("\(round) \(at) names nothing") }
            }
        }
        #expect(wrong.prefix(5) == [], "seed \(seed)")
        #expect(outcome.read > 200 && outcome.refused > 200, "seed \(seed)")
    }

    private static func collect(_ value: JSONValue, _ pointer: String, _ pointers: inout [String]) {
        for member in value.object?.members ?? [] {
            pointers.append(JSONPointer.appending(member.name, to: pointer))
            collect(member.value, JSONPointer.appending(member.name, to: pointer), &pointers)
        }
        for (index, element) in (value.array ?? []).enumerated() {
            pointers.append(JSONPointer.appending(index, to: pointer))
            collect(element, JSONPointer.appending(index, to: pointer), &pointers)
        }
    }

    private static func isPlace(_ pointer: String, in json: JSONValue) -> Bool {
        guard let slash = pointer.lastIndex(of: "/") else { return true }
        return json.value(at: pointer) != nil || json.value(at: String(pointer[..<slash]))?.object != nil
    }
}

@Suite struct CaseFormTests {
    @Test func `the tree follows sequence numbers, then the order of associations, and missing numbers come last`() throws {
        let samples = CaseSamples.self
        let json = samples.package
            .setting("/CFItems/-", samples.itemObject(4, "Four")).setting("/CFItems/-", samples.itemObject(5, "Five"))
            .setting("/CFAssociations/-", samples.childObject(4, of: samples.document, samples.item(4)))
            .setting("/CFAssociations/-", samples.childObject(5, of: samples.document, samples.item(5), order: 1))
            .setting("/CFAssociations/-", samples.childObject(6, of: samples.item(3), samples.item(2)))
            .setting("/CFAssociations/-", samples.childObject(7, of: samples.item(3), samples.item(2)))
        let package = try CasePackage.read(json).package
        #expect(package.roots.map(\.identifier.text) == [3, 5, 1, 4].map(samples.item))
        #expect(package.children(of: try #require(UUID(text: samples.item(3)))).map(\.identifier.text) == [samples.item(2)])
        #expect(package.item(UUID()) == nil && package.children(of: UUID()) == [])
    }

    @Test func `statements go in and out to the letter`() throws {
        let package = try CasePackage.read(CaseSamples.package).package
        #expect(package.items[1].fullStatement == "Finds $\\frac{1}{2}$ < slope & > 0.")
        #expect(package.json().value(at: "/CFItems/1/fullStatement") == "Finds $\\frac{1}{2}$ < slope & > 0.")
    }

    @Test func `unknown members survive everywhere and are left out of the strict form`() throws {
        let json = CaseSamples.package.setting("/x-top", [1]).setting("/CFDocument/x-doc", ["a": .null])
            .setting("/CFItems/0/x-item", "i").setting("/CFItems/0/extensions", ["k": 1])
            .setting("/CFItems/0/educationLevel", []).setting("/CFAssociations/0/x-association", true)
            .setting("/CFAssociations/0/originNodeURI/x-link", 1)
            .setting("/CFAssociations/0/originNodeURI/targetType", "CASE")
            .setting("/CFRubrics", .array([
                CaseSamples.rubric.setting("/CFRubricCriteria/0/CFRubricCriterionLevels/0/extensions", [["e": 1]]),
            ]))
            .setting("/CFDefinitions", ["CFItemTypes": [["title": "t", "x": 1]]])
        let reading = try CasePackage.read(json)
        #expect(reading.package.json() == json && reading.repairs == [])
        let strict = reading.package.json(.strict)
        #expect(strict == CaseSamples.package.setting("/CFAssociations/0/originNodeURI/targetType", "CASE")
            .setting("/CFDocument/caseVersion", "1.1").setting("/CFRubrics", [CaseSamples.rubric])
            .setting("/CFDefinitions", ["CFItemTypes": [["title": "t", "x": 1]]]))
        #expect(try Wire.decode(CasePackage.self, from: Wire.encode(reading.package)) == reading.package)
    }

    @Test func `the digest tells contents apart and nothing else`() throws {
        let one = try CasePackage.read(CaseSamples.package).package
        let reordered = try JSONValue.parse(CaseSamples.package.canonical())
        #expect(try CasePackage.read(reordered).package.digest == one.digest)
        #expect(try CasePackage.read(["CFPackage": CaseSamples.package]).package.digest == one.digest)
        let other = CaseSamples.package.setting("/CFItems/2/fullStatement", "Plans a walk!")
        #expect(try CasePackage.read(other).package.digest != one.digest && one.digest.count == 64)
    }
}
