import Domain
import EventLog
import Foundation
import ServiceKit

/// A service's own handlers over a real event log.
package protocol ServiceUnderTest: Sendable {
    /// The day on which it is asked.
    static var today: CalendarDate { get }
    var log: EventLog { get }
}

extension ServiceUnderTest {
    /// Answers as the dispatcher would: only what was authorized.
    package func ask<Handler: RequestHandler>(
        _ handler: Handler, _ request: Handler.Handled, as subject: Subject, key: String = UUID().text,
        today: CalendarDate = Self.today, within time: Duration = .seconds(5)
    ) async throws -> Handler.Handled.Reply {
        let body = Wire.encode(request)
        let context = RequestContext(
            request: Handler.Handled.name, subject: subject, key: key,
            digest: RequestContext.digest(of: body, for: Handler.Handled.name), body: body, now: .now, today: today,
            trace: .start(), deadline: .now + time)
        let reply = try await handler.handle(request, context)
        guard context.authority != nil else { throw Unauthorized() }
        return reply
    }
}

/// A handler answered without having asked whether it may.
package struct Unauthorized: Error {}
