import Domain

/// The contexts that credentials use, every published version that was at hand, expressed as data of ours: a term a
/// line. `ContextNotation` says how it is written. A signed document means what its context said when it was signed,
/// so a context is never changed and never left out.
package struct BundledContexts: ContextSource {
    private static let all: [BundledContext] = [
        bitstringStatusListV1, citizenshipV4RC1, clr2, clr201, controlledIdentifiersV1, credentialsExamplesV2,
        credentialsV1, credentialsV2, dataIntegrityV1, dataIntegrityV2, decentralizedIdentifiersV1,
        ed25519Signature2020, jsonWebKeyV1, jsonWebSignature2020, multikeyV1, openBadges3, openBadges301,
        openBadges302, openBadges303, openBadgesExtensions, securityV1, securityV2, statusList2021,
    ]

    private static let documents = Dictionary(
        uniqueKeysWithValues: all.map { (ExactText($0.url), ContextNotation.document($0.text)) })

    /// Absolute URLs, sorted.
    package static let urls: [String] = all.map(\.url).sorted()

    package init() {}

    package func document(at url: String) -> JSONValue? { Self.documents[ExactText(url)] }
}

/// One context in our notation.
struct BundledContext: Sendable {
    let url: String
    let text: String

    init(_ url: String, _ text: String) {
        self.url = url
        self.text = text
    }
}
