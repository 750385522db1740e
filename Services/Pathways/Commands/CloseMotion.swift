import Domain
import EventLog
import ServiceKit

/// Counts the ballots and decides; afterwards the motion takes nothing more.
/// - Throws: `.notFound`, `.conflict` with `motion.closed`.
struct CloseMotionHandler: RequestHandler {
    let governance: GovernanceStore

    func handle(_ command: CloseMotion, _ context: RequestContext) async throws(Fault) -> MotionEntry {
        try await governance.motions.update(command.motion, context) { motion in
            let body = try await governance.bodies.load(motion.body)
            try context.authorize(.body(body.id))
            return try decide(closing: motion, of: body, on: context.today, at: context.now)
        }
    }
}
