import Domain
import EventLog
import ServiceKit

/// Lets an assessor judge within a scope, from one day to another, both included.
/// - Throws: `.invalid`.
struct GrantLicenseHandler: RequestHandler {
    let licenses: AggregateStore<LicenseState>
    let assessors: AggregateStore<AssessorState>

    func handle(_ command: GrantLicense, _ context: RequestContext) async throws(Fault) -> GrantLicense.Reply {
        let command = try command.read()
        let id = EntityID<License>.derived(from: GrantLicense.name.text, caller: context.subject.id, key: context.key)
        return try await licenses.create(id, context) {
            try context.authorize(.organization(command.issuer))
            guard try await assessors.find(command.assessor) != nil else { throw Fault.unknownAssessor }
            return decide(command, as: id)
        }
    }
}

extension Fault {
    static let unknownAssessor = Fault.invalid("/assessor", "assessor.unknown", "There is no such assessor.")
}
