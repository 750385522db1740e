import Domain
import EventLog
import ServiceKit

/// Ends a seat's term early.
/// - Throws: `.notFound` for the body or the seat, `.invalid` with `seat.past`, `.conflict` with `seat.ended`.
struct VacateSeatHandler: RequestHandler {
    let governance: GovernanceStore

    func handle(_ command: VacateSeat, _ context: RequestContext) async throws(Fault) -> Done {
        try await governance.bodies.update(command.body, context) { body in
            try context.authorize(.body(body.id))
            return try decide(body, command, on: context.today)
        }
    }
}
