import Domain

/// Contexts that cases of the suite name and that are not beside them, written anew from what the cases say of them.
let suiteContexts: [String: JSONValue] = [
    "expand/0126-context.jsonld": ["@context": [
        "prop": ["@id": "ex:prop", "@context": "0126-context.jsonld"], "value": "ex:value",
    ]],
    "c031/c031-context.jsonld": ["@context": [
        "outer": ["@id": "http://a.example/out", "@context": "inner/context.jsonld"],
    ]],
    "c031/inner/context.jsonld": ["@context": ["inner": "http://a.example/in"]],
    "c034-context.jsonld": ["@context": ["bar": "http://example.org/bar"]],
    "so05-context.jsonld": ["@context": [
        "baz": ["@id": "http://example.org/baz", "@type": "@vocab"], "@propagate": false,
    ]],
    "so06-context.jsonld": ["@context": ["baz": "http://example.com/baz", "@propagate": true]],
    "so07-context.jsonld": ["@context": [
        "protected1": ["@id": "http://example.com/protected1"], "protected2": ["@id": "http://example.com/protected2"],
    ]],
    "so08-context.jsonld": ["@context": ["term": "http://example.org/original"]],
    "so10-context.jsonld": ["@context": ["term": "http://example.org/protected"]],
    "so13-context.jsonld": ["@context": [["term": "http://example.org/one"], ["term": "http://example.org/two"]]],
]
