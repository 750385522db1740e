import Domain
import PathwayEngine
import Testing

struct PathwayFormatTests {
    /// Every member once, as we write it. A change here is a change of the stored form.
    static let golden = """
        {"components":[\
        {"condition":{"of":["b",{"of":["c","d"],"require":1},{"of":["c"],"require":"any"}],"require":"all"},\
        "description":"Both","id":"a","kind":"credential","milestone":{"level":2,"title":"Exit"},"title":"First"},\
        {"id":"b","kind":"competency","level":2.5,"precedes":["c"],"target":"urn:x:b","title":"Second"},\
        {"id":"c","kind":"course","target":"urn:x:c","title":"Third"},\
        {"id":"d","kind":"selection","target":"urn:x:d","title":"Fourth"}],\
        "description":"Long","destinations":["a"],\
        "entitlements":[{"after":"a","days":30,"id":"e","kind":"interview",\
        "obligor":"0c000000-0000-4000-8000-000000000001","terms":"Soon","title":"Talk"}],\
        "format":"cairn-pathway/1","occupations":[{"code":"47-2111","title":"Electricians"}],\
        "requires":{"recognitions":[{"atLeast":1,"kind":"credit",\
        "organizations":["0c000000-0000-4000-8000-000000000002"]},{"atLeast":2,"kind":"support"}]},\
        "sector":"Construction","title":"Whole"}
        """

    static let whole = PathwayDocument(
        title: "Whole", description: "Long", occupations: [.init(code: "47-2111", title: "Electricians")],
        sector: "Construction",
        components: [
            Component(
                id: "a", kind: .credential, title: "First", description: "Both",
                condition: Condition(.all, of: [
                    "b", .condition(Condition(.atLeast(1), of: ["c", "d"])), .condition(Condition(.any, of: ["c"])),
                ]),
                milestone: .init(title: "Exit", level: 2)),
            Component(id: "b", kind: .competency, title: "Second", target: "urn:x:b", level: 2.5, precedes: ["c"]),
            Component(id: "c", kind: .course, title: "Third", target: "urn:x:c"),
            Component(id: "d", kind: .selection, title: "Fourth", target: "urn:x:d"),
        ],
        destinations: ["a"],
        entitlements: [.init(id: "e", after: "a", kind: .interview, title: "Talk", obligor: organization(1), days: 30,
                             terms: "Soon")],
        requires: .init(recognitions: [
            .init(kind: .credit, organizations: [organization(2)], atLeast: 1), .init(kind: .support, atLeast: 2),
        ]))

    @Test func `the stored form of a pathway is the golden file`() throws {
        #expect(String(decoding: Wire.encode(Self.whole), as: UTF8.self) == Self.golden)
        #expect(try Wire.decode(PathwayDocument.self, from: Array(Self.golden.utf8)) == Self.whole)
        #expect(PathwayCheck.check(Self.whole) == [])
    }

    /// What was added to the format later, once each.
    static let extended = """
        {"components":[\
        {"condition":{"of":[{"of":["b"],"require":"none"},\
        {"caps":[{"most":1.5,"over":["urn:x:c"]}],"comparator":"at_least","measure":"credits","over":["b","urn:x:c"],\
        "value":3},{"comparator":"not_equal","measure":"until","over":["b"],"value":"as_of"},\
        {"comparator":"less","measure":"level","over":["b"],"value":"high"}],"require":"any"},\
        "id":"a","kind":"credential","title":"First"},\
        {"bases":["assessed","granted"],"currency":{"days":30},"id":"b","kind":"competency","level":"low",\
        "target":"urn:x:b","title":"Second"},\
        {"currency":"issuer","id":"c","kind":"course","milestone":{"title":"Exit"},"target":"urn:x:c","title":"Third"}],\
        "crosswalks":[{"chains":true,"confers":true,"decision":"D","from":"urn:x:d","level":"high","strength":"mostly",\
        "to":"urn:x:b","topUp":["urn:x:e"]},{"confers":false,"from":"urn:x:f","to":"urn:x:b"}],\
        "destinations":["a"],"format":"cairn-pathway/1",\
        "progressions":[{"id":"steps","levels":["low","high"],"title":"Steps"}],"title":"Whole",\
        "waivers":[{"components":["c"],"decision":"D","zone":"north"}]}
        """

    @Test func `the stored form of all that was added is the golden file`() throws {
        let document = PathwayDocument(
            title: "Whole",
            components: [
                Component(id: "a", kind: .credential, title: "First", condition: Condition(.any, of: [
                    .condition(Condition(.none, of: ["b"])),
                    .constraint(.init(.credits, over: ["b", "urn:x:c"], .atLeast, .number(3),
                                      caps: [.init(over: ["urn:x:c"], most: Credits(1.5)!)])),
                    .constraint(.init(.until, over: ["b"], .notEqual, .asOf)),
                    .constraint(.init(.level, over: ["b"], .less, .text("high"))),
                ])),
                Component(id: "b", kind: .competency, title: "Second", target: "urn:x:b", level: "low",
                          bases: [.assessed, .granted], currency: .days(30)),
                Component(id: "c", kind: .course, title: "Third", target: "urn:x:c", currency: .issuer,
                          milestone: .init(title: "Exit")),
            ],
            destinations: ["a"], progressions: [.init(id: "steps", title: "Steps", levels: ["low", "high"])],
            crosswalks: [
                .init(from: "urn:x:d", to: "urn:x:b", confers: true, strength: .mostly, topUp: ["urn:x:e"],
                      level: "high", chains: true, decision: "D"),
                .init(from: "urn:x:f", to: "urn:x:b", confers: false),
            ],
            waivers: [.init(zone: "north", components: ["c"], decision: "D")])
        #expect(String(decoding: Wire.encode(document), as: UTF8.self) == Self.extended)
        #expect(try Wire.decode(PathwayDocument.self, from: Array(Self.extended.utf8)) == document)
        let (read, findings) = PathwayCheck.read(Array(Self.extended.utf8))
        #expect(read == document && findings == [], "\(findings)")
    }

    @Test func `members that may be left out may also be null`() throws {
        let text = """
            {"format":"cairn-pathway/1","title":"T","description":null,"occupations":null,"entitlements":null,
             "requires":null,"destinations":["a"],"components":[{"id":"a","kind":"basic","title":"A",
             "target":"urn:x:a","level":null,"condition":null,"milestone":null,"precedes":null}]}
            """
        let (document, findings) = PathwayCheck.read(Array(text.utf8))
        #expect(document == PathwayDocument(
            title: "T", components: [Component(id: "a", kind: .basic, title: "A", target: "urn:x:a")],
            destinations: ["a"]))
        #expect(findings == [])
    }

    /// A replacement in the golden file, and the one finding that it leads to.
    @Test(arguments: [
        ("\"sector\":", "\"colour\":1,\"sector\":", "/colour", "member.value",
         "This is not supported by this version; a pathway has format, title,"),
        ("\"require\":1", "\"require\":1,\"none\":[]", "/components/0/condition/of/1/none", "member.value",
         "This is not supported by this version; a condition has require, of."),
        ("\"require\":1", "\"require\":\"most\"", "/components/0/condition/of/1/require", "member.value", "`most`"),
        ("\"require\":1", "\"require\":1.5", "/components/0/condition/of/1/require", "member.value", "whole number"),
        ("\"require\":1", "\"require\":null", "/components/0/condition/of/1/require", "member.value", "whole number"),
        ("[\"c\",\"d\"]", "[\"c\",7]", "/components/0/condition/of/1/of/1", "member.type", "must be an object"),
        ("[\"c\",\"d\"]", "{}", "/components/0/condition/of/1/of", "member.type", "must be an array"),
        ("\"kind\":\"course\"", "\"kind\":\"exam\"", "/components/2/kind", "member.value",
         "one of competency, credential, assessment, experience, course, capstone, basic, selection, not `exam`"),
        ("\"kind\":\"course\",", "", "/components/2/kind", "member.missing", "is required"),
        ("\"level\":2.5", "\"level\":true", "/components/1/level", "member.type", "a number or the text of a level"),
        ("\"level\":2,", "\"level\":2.5,", "/components/0/milestone/level", "member.type", "must be a whole number"),
        ("\"level\":2,", "\"level\":\"2\",", "/components/0/milestone/level", "member.type", "a whole number"),
        ("\"level\":2,", "\"badge\":2,", "/components/0/milestone/badge", "member.value", "milestone has title, level"),
        ("cairn-pathway/1", "cairn-pathway/2", "/format", "member.value", "reads no \"cairn-pathway/2\""),
        ("\"format\":\"cairn-pathway/1\",", "", "/format", "member.missing", "is required"),
        ("000000000001\"", "1\"", "/entitlements/0/obligor", "member.value", "UUID"),
        ("\"days\":30", "\"days\":30,\"hours\":1", "/entitlements/0/hours", "member.value", "an entitlement has id"),
        ("\"days\":30", "\"days\":1e30", "/entitlements/0/days", "member.value", "a whole number"),
        ("\"atLeast\":1", "\"atLeast\":null", "/requires/recognitions/0/atLeast", "member.type", "not null"),
        ("\"atLeast\":1", "\"atLeast\":1,\"by\":1", "/requires/recognitions/0/by", "member.value", "atLeast"),
        ("\"kind\":\"support\"", "\"kind\":\"love\"", "/requires/recognitions/1/kind", "member.value", "`love`"),
        ("{\"recognitions\"", "{\"a/b~c\":1,\"recognitions\"", "/requires/a~1b~0c", "member.value", "requires has"),
        ("\"id\":\"a\",", "\"id\":\"a\",\n\"id\":\"b\",", "/components/0/id", "json.", "Line 2"),
        ("\"level\":2.5", "\"level\":2.5,\"currency\":\"ever\"", "/components/1/currency", "member.value", "not `ever`"),
        ("\"level\":2.5", "\"level\":2.5,\"currency\":{\"months\":1}", "/components/1/currency/months",
         "member.value", "a currency has days"),
        ("\"level\":2.5", "\"level\":2.5,\"bases\":[\"luck\"]", "/components/1/bases/0", "member.value", "assessed"),
        ("\"of\":[\"c\",", "\"of\":[{\"measure\":\"age\"},", "/components/0/condition/of/1/of/0/measure",
         "member.value", "level, credits, count, until"),
        ("\"of\":[\"c\",", "\"of\":[{\"measure\":\"count\",\"of\":[]},", "/components/0/condition/of/1/of/0/of",
         "member.value", "a constraint has measure, over, comparator, value, caps"),
        ("\"sector\":", "\"crosswalks\":[{\"from\":\"urn:a\",\"to\":\"urn:b\"}],\"sector\":", "/crosswalks/0/confers",
         "member.missing", "is required"),
        ("\"sector\":", "\"waivers\":[{\"zone\":\"z\",\"until\":1}],\"sector\":", "/waivers/0/until", "member.value",
         "a waiver has zone, components, decision"),
        ("\"sector\":", "\"sector\"", "/sector", "json.", "Line 1"),
        (golden, "[]", "", "member.type", "an object"),
        (golden, "", "", "json.", "Line 1, column 1"),
        (golden, "{\"format\":\"cairn-pathway/1\"}", "/title", "member.missing", "is required"),
    ])
    func `what cannot be read is refused with its place`(
        _ old: String, _ new: String, _ place: String, _ rule: String, _ says: String
    ) {
        let text = Self.golden.split(separator: old, maxSplits: 1, omittingEmptySubsequences: false)
            .joined(separator: new)
        let (document, findings) = PathwayCheck.read(Array(text.utf8))
        let finding = findings.first
        let asExpected = document == nil && findings.count == 1 && finding?.severity == .refused
            && finding?.place == place && finding?.rule.hasPrefix(rule) == true
            && finding?.message.contains(says) == true
        #expect(asExpected, "\(findings)")
    }

    /// Documents come back from the database by way of `Wire`, not of the reader of files: the same refusals there.
    @Test(arguments: [
        ("\"require\":1", "\"require\":1,\"none\":[]"), ("\"sector\":", "\"credits\":1,\"sector\":"),
        ("\"require\":1", "\"require\":\"most\""), ("\"level\":2,", "\"level\":2.5,"), ("pathway/1", "pathway/2"),
    ])
    func `a stored form of another version is not misread`(_ old: String, _ new: String) {
        let text = Self.golden.split(separator: old, maxSplits: 1).joined(separator: new)
        #expect(throws: DecodingError.self) { try Wire.decode(PathwayDocument.self, from: Array(text.utf8)) }
    }
}
