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
        let plan = try readText(command.plan, at: "/plan", limit: 4000, lines: true)
        return try await cases.store.update(command.supportCase, context) { supportCase in
            try context.authorize(supportCase.facts)
            return try supportCase.plan(plan)
        }
    }
}

struct ResolveSupportCaseHandler: RequestHandler {
    let cases: SupportCases

    func handle(_ command: ResolveSupportCase, _ context: RequestContext) async throws(Fault) -> Done {
        let resolution = try readText(command.resolution, at: "/resolution", limit: 4000, lines: true)
        return try await cases.store.update(command.supportCase, context) { supportCase in
            try context.authorize(supportCase.facts)
            return try supportCase.resolve(resolution)
        }
    }
}
