import Domain
import EventLog
import ServiceKit

/// Votes from a seat, for its holder alone. Until the motion is closed, the last ballot of a seat counts.
/// - Throws: `.notFound`, `.conflict` with `motion.closed`, `.refused` with `ballot.term`.
struct CastBallotHandler: RequestHandler {
    let governance: GovernanceStore

    func handle(_ command: CastBallot, _ context: RequestContext) async throws(Fault) -> Done {
        try await governance.motions.update(command.motion, context) { motion in
            let body = try await governance.bodies.load(motion.body)
            let seat = body.seat(command.seat)
            try context.authorize(.body(body.id, seatHolder: seat?.holder))
            guard let seat else { throw Fault.notFound("seat") }
            return try decide(motion, command, from: seat, on: context.today)
        }
    }
}
