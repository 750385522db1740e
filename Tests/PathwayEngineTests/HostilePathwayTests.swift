import Domain
import PathwayEngine
import Testing

/// Documents made to cost much: each gets a clear answer in bounded time and stack.
@Suite(.timeLimit(.minutes(2))) struct HostilePathwayTests {
    private func rules(_ document: PathwayDocument) -> [String] {
        PathwayCheck.check(document).map { "\($0.place) \($0.rule)" }
    }

    @Test func `a chain of ten thousand components is walked without recursion`() {
        let last = 9_999
        var components = (0..<last).map { Component.node("c\($0)", .all, of: [.component("c\($0 + 1)")]) }
        components.append(.leaf("c\(last)"))
        let document = PathwayDocument.of(components, to: ["c0"])
        let standing = evaluate(document, [held("c\(last)")])
        #expect(rules(document) == [])
        #expect(standing.isComplete && standing.attainments(behind: "c0").count == 1)
        #expect(evaluate(document, []).remaining(of: document) == ["c\(last)"])
        #expect(PathwayCheck.read(Wire.encode(document)).document == document)

        components[last] = .node("c\(last)", .all, of: ["c0"])
        #expect(rules(.of(components, to: ["c0"])) == ["/components/\(last)/condition/of/0 condition.cycle"])
    }

    @Test func `a ladder with more ways than atoms is evaluated once per component`() {
        let rungs = 2_000
        var components: [Component] = [.leaf("l0"), .leaf("r0")]
        for rung in 1..<rungs {
            let below: [Operand] = [.component("l\(rung - 1)"), .component("r\(rung - 1)")]
            components += [.node("l\(rung)", .any, of: below), .node("r\(rung)", .all, of: below)]
        }
        let document = PathwayDocument.of(components, to: ["l\(rungs - 1)", "r\(rungs - 1)"])
        #expect(rules(document) == [])
        #expect(evaluate(document, [held("l0"), held("r0")]).isComplete)
        #expect(evaluate(document, [held("l0")]).componentsMet.count == rungs)
    }

    @Test func `a tangle where everything waits for everything is cut off after so many findings`() {
        let ids = (0..<300).map { "c\($0)" }
        let document = PathwayDocument.of(
            ids.map { .node($0, .any, of: ids.map { .component($0) }) }, to: ["c0"])
        let findings = PathwayCheck.check(document)
        #expect(findings.count == PathwayCheck.findingsMax && findings.allSatisfy { $0.rule == "condition.cycle" })
        #expect(evaluate(document, []).componentsMet == [])
    }

    @Test(arguments: [(60, true), (61, false), (62, false)])
    func `conditions nest sixty deep`(_ depth: Int, _ fits: Bool) {
        var condition = Condition(.all, of: ["b"])
        for _ in 1..<depth { condition = Condition(.any, of: [.condition(condition)]) }
        let document = PathwayDocument.of(
            [Component(id: "a", kind: .basic, title: "A", condition: condition), .leaf("b")], to: ["a"])
        let place = "/components/0/condition" + String(repeating: "/of/0", count: 60)
        #expect(rules(document) == (fits ? [] : ["\(place) bounds.depth"]))
        let (read, findings) = PathwayCheck.read(Wire.encode(document))
        #expect(((try? Wire.decode(PathwayDocument.self, from: Wire.encode(document))) != nil) == fits)
        #expect((read != nil) == fits && findings.map(\.place) == (fits ? [] : [place]))
    }

    @Test func `brackets without end are refused before they are built`() {
        let head = #"{"format":"cairn-pathway/1","title":"T","destinations":["a"],"components":[{"id":"a","#
            + #""kind":"basic","title":"A","condition":"#
        let nested = String(repeating: #"{"require":"all","of":["#, count: 100_000)
        for text in [head + nested, String(repeating: "[", count: 1_000_000), head + "{\"of\":" + nested] {
            let (document, findings) = PathwayCheck.read(Array(text.utf8))
            #expect(document == nil && findings.map(\.severity) == [.refused])
        }
    }

    @Test func `a hundred thousand operands are read, one more is refused`() {
        let leaf = Component.leaf("b")
        func document(_ operands: [Operand]) -> PathwayDocument {
            .of([.node("a", .any, of: operands), leaf], to: ["a"])
        }
        let flat = document([Operand](repeating: "b", count: 100_000))
        let findings = PathwayCheck.check(flat)
        #expect(findings.count == PathwayCheck.findingsMax + 1 && findings.last?.rule == "check.more"
            && findings.allSatisfy { $0.severity == .warning })
        #expect(evaluate(flat, [held("b")]).isComplete)

        let pairs = document([Operand](repeating: .condition(Condition(.all, of: ["b"])), count: 50_000))
        let read = PathwayCheck.read(Wire.encode(pairs))
        #expect(read.document == pairs && read.findings == [])
        #expect(evaluate(pairs, [held("b")]).isComplete)

        #expect(rules(document([Operand](repeating: "b", count: 100_001))) == ["/components bounds.operands"])
    }

    @Test func `more of anything than the bounds allow is refused at once`() {
        let leaf = Component.leaf("b")
        var document = PathwayDocument.of(
            [Component](repeating: leaf, count: 10_001), to: [String](repeating: "b", count: 10_001),
            entitlements: [PathwayDocument.Entitlement](repeating: .test("e", after: "b"), count: 1_001))
        document.occupations = .init(repeating: .init(code: "1", title: "T"), count: 101)
        document.requires = .init(recognitions: .init(repeating: .init(kind: .credit, atLeast: 1), count: 101))
        document.components[0].precedes = .init(repeating: "b", count: 100_001)
        #expect(rules(document) == [
            "/components bounds.components", "/destinations bounds.destinations",
            "/entitlements bounds.entitlements", "/occupations bounds.occupations",
            "/requires/recognitions bounds.recognitions", "/components bounds.precedes",
        ])
    }

    @Test func `a very long id is not repeated in full`() {
        var document = PathwayDocument.of([.leaf("a")], to: ["a"])
        let id = String(repeating: "x", count: 1_000_000)
        document.destinations.append(id + "y")
        document.components.append(Component(id: id, kind: .basic, title: "X"))
        #expect(PathwayCheck.check(document).allSatisfy { $0.message.utf8.count < 300 })
    }

    @Test func `crosswalks with ways without number are refused, and in bounded time`() {
        let size = 20
        var document = PathwayDocument.of([.leaf("a")], to: ["a"])
        document.components[0].target = "urn:x:0"
        for from in 0..<size {
            for to in 0..<size where from != to {
                document.crosswalks.append(
                    .init(from: "urn:x:\(from)", to: "urn:x:\(to)", confers: true, chains: true))
            }
        }
        #expect(rules(document).contains("/crosswalks bounds.ways"))
        document.crosswalks = (0..<10_000).map { .init(from: "urn:x:\($0 + 1)", to: "urn:x:0", confers: true) }
        #expect(rules(document) == [])
        #expect(evaluate(document, []).isComplete == false)
        document.crosswalks += document.crosswalks
        #expect(rules(document) == ["/crosswalks bounds.crosswalks"])
    }

    @Test func `a thousand exclusions over a thousand requirements are looked through in bounded time`() throws {
        let ids = (0..<1_000).map { "c\($0)" }
        let document = PathwayDocument.of(
            ids.map { .leaf($0) } + ids.map { id in
                .node("n\(id)", .all, of: ids.filter { $0 != id }.prefix(40).map { .component($0) }
                    + [.condition(Condition(.none, of: [.component(id)]))])
            }, to: ids.map { "n\($0)" })
        #expect(rules(document) == ["/destinations destinations.contradiction"])
    }
}
