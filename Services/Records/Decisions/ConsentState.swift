import Domain
import EventLog

/// One consent: granted, and withdrawn at most once. Running out is a matter of the date, not of an event.
struct ConsentState: Aggregate {
    typealias Entity = Consent
    static let kind = "consent"

    var id: EntityID<Consent>
    var owner: EntityID<Learner>
    var partner: EntityID<Partner>
    var purpose: String
    var types: [EventType]
    var until: CalendarDate?
    var contractRevision: String
    var isWithdrawn: Bool

    var learner: EntityID<Learner>? { owner }

    init?(_ event: any Event) {
        guard let event = event as? ConsentGranted else { return nil }
        id = event.consent
        owner = event.learner
        partner = event.partner
        purpose = event.purpose
        types = event.types
        until = event.until
        contractRevision = event.contractRevision
        isWithdrawn = false
    }

    mutating func evolve(_ event: any Event) {
        if event is ConsentWithdrawn { isWithdrawn = true }
    }
}

extension GrantConsent {
    /// From this birthday on learners consent for themselves (34 CFR 99.3, eligible student).
    static let age = 18
    static let typesMax = 50
    static let subscribable = Set(EventCatalog.subscribable)

    /// The command as it may be decided on: types with their corrections, sorted, each once.
    func read() throws(Fault) -> GrantConsent {
        var command = self
        command.purpose = try readText(purpose, at: "/purpose", limit: 100)
        command.contractRevision = try readText(contractRevision, at: "/contractRevision", limit: 100)
        guard (1...Self.typesMax).contains(types.count) else {
            throw .invalid("/types", "types.count", "Name 1 to \(Self.typesMax) event types.")
        }
        for (index, type) in types.enumerated() where !Self.subscribable.contains(type) {
            throw .invalid("/types/\(index)", "consent.type", "No event of this type can leave to a partner.")
        }
        command.types = EventCatalog.corrected(types)
        return command
    }
}

/// - Parameter today: the date in the state's own zone.
func decide(
    _ command: GrantConsent, as id: EntityID<Consent>, by learner: LearnerState, today: CalendarDate
) throws(Fault) -> Decision<GrantConsent.Reply> {
    guard learner.birthDate.fullYears(until: today) >= GrantConsent.age else {
        throw .refused(
            "consent.guardian_needed", "A learner under \(GrantConsent.age) needs a guardian to consent.",
            at: "/learner")
    }
    if let until = command.until, until < today {
        throw .refused("consent.until_past", "The last day of a consent cannot be in the past.", at: "/until")
    }
    let granted = ConsentGranted(
        consent: id, learner: command.learner, partner: command.partner, purpose: command.purpose,
        types: command.types, until: command.until, contractRevision: command.contractRevision)
    return Decision([granted], reply: GrantConsent.Reply(consent: id))
}

/// Withdrawing again changes nothing. What is kept under the key is that it was withdrawn; whether that is effective
/// yet is found out for each answer.
func decide(withdrawing consent: ConsentState) -> Decision<WithdrawConsent.Reply> {
    let withdrawn = ConsentWithdrawn(
        consent: consent.id, learner: consent.owner, partner: consent.partner, purpose: consent.purpose)
    return Decision(
        consent.isWithdrawn ? [] : [withdrawn],
        reply: WithdrawConsent.Reply(consent: consent.id, status: .draining))
}
