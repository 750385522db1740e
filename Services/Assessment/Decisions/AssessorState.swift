import Domain
import EventLog

/// Somebody who may judge, by license.
struct AssessorState: Aggregate {
    typealias Entity = Assessor
    static let kind = "assessor"

    var id: EntityID<Assessor>
    var fullName: String
    var organization: EntityID<Organization>

    init?(_ event: any Event) {
        guard let event = event as? AssessorRegistered else { return nil }
        id = event.assessor
        fullName = event.fullName
        organization = event.organization
    }

    mutating func evolve(_ event: any Event) {}
}

extension RegisterAssessor {
    func read() throws(Fault) -> RegisterAssessor {
        RegisterAssessor(fullName: try readText(fullName, at: "/fullName", limit: 200), organization: organization)
    }
}

func decide(_ command: RegisterAssessor, as id: EntityID<Assessor>) -> Decision<RegisterAssessor.Reply> {
    Decision(
        [AssessorRegistered(assessor: id, fullName: command.fullName, organization: command.organization)],
        reply: RegisterAssessor.Reply(assessor: id))
}
