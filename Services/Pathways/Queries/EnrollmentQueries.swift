import Domain
import Foundation
import ServiceKit

/// Evaluated at the moment of asking, by the attainments heard of so far and today's date.
struct GetEnrollmentHandler: RequestHandler {
    let enrollments: EnrollmentStore

    func handle(_ query: GetEnrollment, _ context: RequestContext) async throws(Fault) -> EnrollmentEntry {
        do {
            guard let found = try await enrollments.find(query.enrollment) else {
                throw Fault.notFound(EnrollmentState.noun)
            }
            let learner = found.enrollment.owner
            try context.authorize(.learner(learner))
            return try await enrollments.entries([found], of: learner, on: context.today)[0]
        } catch {
            throw Fault.internalError(error)
        }
    }
}

struct ListEnrollmentsHandler: RequestHandler {
    let enrollments: EnrollmentStore

    func handle(_ query: ListEnrollments, _ context: RequestContext) async throws(Fault) -> Page<EnrollmentEntry> {
        let limit = try readLimit(query.limit)
        try context.authorize(.learner(query.learner))
        do {
            let after = try query.cursor.map { EntityID<Enrollment>(UUID(bytes: try PageCursor.key($0, bytes: 16))) }
            let found = try await enrollments.page(of: query.learner, after: after, limit: limit + 1)
            let entries = try await enrollments.entries(
                Array(found.prefix(limit)), of: query.learner, on: context.today)
            let next = found.count > limit ? entries.last.map { PageCursor.text($0.enrollment.uuid.bytes) } : nil
            return Page(items: entries, next: next)
        } catch {
            throw Fault.internalError(error)
        }
    }
}

/// All of an enrollment: a document has at most a thousand.
struct ListEntitlementsHandler: RequestHandler {
    let enrollments: EnrollmentStore

    func handle(_ query: ListEntitlements, _ context: RequestContext) async throws(Fault) -> Page<EntitlementEntry> {
        do {
            let enrollment = try await enrollments.aggregates.load(query.enrollment)
            try context.authorize(.learner(enrollment.owner))
            return Page(items: try await enrollments.entitlements(of: query.enrollment))
        } catch {
            throw Fault.internalError(error)
        }
    }
}
