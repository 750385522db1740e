import Domain
import Foundation
import Testing

@Suite struct CaseRefusalTests {
    private static let broken: [(String, JSONValue?, String)] = [
        ("/CFDocument/identifier", nil, "/CFDocument/identifier member.missing"),
        ("/CFDocument/uri", nil, "/CFDocument/uri member.missing"),
        ("/CFDocument/uri", [1], "/CFDocument/uri member.type"),
        ("/CFItems/1/uri", .null, "/CFItems/1/uri member.missing"),
        ("/CFItems/1/lastChangeDateTime", nil, "/CFItems/1/lastChangeDateTime member.missing"),
        ("/CFDocument/title", " ", "/CFDocument/title member.missing"),
        ("/CFDocument/creator", .null, "/CFDocument/creator member.missing"),
        ("/CFDocument/lastChangeDateTime", nil, "/CFDocument/lastChangeDateTime member.missing"),
        ("/CFDocument/lastChangeDateTime", "yesterday", "/CFDocument/lastChangeDateTime member.value"),
        ("/CFDocument", nil, "/CFDocument member.missing"),
        ("/CFDocument", [], "/CFDocument member.type"),
        ("/CFItems", [:], "/CFItems member.type"),
        ("/CFItems/1", "x", "/CFItems/1 member.type"),
        ("/CFItems/1/identifier", "42", "/CFItems/1/identifier case.identifier"),
        ("/CFItems/1/identifier", .string("S" + CaseSamples.item(2)), "/CFItems/1/identifier case.identifier"),
        ("/CFItems/1/identifier", nil, "/CFItems/1/identifier member.missing"),
        ("/CFItems/1/fullStatement", nil, "/CFItems/1/fullStatement member.missing"),
        ("/CFItems/1/fullStatement", " \n", "/CFItems/1/fullStatement member.missing"),
        ("/CFItems/1/fullStatement", ["x"], "/CFItems/1/fullStatement member.type"),
        ("/CFItems/1/lastChangeDateTime", "5/1/2017", "/CFItems/1/lastChangeDateTime member.value"),
        ("/CFItems/1/identifier", .string(CaseSamples.item(1)), "/CFItems/1/identifier case.duplicate_item"),
        ("/CFItems/1/identifier", .string(CaseSamples.document), "/CFItems/1/identifier case.duplicate_item"),
        ("/CFAssociations", "x", "/CFAssociations member.type"),
        ("/CFAssociations/2/originNodeURI", nil, "/CFAssociations/2/originNodeURI case.association_end"),
        ("/CFAssociations/2/destinationNodeURI", .null, "/CFAssociations/2/destinationNodeURI case.association_end"),
        ("/CFAssociations/2/destinationNodeURI", [:], "/CFAssociations/2/destinationNodeURI case.association_end"),
        ("/CFAssociations/2/destinationNodeURI", true, "/CFAssociations/2/destinationNodeURI member.type"),
        ("/CFAssociations/2/identifier", .string(CaseSamples.association(1)),
         "/CFAssociations/2/identifier case.duplicate_association"),
        ("/CFAssociations/2/associationType", "is it?", "/CFAssociations/2/associationType case.association_type"),
        ("/CFAssociations/0/destinationNodeURI/identifier", .string(CaseSamples.item(2)), "/CFAssociations/1 case.cycle"),
        ("/CFAssociations/2/destinationNodeURI/identifier", .string(CaseSamples.item(3)), "/CFAssociations/2 case.cycle"),
        ("/CFDefinitions", [1], "/CFDefinitions member.type"),
        ("/CFRubrics", [["uri": "u", "identifier": "x", "lastChangeDateTime": "2026-01-01T00:00:00Z"]],
         "/CFRubrics/0/identifier case.identifier"),
    ]

    @Test(arguments: broken)
    func `a broken package is refused at the member that breaks it`(
        _ pointer: String, _ value: JSONValue?, _ expected: String
    ) {
        let fault = #expect(throws: Fault.self) { try CasePackage.read(CaseSamples.package.setting(pointer, value)) }
        #expect(fault?.violations.map { "\($0.pointer) \($0.rule)" } == [expected] && fault?.code == .invalid)
    }

    @Test(arguments: [.null, true, 1, "x", [], [:], ["CFPackage": []], ["CFPackage": [:]], ["learners": []]] as [JSONValue])
    func `what is no package is said to be none`(_ json: JSONValue) {
        let fault = #expect(throws: Fault.self) { try CasePackage.read(json) }
        #expect(fault?.violations.map(\.rule) == ["case.not_a_package"])
    }

    @Test func `what a server says in a package's stead is shown`() {
        let answer: JSONValue = ["imsx_description": "No such framework", "imsx_codeMinor": ["imsx_codeMinorField": [[:]]]]
        let fault = #expect(throws: Fault.self) { try CasePackage.read(answer) }
        #expect(fault?.violations.map(\.pointer) == [""])
        #expect(fault?.violations[0].message.contains("No such framework") == true)
    }

    @Test func `everything broken is named at once, up to fifty`() {
        let json = CaseSamples.package.setting("/CFDocument/title", nil).setting("/CFItems/0/uri", [1])
            .setting("/CFItems/2/fullStatement", 7).setting("/CFItems/2/uri", true)
        let fault = #expect(throws: Fault.self) { try CasePackage.read(json) }
        #expect(fault?.violations.map(\.pointer) == ["/CFDocument/title", "/CFItems/0/uri", "/CFItems/2/uri"])
        let hopeless = CaseSamples.package.setting("/CFItems", .array(Array(repeating: [:], count: 200)))
        let all = #expect(throws: Fault.self) { try CasePackage.read(hopeless) }
        #expect(all?.violations.count == 50 && all?.message.contains("the first 50 of 800") == true)
    }

    @Test(.timeLimit(.minutes(5)))
    func `a chain of ten thousand items is read, and refused once it bites its tail`() throws {
        func identifier(_ number: Int, _ kind: String) -> String {
            let digits = String(number)
            return "\(kind)0000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
        }
        let count = 10_000
        let items = (0..<count).map {
            CaseSamples.itemObject(1, "x").setting("/identifier", .string(identifier($0, "1")))
        }
        let chain = (0..<count).map { number in
            let parent = number == 0 ? CaseSamples.document : identifier(number - 1, "1")
            return CaseSamples.childObject(1, of: parent, identifier(number, "1"))
                .setting("/identifier", .string(identifier(number, "a")))
        }
        let json = CaseSamples.package.setting("/CFItems", .array(items))
        #expect(try CasePackage.read(json.setting("/CFAssociations", .array(chain))).package.roots.count == 1)
        let bitten = chain.dropFirst() + [
            CaseSamples.childObject(1, of: identifier(count - 1, "1"), identifier(0, "1"))
                .setting("/identifier", .string(identifier(count, "a"))),
        ]
        let circle = json.setting("/CFAssociations", .array(Array(bitten)))
        let fault = #expect(throws: Fault.self) { try CasePackage.read(circle) }
        #expect(fault?.violations.map(\.rule) == ["case.cycle"])
    }
}
