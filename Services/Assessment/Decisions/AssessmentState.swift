import Domain
import EventLog

/// One run of an assessment, from request to outcome: everything that was shown, and every judgment of it.
struct AssessmentState: Aggregate {
    typealias Entity = Assessment
    static let kind = "assessment"
    static let evidenceMax = 200
    static let judgmentsMax = 200
    /// Of all evidence and judgments together, so that an assessment still fits into one reply.
    static let bytesMax = 384 * 1024

    var id: EntityID<Assessment>
    var owner: EntityID<Learner>
    var rubric: EntityID<Rubric>
    /// Fixed at the request.
    var rubricVersion: Int
    var setting: LearningSetting
    var organization: EntityID<Organization>
    /// Only this one may judge.
    var assessor: EntityID<Assessor>
    /// Nil until judged.
    var outcome: Outcome?
    var evidence: [EvidenceEntry]
    var judgments: [JudgmentEntry]

    var learner: EntityID<Learner>? { owner }

    init?(_ event: any Event) {
        guard let event = event as? AssessmentRequested else { return nil }
        id = event.assessment
        owner = event.learner
        rubric = event.rubric
        rubricVersion = event.rubricVersion
        setting = event.setting
        organization = event.organization
        assessor = event.assessor
        evidence = []
        judgments = []
    }

    /// A refused judgment is on record and changes nothing; an outcome's own event repeats what its judgment says.
    mutating func evolve(_ event: any Event) {
        switch event {
        case let event as EvidenceSubmitted: evidence.append(event.evidence)
        case let event as JudgmentRecorded:
            judgments.append(event.judgment)
            outcome = event.judgment.outcome
        case is AssessmentVoided: outcome = .void
        default: break
        }
    }
}

extension AssessmentState {
    /// After *met* and *void* nothing is shown and nothing is judged; after anything else all is open (Q60).
    func requireOpen() throws(Fault) {
        switch outcome {
        case .met: throw .conflict("assessment.met", "This assessment is met. Ask for a new one to show more.")
        case .void: throw .conflict("assessment.void", "This assessment is void. Ask for a new one.")
        case .notYet, .moreEvidenceNeeded, nil: return
        }
    }

    func requireRoom(for bytes: Int) throws(Fault) {
        let used = evidence.reduce(0) { $0 + $1.bytes } + judgments.reduce(0) { $0 + $1.bytes }
        guard used + bytes <= Self.bytesMax else {
            throw .refused("assessment.full", "This assessment holds no more than 384 KiB. Ask for a new one.")
        }
    }
}

extension EvidenceEntry {
    /// About what it takes in a reply.
    var bytes: Int { 256 + title.utf8.count + kind.utf8.count + (location?.utf8.count ?? 0) }
}

extension JudgmentEntry {
    /// About what it takes in a reply.
    var bytes: Int {
        criteria.reduce(256) { $0 + 64 + $1.criterion.utf8.count + ($1.feedback?.utf8.count ?? 0) }
    }
}

func decide(
    _ command: RequestAssessment, as id: EntityID<Assessment>, rubricVersion: Int
) -> Decision<RequestAssessment.Reply> {
    Decision(
        [AssessmentRequested(
            assessment: id, learner: command.learner, rubric: command.rubric, rubricVersion: rubricVersion,
            setting: command.setting, organization: command.organization, assessor: command.assessor)],
        reply: RequestAssessment.Reply(assessment: id, rubricVersion: rubricVersion))
}

extension SubmitEvidence {
    static let sizeBytesMax = 1 << 40
    /// What a browser would run where somebody makes a link of the place.
    private static let programs = ["javascript:", "data:", "vbscript:"]

    private static func read(_ location: String) throws(Fault) -> String {
        let place = try readText(location, at: "/location", limit: 2000)
        let start = place.drop(while: \.isWhitespace).prefix(16).lowercased()
        guard !programs.contains(where: start.hasPrefix) else {
            throw .invalid("/location", "location.program", "Give a place, not a \(programs.joined(separator: ", ")) text.")
        }
        return place
    }

    /// - Returns: the command as it may be decided on, the hash in lower case.
    func read() throws(Fault) -> SubmitEvidence {
        var command = self
        command.title = try readText(title, at: "/title", limit: 300)
        command.kind = try readText(kind, at: "/kind", limit: 100)
        guard sha256.isSHA256 else {
            throw .invalid("/sha256", "sha256.format", "Give the 64 hexadecimal digits of the content's SHA-256.")
        }
        command.sha256 = sha256.lowercased()
        guard (0...Self.sizeBytesMax).contains(sizeBytes) else {
            throw .invalid("/sizeBytes", "size.range", "Give a size from 0 to \(Self.sizeBytesMax) bytes.")
        }
        if let location { command.location = try Self.read(location) }
        return command
    }
}

func decide(
    _ assessment: AssessmentState, _ command: SubmitEvidence, now: Timestamp
) throws(Fault) -> Decision<SubmitEvidence.Reply> {
    try assessment.requireOpen()
    guard assessment.evidence.count < AssessmentState.evidenceMax else {
        throw .refused(
            "evidence.limit", "An assessment takes at most \(AssessmentState.evidenceMax) pieces of evidence.")
    }
    let entry = EvidenceEntry(
        evidence: .following(
            "evidence", assessment.id.description, "\(assessment.evidence.count + 1)",
            alongside: assessment.owner.uuid),
        title: command.title, kind: command.kind, sha256: command.sha256, sizeBytes: command.sizeBytes,
        location: command.location, submittedAt: now)
    try assessment.requireRoom(for: entry.bytes)
    return Decision(
        [EvidenceSubmitted(assessment: assessment.id, learner: assessment.owner, evidence: entry)],
        reply: SubmitEvidence.Reply(evidence: entry.evidence))
}

func decide(voiding assessment: AssessmentState, reason: String) throws(Fault) -> Decision<Done> {
    if assessment.outcome == .void { try assessment.requireOpen() }
    return Decision([AssessmentVoided(
        assessment: assessment.id, learner: assessment.owner,
        reason: try readText(reason, at: "/reason", limit: 1000, lines: true))])
}
