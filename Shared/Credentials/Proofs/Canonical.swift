import Domain
import LinkedData

/// The canonical forms that are signed. Contexts are those bundled with `LinkedData`; none is ever fetched.
package enum Canonical {
    /// One for all documents: the contexts are computed once.
    private static let processor = JSONLDProcessor(contexts: BundledContexts())

    /// N-Quads by RDFC-1.0, from JSON-LD in safe mode: a term that means nothing is an error.
    /// - Throws: `jsonld.…`, `rdfc.…`.
    package static func rdf(_ document: JSONObject) throws(CredentialError) -> [UInt8] {
        try translated { () throws(LinkedDataError) in try processor.canonicalNQuads(.object(document)) }
    }

    /// The canonical dataset with the labels each blank node was given.
    static func labeled(_ document: JSONObject) throws(CredentialError) -> RDFCanonicalization.Result {
        try translated { () throws(LinkedDataError) in
            try RDFCanonicalization.canonicalize(processor.dataset(.object(document)))
        }
    }

    /// Nothing but the check that every term means something.
    static func checkTerms(_ document: JSONObject) throws(CredentialError) {
        _ = try translated { () throws(LinkedDataError) in try processor.dataset(.object(document)) }
    }

    /// RFC 8785.
    /// - Throws: `jcs.…`.
    package static func json(_ value: JSONValue) throws(CredentialError) -> [UInt8] {
        try translated { () throws(LinkedDataError) in try JCS.canonicalize(value) }
    }

    private static func translated<Value>(_ work: () throws(LinkedDataError) -> Value) throws(CredentialError) -> Value {
        do { return try work() } catch { throw CredentialError(error.rule, error.message, at: error.pointer) }
    }
}
