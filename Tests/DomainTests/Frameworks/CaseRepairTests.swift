import Domain
import Foundation
import Testing

@Suite struct CaseRepairTests {
    /// A slip of some publisher, the repair that reports it, and the place and value written in its stead.
    private static let slips: [(String, JSONValue?, String, String, JSONValue?)] = [
        ("/CFItems/0/Type", "Strand", "/CFItems/0/Type case.type_member", "/CFItems/0/CFItemType", "Strand"),
        ("/CFDocument/language", "eng", "/CFDocument/language case.language", "/CFDocument/language", "en"),
        ("/CFItems/0/language", "en_us", "/CFItems/0/language case.language", "/CFItems/0/language", "en-US"),
        ("/CFItems/0/language", "zh_hant_TW", "/CFItems/0/language case.language", "/CFItems/0/language", "zh-Hant-TW"),
        ("/CFItems/0/educationLevel", ["K", "1", "10"], "/CFItems/0/educationLevel case.education_level",
         "/CFItems/0/educationLevel", ["KG", "01", "10"]),
        ("/CFItems/0/educationLevel", "09,10", "/CFItems/0/educationLevel case.education_level",
         "/CFItems/0/educationLevel", ["09", "10"]),
        ("/CFItems/0/educationLevel", [3], "/CFItems/0/educationLevel case.education_level",
         "/CFItems/0/educationLevel", ["03"]),
        ("/CFItems/0/educationalLevel", "06", "/CFItems/0/educationalLevel case.education_level",
         "/CFItems/0/educationLevel", ["06"]),
        ("/CFDocument/subject", "Land", "/CFDocument/subject case.list", "/CFDocument/subject", ["Land"]),
        ("/CFAssociations/0/sequenceNumber", "2", "/CFAssociations/0/sequenceNumber case.string_number",
         "/CFAssociations/0/sequenceNumber", 2),
        ("/CFAssociations/0/sequenceNumber", .number(JSONNumber(2.0) ?? JSONNumber(0)),
         "/CFAssociations/0/sequenceNumber case.string_number", "/CFAssociations/0/sequenceNumber", 2),
        ("/CFItems/0/humanCodingScheme", 7, "/CFItems/0/humanCodingScheme case.number_text",
         "/CFItems/0/humanCodingScheme", "7"),
        ("/CFDocument/title", "Reading the Land ", "/CFDocument/title case.trailing_space", "/CFDocument/title",
         "Reading the Land"),
        ("/CFItems/0/notes", .null, "/CFItems/0/notes case.null", "/CFItems/0/notes", nil),
        ("/CFItems/0/CFDocumentURI", "https://x.example/\(CaseSamples.document)",
         "/CFItems/0/CFDocumentURI case.uri_as_string", "/CFItems/0/CFDocumentURI/identifier",
         .string(CaseSamples.document)),
        ("/CFItems/0/licenseURI", "https://x.example/license", "/CFItems/0/licenseURI case.uri_as_string",
         "/CFItems/0/licenseURI/uri", "https://x.example/license"),
        ("/CFAssociations/0/originNodeURI", "https://x.example/CFItems/\(CaseSamples.item(1)).json",
         "/CFAssociations/0/originNodeURI case.uri_as_string", "/CFAssociations/0/originNodeURI/identifier",
         .string(CaseSamples.item(1))),
        ("/CFAssociations/0/originNodeURI/identifier", nil,
         "/CFAssociations/0/originNodeURI/identifier case.link_incomplete",
         "/CFAssociations/0/originNodeURI/identifier", .string(CaseSamples.item(1))),
        ("/CFAssociations/0/originNodeURI/title", nil, "/CFAssociations/0/originNodeURI/title case.link_incomplete",
         "/CFAssociations/0/originNodeURI/title", ""),
        ("/CFDocument/extensions", [], "/CFDocument/extensions case.extensions_array", "/CFDocument/extensions", [:]),
        ("/CFItems/0/extensions", [["a": 1], ["b": 2]], "/CFItems/0/extensions case.extensions_array",
         "/CFItems/0/extensions", ["a": 1, "b": 2]),
        ("/CFItems/0/extensions", [["a": 1], ["a": 2]], "/CFItems/0/extensions case.extensions_array",
         "/CFItems/0/extensions", ["list": [["a": 1], ["a": 2]]]),
        ("/CFAssociations/0/destinationNodeURI/uri", "https://x.example/CFItems/\(CaseSamples.document)",
         "/CFAssociations/0/destinationNodeURI/uri case.destination_uri", "/CFAssociations/0/destinationNodeURI/uri",
         CaseSamples.package.value(at: "/CFDocument/uri")),
        ("/CFAssociations/1/associationType", "Is Child Of", "/CFAssociations/1/associationType case.association_type",
         "/CFAssociations/1/associationType", "isChildOf"),
        ("/CFItems/0/lastChangeDateTime", "2017-05-25T18:05:33",
         "/CFItems/0/lastChangeDateTime case.date_time", "/CFItems/0/lastChangeDateTime", "2017-05-25T18:05:33Z"),
        ("/CFItems/0/lastChangeDateTime", "2017-05-25", "/CFItems/0/lastChangeDateTime case.date_time",
         "/CFItems/0/lastChangeDateTime", "2017-05-25T00:00:00Z"),
        ("/CFItems/0/lastChangeDateTime", "2017-05-25T18:05:33-0400", "/CFItems/0/lastChangeDateTime case.date_time",
         "/CFItems/0/lastChangeDateTime", "2017-05-25T22:05:33Z"),
        ("/CFItems/0/lastChangeDateTime", "2017-05-25T18:05:33-04:00", "", "/CFItems/0/lastChangeDateTime",
         "2017-05-25T18:05:33-04:00"),
        ("/CFDocument/statusStartDate", "2010-06-02T00:00:00", "/CFDocument/statusStartDate case.date",
         "/CFDocument/statusStartDate", "2010-06-02"),
        ("/CFItems/-", CaseSamples.package.value(at: "/CFItems/2"), "/CFItems/3 case.duplicate_item", "/CFItems/3", nil),
        ("/CFAssociations/-", CaseSamples.package.value(at: "/CFAssociations/2"),
         "/CFAssociations/3 case.duplicate_association", "/CFAssociations/3", nil),
        ("/CFAssociations/2", nil, "/CFItems/2 case.root_inferred", "/CFAssociations/2", nil),
        ("/CFItems/0", ["CFItem": CaseSamples.package.value(at: "/CFItems/0") ?? .null],
         "/CFItems/0 case.schema_wrapper", "/CFItems/0/identifier", .string(CaseSamples.item(1))),
        ("/CFItems/0/statusStartDate", "", "/CFItems/0/statusStartDate case.blank", "/CFItems/0/statusStartDate", nil),
        ("/CFItems/0/educationLevel", " ", "/CFItems/0/educationLevel case.blank", "/CFItems/0/educationLevel", nil),
        ("/CFItems/0/educationLevel", [.null, "09"], "/CFItems/0/educationLevel case.education_level",
         "/CFItems/0/educationLevel", ["09"]),
        ("/CFItems/0/educationLevel", "09;10", "/CFItems/0/educationLevel case.education_level",
         "/CFItems/0/educationLevel", ["09", "10"]),
        ("/CFItems/0/CFItemTypeURI", [], "/CFItems/0/CFItemTypeURI case.blank", "/CFItems/0/CFItemTypeURI", nil),
        ("/CFItems/0/licenseURI", ["title": "", "identifier": .null, "uri": ""], "/CFItems/0/licenseURI case.blank",
         "/CFItems/0/licenseURI", nil),
        ("/CFItems/0/humanCodingScheme", [:], "/CFItems/0/humanCodingScheme case.blank", "/CFItems/0/humanCodingScheme", nil),
        ("/CFItems/0/conceptKeywords", "", "/CFItems/0/conceptKeywords case.blank", "/CFItems/0/conceptKeywords", nil),
        ("/CFDocument/subject", ["a", .null], "/CFDocument/subject/1 case.null", "/CFDocument/subject", ["a"]),
        ("/CFDocument/subject", ["a", 1], "/CFDocument/subject/1 case.number_text", "/CFDocument/subject", ["a", "1"]),
        ("/CFDocument/subjectURI", [""], "/CFDocument/subjectURI/0 case.blank", "/CFDocument/subjectURI", nil),
        ("/CFItems/0/conceptKeywordsURI", [["title": "t", "identifier": "k", "uri": "https://x.example/k"]],
         "/CFItems/0/conceptKeywordsURI case.list", "/CFItems/0/conceptKeywordsURI/identifier", "k"),
        ("/CFDefinitions", [], "/CFDefinitions case.blank", "/CFDefinitions", nil),
        ("/CFAssociations/0/sequenceNumber", "", "/CFAssociations/0/sequenceNumber case.blank",
         "/CFAssociations/0/sequenceNumber", nil),
        ("/CFAssociations/0/sequenceNumber", "007", "/CFAssociations/0/sequenceNumber case.string_number",
         "/CFAssociations/0/sequenceNumber", 7),
        ("/CFItems/0/identifier", .string("{\(CaseSamples.item(1))}"), "/CFItems/0/identifier case.identifier_form",
         "/CFItems/0/identifier", .string(CaseSamples.item(1))),
        ("/CFItems/0/identifier", .string("urn:uuid:\(CaseSamples.item(1))"), "/CFItems/0/identifier case.identifier_form",
         "/CFItems/0/identifier", .string(CaseSamples.item(1))),
        ("/CFItems/0/identifier", .string(CaseSamples.item(1).replacing("-", with: "")),
         "/CFItems/0/identifier case.identifier_form", "/CFItems/0/identifier", .string(CaseSamples.item(1))),
        ("/CFItems/0/CFItemTypeURI", ["sourcedId": "k", "title": "t", "uri": "https://x.example/k"],
         "/CFItems/0/CFItemTypeURI/sourcedId case.sourced_id", "/CFItems/0/CFItemTypeURI/identifier", "k"),
        ("/CFItems/0/lastChangeDateTime", "2017-05-25T18:05Z", "/CFItems/0/lastChangeDateTime case.date_time",
         "/CFItems/0/lastChangeDateTime", "2017-05-25T18:05:00Z"),
        ("/CFItems/0/lastChangeDateTime", "2017-05-25 18:05:33.5+02", "/CFItems/0/lastChangeDateTime case.date_time",
         "/CFItems/0/lastChangeDateTime", "2017-05-25T16:05:33.5Z"),
        ("/CFItems/0/lastChangeDateTime", "2017-05-25 18:05:33 UTC", "/CFItems/0/lastChangeDateTime case.date_time",
         "/CFItems/0/lastChangeDateTime", "2017-05-25T18:05:33Z"),
        ("/CFDocument", ["CFDocument": CaseSamples.package.value(at: "/CFDocument") ?? .null],
         "/CFDocument case.schema_wrapper", "/CFDocument/identifier", .string(CaseSamples.document)),
    ]

    @Test(arguments: slips)
    func `a publisher's slip is repaired and reported`(
        _ pointer: String, _ slip: JSONValue?, _ repair: String, _ place: String, _ written: JSONValue?
    ) throws {
        let reading = try CasePackage.read(CaseSamples.package.setting(pointer, slip))
        #expect(reading.repairs.map { "\($0.pointer) \($0.rule)" } == (repair.isEmpty ? [] : [repair]))
        let json = reading.package.json()
        #expect(json.value(at: place) == written)
        #expect(try CasePackage.read(json).package == reading.package)
    }

    /// Optional members that nobody can read: one of them must not keep a state from its framework.
    private static let odd: [(String, JSONValue)] = [
        ("/CFDocument/statusEndDate", "2026-02-30"), ("/CFDocument/statusStartDate", 2010),
        ("/CFItems/1/statusStartDate", "05/01/2017"), ("/CFItems/1/notes", ["a": 1]), ("/CFItems/1/language", true),
        ("/CFItems/1/educationLevel", [[:]]), ("/CFItems/1/subject", [["title": "Math"]]),
        ("/CFItems/1/CFItemTypeURI", true), ("/CFItems/1/CFItemTypeURI", ["title": "x"]),
        ("/CFItems/1/conceptKeywordsURI", [["identifier": "a"], ["identifier": "b"]]),
        ("/CFAssociations/2/sequenceNumber", "first"),
        ("/CFAssociations/2/sequenceNumber", .number(JSONNumber(1.5) ?? JSONNumber(0))),
    ]

    @Test(arguments: odd)
    func `an optional member that cannot be read is kept to the letter and reported`(
        _ pointer: String, _ value: JSONValue
    ) throws {
        let json = CaseSamples.package.setting(pointer, value)
        let reading = try CasePackage.read(json)
        #expect(reading.repairs.map { "\($0.pointer) \($0.rule)" } == ["\(pointer) case.kept_unread"])
        #expect(reading.package.json() == json)
        #expect(try CasePackage.read(reading.package.json()).package == reading.package)
    }

    @Test func `OneRoster's name for an identifier is understood`() throws {
        let text = String(decoding: CaseSamples.package.serialized(), as: UTF8.self)
        let renamed = try JSONValue.parse(Array(text.replacing(#""identifier":"#, with: #""sourcedId":"#).utf8))
        let reading = try CasePackage.read(renamed)
        #expect(reading.package.json() == CaseSamples.package && Set(reading.repairCounts.keys) == ["case.sourced_id"])
    }

    @Test(arguments: ["isParentOf", "Is Parent Of"])
    func `a tree told from its parents is the same tree`(_ name: String) throws {
        let given = try #require(CaseSamples.package["CFAssociations"]?.array)
        let turned = given.map { association in
            association.setting("/associationType", .string(name))
                .setting("/originNodeURI", association["destinationNodeURI"])
                .setting("/destinationNodeURI", association["originNodeURI"])
        }
        let reading = try CasePackage.read(CaseSamples.package.setting("/CFAssociations", .array(turned)))
        #expect(reading.package.json() == CaseSamples.package)
        #expect(reading.repairCounts == ["case.association_type": given.count])
    }

    @Test func `a document that is said to be a child is reported, and the tree goes without it`() throws {
        let json = CaseSamples.package
            .setting("/CFAssociations/-", CaseSamples.childObject(4, of: CaseSamples.item(1), CaseSamples.document))
        let fault = #expect(throws: Fault.self) { try CasePackage.read(json) }
        #expect(fault?.violations.map(\.rule).contains("case.cycle") == true)
        let reversed = CaseSamples.package.setting("/CFAssociations", .array([
            CaseSamples.childObject(4, of: CaseSamples.item(1), CaseSamples.document),
        ]))
        let reading = try CasePackage.read(reversed)
        #expect(reading.repairCounts == [
            "case.document_as_child": 1, "case.root_inferred": 3, "case.destination_uri": 1,
        ])
    }

    @Test func `thousands of one repair hide no other, and all are counted`() throws {
        let items = (0..<3000).map { number in
            CaseSamples.itemObject(1, "x").setting("/identifier", .string("1\(String(1_000_000 + number))-0000-4000-8000-000000000000"))
                .setting("/language", "eng").setting("/notes", number == 2999 ? .null : "n")
        }
        let reading = try CasePackage.read(
            CaseSamples.package.setting("/CFItems", .array(items)).setting("/CFAssociations", []).setting("/CFRubrics", nil))
        #expect(reading.repairCounts == ["case.language": 3000, "case.null": 1, "case.root_inferred": 3000])
        #expect(reading.repairs.count == 2001 && reading.repairs.contains { $0.pointer == "/CFItems/2999/notes" })
    }

    @Test func `upper-case identifiers are one with lower-case ones`() throws {
        let identifier = "ABCDEF00-0000-4000-8000-00000000000A"
        let json = CaseSamples.package
            .setting("/CFItems/2/identifier", .string(identifier))
            .setting("/CFAssociations/2/originNodeURI/identifier", .string(identifier.lowercased()))
        let reading = try CasePackage.read(json)
        #expect(reading.repairs.map { "\($0.pointer) \($0.rule)" } == ["/CFItems/2/identifier case.identifier_case"])
        #expect(reading.package.roots.map(\.identifier.text) == [identifier.lowercased(), CaseSamples.item(1)])
    }

    @Test func `an envelope is opened and pointers name the file as it came`() throws {
        let enveloped: JSONValue = ["CFPackage": CaseSamples.package.setting("/CFItems/1/language", "eng"), "$schema": "s"]
        let reading = try CasePackage.read(enveloped)
        #expect(reading.repairs.map { "\($0.pointer) \($0.rule)" } == [
            "/$schema case.schema_wrapper", " case.schema_wrapper", "/CFPackage/CFItems/1/language case.language",
        ])
        #expect(reading.package.items.count == 3)
    }

    @Test(arguments: [
        (["data": ["CFPackage": CaseSamples.package]], ["", "/data"]), (["status": 200, "body": CaseSamples.package], ["/status", ""]),
        ([CaseSamples.package], [""]), (["CFPackages": [CaseSamples.package]], ["", "/CFPackages"]),
    ] as [(JSONValue, [String])])
    func `whatever holds one package and nothing else of its kind is an envelope`(
        _ json: JSONValue, _ pointers: [String]
    ) throws {
        let reading = try CasePackage.read(json)
        #expect(reading.repairs.map(\.pointer) == pointers && reading.repairCounts == ["case.schema_wrapper": pointers.count])
        #expect(reading.package.json() == CaseSamples.package)
    }

    @Test(arguments: [nil, [], .null] as [JSONValue?])
    func `a package without items is read with a note`(_ items: JSONValue?) throws {
        let json = CaseSamples.package.setting("/CFItems", items).setting("/CFAssociations", [])
        let reading = try CasePackage.read(json)
        #expect(reading.package.items == [] && reading.package.roots == [])
        #expect(reading.repairs.last?.rule == "case.no_items")
    }

    @Test func `a rubric's numbers in quotes are read`() throws {
        let json = CaseSamples.package.setting("/CFRubrics", .array([
            CaseSamples.rubric.setting("/CFRubricCriteria/0/weight", "0.250")
                .setting("/CFRubricCriteria/0/CFRubricCriterionLevels/0/position", "2"),
        ]))
        let reading = try CasePackage.read(json)
        #expect(reading.repairs.map(\.rule) == ["case.string_number", "case.string_number"])
        #expect(reading.package.rubrics[0].criteria[0].weight?.text == "0.250")
        #expect(reading.package.rubrics[0].criteria[0].levels[0].position == 2)
    }

    @Test func `an association of another kind or to the outside is kept`() throws {
        let json = CaseSamples.package
            .setting("/CFAssociations/-", CaseSamples.childObject(4, of: CaseSamples.item(9), CaseSamples.item(1))
                .setting("/associationType", "inspires").setting("/destinationNodeURI/identifier", "a poem"))
        let reading = try CasePackage.read(json)
        let last = reading.package.associations[3]
        #expect(last.type.rawValue == "ext:inspires" && last.isExternal && last.destination.uuid == nil)
        #expect(reading.package.associations.map(\.isExternal) == [false, false, false, true])
    }
}
