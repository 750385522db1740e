import Domain
import PathwayEngine
import Testing

struct PathwayCheckTests {
    /// a needs b and one of c, d.
    static let sound = PathwayDocument.of(
        [
            .node("a", .all, of: ["b", .condition(Condition(.any, of: ["c", "d"]))]),
            .leaf("b"), .leaf("c"), .leaf("d"),
        ],
        to: ["a"], entitlements: [.test("e", after: "a")])

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var findings: [String]
        var change: @Sendable (inout PathwayDocument) -> Void
        init(_ name: String, _ findings: String..., change: @escaping @Sendable (inout PathwayDocument) -> Void) {
            self.name = name
            self.findings = findings
            self.change = change
        }
        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case("a sound document") { _ in },
        Case("no title", "refused /title text.empty") { $0.title = " " },
        Case("a title of 200 characters") { $0.title = String(repeating: "é", count: 200) },
        Case("a long title", "refused /title text.too_long") { $0.title = String(repeating: "é", count: 201) },
        Case("a title of one endless character", "refused /title text.too_long") {
            $0.title = "e" + String(repeating: "\u{301}", count: 500)
        },
        Case("a long description", "refused /description text.too_long") {
            $0.description = String(repeating: "x", count: 4001)
        },
        Case("an empty sector", "refused /sector text.empty") { $0.sector = "" },
        Case("an occupation without a code", "refused /occupations/0/code text.empty") {
            $0.occupations = [.init(code: "", title: "T")]
        },
        Case("an occupation with a long code and no title", "refused /occupations/0/code text.too_long",
             "refused /occupations/0/title text.empty") {
            $0.occupations = [.init(code: String(repeating: "1", count: 65), title: "")]
        },
        Case("texts of a component", "refused /components/1/title text.empty",
             "refused /components/1/description text.too_long", "refused /components/1/milestone/title text.empty") {
            $0.components[1].title = ""
            $0.components[1].description = String(repeating: "x", count: 4001)
            $0.components[1].milestone = .init(title: "")
        },
        Case("an id with a space", "refused /components/0/condition/of/0 reference.unknown",
             "refused /components/1/id id.shape", "warning /components/1 component.unreachable") {
            $0.components[1].id = "b b"
        },
        Case("an empty id", "refused /components/4/id id.shape", "warning /components/4 component.unreachable") {
            $0.components.append(.leaf(""))
        },
        Case("a long id", "refused /components/4/id id.shape", "warning /components/4 component.unreachable") {
            $0.components.append(.leaf(String(repeating: "a", count: 65)))
        },
        Case("one id twice", "refused /components/4/id id.duplicate") { $0.components.append(.leaf("b")) },
        Case("an unknown operand", "refused /components/0/condition/of/1/of/2 reference.unknown") {
            $0.components[0].condition = Condition(.all, of: ["b", .condition(Condition(.any, of: ["c", "d", "x"]))])
        },
        Case("an unknown destination", "refused /destinations/1 reference.unknown") { $0.destinations.append("x") },
        Case("an unknown successor", "refused /components/1/precedes/1 reference.unknown") {
            $0.components[1].precedes = ["c", "x"]
        },
        Case("an entitlement after nothing", "refused /entitlements/0/after reference.unknown") {
            $0.entitlements[0].after = "x"
        },
        Case("waiting for itself", "refused /components/1/condition/of/0 condition.cycle") {
            $0.components[1].condition = Condition(.any, of: ["b", "c"])
        },
        Case("waiting for one another", "refused /components/3/condition/of/0/of/0 condition.cycle") {
            $0.components[2].condition = Condition(.all, of: ["d"])
            $0.components[3].condition = Condition(.all, of: [.condition(Condition(.any, of: ["a"]))])
        },
        Case("a cycle that nothing reaches", "refused /components/5/condition/of/0 condition.cycle",
             "warning /components/4 component.unreachable", "warning /components/5 component.unreachable") {
            $0.components += [.node("x", .all, of: ["y"]), .node("y", .all, of: ["x"])]
        },
        Case("order in a circle is only advice") {
            $0.components[1].precedes = ["c"]
            $0.components[2].precedes = ["b"]
        },
        Case("more required than operands",
             "refused /components/0/condition/of/1/require condition.too_many_required") {
            $0.components[0].condition = Condition(
                .all, of: ["b", .condition(Condition(.atLeast(3), of: ["c", "d"]))])
        },
        Case("all operands required by number") {
            $0.components[0].condition = Condition(
                .all, of: ["b", .condition(Condition(.atLeast(2), of: ["c", "d"]))])
        },
        Case("none required", "refused /components/0/condition/require condition.required_not_positive") {
            $0.components[0].condition = Condition(.atLeast(0), of: ["b", "c", "d"])
        },
        Case("fewer than none required", "refused /components/0/condition/require condition.required_not_positive") {
            $0.components[0].condition = Condition(.atLeast(.min), of: ["b", "c", "d"])
        },
        Case("no operands", "refused /components/0/condition/of/3/of condition.empty") {
            $0.components[0].condition = Condition(.all, of: ["b", "c", "d", .condition(Condition(.any, of: []))])
        },
        Case("an operand twice", "warning /components/0/condition/of/3 condition.duplicate_operand") {
            $0.components[0].condition = Condition(.atLeast(2), of: ["b", "c", "d", "b"])
        },
        Case("neither target nor condition", "refused /components/1 component.no_requirement") {
            $0.components[1].target = nil
        },
        Case("no components", "refused /destinations/0 reference.unknown",
             "refused /entitlements/0/after reference.unknown") { $0.components = [] },
        Case("no destination", "refused /destinations destinations.empty") { $0.destinations = [] },
        Case("a destination twice", "warning /destinations/1 destinations.duplicate") { $0.destinations = ["a", "a"] },
        Case("a component that nothing needs", "warning /components/4 component.unreachable") {
            $0.components.append(.leaf("x"))
        },
        Case("an exit that nothing needs is a milestone") { $0.components.append(.leaf("x", milestone: "Exit")) },
        Case("an entitlement gives a component its use") {
            $0.components.append(.leaf("x"))
            $0.entitlements.append(.test("f", after: "x"))
        },
        Case("one entitlement id twice", "refused /entitlements/1/id id.duplicate") {
            $0.entitlements.append(.test("e", after: "b"))
        },
        Case("an entitlement for no time", "refused /entitlements/0/days entitlement.days") {
            $0.entitlements[0].days = 0
        },
        Case("an entitlement for ever", "refused /entitlements/0/days entitlement.days") {
            $0.entitlements[0].days = 36_501
        },
        Case("texts of an entitlement", "refused /entitlements/0/id id.shape",
             "refused /entitlements/0/title text.empty",
             "refused /entitlements/0/terms text.too_long", "refused /entitlements/0/kind entitlement.kind") {
            $0.entitlements[0].id = "é"
            $0.entitlements[0].title = ""
            $0.entitlements[0].terms = String(repeating: "x", count: 4001)
            $0.entitlements[0].kind = .init(rawValue: "Job Offer")
        },
        Case("a kind of entitlement of the state's own") { $0.entitlements[0].kind = .init(rawValue: "tool_grant") },
        Case("a target that is no IRI", "refused /components/1/target target.shape",
             "refused /components/2/target target.shape", "refused /components/3/target target.shape") {
            $0.components[1].target = "welding"
            $0.components[2].target = "urn:a b"
            $0.components[3].target = "https://x.example/" + String(repeating: "x", count: 2000)
        },
        Case("a target with an untidy UUID", "refused /components/1/target target.uuid",
             "refused /components/2/target target.uuid", "refused /components/3/target target.uuid") {
            $0.components[1].target = "urn:uuid:0C100000-0000-4000-8000-000000000101"
            $0.components[2].target = "URN:UUID:0c100000-0000-4000-8000-000000000101"
            $0.components[3].target = "urn:uuid:0c100000"
        },
        Case("targets as they should be") {
            $0.components[1].target = "urn:uuid:0c100000-0000-4000-8000-000000000101"
            $0.components[2].target = "https://frameworks.example/CFItems/1?x=é"
        },
        Case("a level of nothing", "refused /components/0/level level.without_target") { $0.components[0].level = 2 },
        Case("an endless level", "refused /components/1/level level.shape") { $0.components[1].level = .number(.infinity) },
        Case("recognitions by nobody", "refused /requires/recognitions/0/atLeast recognition.at_least",
             "refused /requires/recognitions/1/atLeast recognition.too_many_required") {
            $0.requires = .init(recognitions: [
                .init(kind: .credit, atLeast: 0),
                .init(kind: .credit, organizations: [organization(1), organization(1)], atLeast: 2),
            ])
        },
    ]

    @Test(arguments: cases)
    func `each rule names its place`(_ test: Case) {
        var document = Self.sound
        test.change(&document)
        let findings = PathwayCheck.check(document)
        #expect(findings.map { "\($0.severity.rawValue) \($0.place) \($0.rule)" } == test.findings)
        // A sentence with a way out, and nothing that depends on how a type is printed.
        #expect(findings.allSatisfy { $0.message.hasSuffix(".") && !$0.message.contains("Optional") })
    }

    @Test func `a cycle is told as the chain that it is`() {
        let document = PathwayDocument.of(
            [.node("a", .all, of: ["b"]), .node("b", .all, of: ["c"]), .node("c", .any, of: ["a"])], to: ["a"])
        #expect(PathwayCheck.check(document).map(\.message) == [
            "These wait for one another and none can ever be met: a → b → c → a. Take one out of the other's "
                + "condition; if only the order matters, use `precedes`.",
        ])
    }

    @Test func `a finding becomes a violation below the place of the document in a request`() {
        let finding = PathwayFinding(.refused, "/destinations", "destinations.empty", "There is none.")
        #expect(finding.violation(under: "/document")
            == Fault.Violation("/document/destinations", "destinations.empty", "There is none."))
    }
}
