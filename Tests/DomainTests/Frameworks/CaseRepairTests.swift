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
