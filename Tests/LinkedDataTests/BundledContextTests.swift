import Domain
@testable import LinkedData
import Support
import Testing

/// Our form of each context must mean what the published file means, wherever it stands.
@Suite(.needsShared("standards/w3c-vc/context")) struct BundledContextTests {
    static let ob = "https://purl.imsglobal.org/spec/ob/v3p0/", clr = "https://purl.imsglobal.org/spec/clr/v2p0/"
    static let w3c = "standards/w3c-vc/context/"
    static let published: [String: String] = [
        "https://www.w3.org/2018/credentials/v1": w3c + "credentials-v1.jsonld",
        "https://www.w3.org/ns/credentials/v2": w3c + "credentials-v2.jsonld",
        "https://www.w3.org/ns/credentials/examples/v2": w3c + "credentials-examples-v2.jsonld",
        "https://w3id.org/security/data-integrity/v1": w3c + "data-integrity-v1.jsonld",
        "https://w3id.org/security/data-integrity/v2": w3c + "data-integrity-v2.jsonld",
        "https://w3id.org/security/suites/ed25519-2020/v1": w3c + "ed25519-2020-v1.jsonld",
        "https://w3id.org/security/suites/jws-2020/v1": w3c + "jws-2020-v1.jsonld",
        "https://w3id.org/security/multikey/v1": w3c + "multikey-v1.jsonld",
        "https://w3id.org/security/jwk/v1": w3c + "jwk-v1.jsonld",
        "https://www.w3.org/ns/cid/v1": w3c + "cid-v1.jsonld",
        "https://www.w3.org/ns/did/v1": w3c + "did-v1.jsonld",
        "https://www.w3.org/ns/credentials/status/v1": w3c + "bitstring-status-list-v1.jsonld",
        "https://w3id.org/citizenship/v4rc1": w3c + "citizenship-v4rc1.jsonld",
        ob + "context.json": "standards/openbadges-3.0/context/context.json",
        ob + "context-3.0.1.json": "standards/openbadges-3.0/context/context-3.0.1.json",
        ob + "context-3.0.2.json": "standards/openbadges-3.0/context/context-3.0.2.json",
        ob + "context-3.0.3.json": "standards/openbadges-3.0/context/context-3.0.3.json",
        ob + "extensions.json": "standards/openbadges-3.0/context/extensions.json",
        clr + "context.json": "standards/clr-2.0/context/context.json",
        clr + "context-2.0.1.json": "standards/clr-2.0/context/context-2.0.1.json",
    ]
    /// Not among the files that could be had; their terms are general knowledge, and nothing here can prove them.
    static let unproved = [
        "https://w3id.org/security/v1", "https://w3id.org/security/v2", "https://w3id.org/vc/status-list/2021/v1",
    ]

    @Test func `every bundled context is compared or known not to be`() {
        #expect(BundledContexts.urls == (Array(Self.published.keys) + Self.unproved).sorted())
        for url in BundledContexts.urls { #expect(throws: Never.self) { try Reading(BundledContexts()).context([url]) } }
    }

    @Test(arguments: published.keys.sorted())
    func `means what the published context means`(_ url: String) throws {
        let ours = Reading(BundledContexts()), theirs = Reading(try Published())
        let v1 = "https://www.w3.org/2018/credentials/v1", v2 = "https://www.w3.org/ns/credentials/v2"
        for list in [[url], [v1, url], [v2, url], [v2, Self.clr + "context-2.0.1.json", url]] {
            #expect(ours.description(of: list) == theirs.description(of: list))
        }
    }

    struct Published: ContextSource {
        var documents: [String: JSONValue] = [:]

        init() throws {
            for (url, path) in published { documents[url] = try JSONValue.parse(try SharedFiles.bytes(path)) }
        }

        func document(at url: String) -> JSONValue? { documents[url] }
    }

    /// A context list computed from one source, as text that shows all of it.
    struct Reading {
        let expander: Expander

        init(_ source: any ContextSource) {
            expander = Expander(options: JSONLDOptions(), source: source, shared: SharedContexts(countMax: 0))
        }

        func context(_ urls: [String]) throws -> ActiveContext {
            try expander.context(ActiveContext(ContextState(base: nil)), with: .array(urls.map { .string($0) }))
        }

        func description(of urls: [String]) -> [String] {
            do { return try lines(try context(urls), below: nil, path: "", depth: 0) } catch {
                return [(error as? LinkedDataError)?.rule ?? "\(error)"]
            }
        }

        /// A line for each term that the context has and the one below has not; scoped contexts both ways.
        private func lines(_ context: ActiveContext, below: ActiveContext?, path: String, depth: Int) throws -> [String] {
            var lines = ["\(path) vocab \(context.state.vocab ?? "-") base \(context.state.base ?? "-")"]
            let terms = context.state.terms.values.sorted { $0.name.precedes($1.name) }
            for term in terms where below?.state.term(term.name) !== term {
                var definition = term.definition
                definition.context = nil
                definition.contextBase = nil
                lines.append("\(path)/\(term.name) \(definition)")
                guard term.definition.context != nil, depth < 4 else { continue }
                let place = "\(path)/\(term.name)"
                lines += try self.lines(
                    try expander.context(context, inside: term), below: context, path: place + ":property", depth: depth + 1)
                lines += try self.lines(
                    try expander.context(context, ofType: term), below: context, path: place + ":type", depth: depth + 1)
            }
            return lines
        }
    }
}
