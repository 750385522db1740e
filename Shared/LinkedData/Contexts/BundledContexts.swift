import Domain

/// The contexts that credentials use, every published version of each, expressed as data of ours.
package struct BundledContexts: ContextSource {
    package init() {}

    /// Absolute URLs, sorted.
    package static let urls: [String] = []

    package func document(at url: String) -> JSONValue? { nil }
}
