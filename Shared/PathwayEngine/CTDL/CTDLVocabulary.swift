import Domain

/// The names of CTDL as files spell them: `ceterms:name`, `name`, `:name`, `https://purl.org/ctdl/terms/name` are one.
///
/// Terms have moved between the namespaces of the family over the years (`ceasn:hasChild`, `ceterms:hasChild`), so a
/// name is told by its last part once its namespace is one of the family's. Any other name is kept as it is written.
struct CTDLVocabulary: Sendable {
    /// What the file's own `@context` says: a name to a name or to an IRI.
    private var aliases: [String: String] = [:]

    /// Takes what is written in the file; a context that is only named by its address is never fetched.
    init(contexts: [JSONValue]) {
        var open = contexts
        while let context = open.popLast() {
            switch context {
            case .array(let more): open += more
            case .object(let object):
                for member in object.members {
                    if let name = member.value.text ?? member.value["@id"]?.text, name != member.name {
                        aliases[member.name] = name
                    }
                }
            default: break
            }
        }
    }

    /// The name of a member or a class without its namespace; older names in their newer form.
    func term(_ name: String) -> String {
        let local = Self.familiar(expanded(name))
        return Self.older[local] ?? local
    }

    /// An IRI written out where the file's context has a prefix or a name for it.
    func expanded(_ name: String) -> String {
        var name = name
        // An alias may lead to another; a ring of them ends here.
        for _ in 0..<4 {
            if let whole = aliases[name] { name = whole; continue }
            guard let colon = name.firstIndex(of: ":"), let base = aliases[String(name[..<colon])] else { break }
            name = base + name[name.index(after: colon)...]
        }
        return name
    }

    /// What comes last in an IRI or a prefixed name: `GTEQ` of `compare:GTEQ`.
    static func last(_ name: String) -> String {
        let trimmed = name.hasSuffix("/") || name.hasSuffix("#") ? String(name.dropLast()) : name
        guard let cut = trimmed.lastIndex(where: { $0 == "/" || $0 == "#" || $0 == ":" }) else { return trimmed }
        return String(trimmed[trimmed.index(after: cut)...])
    }

    private static func familiar(_ name: String) -> String {
        if name.contains("://") {
            for space in namespaces where name.hasPrefix(space) { return String(name.dropFirst(space.count)) }
            return name
        }
        guard let colon = name.firstIndex(of: ":") else { return name }
        return prefixes.contains(String(name[..<colon])) ? String(name[name.index(after: colon)...]) : name
    }

    /// `:` and `_:` stand in published use cases where `ceterms:` was meant.
    private static let prefixes: Set<String> = [
        "ceterms", "ceasn", "asn", "skos", "schema", "dcterms", "dct", "rdfs", "rdf", "", "_",
    ]

    private static let namespaces: [String] = ["http://", "https://"].flatMap { scheme in
        [
            "purl.org/ctdlasn/terms/", "purl.org/ctdl/terms/", "credreg.net/ctdlasn/terms/", "credreg.net/ctdl/terms/",
            "purl.org/ASN/schema/core/", "www.w3.org/2004/02/skos/core#", "schema.org/", "purl.org/dc/terms/",
            "www.w3.org/2000/01/rdf-schema#", "www.w3.org/1999/02/22-rdf-syntax-ns#",
        ].map { scheme + $0 }
    }

    private static let older = [
        "hasRootComponent": "hasDestinationComponent", "isDestinationComponentFor": "isDestinationComponentOf",
        "preceeds": "precedes", "preceededBy": "precededBy", "preceeds_": "precedes", "logicalOperand": "logicalOperator",
        "id": "@id", "type": "@type", "hasProgressionLevels": "hasProgressionLevel",
    ]
}
