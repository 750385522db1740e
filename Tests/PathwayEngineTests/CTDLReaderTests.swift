import Domain
import Foundation
import PathwayEngine
import Testing

/// What each term of CTDL becomes, on graphs of our own.
struct CTDLReaderTests {
    static func read(_ text: String) -> PathwayFile { PathwayFile.read(Array(text.utf8)) }

    /// A pathway to `d` over courses a, b and c, with this as the condition of `d` and more members or nodes.
    static func graph(_ condition: String, more: String = "", of component: String = "") -> String {
        """
        {"@context": "https://credreg.net/ctdl/schema/context/json", "@graph": [
          {"@id": "ex:p", "@type": "ceterms:Pathway", "ceterms:name": {"en": "P"}, "ceterms:hasDestinationComponent": ["ex:d"]},
          {"@id": "ex:d", "@type": "ceterms:CredentialComponent", "ceterms:name": {"en": "D"},
           "ceterms:hasCondition": [\(condition)]\(component)},
          {"@id": "ex:a", "@type": "ceterms:CourseComponent", "ceterms:name": {"en": "A"}},
          {"@id": "ex:b", "@type": "ceterms:CourseComponent", "ceterms:name": {"en": "B"}},
          {"@id": "ex:c", "@type": "ceterms:CourseComponent", "ceterms:name": {"en": "C"}, "ceterms:proxyFor": "ex:course/c"}
          \(more)]}
        """
    }

    private static let credits = """
        {"@type": "ceterms:ComponentCondition", "ceterms:targetComponent": ["ex:a", "ex:b"], "ceterms:hasConstraint":
         {"@type": "ceterms:Constraint", "ceterms:leftSource": "schema:value", "ceterms:leftAction": "array:Sum",
          "ceterms:comparator": "compare:GTEQ", "ceterms:rightSource": 30}}
        """

    @Test(arguments: [
        (#"{"ceterms:requiredNumber": 2, "ceterms:targetComponent": ["ex:a", "ex:b", "ex:c"]}"#,
         #"{"require":2,"of":["a","b","c"]}"#),
        (#"{"ceterms:targetComponent": "ex:a"}"#, #"{"require":"all","of":["a"]}"#),
        (#"{"ceterms:logicalOperator": "logic:Or", "ceterms:targetComponent": ["ex:a", {"@id": "ex:b"}]}"#,
         #"{"require":"any","of":["a","b"]}"#),
        (#"{"ceterms:logicalOperator": "logic:Not", "ceterms:targetComponent": ["ex:a"]}"#,
         #"{"require":"none","of":["a"]}"#),
        (#"{"ceterms:logicalOperator": "logic:OnlyOne", "ceterms:targetComponent": ["ex:a", "ex:b"]}"#,
         #"{"require":"all","of":[{"require":"any","of":["a","b"]},{"require":"none","of":[{"require":2,"of":["a","b"]}]}]}"#),
        // Counted over all operands: a component, a condition, and a constraint that the record answers.
        (#"{"ceterms:requiredNumber": 2, "ceterms:targetComponent": ["ex:c"], "ceterms:hasCondition": ["#
            + credits + #", {"ceterms:requiredNumber": 1, "ceterms:targetComponent": ["ex:a"]}]}"#,
         #"{"require":2,"of":["c",{"measure":"credits","over":["a","b"],"comparator":"at_least","value":30},{"require":1,"of":["a"]}]}"#),
        (credits, #"{"require":"all","of":[{"measure":"credits","over":["a","b"],"comparator":"at_least","value":30}]}"#),
        // What somebody has to confirm limits the whole.
        (#"{"ceterms:requiredNumber": 1, "ceterms:targetComponent": ["ex:a", "ex:b"], "ceterms:hasConstraint": {"ceterms:leftSource": "ex:residency", "ceterms:comparator": "compare:EQ", "ceterms:rightSource": true}}"#,
         #"{"require":"all","of":[{"require":1,"of":["a","b"]},"confirm-residency-is-true"]}"#),
        // Two conditions of one component are both asked for.
        (#"{"ceterms:targetComponent": "ex:a"}, {"ceterms:requiredNumber": 1, "ceterms:targetComponent": ["ex:b", "ex:c"]}"#,
         #"{"require":"all","of":[{"require":"all","of":["a"]},{"require":1,"of":["b","c"]}]}"#),
    ])
    func `a condition is read`(_ written: String, _ expected: String) throws {
        let file = Self.read(Self.graph(written))
        #expect(file.findings.filter { $0.severity == .refused } == [])
        let condition = try JSONValue.parse(Array(expected.utf8)).decode(PathwayDocument.Condition.self)
        #expect(file.document?.components.first { $0.id == "d" }?.condition == condition)
    }

    @Test func `an operator against a number is told, and the number kept`() {
        let file = Self.read(Self.graph(
            #"{"ceterms:requiredNumber": 1, "ceterms:logicalOperator": "logic:And", "ceterms:targetComponent": ["ex:a", "ex:b"]}"#))
        #expect(file.document?.components[0].condition?.require == .atLeast(1)
            && file.notes.contains { $0.what == "logicalOperator" && $0.why.contains("contradict") })
    }

    @Test(arguments: [
        (#"{"ceterms:requiredNumber": 4, "ceterms:targetComponent": ["ex:a"]}"#, "condition.too_many_required"),
        (#"{"ceterms:requiredNumber": 1.5, "ceterms:targetComponent": ["ex:a"]}"#, "ctdl.required_number"),
        (#"{"ceterms:logicalOperator": "logic:Maybe", "ceterms:targetComponent": ["ex:a"]}"#, "ctdl.logical_operator"),
        (#"{"ceterms:targetComponent": ["(and 14 more)"]}"#, "ctdl.reference"),
        (#"{"@id": "_:x", "ceterms:hasCondition": {"@id": "_:x"}}"#, "condition.cycle"),
        (#"{"ceterms:targetComponent": ["ex:d"]}"#, "condition.cycle"),
    ])
    func `what contradicts itself is refused with the name of the node`(_ written: String, _ rule: String) {
        let file = Self.read(Self.graph(written))
        #expect(file.findings.first?.rule == rule && !file.isSound && !file.findings[0].place.isEmpty)
    }

    @Test func `a destination that is not there is refused`() {
        let file = Self.read(#"""
            {"@graph": [{"@id": "ex:p", "@type": "ceterms:Pathway", "ceterms:hasDestinationComponent": "ex:gone"},
                        {"@id": "ex:a", "@type": "ceterms:CourseComponent"}]}
            """#)
        #expect(file.findings.map(\.rule) == ["ctdl.destination"] && file.findings[0].message.contains("ex:gone"))
    }

    // MARK: Spellings

    /// The same pathway in every way that files have been seen to write it.
    static let spellings = [
        graph(#"{"ceterms:requiredNumber": 1, "ceterms:targetComponent": ["ex:a", "ex:b", "ex:c"]}"#),
        graph(#"{"@id": "_:c", "@type": ["ceterms:ComponentCondition"], "ceterms:requiredNumber": "1", "ceterms:targetComponent": [{"@id": "ex:a"}, "ex:b", "ex:c"]}"#),
        // A condition of its own, named by reference, beside the components.
        graph(#""_:k""#, more: #", {"@id": "_:k", "ceterms:requiredNumber": {"@value": 1}, "ceterms:targetComponent": ["ex:a", "ex:b", "ex:c"]}"#),
        // Plain terms and older names.
        #"""
        {"@context": "http://credreg.net/ctdl/schema/context/json", "@graph": [
          {"id": "ex:p", "type": "Pathway", "name": "P", "hasRootComponent": "ex:d"},
          {"id": "ex:d", "type": "CredentialComponent", "name": {"en-US": "D"},
           "hasCondition": {"type": "ComponentCondition", "leftOperand": "reqNum", "operand": "=", "rightOperand": 1,
                            "targetComponent": ["ex:a", "ex:b", "ex:c"]}},
          {"id": "ex:a", "type": "CourseComponent", "name": {"@en-US": "A"}}, {"id": "ex:b", "type": "CourseComponent", "name": "B"},
          {"id": "ex:c", "type": "CourseComponent", "name": ["C"], "proxyFor": {"id": "ex:course/c"}}]}
        """#,
        // Expanded JSON-LD.
        #"""
        [{"@id": "ex:p", "@type": ["https://purl.org/ctdl/terms/Pathway"], "https://purl.org/ctdl/terms/name": [{"@language": "en", "@value": "P"}],
          "https://purl.org/ctdl/terms/hasDestinationComponent": [{"@id": "ex:d"}]},
         {"@id": "ex:d", "@type": ["https://purl.org/ctdl/terms/CredentialComponent"], "https://purl.org/ctdl/terms/name": [{"@value": "D"}],
          "https://purl.org/ctdl/terms/hasCondition": [{"@type": ["https://purl.org/ctdl/terms/ComponentCondition"],
            "https://purl.org/ctdl/terms/requiredNumber": [{"@value": 1}],
            "https://purl.org/ctdl/terms/targetComponent": {"@list": [{"@id": "ex:a"}, {"@id": "ex:b"}, {"@id": "ex:c"}]}}]},
         {"@id": "ex:a", "@type": ["https://purl.org/ctdl/terms/CourseComponent"], "https://purl.org/ctdl/terms/name": [{"@value": "A"}]},
         {"@id": "ex:b", "@type": ["http://credreg.net/ctdl/terms/CourseComponent"], "http://purl.org/ctdl/terms/name": [{"@value": "B"}]},
         {"@id": "ex:c", "@type": ["https://purl.org/ctdl/terms/CourseComponent"], "https://purl.org/ctdl/terms/name": [{"@value": "C"}],
          "https://purl.org/ctdl/terms/proxyFor": [{"@id": "ex:course/c"}]}]
        """#,
        // A context of the file's own.
        #"""
        {"@context": [{"c": "https://purl.org/ctdl/terms/", "e": "ex:", "titel": {"@id": "c:name"}, "braucht": "c:targetComponent"}], "@graph": [
          {"@id": "ex:p", "@type": "c:Pathway", "titel": "P", "c:hasDestinationComponent": {"@id": "ex:d"}},
          {"@id": "ex:d", "@type": "c:CredentialComponent", "titel": "D",
           "c:hasCondition": {"c:requiredNumber": 1, "braucht": ["ex:a", "ex:b", "ex:c"]}},
          {"@id": "ex:a", "@type": "c:CourseComponent", "titel": "A"}, {"@id": "ex:b", "@type": "c:CourseComponent", "titel": "B"},
          {"@id": "ex:c", "@type": "c:CourseComponent", "titel": "C", "c:proxyFor": "ex:course/c"}]}
        """#,
        // The envelope of a registry, and components embedded where they are named.
        #"""
        {"envelope_ctdl_type": "ceterms:Pathway", "decoded_resource": {"@id": "ex:graph", "@graph": [
          {"@id": "ex:p", "@type": "ceterms:Pathway", "ceterms:name": {"de": "Pfad", "en": "P"}, "ceterms:hasDestinationComponent":
            {"@id": "ex:d", "@type": "ceterms:CredentialComponent", "ceterms:name": {"en": "D"}, "ceterms:hasCondition":
              {"ceterms:requiredNumber": 1, "ceterms:targetComponent": [
                {"@id": "ex:a", "@type": "ceterms:CourseComponent", "ceterms:name": {"en": "A"}},
                {"@id": "ex:b", "@type": "ceterms:CourseComponent", "ceterms:name": {"en": "B"}},
                {"@id": "ex:c", "@type": "ceterms:CourseComponent", "ceterms:name": {"en": "C"}, "ceterms:proxyFor": "ex:course/c"}]}}}]}}
        """#,
    ]

    @Test(arguments: spellings) func `every spelling is the same pathway`(_ text: String) throws {
        let file = Self.read(text)
        let plain = Self.read(Self.spellings[0])
        #expect(file.findings.filter { $0.severity == .refused } == [])
        let document = try #require(file.document)
        #expect(document.title == "P" && document.destinations == ["d"]
            && Set(document.components) == Set(plain.document?.components ?? []))
    }

    @Test func `a reference by another address of the same ctid is found`() {
        let ctid = "ce-0c000000-0000-4000-8000-000000000001"
        let file = Self.read("""
            {"@graph": [{"@id": "https://r.example/graph/p", "@type": "ceterms:Pathway", "ceterms:name": "P",
              "ceterms:hasDestinationComponent": "https://r.example/resources/\(ctid)"},
             {"@id": "https://r.example/graph/\(ctid)", "@type": "ceterms:CourseComponent", "ceterms:ctid": "\(ctid)",
              "ceterms:name": "A"}]}
            """)
        #expect(file.document?.destinations == [ctid] && file.isSound)
    }

    // MARK: The rest of the vocabulary

    @Test func `a group is met by its condition, a course also by itself`() {
        let file = Self.read(Self.graph(
            #"{"ceterms:targetComponent": ["ex:e"]}"#,
            more: #", {"@id": "ex:e", "@type": "ceterms:CourseComponent", "ceterms:name": "E", "ceterms:hasCondition": {"ceterms:targetComponent": "ex:a"}}"#,
            of: #", "ceterms:proxyFor": "ex:degree""#))
        let components = file.document?.components ?? []
        #expect(components.first { $0.id == "d" }?.target == nil && components.first { $0.id == "e" }?.target == "ex:e"
            && file.notes.contains { $0.what == "proxyFor" && $0.outcome == .readAs })
    }

    @Test func `children without a condition are all asked for, and precedence is kept from both sides`() {
        let file = Self.read(#"""
            {"@graph": [{"@id": "ex:p", "@type": "ceterms:Pathway", "ceterms:name": "P"},
             {"@id": "ex:g", "@type": "ceterms:BasicComponent", "ceterms:name": "G", "ceasn:hasChild": ["ex:a"], "ceterms:isDestinationComponentOf": "ex:p"},
             {"@id": "ex:a", "@type": "ceterms:CourseComponent", "ceterms:name": "A", "ceterms:precedes": "ex:b"},
             {"@id": "ex:b", "@type": "ceterms:CourseComponent", "ceterms:name": "B", "ceterms:isChildOf": "ex:g"},
             {"@id": "ex:c", "@type": "ceterms:JobComponent", "ceterms:name": "C", "ceterms:precededBy": "ex:b", "ceterms:isChildOf": "ex:g", "ceterms:prerequisite": "ex:a"}]}
            """#)
        let components = file.document?.components ?? []
        #expect(components.first?.condition == .init(.all, of: ["a", "b", "c"]) && file.document?.destinations == ["g"])
        #expect(components.first { $0.id == "a" }?.precedes == ["b"] && components.first { $0.id == "b" }?.precedes == ["c"])
        #expect(components.first { $0.id == "c" }?.condition == .init(.all, of: ["a"]) && file.names.components["c"]?.type == "JobComponent")
    }

    @Test func `a progression model orders the levels that competencies are held at`() throws {
        let file = Self.read(Self.graph(#"{"ceterms:targetComponent": ["ex:k"]}"#, more: #"""
            , {"@id": "ex:k", "@type": "ceterms:CompetencyComponent", "ceterms:name": "K", "asn:hasProgressionLevel": "ex:level/2"},
            {"@id": "ex:m", "@type": ["asn:ProgressionModel", "skos:ConceptScheme"], "skos:hasTopConcept": ["ex:level/3", "ex:level/1", "ex:level/2"]},
            {"@id": "ex:level/1", "@type": "asn:ProgressionLevel", "ceterms:precedes": "ex:level/2"},
            {"@id": "ex:level/2", "@type": "asn:ProgressionLevel", "ceterms:precedes": "ex:level/3"},
            {"@id": "ex:level/3", "@type": "asn:ProgressionLevel"}
            """#))
        let document = try #require(file.document)
        #expect(document.progressions.map(\.levels) == [["ex:level/1", "ex:level/2", "ex:level/3"]])
        let answers = [1, 2, 3].map { level in
            evaluate(document, [HeldAttainment(id: .make(), target: "ex:k", level: .text("ex:level/\(level)"), from: today)]).isComplete
        }
        #expect(answers == [false, true, true])
    }

    @Test func `grades narrow each candidate, and a smaller list is the better part of a larger`() throws {
        func grade(_ list: String) -> String {
            #"{"@type": "ceterms:Constraint", "ceterms:leftSource": "ex:StudentGrade", "ceterms:comparator": "compare:EQ", "ceterms:rightAction": "array:AnyOf", "ceterms:rightSource": [\#(list)]}"#
        }
        let file = Self.read(Self.graph(
            #"{"ceterms:requiredNumber": 1, "ceterms:targetComponent": ["ex:a"], "ceterms:hasConstraint": \#(grade(#""ex:A", "ex:B""#))}, "#
                + #"{"ceterms:requiredNumber": 1, "ceterms:targetComponent": ["ex:b"], "ceterms:hasConstraint": \#(grade(#""ex:A", "ex:B", "ex:C""#))}"#))
        let document = try #require(file.document)
        func isComplete(_ one: String, _ other: String) -> Bool {
            evaluate(document, [("ex:a", one), ("ex:b", other)].map {
                HeldAttainment(id: .make(), target: $0.0, level: .text("ex:\($0.1)"), from: today)
            }).isComplete
        }
        #expect([isComplete("B", "C"), isComplete("C", "C"), isComplete("A", "D")] == [true, false, false])
    }

    @Test func `nothing that is left out goes unsaid`() {
        let file = Self.read(Self.graph(
            #"{"ceterms:targetComponent": ["ex:a"], "ceterms:name": "Block"}"#,
            more: #", {"@id": "ex:o", "@type": "ceterms:CredentialOrganization", "ceterms:name": "O"}"#,
            of: #", "ceterms:subjectWebpage": "https://x.example", "ceterms:creditValue": {"schema:value": 3}, "ex:own": 1"#))
        let told = Set(file.notes.filter { $0.outcome == .notKept }.map(\.what))
        #expect(told.isSuperset(of: ["subjectWebpage", "creditValue", "ex:own", "name", "CredentialOrganization"]))
    }
}
