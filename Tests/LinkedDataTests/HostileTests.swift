import Domain
import LinkedData
import Testing

/// Documents and datasets made to cost much: each gets a clear answer in bounded time, memory and stack.
@Suite(.timeLimit(.minutes(2))) struct HostileTests {
    private let processor = JSONLDProcessor(contexts: BundledContexts())

    private func rule(_ document: JSONValue, _ processor: JSONLDProcessor? = nil) -> String? {
        do { _ = try (processor ?? self.processor).canonicalNQuads(document) } catch { return error.rule }
        return nil
    }

    @Test func `a context at an unknown URL is named and not fetched`() {
        let document: JSONValue = ["@context": ["https://www.w3.org/ns/credentials/v2", "https://evil.example/c"]]
        let error = #expect(throws: LinkedDataError.self) { try processor.expand(document) }
        #expect(error?.rule == "jsonld.loading_remote_context_failed" && error?.pointer == "/@context/1")
        #expect(error?.term == "https://evil.example/c")
    }

    @Test func `contexts that include each other without end are cut off`() {
        let library = ContextLibrary([
            "x:a": ["@context": ["x:b", "x:b"]], "x:b": ["@context": ["x:a", "x:a"]],
            "x:c": ["@context": ["t": ["@id": "x:t", "@context": "x:c"]]],
        ])
        let processor = JSONLDProcessor(contexts: library)
        #expect(rule(["@context": "x:a"], processor) == "jsonld.context_overflow")
        #expect(rule(["@context": "x:c", "t": ["t": ["t": "v"]]], processor) == nil)
    }

    @Test func `many contexts over many terms are cut off`() {
        let terms = JSONObject((0..<4000).map { ("t\($0)", .string("x:t\($0)")) })
        let nodes = (0..<4000).map { JSONValue.object(["@context": ["u\($0)": "x:u"], "u\($0)": "v"]) }
        #expect(rule(["@context": .object(terms), "t0": .array(nodes)]) == "jsonld.context_work")

        let scoped = JSONObject((0..<4000).map { ("t\($0)", ["@id": "x:t", "@context": ["a": "x:a"]]) })
        #expect(rule(["@context": .object(scoped)]) == "jsonld.context_work")

        let heavy = JSONObject((0..<4000).map {
            ("t\($0)", ["@id": "x:t", "@context": "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"])
        })
        #expect(rule(["@context": .object(heavy)]) == "jsonld.context_work")
    }

    @Test func `terms that hang on each other are followed so far`() {
        let chain = JSONObject((0..<10_000).map { ("t\($0)", ["@id": .string("t\($0 + 1):x"), "@prefix": true]) })
        #expect(rule(["@context": .object(chain)]) == "jsonld.too_deep")
        #expect(rule(["@context": ["a": "b:x", "b": "a:x"]]) == "jsonld.cyclic_iri_mapping")
    }

    @Test func `depth is bounded for values that no reader bounded`() {
        for wrap in [{ .array([$0]) }, { ["x:p": $0] }, { ["@graph": [$0]] }, { ["x:p": ["@list": [$0]]] }]
            as [(JSONValue) -> JSONValue] {
            var value: JSONValue = ["@id": "x:a", "x:p": "v"]
            for _ in 0..<5000 { value = wrap(value) }
            #expect(rule(["x:p": value]) == "jsonld.too_deep")
        }
        var nest: JSONValue = ["x:p": "v"]
        for _ in 0..<5000 { nest = ["@nest": nest] }
        #expect(rule(["x:q": nest]) == "jsonld.too_deep")
        var deep: JSONValue = 1
        for _ in 0..<5000 { deep = [deep] }
        #expect(rule(["@context": ["j": ["@id": "x:j", "@type": "@json"]], "j": deep]) == "jcs.too_deep")
        var context: JSONValue = ["a": "x:a"]
        for _ in 0..<5000 { context = ["a": ["@id": "x:a", "@context": context]] }
        #expect(rule(["@context": context, "a": "v"]) == "jsonld.too_deep")
        var contexts: JSONValue = ["a": "x:a"]
        for _ in 0..<5000 { contexts = [contexts] }
        #expect(rule(["@context": contexts, "a": "v"]) == "jsonld.invalid_local_context")
    }

    @Test func `a long prefix used often does not fill the memory`() {
        let prefix = "x:" + String(repeating: "y", count: 1 << 20) + "/"
        let values = (0..<1000).map { JSONValue.object(["@id": .string("p:\($0)"), "x:q": "v"]) }
        #expect(rule(["@context": ["p": .string(prefix)], "x:p": .array(values)]) == "jsonld.too_many_bytes")
        let long = JSONObject((0..<100).map { ("t\($0)", .string("p:t\($0)")) } + [("p", .string(prefix))])
        let nodes = (0..<100).map { _ in JSONValue.object(JSONObject((0..<100).map { ("t\($0)", "v") })) }
        #expect(rule(["@context": .object(long), "x:p": .array(nodes)]) == "jsonld.too_many_bytes")
    }

    @Test func `a document of fifty megabytes is read in bounded time`() throws {
        let item = #"{"id":"x:item","type":"x:T","x:p":"\#(String(repeating: "v", count: 400))","x:q":[1,2,{"x:r":true}]}"#
        let count = 50_000_000 / item.utf8.count
        let head = #"{"@context":{"id":"@id","type":"@type"},"id":"x:a","x:items":["#
        let text = Array((head + Array(repeating: item, count: count).joined(separator: ",") + "]}").utf8)
        let document = try JSONValue.parse(text, limits: .file)
        #expect(try processor.dataset(document).quads.count == count * 7)
        var options = JSONLDOptions()
        options.limits.quadsMax = 1000
        #expect(rule(document, JSONLDProcessor(contexts: BundledContexts(), options: options)) == "jsonld.too_many_quads")
    }

    // MARK: Poisoned graphs

    private func dataset(_ edges: [(Int, Int)]) -> RDFDataset {
        RDFDataset(edges.map { RDFQuad(.blank("n\($0.0)"), .iri("x:p"), .blank("n\($0.1)")) })
    }

    private func rule(_ dataset: RDFDataset) -> String? {
        do { _ = try RDFCanonicalization.canonicalize(dataset) } catch { return error.rule }
        return nil
    }

    @Test func `graphs whose nodes cannot be told apart are given up`() {
        let clique = (0..<12).flatMap { one in (0..<12).filter { $0 != one }.map { (one, $0) } }
        #expect(rule(dataset(clique)) == "rdfc.work_limit")
        let star = (1..<5000).map { (0, $0) } + (1..<5000).map { ($0, 0) }
        #expect(rule(dataset(star)) == nil, "alike, but all known from the one in the middle")
        let ring = (0..<20_000).map { ($0, ($0 + 1) % 20_000) }
        #expect(rule(dataset(ring)) == "rdfc.work_limit")
        let cubes = (0..<1000).flatMap { place in [1, 7, 31].map { (place, (place + $0) % 1000) } }
        #expect(rule(dataset(cubes)) == "rdfc.work_limit")
    }

    @Test func `a poisoned document is given up as well`() {
        let nodes = (0..<12).map { one in
            JSONValue.object([
                "@id": .string("_:n\(one)"),
                "x:p": .array((0..<12).filter { $0 != one }.map { .object(["@id": .string("_:n\($0)")]) }),
            ])
        }
        #expect(rule(["@graph": .array(nodes)]) == "rdfc.work_limit")
    }

    @Test func `a small ring is told apart, whatever its labels`() throws {
        let one = try RDFCanonicalization.canonicalize(dataset((0..<12).map { ($0, ($0 + 1) % 12) }))
        let other = try RDFCanonicalization.canonicalize(dataset((0..<12).map { ($0 * 5 % 12, ($0 * 5 + 5) % 12) }))
        #expect(one.nquads == other.nquads && one.labels.count == 12)
    }

    @Test(arguments: [
        ("<x:a> <x:b> \"c\"", "nquads.syntax"), ("<a> <x:b> <x:c> .", "nquads.syntax"),
        ("_:a _:b _:c .", "nquads.syntax"), ("<x:a> <x:b> \"\\ud800\" .", "nquads.syntax"),
        ("<x:a> <x:b> \"c\"@- .", "nquads.syntax"), ("<x:a> <x:b> <x:c> . <x:d>", "nquads.syntax"),
        ("<x:a> <x:b> \"c", "nquads.syntax"), ("<x:a\u{20}b> <x:b> <x:c> .", "nquads.syntax"), ("_: <x:b> <x:c> .", "nquads.syntax"),
    ])
    func `text that is no N-Quads is refused with its line`(_ text: String, _ rule: String) {
        let error = #expect(throws: LinkedDataError.self) { try NQuads.parse(Array("\n\(text)".utf8)) }
        #expect(error?.rule == rule && error?.message.hasPrefix("Line 2") == true)
    }
}
