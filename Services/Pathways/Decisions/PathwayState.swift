import Domain
import EventLog

/// A pathway and its versions. The documents themselves are in table `pathway_document`; here is what decisions need.
struct PathwayState: Aggregate {
    typealias Entity = Pathway
    static let kind = "pathway"
    static let versionsMax = 1000
    static let recognitionsMax = 1000
    /// Of all recognitions of one version together, so that it can still be read with all of them.
    static let termsBytesMax = 128 * 1024
    /// One organization's share of both, so that none keeps the others out.
    static let ownRecognitionsMax = 10, ownTermsBytesMax = 16 * 1024

    struct Version: Codable, Sendable, Hashable {
        var number: Int
        /// Counts the texts of a draft, from 1. A motion is about one of them.
        var revision: Int
        var title: String
        var requires: [PathwayDocument.Recognitions]
        /// Of the present text: replacing a draft begins them anew, for nobody recognized the new one.
        var recognitions: [RecognitionEntry]
        var certifiedBy: EntityID<Motion>?

        var isCertified: Bool { certifiedBy != nil }
    }

    var id: EntityID<Pathway>
    var body: EntityID<GoverningBody>
    /// Numbered from 1 without gaps; all certified but perhaps the last.
    var versions: [Version]

    init?(_ event: any Event) {
        guard let event = event as? PathwayDrafted else { return nil }
        id = event.pathway
        body = event.body
        versions = []
        evolve(event)
    }

    mutating func evolve(_ event: any Event) {
        switch event {
        case let event as PathwayDrafted:
            let revision = version(event.pathwayVersion)?.revision ?? 0
            versions.removeAll { $0.number == event.pathwayVersion }
            versions.append(Version(
                number: event.pathwayVersion, revision: revision + 1, title: event.document.title,
                requires: event.document.requires?.recognitions ?? [], recognitions: []))
        case let event as RecognitionEntered:
            change(event.pathwayVersion) { $0.recognitions.append(event.recognition) }
        case let event as PathwayCertified:
            change(event.pathwayVersion) { $0.certifiedBy = event.motion }
        default: break
        }
    }

    private mutating func change(_ number: Int, _ body: (inout Version) -> Void) {
        if let place = versions.firstIndex(where: { $0.number == number }) { body(&versions[place]) }
    }

    func version(_ number: Int) -> Version? { versions.first { $0.number == number } }

    /// The version asked for, or else the newest that is certified.
    /// - Throws: `.refused` with `enrollment.version` where it is not certified.
    func enrollable(_ number: Int?) throws(Fault) -> Version {
        let found = if let number { version(number) } else { versions.last { $0.isCertified } }
        guard let found, found.isCertified else {
            throw .refused("enrollment.version", "Learners enroll in a certified version.",
                           at: number == nil ? "/pathway" : "/version")
        }
        return found
    }
}
