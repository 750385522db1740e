import Domain
import Messaging

/// Asks another service, typed. The caller is this process itself: its key on the wire says who it is.
package struct ServiceCaller: Sendable {
    private let client: RequestClient

    package init(_ client: RequestClient) { self.client = client }

    /// - Parameters:
    ///   - key: for a command, what makes repeating it harmless.
    ///   - deadline: for all tries together.
    /// - Throws: what the service answered, `.unavailable`, or `.outcomeUnknown` for a command whose answer was lost.
    package func ask<R: Request>(
        _ request: R, key: String = "", deadline: Duration = .seconds(5), trace: TraceContext
    ) async throws(Fault) -> R.Reply {
        let isQuery = R.self is any Query.Type
        let outgoing = OutgoingRequest(
            method: R.name.text, key: isQuery ? nil : key, idempotent: isQuery, deadline: deadline, subject: [],
            traceparent: trace.description, body: Wire.encode(request))
        let reply: Messaging.Reply
        do throws(MessagingError) { reply = try await client.call(outgoing) } catch { throw error.fault(of: R.self) }
        if reply.status == 0, let answer = try? Wire.decode(R.Reply.self, from: reply.body) { return answer }
        if reply.status == 1, let fault = try? Wire.decode(Fault.self, from: reply.body) { throw fault }
        throw Fault(.internal, "Another service gave an answer that makes no sense.")
    }
}

extension MessagingError {
    /// What a lost call means for a caller: nothing was done, or nobody can say.
    package func fault<R: Request>(of _: R.Type) -> Fault {
        if self == .tooLarge { return Fault(.tooLarge, "The request or its answer is larger than 1 MiB.") }
        return outcomeUnknown && R.self is any Command.Type
            ? Fault(.outcomeUnknown, "The answer was lost. Repeat the request with the same key.")
            : Fault(.unavailable, "A service cannot be reached just now. Try again.")
    }
}
