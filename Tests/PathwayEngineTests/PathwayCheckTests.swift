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

    /// A constraint as the second of the destination's operands, over b, c and d.
    private static func constrain(
        _ document: inout PathwayDocument, _ constraints: PathwayDocument.Constraint..., and more: [Operand] = []
    ) {
        document.components[0].condition = Condition(
            .all, of: [.condition(Condition(.any, of: ["b", "c", "d"]))] + constraints.map { .constraint($0) } + more)
    }

    /// What came with levels in words, currency, crosswalks, waivers, constraints and `none`.
    static let laterCases: [Case] = [
        Case("rules for a target that is not there", "refused /components/0/level level.without_target",
             "refused /components/0/bases bases.without_target",
             "refused /components/0/currency currency.without_target") {
            $0.components[0].level = 2
            $0.components[0].bases = [.assessed]
            $0.components[0].currency = .issuer
        },
        Case("no basis", "refused /components/1/bases bases.empty") { $0.components[1].bases = [] },
        Case("a currency of no days", "refused /components/1/currency/days currency.days") {
            $0.components[1].currency = .days(0)
        },
        Case("a level in words") {
            $0.progressions = [.init(id: "p", levels: ["low", "high"])]
            $0.components[1].level = "high"
        },
        Case("a level of nowhere", "refused /components/1/level level.unknown",
             "refused /crosswalks/0/level level.unknown") {
            $0.components[1].level = "high"
            $0.crosswalks = [.init(from: "urn:x:a", to: "urn:x:b", confers: true, level: "high")]
        },
        Case("progressions", "refused /progressions/0/levels/2 level.duplicate",
             "refused /progressions/1/id id.duplicate", "refused /progressions/1/title text.empty",
             "refused /progressions/1/levels/0 level.duplicate", "refused /progressions/2/levels progression.empty",
             "refused /progressions/3/levels/0 text.empty") {
            $0.progressions = [
                .init(id: "p", levels: ["low", "high", "low"]), .init(id: "p", title: "", levels: ["high"]),
                .init(id: "q", levels: []), .init(id: "r", levels: [" "]),
            ]
        },
        Case("crosswalks", "refused /crosswalks/0/from target.shape", "refused /crosswalks/0/topUp/0 target.shape",
             "refused /crosswalks/1/to crosswalk.to_itself", "refused /crosswalks/3 crosswalk.duplicate",
             "warning /crosswalks/4/topUp crosswalk.top_up_unused",
             "warning /crosswalks/5/topUp crosswalk.top_up_unused") {
            $0.crosswalks = [
                .init(from: "a", to: "urn:x:b", confers: true, strength: .mostly, topUp: ["c"]),
                .init(from: "urn:x:b", to: "urn:x:b", confers: true),
                .init(from: "urn:x:c", to: "urn:x:d", confers: true), .init(from: "urn:x:c", to: "urn:x:d", confers: false),
                .init(from: "urn:x:d", to: "urn:x:c", confers: true, topUp: ["urn:x:e"]),
                .init(from: "urn:x:d", to: "urn:x:e", confers: false, strength: .mostly, topUp: ["urn:x:e"]),
            ]
        },
        Case("crosswalks that lead round", "warning /crosswalks/2 crosswalk.cycle") {
            $0.crosswalks = [
                .init(from: "urn:x:a", to: "urn:x:b", confers: true, chains: true),
                .init(from: "urn:x:b", to: "urn:x:c", confers: true, chains: true),
                .init(from: "urn:x:c", to: "urn:x:a", confers: true, chains: true),
            ]
        },
        Case("there and back in one hop each") {
            $0.crosswalks = [
                .init(from: "urn:x:a", to: "urn:x:b", confers: true), .init(from: "urn:x:b", to: "urn:x:a", confers: true),
            ]
        },
        Case("waivers", "refused /waivers/0/zone id.shape", "refused /waivers/0/components waiver.empty",
             "refused /waivers/1/components/1 reference.unknown") {
            $0.waivers = [.init(zone: "the north", components: []), .init(zone: "north", components: ["b", "x"])]
        },
        Case("what a constraint is over", "refused /components/0/condition/of/1/over constraint.empty",
             "refused /components/0/condition/of/2/over/0 target.shape",
             "refused /components/0/condition/of/2/over/1 reference.unknown",
             "refused /components/0/condition/of/2/over/2 constraint.no_target",
             "warning /components/0/condition/of/2/over/4 constraint.duplicate") {
            constrain(&$0, .init(.level, over: [], .atLeast, .number(1)),
                      .init(.level, over: ["urn:", "x", "a", "b", "b"], .atLeast, .number(1)))
        },
        Case("what a constraint compares with", "refused /components/0/condition/of/1/value level.unknown",
             "refused /components/0/condition/of/2/value constraint.value",
             "refused /components/0/condition/of/3/value constraint.value",
             "refused /components/0/condition/of/4/value constraint.value",
             "refused /components/0/condition/of/5/value constraint.value",
             "refused /components/0/condition/of/6/value constraint.value") {
            constrain(&$0, .init(.level, over: ["b"], .atLeast, .text("high")),
                      .init(.credits, over: ["b"], .atLeast, .number(1.0001)),
                      .init(.credits, over: ["b"], .atLeast, .text("many")),
                      .init(.count, over: ["b"], .atLeast, .number(0.5)),
                      .init(.until, over: ["b"], .atLeast, .text("2026-02-30")),
                      .init(.until, over: ["b"], .atLeast, .number(2026)))
        },
        Case("caps", "refused /components/0/condition/of/1/caps cap.not_credits",
             "refused /components/0/condition/of/2/caps/0/over constraint.empty",
             "refused /components/0/condition/of/2/caps/1/over/1 cap.not_over",
             "refused /components/0/condition/of/2/caps/2/over/0 cap.overlap") {
            let most = Credits(1)!
            constrain(&$0, .init(.level, over: ["b"], .atLeast, .number(1), caps: [.init(over: ["b"], most: most)]),
                      .init(.credits, over: ["b", "c"], .atLeast, .number(1), caps: [
                          .init(over: [], most: most), .init(over: ["b", "d"], most: most), .init(over: ["b"], most: most),
                      ]))
        },
        Case("one attainment under a cap and beside it",
             "refused /components/0/condition/of/1/caps cap.overlap") {
            constrain(&$0, .init(.credits, over: ["b", "c"], .atLeast, .number(1),
                                 caps: [.init(over: ["b"], most: Credits(1)!)]))
            $0.crosswalks = [.init(from: "urn:test:b", to: "urn:test:c", confers: true)]
        },
        Case("what no learner could have", "refused /components/0/condition/of/1 constraint.never",
             "refused /components/0/condition/of/2 constraint.never",
             "refused /components/0/condition/of/3 constraint.never") {
            constrain(&$0, .init(.count, over: ["b", "c"], .atLeast, .number(3)),
                      .init(.count, over: ["b", "c"], .less, .number(0)),
                      .init(.credits, over: ["b"], .greater, .number(2), caps: [.init(over: ["b"], most: Credits(2)!)]))
        },
        Case("what every learner has", "warning /components/0/condition/of/1 constraint.always",
             "warning /components/0/condition/of/2 constraint.always") {
            constrain(&$0, .init(.count, over: ["b", "c"], .atMost, .number(2)),
                      .init(.credits, over: ["b"], .atLeast, .number(0)))
        },
        Case("a level that is high and low", "refused /components/0/condition condition.contradiction") {
            constrain(&$0, .init(.level, over: ["b"], .atLeast, .number(3)), .init(.level, over: ["b"], .less, .number(2)))
        },
        Case("a level that lies between") {
            constrain(&$0, .init(.level, over: ["b"], .atLeast, .number(2)), .init(.level, over: ["b"], .atMost, .number(2)))
        },
        Case("none of what is required", "refused /components/0/condition/of/1 condition.contradiction") {
            $0.components[0].condition = Condition(
                .all, of: ["b", .condition(Condition(.none, of: ["c", "b"])), "d"])
        },
        Case("none of what is required on the way", "refused /components/4/condition/of/1 condition.contradiction") {
            $0.components[0].condition = Condition(.all, of: ["b", "c"])
            $0.components.append(.node("x", .all, of: ["a", .condition(Condition(.none, of: ["d", "c"]))]))
            $0.destinations = ["x", "d"]
        },
        Case("none of what one of several may be") {
            $0.components[0].condition = Condition(
                .all, of: ["b", .condition(Condition(.any, of: ["c", "d"])), .condition(Condition(.none, of: ["c"]))])
        },
        Case("destinations that exclude each other", "refused /destinations destinations.contradiction") {
            $0.components.append(.node("x", .none, of: ["b"]))
            $0.destinations = ["a", "x"]
        },
        Case("a group that makes no difference", "warning /components/0/condition/of/1 condition.redundant") {
            $0.components[0].condition = Condition(
                .any, of: ["b", .condition(Condition(.all, of: ["b", "c", "d"]))])
        },
    ]

    @Test(arguments: cases + laterCases)
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
