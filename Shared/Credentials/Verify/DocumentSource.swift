/// Where status lists come from. As with keys: this module asks nobody, and a source with a network answers for its limits.
package protocol DocumentSource: Sendable {
    /// The bytes at an https address.
    func document(at url: String) async -> Resolution<[UInt8]>
}

/// Documents given beforehand, by their addresses.
package struct LocalDocuments: DocumentSource {
    private let documents: [String: [UInt8]]

    package init(_ documents: [String: [UInt8]] = [:]) { self.documents = documents }

    package func document(at url: String) async -> Resolution<[UInt8]> {
        documents[url].map(Resolution.found) ?? .unknown("no document of \(url) was given")
    }
}
