import Domain
import EventLog
import ServiceKit
import Storage

/// Organizations, frameworks, bodies and their decisions, pathways, and how far learners have come on them.
@main struct PathwaysService: DurableService {
    static let name = "pathways"
    static let port = 7120
    static let neighbors = ["records"]
    static let migrations = [
        Migration(name: "p0001_start", sql: String(decoding: PackageResources.p0001_start_sql, as: UTF8.self)),
        Migration(name: "p0002_import_order", sql: String(decoding: PackageResources.p0002_import_order_sql, as: UTF8.self)),
    ]

    /// `@main` does not look for one in another module's extension.
    static func main() async { await (Self.self as any DurableService.Type).main() }

    static func build(_ parts: ServiceParts) async throws -> ServiceDefinition {
        let governance = GovernanceStore(parts.log)
        let frameworks = FrameworkStore(parts.log)
        let uploads = UploadStore(parts.log)
        let pathways = PathwayStore(parts.log)
        let enrollments = EnrollmentStore(parts.log, pathways: pathways)
        let logger = parts.logger
        return ServiceDefinition(
            handlers: [
                RegisterOrganizationHandler(governance: governance),
                GetOrganizationHandler(governance: governance),
                StageUploadHandler(uploads: uploads),
                ImportFrameworkHandler(frameworks: frameworks, uploads: uploads),
                GetFrameworkHandler(frameworks: frameworks),
                ListFrameworkItemsHandler(frameworks: frameworks),
                ConstituteBodyHandler(governance: governance),
                FillSeatHandler(governance: governance),
                VacateSeatHandler(governance: governance),
                GetBodyHandler(governance: governance),
                TableMotionHandler(governance: governance, pathways: pathways),
                CastBallotHandler(governance: governance),
                CloseMotionHandler(governance: governance),
                GetMotionHandler(governance: governance),
                DraftPathwayHandler(governance: governance, pathways: pathways),
                RevisePathwayHandler(governance: governance, pathways: pathways),
                GetPathwayHandler(pathways: pathways),
                RecognizePathwayHandler(governance: governance, pathways: pathways),
                CertifyPathwayHandler(governance: governance, pathways: pathways),
                EnrollLearnerHandler(enrollments: enrollments),
                GetEnrollmentHandler(enrollments: enrollments),
                ListEnrollmentsHandler(enrollments: enrollments),
                ListEntitlementsHandler(enrollments: enrollments),
            ],
            reactions: [AttainmentsReaction(enrollments: enrollments, zone: parts.zone)],
            loops: [
                ServiceLoop(name: "upload sweep") {
                    await uploads.runSweep { error in
                        logger.warning("old uploads could not be forgotten", metadata: ["error": "\(error)"])
                    }
                }
            ])
    }
}
