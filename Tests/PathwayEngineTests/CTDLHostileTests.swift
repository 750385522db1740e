import Domain
import PathwayEngine
import Testing

/// Files that nobody wrote in good faith are answered in bounded time, with a reason.
struct CTDLHostileTests {
    private func graph(_ nodes: [String]) -> String { "{\"@graph\": [\(nodes.joined(separator: ",\n"))]}" }

    private func head(_ condition: String) -> [String] {
        [#"{"@id": "ex:p", "@type": "ceterms:Pathway", "ceterms:name": "P", "ceterms:hasDestinationComponent": "ex:d"}"#,
         #"{"@id": "ex:d", "@type": "ceterms:CredentialComponent", "ceterms:name": "D", "ceterms:hasCondition": "\#(condition)"}"#,
         #"{"@id": "ex:a", "@type": "ceterms:CourseComponent", "ceterms:name": "A"}"#]
    }

    @Test func `a chain of ten thousand conditions is refused without a stack overflow`() {
        let chain = (0..<10_000).map {
            #"{"@id": "_:c\#($0)", "@type": "ceterms:ComponentCondition", "ceterms:hasCondition": "_:c\#($0 + 1)", "ceterms:targetComponent": "ex:a"}"#
        }
        let file = CTDLReaderTests.read(graph(head("_:c0") + chain))
        #expect(file.findings.map(\.rule) == ["bounds.depth"])
    }

    @Test func `conditions that double at every level are refused before they are written out`() {
        let levels = (0..<40).flatMap { level in
            ["l", "r"].map {
                #"{"@id": "_:\#($0)\#(level)", "@type": "ceterms:ComponentCondition", "ceterms:hasCondition": ["_:l\#(level + 1)", "_:r\#(level + 1)"], "ceterms:targetComponent": "ex:a"}"#
            }
        }
        let file = CTDLReaderTests.read(graph(head("_:l0") + levels))
        #expect(file.findings.map(\.rule) == ["bounds.operands"])
    }

    @Test func `one hundred thousand components are refused`() {
        let many = (0..<100_000).map { #"{"@id":"ex:\#($0)","@type":"ceterms:CourseComponent","ceterms:isPartOf":"ex:p"}"# }
        let file = CTDLReaderTests.read(graph(head("_:c") + many))
        #expect(file.findings.map(\.rule) == ["bounds.components"])
    }

    @Test func `a million targets are refused`() {
        let targets = (0..<1_000_000).map { "\"ex:t\($0)\"" }.joined(separator: ",")
        let file = CTDLReaderTests.read(graph(head("_:c") + [
            #"{"@id": "_:c", "@type": "ceterms:ComponentCondition", "ceterms:targetComponent": [\#(targets)]}"#]))
        #expect(file.findings.map(\.rule) == ["bounds.operands"])
    }

    @Test func `too many components that only others know are refused by the check`() {
        let targets = (0..<20_000).map { "\"ex:t\($0)\"" }.joined(separator: ",")
        let file = CTDLReaderTests.read(graph(head("_:c") + [
            #"{"@id": "_:c", "@type": "ceterms:ComponentCondition", "ceterms:targetComponent": [\#(targets)]}"#]))
        #expect(file.findings.first?.rule == "bounds.components" && !file.isSound)
    }

    /// Any value in the place of any other: nothing traps, and what cannot be read says why.
    @Test func `ten thousand files with something wrong in them are answered`() throws {
        let original = try JSONValue.parse(Array(CTDLReaderTests.spellings[4].utf8))
        let other = try JSONValue.parse(Array(CTDLReaderTests.graph(
            #"{"@id": "_:k", "ceterms:requiredNumber": 1, "ceterms:logicalOperator": "logic:Or", "ceterms:targetComponent": ["ex:a", "ex:b"], "ceterms:hasConstraint": {"ceterms:leftSource": "ex:grade", "ceterms:comparator": "compare:EQ", "ceterms:rightAction": "array:AnyOf", "ceterms:rightSource": ["ex:A", "ex:B"]}}"#,
            more: #", {"@id": "ex:m", "@type": "asn:ProgressionModel", "skos:hasTopConcept": ["ex:A", "ex:B"]}"#).utf8))
        let wrong: [JSONValue] = [
            .null, true, -1, 99_999_999_999, "", "_:k", "ex:a", "ex:d", "ceterms:Pathway", [], [[]], [:], [[:]], ["@id": 1],
            ["@value": ["@value": 1]], ["en": 1], ["@list": "x"], ["@graph": []],
        ]
        let seed: UInt64 = 20_261_122
        print("CTDL mutations, seed \(seed)")
        var random = SplitMix64(seed: seed)
        var read = 0
        for number in 0..<10_000 {
            let mutant = mutated(number % 2 == 0 ? original : other, wrong, &random)
            let file = PathwayFile.read(mutant.serialized())
            if let document = file.document {
                read += 1
                if file.isSound { _ = evaluate(document, [held("a")]) }
                #expect(file.format == .ctdl)
            } else {
                #expect(file.findings.contains { $0.severity == .refused && !$0.message.isEmpty })
            }
        }
        #expect(read > 1_000)
    }

    /// A few values exchanged for wrong ones.
    private func mutated(_ value: JSONValue, _ wrong: [JSONValue], _ random: inout SplitMix64) -> JSONValue {
        var value = value
        for _ in 0..<Int.random(in: 1...3, using: &random) { value = replaced(value, wrong, &random, depth: 0) }
        return value
    }

    private func replaced(_ value: JSONValue, _ wrong: [JSONValue], _ random: inout SplitMix64, depth: Int) -> JSONValue {
        if depth > 0, Int.random(in: 0..<4, using: &random) == 0 { return wrong.randomElement(using: &random) ?? .null }
        switch value {
        case .array(var elements) where !elements.isEmpty:
            let place = Int.random(in: 0..<elements.count, using: &random)
            elements[place] = replaced(elements[place], wrong, &random, depth: depth + 1)
            return .array(elements)
        case .object(var object) where !object.isEmpty:
            let name = object.names[Int.random(in: 0..<object.count, using: &random)]
            object[name] = replaced(object[name] ?? .null, wrong, &random, depth: depth + 1)
            return .object(object)
        default: return wrong.randomElement(using: &random) ?? .null
        }
    }
}
