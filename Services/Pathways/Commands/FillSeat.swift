import Domain
import EventLog
import ServiceKit

/// Gives a body one more seat with a holder and a term.
/// - Throws: `.invalid`, `.notFound`, `.refused` with `seat.limit` or `seat.holder`.
struct FillSeatHandler: RequestHandler {
    let governance: GovernanceStore

    func handle(_ command: FillSeat, _ context: RequestContext) async throws(Fault) -> FillSeat.Reply {
        let command = try command.read()
        let seat = EntityID<Seat>.derived(
            from: FillSeat.name.text, caller: context.subject.id, key: context.key)
        return try await governance.bodies.update(command.body, context) { body in
            try context.authorize(.body(body.id))
            return try decide(body, command, as: seat)
        }
    }
}
