import Domain
import EventLog
import ServiceKit

struct AcknowledgeSupportCaseHandler: RequestHandler {
    let cases: SupportCases

    func handle(_ command: AcknowledgeSupportCase, _ context: RequestContext) async throws(Fault) -> Done {
        try await cases.store.update(command.supportCase, context) { supportCase in
            try context.authorize(supportCase.facts)
            return try supportCase.acknowledge()
        }
    }
}

struct PlanSupportCaseHandler: RequestHandler {
    let cases: SupportCases

    func handle(_ command: PlanSupportCase, _ context: RequestContext) async throws(Fault) -> Done {
        try Limits.text(command.plan, 1...4000, at: "/plan")
        return try await cases.store.update(command.supportCase, context) { supportCase in
            try context.authorize(supportCase.facts)
            return try supportCase.plan(command.plan)
        }
    }
}

struct ResolveSupportCaseHandler: RequestHandler {
    let cases: SupportCases

    func handle(_ command: ResolveSupportCase, _ context: RequestContext) async throws(Fault) -> Done {
        try Limits.text(command.resolution, 1...4000, at: "/resolution")
        return try await cases.store.update(command.supportCase, context) { supportCase in
            try context.authorize(supportCase.facts)
            return try supportCase.resolve(command.resolution)
        }
    }
}
