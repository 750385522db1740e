import Domain
import LinkedData
import Testing

/// What would be dropped in silence is an error that names the term and the place.
@Suite struct SafeModeTests {
    private static let processor = JSONLDProcessor(contexts: BundledContexts())

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var document: JSONValue
        /// Rule, place and term.
        var error: String
        var testDescription: String { name }
    }

    private static let context: JSONValue = [
        "id": "@id", "type": "@type", "name": "x:name", "ref": ["@id": "x:ref", "@type": "@id"],
        "T": "x:T", "lost": .null, "nested": "@nest",
    ]

    static let cases = [
        Case(name: "undefined term", document: ["@context": context, "name": "n", "nmae": "n"],
             error: "jsonld.undefined_term /nmae nmae"),
        Case(name: "undefined term, deep", document: ["@context": context, "x:p": [["x:q": 1], ["x:q": ["foo": 1]]]],
             error: "jsonld.undefined_term /x:p/1/x:q/foo foo"),
        Case(name: "term decoupled by null", document: ["@context": context, "name": "n", "lost": 1],
             error: "jsonld.undefined_term /lost lost"),
        Case(name: "nested undefined term", document: ["@context": context, "nested": ["a~b/c": 1]],
             error: "jsonld.undefined_term /nested/a~0b~1c a~b/c"),
        Case(name: "undefined type", document: ["@context": context, "type": ["T", "U"], "name": "n"],
             error: "jsonld.undefined_type /type/1 U"),
        Case(name: "relative id", document: ["@context": context, "id": "a/b", "name": "n"],
             error: "jsonld.relative_id /id a/b"),
        Case(name: "relative reference", document: ["@context": context, "ref": ["x:a", "b"]],
             error: "jsonld.relative_id /ref/1 b"),
        Case(name: "malformed id", document: ["@context": context, "id": "x:a b", "name": "n"],
             error: "jsonld.malformed_iri /id x:a b"),
        Case(name: "reserved id", document: ["@context": context, "id": "@foo", "name": "n"],
             error: "jsonld.reserved_term /id @foo"),
        Case(name: "reserved key", document: ["@context": context, "@foo": 1, "name": "n"],
             error: "jsonld.undefined_term /@foo @foo"),
        Case(name: "reserved term", document: ["@context": ["@foo": "x:foo"], "x:p": 1],
             error: "jsonld.reserved_term /@context/@foo @foo"),
        Case(name: "free value", document: [["@value": "v"]], error: "jsonld.free_floating_value /0 -"),
        Case(name: "free text", document: ["@graph": ["v"], "@id": "x:a"], error: "jsonld.free_floating_value /@graph/0 -"),
        Case(name: "node that says nothing", document: ["@id": "x:a"], error: "jsonld.free_floating_value  -"),
        Case(name: "language alone", document: ["x:p": ["@language": "en"]], error: "jsonld.free_floating_value /x:p -"),
        Case(name: "no language", document: ["x:p": ["@value": "v", "@language": "english language"]],
             error: "jsonld.malformed_language /x:p/@language english language"),
        Case(name: "direction", document: ["x:p": ["@value": "v", "@direction": "rtl"]],
             error: "jsonld.direction_lost  v"),
        Case(name: "blank predicate", document: ["_:p": "v"], error: "jsonld.blank_predicate /_:p _:p"),
        Case(name: "imprecise number", document: ["x:p": .number(JSONNumber(9_007_199_254_740_993))],
             error: "jsonld.imprecise_number  9007199254740993"),
        Case(name: "another letter", document: ["@context": ["K": "x:k"], "\u{212A}": "v"],
             error: "jsonld.undefined_term /\u{212A} \u{212A}"),
        Case(name: "redefinition", document: [
            "@context": ["https://www.w3.org/ns/credentials/v2", ["name": "x:name"]], "id": "x:a", "x:p": 1],
             error: "jsonld.protected_term_redefinition /@context/1/name name"),
    ]

    @Test(arguments: cases) func dropped(_ test: Case) {
        let error = #expect(throws: LinkedDataError.self) { try Self.processor.dataset(test.document) }
        #expect(error.map { "\($0.rule) \($0.pointer) \($0.term ?? "-")" } == test.error)
    }

    @Test func `what drops nothing passes`() throws {
        let document: JSONValue = ["@context": Self.context, "id": "x:a", "type": "T", "name": "n", "ref": "_:b", "x:p": .number(JSONNumber(3.5) ?? JSONNumber(Int64(0)))]
        #expect(String(decoding: try Self.processor.canonicalNQuads(document), as: UTF8.self) == """
            <x:a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <x:T> .
            <x:a> <x:name> "n" .
            <x:a> <x:p> "3.5E0"^^<http://www.w3.org/2001/XMLSchema#double> .
            <x:a> <x:ref> _:c14n0 .

            """)
    }

    @Test func `a processor is shared by threads`() async throws {
        let processor = JSONLDProcessor(contexts: BundledContexts())
        let document: JSONValue = [
            "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
            "type": ["VerifiableCredential", "OpenBadgeCredential"], "name": "n",
            "credentialSubject": ["type": ["AchievementSubject"], "achievement": ["id": "x:a", "type": ["Achievement"], "name": "a"]],
        ]
        let expected = try JSONLDProcessor(contexts: BundledContexts()).canonicalNQuads(document)
        await withTaskGroup { group in
            for _ in 0..<64 {
                group.addTask { for _ in 0..<20 { #expect((try? processor.canonicalNQuads(document)) == expected) } }
            }
        }
    }
}
