import Domain
import EventLog
import PathwayEngine

extension PathwayDocument {
    /// Who owes something by it.
    var obligors: Set<EntityID<Organization>> { Set(entitlements.map(\.obligor)) }

    /// Checks a document that is to be saved.
    /// - Parameter unregistered: those of its obligors whom nobody here knows.
    /// - Returns: the warnings.
    /// - Throws: `.invalid` with what is refused, under `/document`.
    func checked(unregistered: Set<EntityID<Organization>>) throws(Fault) -> [ImportRepair] {
        let findings = PathwayCheck.check(self)
        let refused = findings.filter { $0.severity == .refused }
        guard refused.isEmpty else {
            throw Fault(.invalid, "The document breaks rules of pathways; correct the members named in the violations.",
                        violations: refused.map { $0.violation(under: "/document") })
        }
        // An attainment's event carries a number as its level, and neither credits nor zones.
        let warnings = (findings + PathwayCheck.beyondPlainRecords(self)).map {
            ImportRepair(pointer: "/document" + $0.place, rule: $0.rule, message: $0.message)
        }
        return warnings + entitlements.enumerated().compactMap { place, entitlement in
            guard unregistered.contains(entitlement.obligor) else { return nil }
            return ImportRepair(
                pointer: "/document/entitlements/\(place)/obligor", rule: "entitlement.obligor",
                message: "No organization is registered under this id, so nobody would owe “\(entitlement.id)”.")
        }
    }
}

func decide(
    _ command: DraftPathway, as id: EntityID<Pathway>, unregistered: Set<EntityID<Organization>>
) throws(Fault) -> Decision<DraftPathway.Reply> {
    let warnings = try command.document.checked(unregistered: unregistered)
    let drafted = PathwayDrafted(pathway: id, body: command.body, pathwayVersion: 1, document: command.document)
    return Decision([drafted], reply: DraftPathway.Reply(pathway: id, version: 1, revision: 1, warnings: warnings))
}

/// Replaces the draft, or opens the version after the last certified one. What is certified is never edited.
func decide(
    _ pathway: PathwayState, _ command: RevisePathway, unregistered: Set<EntityID<Organization>>
) throws(Fault) -> Decision<RevisePathway.Reply> {
    let last = pathway.versions.last
    let open = last.map { $0.isCertified ? $0.number + 1 : $0.number } ?? 1
    guard command.version == open else {
        throw .conflict("pathway.version", "Only version \(open) can be written now.")
    }
    let revision = pathway.version(open)?.revision ?? 0
    if let expected = command.revision, expected != revision {
        throw Fault(.versionMismatch, revision == 0
            ? "There is no draft of version \(open) yet." : "The draft is at revision \(revision) by now. Read it again.")
    }
    guard open <= PathwayState.versionsMax else {
        throw .refused("pathway.versions", "A pathway has at most \(PathwayState.versionsMax) versions.")
    }
    let warnings = try command.document.checked(unregistered: unregistered)
    let drafted = PathwayDrafted(
        pathway: pathway.id, body: pathway.body, pathwayVersion: open, document: command.document)
    return Decision(
        [drafted],
        reply: RevisePathway.Reply(pathway: pathway.id, version: open, revision: revision + 1, warnings: warnings))
}

/// Recognizes a draft or a certified version, from a day on.
func decide(
    _ pathway: PathwayState, _ command: RecognizePathway, by organization: OrganizationState?,
    as id: EntityID<Recognition>
) throws(Fault) -> Decision<RecognizePathway.Reply> {
    guard let version = pathway.version(command.version) else { throw .notFound("version of this pathway") }
    guard organization != nil else {
        throw .refused("recognition.organization", "This organization is not registered.", at: "/organization")
    }
    try readTerm(from: command.from, until: command.until)
    let terms = try readText(command.terms, at: "/terms", limit: 4000, lines: true)
    let own = version.recognitions.filter { $0.organization == command.organization }
    guard version.recognitions.count < PathwayState.recognitionsMax, own.count < PathwayState.ownRecognitionsMax else {
        throw .refused(
            "recognition.limit", "A version has at most \(PathwayState.recognitionsMax) recognitions, and of one "
                + "organization at most \(PathwayState.ownRecognitionsMax).")
    }
    func bytes(_ entries: [RecognitionEntry]) -> Int { entries.reduce(terms.utf8.count) { $0 + $1.terms.utf8.count } }
    guard bytes(version.recognitions) <= PathwayState.termsBytesMax, bytes(own) <= PathwayState.ownTermsBytesMax else {
        throw .refused(
            "recognition.size", "The terms of a version's recognitions have at most 128 KiB together, and those of one "
                + "organization 16 KiB. Refer to a document.", at: "/terms")
    }
    let entry = RecognitionEntry(
        recognition: id, organization: command.organization, kind: command.kind, from: command.from,
        until: command.until, terms: terms)
    return Decision(
        [RecognitionEntered(pathway: pathway.id, pathwayVersion: version.number, recognition: entry)],
        reply: RecognizePathway.Reply(recognition: id))
}

/// The only way to a certified version (DOMAIN, invariant 2): a carried motion of the pathway's own body, about this text
/// of this version, while every recognition that the text asks for is in force.
func decide(
    certifying number: Int, of pathway: PathwayState, by motion: MotionState?, on day: CalendarDate
) throws(Fault) -> Decision<Done> {
    guard let version = pathway.version(number) else { throw .notFound("version of this pathway") }
    guard !version.isCertified else {
        throw .conflict("pathway.certified", "This version is certified already.")
    }
    guard let motion, motion.body == pathway.body, motion.pathway == pathway.id, motion.version == number,
          motion.revision == version.revision
    else {
        throw .refused("certification.motion",
                       "The motion is not about this version of this pathway as it reads now.", at: "/motion")
    }
    guard motion.status == .carried else {
        throw .refused("certification.decision", "The motion has not carried.", at: "/motion")
    }
    let inForce = version.recognitions.filter { $0.isInForce(on: day) }
    let missing = version.requires.compactMap { $0.missing(among: inForce) }
    guard missing.isEmpty else {
        throw Fault(.refused, "Recognitions that this version requires are not in force today.",
                    violations: missing.map { .init("/version", "certification.recognitions", $0) })
    }
    return Decision([PathwayCertified(
        pathway: pathway.id, pathwayVersion: number, title: version.title, motion: motion.id,
        recognitions: inForce.map(\.recognition))])
}

extension RecognitionEntry {
    func isInForce(on day: CalendarDate) -> Bool { from <= day && until.map { day <= $0 } ?? true }
}

extension PathwayDocument.Recognitions {
    /// In words, what is missing; nil when there are enough. Each organization counts once.
    fileprivate func missing(among entries: [RecognitionEntry]) -> String? {
        let found = Set(entries.lazy.filter { $0.kind == kind }.map(\.organization))
        guard let organizations else {
            guard found.count < atLeast else { return nil }
            return "\(atLeast - found.count) more of \(atLeast) recognitions for \(kind.rawValue), each by another "
                + "organization."
        }
        let others = Set(organizations).subtracting(found)
        let counted = Set(organizations).count - others.count
        guard counted < atLeast else { return nil }
        let names = others.sorted().prefix(10).map(\.description).joined(separator: ", ")
        return "\(atLeast - counted) more of \(atLeast) recognitions for \(kind.rawValue), by any of \(names)."
    }
}
