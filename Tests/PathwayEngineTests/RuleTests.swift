import Domain
import PathwayEngine
import Testing

/// Each rule of the format by hand, said by both engines.
struct RuleTests {
    typealias Crosswalk = PathwayDocument.Crosswalk
    typealias Constraint = PathwayDocument.Constraint

    /// What the component `a` is for a learner, in one word, by both engines.
    private func answer(
        _ component: Component, _ facts: LearnerFacts, beside others: [Component] = [],
        _ change: (inout PathwayDocument) -> Void = { _ in }
    ) throws -> String {
        var document = PathwayDocument.of([component] + others, to: ["a"])
        document.progressions = [.init(id: "steps", levels: ["low", "mid", "high"]), .init(id: "x", levels: ["gold"])]
        change(&document)
        let plain = NaiveEvaluator.evaluate(document, facts, on: today)
        let compiled = try CompiledPathway.compile(document)
        #expect(compiled.evaluate(facts, on: today) == plain)
        let fulfillment = try #require(plain.components["a"])
        let finding = fulfillment.reason.target.map { " \($0.finding.rawValue)" } ?? ""
        return fulfillment.state.rawValue + finding
    }

    private func leaf(
        level: PathwayDocument.Level? = nil, bases: [AttainmentBasis]? = nil, currency: PathwayDocument.Currency? = nil
    ) -> Component {
        Component(id: "a", kind: .basic, title: "A", target: "urn:test:a", level: level, bases: bases, currency: currency)
    }

    private func crosswalk(
        _ from: String, _ to: String, confers: Bool = true, _ strength: Crosswalk.Strength = .equivalent,
        topUp: [String] = [], level: PathwayDocument.Level? = nil, chains: Bool = false
    ) -> Crosswalk {
        Crosswalk(from: "urn:test:\(from)", to: "urn:test:\(to)", confers: confers, strength: strength,
                  topUp: topUp.map { "urn:test:\($0)" }, level: level, chains: chains)
    }

    // MARK: Targets

    @Test func `levels compare within one progression or as numbers`() throws {
        let held: [PathwayDocument.Level?] = ["low", "mid", "high", "gold", "other", 3, nil]
        let mid = try held.map { try answer(leaf(level: "mid"), LearnerFacts([PathwayEngineTests.held("a", level: $0)])) }
        let met = "met held", below = "in_progress below_level"
        #expect(mid == [below, met, met, below, below, below, below])
        let two = try held.map { try answer(leaf(level: 2), LearnerFacts([PathwayEngineTests.held("a", level: $0)])) }
        #expect(two == [below, below, below, below, below, met, below])
    }

    @Test func `only the bases that are named count`() throws {
        let answers = try AttainmentBasis.allCases.map {
            try answer(leaf(bases: [.assessed, .granted]), LearnerFacts([held("a", basis: $0)]))
        }
        #expect(answers == ["met held", "in_progress other_basis", "in_progress other_basis", "met held"])
    }

    /// From, until; by the issuer, for 5 days, without currency.
    @Test(arguments: [
        (-9, nil, "held", "lapsed", "held"), (-9, -1, "lapsed", "lapsed", "held"), (-5, 0, "held", "held", "held"),
        (-6, nil, "held", "lapsed", "held"), (-2, -1, "lapsed", "lapsed", "held"), (-2, 9, "held", "held", "held"),
        (1, 9, "missing", "missing", "missing"),
    ] as [(Int, Int?, String, String, String)])
    func `an attainment lapses only where the component says so`(
        _ from: Int, _ until: Int?, _ issuer: String, _ days: String, _ none: String
    ) throws {
        let facts = LearnerFacts([held("a", from: from, until: until)])
        let answers = try [PathwayDocument.Currency.issuer, .days(5), nil].map { currency in
            String(try answer(leaf(currency: currency), facts).split(separator: " ")[1])
        }
        #expect(answers == [issuer, days, none])
    }

    // MARK: Crosswalks

    @Test func `a crosswalk confers in its direction, one hop, at its level`() throws {
        func through(_ crosswalks: Crosswalk..., held one: String, level: PathwayDocument.Level? = nil) throws -> String {
            try answer(leaf(level: level), LearnerFacts([held(one, level: 1)])) { $0.crosswalks = crosswalks }
        }
        #expect(try [
            through(crosswalk("b", "a"), held: "b"), through(crosswalk("a", "b"), held: "b"),
            through(crosswalk("b", "a"), crosswalk("c", "b"), held: "c"),
            through(crosswalk("b", "a", chains: true), crosswalk("c", "b"), held: "c"),
            through(crosswalk("b", "a"), crosswalk("c", "b", chains: true), held: "c"),
            through(crosswalk("b", "a"), held: "b", level: 2),
            through(crosswalk("b", "a", level: 2), held: "b", level: 2),
            through(crosswalk("b", "a", level: "low"), held: "b", level: "mid"),
            through(crosswalk("b", "a", chains: true), crosswalk("c", "b", level: 3), held: "c", level: 2),
            through(crosswalk("b", "a", level: 1, chains: true), crosswalk("c", "b", level: 3), held: "c", level: 2),
            through(crosswalk("b", "a", confers: false), held: "b"),
            through(crosswalk("b", "a", confers: false), crosswalk("c", "b"), held: "c"),
        ] == [
            "met held", "no_evidence missing", "no_evidence missing", "met held", "no_evidence missing",
            "in_progress below_level", "met held", "in_progress below_level", "met held", "in_progress below_level",
            "in_progress related", "no_evidence missing",
        ])
    }

    @Test func `what is less than equivalent wants its top-ups held directly, current or not`() throws {
        func partly(_ attainments: HeldAttainment..., strength: Crosswalk.Strength = .mostly) throws -> String {
            try answer(leaf(currency: .issuer), LearnerFacts(attainments)) {
                $0.crosswalks = [crosswalk("b", "a", strength, topUp: ["t", "u"]), crosswalk("v", "u")]
            }
        }
        let b = held("b", number: 1), t = held("t", number: 2), u = held("u", number: 3, from: -9, until: -1)
        #expect(try [
            partly(b), partly(b, t), partly(b, t, u), partly(t, u), partly(b, t, held("v", number: 3)),
            partly(b, strength: .equivalent), partly(b, t, held("u", number: 3, from: 1)),
        ] == [
            "in_progress top_up_missing", "in_progress top_up_missing", "met held", "no_evidence missing",
            "in_progress top_up_missing", "met held", "in_progress top_up_missing",
        ])
    }

    @Test func `nine hops are one too many, and nobody goes round`() throws {
        func chain(_ hops: Int) throws -> String {
            try answer(leaf(), LearnerFacts([held("t\(hops)")])) { document in
                document.crosswalks = (1...hops).map {
                    crosswalk("t\($0)", $0 == 1 ? "a" : "t\($0 - 1)", chains: true)
                } + [crosswalk("a", "t1", chains: true)]
            }
        }
        #expect(try [chain(1), chain(8), chain(9)] == ["met held", "met held", "no_evidence missing"])
    }

    @Test func `the reason names the way that an attainment came`() throws {
        var document = PathwayDocument.of([leaf(level: 2)], to: ["a"])
        document.crosswalks = [
            crosswalk("c", "b"), crosswalk("b", "a", .partially, topUp: ["t"], level: 2, chains: true),
        ]
        let standing = try CompiledPathway.compile(document).evaluate(
            LearnerFacts([held("c", number: 1, level: 1), held("t", number: 2)]), on: today)
        let best = try #require(standing.components["a"]?.reason.target?.best)
        #expect(best == .init(attainment: attainmentID(1), level: 1, basis: .assessed, from: today, until: nil,
                              target: "urn:test:c", through: [0, 1], arrived: 2))
        #expect(standing.attainments(behind: "a") == [attainmentID(1)])
    }

    // MARK: Conditions and constraints

    @Test func `none holds while nothing of it does`() throws {
        let component = Component(id: "a", kind: .basic, title: "A", condition: Condition(.none, of: ["b", "c"]))
        let others = [Component.leaf("b"), .leaf("c")]
        let answers = try [[], [held("b")]].map { try answer(component, LearnerFacts($0), beside: others) }
        #expect(answers == ["met", "no_evidence"])
    }

    private func measure(
        _ constraint: Constraint, _ attainments: [HeldAttainment], unknown: LearnerFacts.Unknown = .nothing,
        _ change: (inout PathwayDocument) -> Void = { _ in }
    ) throws -> String {
        let component = Component(
            id: "a", kind: .basic, title: "A", condition: Condition(.all, of: [.constraint(constraint)]))
        return try answer(component, LearnerFacts(attainments, unknown: unknown),
                          beside: [.leaf("b", level: 2), .leaf("c")], change)
    }

    @Test func `credits add up once each, exactly, under their caps`() throws {
        func earned(
            _ comparator: Constraint.Comparator, _ value: Double, caps: [Constraint.Cap] = [], _ attainments: [HeldAttainment]
        ) throws -> String {
            try measure(.init(.credits, over: ["b", "c", "urn:test:d"], comparator, .number(value), caps: caps), attainments)
        }
        let all = [
            held("b", number: 1, level: 2, credits: 0.1), held("b", number: 2, level: 1, credits: 8),
            held("c", number: 3, credits: 0.2), held("d", number: 4, credits: 5), held("c", number: 5),
        ]
        let cap = [Constraint.Cap(over: ["urn:test:d"], most: Credits(2)!)]
        #expect(try [
            earned(.equal, 5.3, all), earned(.equal, 2.3, caps: cap, all), earned(.greater, 5.3, all),
            earned(.less, 5.301, all), earned(.atMost, 0, []), earned(.notEqual, 0, []), earned(.atLeast, 0.1, [all[1]]),
        ] == ["met", "met", "in_progress", "met", "met", "no_evidence", "no_evidence"])
    }

    @Test func `one attainment that counts for two entries adds up once and counts for both`() throws {
        let over = ["c", "urn:test:d"], one = [held("c", credits: 2)]
        let crosswalked: (inout PathwayDocument) -> Void = { $0.crosswalks = [crosswalk("c", "d")] }
        #expect(try measure(.init(.credits, over: over, .equal, .number(2)), one, crosswalked) == "met")
        #expect(try measure(.init(.count, over: over, .equal, .number(2)), one, crosswalked) == "met")
    }

    @Test func `levels, counts and dates compare as they are`() throws {
        let two = [held("c", number: 1, level: 3, until: 4), held("d", number: 2, level: "high", until: 2)]
        let over = ["c", "urn:test:d"]
        let day = CalendarDate(daysSince1970: today.daysSince1970 + 4)
        #expect(try [
            measure(.init(.level, over: over, .equal, .number(3)), two), measure(.init(.level, over: over, .less, .number(3)), two),
            measure(.init(.level, over: over, .atLeast, .text("mid")), two),
            measure(.init(.level, over: over, .atLeast, .text("gold")), two),
            measure(.init(.level, over: over, .notEqual, .text("gold")), two),
            measure(.init(.count, over: over + ["b"], .equal, .number(2)), two),
            measure(.init(.until, over: over, .equal, .text("\(day)")), two),
            measure(.init(.until, over: over, .greater, .asOf), two),
            measure(.init(.until, over: over, .atMost, .asOf), [held("c")]),
            measure(.init(.until, over: over, .greater, .text("9999-12-31")), [held("c")]),
            measure(.init(.until, over: over, .atMost, .asOf), []),
        ] == [
            "met", "in_progress", "met", "in_progress", "in_progress", "met", "met", "met", "in_progress", "met",
            "no_evidence",
        ])
    }

    // MARK: Waivers and what is not known

    @Test func `a zone waives for its own learners`() throws {
        let answers = try [["north"], ["south"], ["south", "north"]].map { zones in
            try answer(leaf(), LearnerFacts(zones: Set(zones))) { $0.waivers = [.init(zone: "north", components: ["a"])] }
        }
        #expect(answers == ["met missing", "no_evidence missing", "met missing"])
    }

    @Test func `what has not arrived is unknown, and what it cannot change is known`() throws {
        func open(
            _ component: Component, _ unknown: [String], _ attainments: [HeldAttainment] = [], _ crosswalks: [Crosswalk] = []
        ) throws -> String {
            let unknown = LearnerFacts.Unknown.targets(Set(unknown.map { "urn:test:\($0)" }))
            return try answer(component, LearnerFacts(attainments, unknown: unknown), beside: [.leaf("b"), .leaf("c")]) {
                $0.crosswalks = crosswalks
            }
        }
        let pair = Component(id: "a", kind: .basic, title: "A", condition: Condition(.all, of: ["b", "c"]))
        let either = Component(id: "a", kind: .basic, title: "A", condition: Condition(.any, of: ["b", "c"]))
        let partly = crosswalk("x", "a", .mostly, topUp: ["t"])
        #expect(try [
            open(leaf(), ["a"]), open(leaf(), ["b"]), open(leaf(), ["a"], [held("a")]),
            open(leaf(level: 2), ["a"], [held("a", level: 1)]), open(pair, ["b"]), open(pair, ["b"], [held("c")]),
            open(either, ["b"], [held("c")]), open(either, ["b"]),
            open(leaf(), ["x"], [], [partly]), open(leaf(), ["x"], [held("t")], [partly]),
            open(leaf(), ["t"], [held("x")], [partly]), open(leaf(), ["x", "t"], [], [partly]),
            open(leaf(level: 2), ["x"], [], [crosswalk("x", "a", level: 1)]),
        ] == [
            "unknown unknown", "no_evidence missing", "met held", "unknown unknown", "no_evidence", "unknown", "met", "unknown",
            "no_evidence missing", "unknown unknown", "unknown unknown", "unknown unknown", "no_evidence missing",
        ])
    }

    @Test func `a measure is as certain as what may still come allows`() throws {
        let over = ["c", "urn:test:d"]
        let cap = [Constraint.Cap(over: ["urn:test:d"], most: Credits(2)!)]
        func open(
            _ comparator: Constraint.Comparator, _ value: Double, _ measured: Constraint.Measure = .credits,
            caps: [Constraint.Cap] = [], of target: String = "d"
        ) throws -> String {
            try measure(.init(measured, over: over, comparator, .number(value), caps: caps), [held("c", level: 2, credits: 3)],
                        unknown: .targets(["urn:test:\(target)"]))
        }
        #expect(try [
            open(.atLeast, 3), open(.atLeast, 4), open(.atMost, 3), open(.less, 3), open(.equal, 2), open(.notEqual, 2),
            open(.atLeast, 6, caps: cap), open(.atMost, 5, caps: cap), open(.equal, 4, caps: cap), open(.equal, 4, of: "x"),
            open(.atLeast, 1, .count), open(.atLeast, 2, .count), open(.less, 2, .count), open(.equal, 1, .count, of: "c"),
            open(.atLeast, 2, .level), open(.atLeast, 3, .level), open(.atMost, 2, .level),
        ] == [
            "met", "unknown", "unknown", "in_progress", "in_progress", "met", "in_progress", "met", "unknown", "in_progress",
            "met", "unknown", "unknown", "met", "met", "unknown", "unknown",
        ])
    }

    // MARK: Sentences

    @Test func `every new reason becomes one plain sentence`() throws {
        var document = PathwayDocument.of(
            [
                leaf(level: 2, bases: [.assessed], currency: .days(10)), .leaf("b"),
                .node("n", .none, of: ["b"]),
                .node("m", .all, of: [
                    .constraint(.init(.credits, over: ["a", "b"], .atLeast, .number(12))),
                    .constraint(.init(.until, over: ["b"], .greater, .asOf)),
                    .constraint(.init(.count, over: ["a", "b"], .equal, .number(2))), "n",
                ]),
            ], to: ["a", "n", "m"])
        document.crosswalks = [
            crosswalk("x", "a", .mostly, topUp: ["b"], level: 2), crosswalk("y", "a", confers: false),
        ]
        document.waivers = [.init(zone: "north", components: ["b"], decision: "motion 12")]
        let compiled = try CompiledPathway.compile(document), sentences = FulfillmentSentences(document)
        func say(_ id: String, _ attainments: [HeldAttainment], zones: Set<String> = [], unknown: Set<String> = []) -> String {
            let facts = LearnerFacts(attainments, zones: zones, unknown: unknown.isEmpty ? .nothing : .targets(unknown))
            return sentences.sentence(for: id, compiled.evaluate(facts, on: today).components[id]!)
        }
        #expect([
            say("a", [held("x", number: 1), held("b", number: 2)]), say("a", [held("x")]), say("a", [held("y")]),
            say("a", [held("a", level: 2, from: -20)]), say("a", [held("a", level: 2, basis: .granted)]),
            say("a", [held("a", level: 1)], unknown: ["urn:test:a"]), say("a", [], unknown: ["urn:test:a"]),
            say("b", [], zones: ["north"]), say("n", []), say("n", [held("b")]),
            say("m", [held("b", credits: 4.5, until: 3)]),
        ] == [
            "“A” is met: assessed at level 2 since 2024-10-04 counted from “urn:test:x”.",
            "“A” is in progress: assessed at level 2 since 2024-10-04 counted from “urn:test:x”, and “Title of b” is wanted "
                + "beside it.",
            "“A” is in progress: “urn:test:y” is held and related to it; an attainment at level 2 is wanted.",
            "“A” is in progress: held since 2024-09-14, and a renewal at level 2 is wanted.",
            "“A” is in progress: granted by decision at level 2 since 2024-10-04, which is a basis that does not count here.",
            "“A” is not known yet: assessed at level 1 since 2024-10-04, and records that may hold it have not arrived here yet.",
            "“A” is not known yet: records that may hold it have not arrived here yet.",
            "“Title of b” is met: waived in the zone north by motion 12.",
            "“Title of n” is met: nothing is held that it excludes.",
            "“Title of n” has no evidence yet: it excludes “Title of b”.",
            "“Title of m” is in progress: 1 of 4 parts is done, all are required; still open: “Title of n”, 4.5 credits where "
                + "at least 12 is wanted, 1 of those named where exactly 2 is wanted.",
        ])
    }
}
