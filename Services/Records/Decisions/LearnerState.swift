import Domain
import EventLog

/// A learner as decisions need it.
struct LearnerState: Aggregate {
    typealias Entity = Learner
    static let kind = "learner"
    static let identifiersMax = 100

    var id: EntityID<Learner>
    var organization: EntityID<Organization>
    var givenName: String
    var familyName: String
    var birthDate: CalendarDate
    var identifiers: [IdentifierClaim]

    var learner: EntityID<Learner>? { id }

    init?(_ event: any Event) {
        guard let event = event as? LearnerRegistered else { return nil }
        id = event.learner
        organization = event.organization
        givenName = event.givenName
        familyName = event.familyName
        birthDate = event.birthDate
        identifiers = []
    }

    mutating func evolve(_ event: any Event) {
        if let event = event as? IdentifierClaimed { identifiers.append(event.claim) }
    }
}

extension RegisterLearner {
    static let identifiersMax = 20
    static let oldestBirthDate = CalendarDate(year: 1900, month: 1, day: 1)

    /// The command as it may be decided on. Names are kept as given and compared with nothing, ever.
    func read(today: CalendarDate) throws(Fault) -> RegisterLearner {
        var command = self
        command.givenName = try readText(givenName, at: "/givenName", limit: 200)
        command.familyName = try readText(familyName, at: "/familyName", limit: 200)
        if birthDate > today {
            throw .invalid("/birthDate", "birth_date.future", "A birth date cannot be in the future.")
        }
        if let oldest = Self.oldestBirthDate, birthDate < oldest {
            throw .invalid("/birthDate", "birth_date.past", "A birth date cannot be before \(oldest).")
        }
        let claims = identifiers ?? []
        guard claims.count <= Self.identifiersMax else {
            throw .invalid("/identifiers", "identifiers.count", "Give at most \(Self.identifiersMax) identifiers.")
        }
        var read: [IdentifierClaim] = []
        for (index, claim) in claims.enumerated() {
            let claim = try claim.read(at: "/identifiers/\(index)")
            guard !read.contains(claim) else {
                throw .invalid("/identifiers/\(index)", "identifier.duplicate", "This identifier is given twice.")
            }
            read.append(claim)
        }
        command.identifiers = read
        return command
    }
}

func decide(_ command: RegisterLearner, as id: EntityID<Learner>) -> Decision<RegisterLearner.Reply> {
    let registered = LearnerRegistered(
        learner: id, organization: command.organization, givenName: command.givenName,
        familyName: command.familyName, birthDate: command.birthDate)
    let claimed = (command.identifiers ?? []).map { IdentifierClaimed(learner: id, claim: $0) }
    return Decision([registered] + claimed, reply: RegisterLearner.Reply(learner: id))
}

/// Claiming what the learner has already changes nothing.
func decide(_ learner: LearnerState, _ claim: IdentifierClaim) throws(Fault) -> Decision<Done> {
    if learner.identifiers.contains(claim) { return Decision([]) }
    guard learner.identifiers.count < LearnerState.identifiersMax else {
        throw .refused(
            "identifier.limit", "A learner has at most \(LearnerState.identifiersMax) identifiers.", at: "/claim")
    }
    return Decision([IdentifierClaimed(learner: learner.id, claim: claim)])
}
