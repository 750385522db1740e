import Domain
import PathwayEngine
import Testing

struct StandingTests {
    /// done needs first and two of b, c, (d and e).
    static let document = PathwayDocument.of(
        [
            .node("done", .all, of: [
                "first",
                .condition(Condition(.atLeast(2), of: ["b", "c", .condition(Condition(.all, of: ["d", "e"]))])),
            ], milestone: "Done"),
            .leaf("first", level: 2, milestone: "Exit"), .leaf("b", currency: .issuer), .leaf("c"), .leaf("d"), .leaf("e"),
        ],
        to: ["done"], entitlements: [.test("talk", after: "first"), .test("place", after: "done")])

    @Test func `changes are told once, from nothing to complete and back`() {
        let nothing = evaluate(Self.document, [])
        let first = evaluate(Self.document, [held("first", level: 2)])
        let complete = evaluate(Self.document, [held("first", level: 2), held("b"), held("d"), held("e")])
        #expect(nothing.changes(from: nil) == [])
        #expect(first.changes(from: nothing) == [
            .componentFulfilled(component: "first"), .milestoneReached(component: "first"),
            .entitlementEarned(entitlement: "talk"),
        ])
        #expect(complete.changes(from: first) == [
            .componentFulfilled(component: "b"), .componentFulfilled(component: "d"),
            .componentFulfilled(component: "done"), .componentFulfilled(component: "e"),
            .milestoneReached(component: "done"), .completed, .entitlementEarned(entitlement: "place"),
        ])
        #expect(complete.changes(from: complete) == [])
        #expect(evaluate(Self.document, [held("b")]).changes(from: complete) == [
            .componentFulfillmentWithdrawn(component: "d"), .componentFulfillmentWithdrawn(component: "done"),
            .componentFulfillmentWithdrawn(component: "e"), .componentFulfillmentWithdrawn(component: "first"),
            .milestoneWithdrawn(component: "done"), .milestoneWithdrawn(component: "first"), .completionWithdrawn,
            .entitlementWithdrawn(entitlement: "place"), .entitlementWithdrawn(entitlement: "talk"),
        ])
    }

    @Test func `what remains leaves out what a satisfied condition no longer needs`() {
        let remaining = [
            [], [held("first", level: 1), held("d")], [held("b"), held("c")], [held("first", level: 3), held("b")],
        ].map { evaluate(Self.document, $0).remaining(of: Self.document) }
        #expect(remaining == [
            ["first", "b", "c", "d", "e"], ["first", "b", "c", "e"], ["first"], ["c", "d", "e"],
        ])
    }

    @Test func `the attainments behind a component are found through everything that is met`() {
        let attainments = [held("first", number: 1, level: 2), held("b", number: 2), held("d", number: 4),
                           held("e", number: 5)]
        let standing = evaluate(Self.document, attainments)
        #expect(standing.attainments(behind: "done") == attainments.map(\.id))
        #expect(standing.attainments(behind: "b") == [attainments[1].id])
        #expect(standing.attainments(behind: "c") == [])
        #expect(evaluate(Self.document, [attainments[0]]).attainments(behind: "done") == [])
    }

    @Test(arguments: [
        ("first", [], "“Title of first” has no evidence yet: an attainment at level 2 is wanted."),
        ("b", [], "“Title of b” has no evidence yet: an attainment of it is wanted."),
        ("first", [held("first", level: 2.5, basis: .articulated)],
         "“Title of first” is met: articulated at level 2.5 since 2024-10-04."),
        ("b", [held("b", basis: .granted)], "“Title of b” is met: granted by decision since 2024-10-04."),
        ("first", [held("first", level: 1)],
         "“Title of first” is in progress: held at level 1, and level 2 is wanted."),
        ("first", [held("first")],
         "“Title of first” is in progress: held without a level, and level 2 is wanted."),
        ("b", [held("b", from: -30, until: -1)],
         "“Title of b” is in progress: held until 2024-10-03, and a renewal is wanted."),
        ("done", [],
         "“Title of done” has no evidence yet: 0 of 2 parts are done, all are required; still open: "
             + "“Title of first”, 2 of (“Title of b”, “Title of c”, all of (2 more))."),
        ("done", [held("b"), held("d")],
         "“Title of done” is in progress: 0 of 2 parts are done, all are required; still open: "
             + "“Title of first”, 1 of (“Title of c”, all of (1 more))."),
        ("done", [held("first", level: 2), held("b"), held("c")],
         "“Title of done” is met: 2 of 2 parts are done, all are required."),
    ] as [(String, [HeldAttainment], String)])
    func `each reason becomes one plain sentence`(
        _ component: String, _ attainments: [HeldAttainment], _ expected: String
    ) throws {
        let fulfillment = try #require(evaluate(Self.document, attainments).components[component])
        #expect(FulfillmentSentences(Self.document).sentence(for: component, fulfillment) == expected)
    }

    @Test func `a sentence stays short over a long list`() throws {
        let leaves = (0..<40).map { Component.leaf("c\($0)") }
        let document = PathwayDocument.of(
            [.node("a", .atLeast(30), of: leaves.map { .component($0.id) })] + leaves, to: ["a"])
        let fulfillment = try #require(evaluate(document, [held("c0")]).components["a"])
        #expect(FulfillmentSentences(document).sentence(for: "a", fulfillment)
            == "“Title of a” is in progress: 1 of 40 parts is done, 30 required; still open: “Title of c1”, "
                + "“Title of c2”, “Title of c3”, “Title of c4”, “Title of c5” and 34 more.")
    }

    @Test func `the wire form of a standing is the golden one`() throws {
        let document = PathwayDocument.of(
            [.node("a", .any, of: ["b", .condition(Condition(.all, of: ["b"]))]), .leaf("b", level: 2)], to: ["a"],
            entitlements: [.test("e", after: "a")])
        let standing = evaluate(document, [held("b", level: 1, until: 3)])
        let golden = """
            {"components":{\
            "a":{"reason":{"condition":{"met":[],"nested":[{"met":[],"nested":[],"operands":1,"required":1,\
            "unmet":["b"]}],"operands":2,"required":1,"unmet":["b"]}},"state":"in_progress"},\
            "b":{"reason":{"target":{"best":{"attainment":"01010101-0101-0101-0101-010101010101","basis":"assessed",\
            "from":"2024-10-04","level":1,"until":"2024-10-07"},"finding":"below_level","target":"urn:test:b",\
            "wanted":2}},"state":"in_progress"}},\
            "entitlementsEarned":[],"isComplete":false,"milestonesReached":[]}
            """
        #expect(String(decoding: Wire.encode(standing), as: UTF8.self) == golden)
        #expect(try Wire.decode(PathwayStanding.self, from: Array(golden.utf8)) == standing)
    }
}
