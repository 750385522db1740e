import Domain

/// Answers one kind of request. A command's handler reads top to bottom: load → decide → append → answer.
package protocol RequestHandler<Handled>: Sendable {
    associatedtype Handled: Request
    func handle(_ request: Handled, _ context: RequestContext) async throws(Fault) -> Handled.Reply
}

/// A handler that is nothing but its function; for queries that are one statement.
package struct Answering<Handled: Request>: RequestHandler {
    private let body: @Sendable (Handled, RequestContext) async throws -> Handled.Reply

    package init(
        _: Handled.Type, _ body: @escaping @Sendable (Handled, RequestContext) async throws -> Handled.Reply
    ) {
        self.body = body
    }

    package func handle(_ request: Handled, _ context: RequestContext) async throws(Fault) -> Handled.Reply {
        do { return try await body(request, context) } catch let fault as Fault { throw fault } catch {
            throw Fault.internalError(error)
        }
    }
}

extension Fault {
    /// Wraps what is no caller's business. The detail stays beside the fault until the dispatcher has logged it.
    package static func internalError(_ error: any Error) -> Fault {
        if let fault = error as? Fault { return fault }
        if let convertible = error as? any FaultConvertible { return convertible.fault }
        return Fault(.internal, "Something went wrong on our side. The trace id leads us to it.")
            .withDetail(String(reflecting: error))
    }
}

/// An error of a lower layer that knows what it means for a caller.
package protocol FaultConvertible: Error {
    var fault: Fault { get }
}
